#!/bin/bash
# bench view on a display of its own (Xvfb), by keys and mouse (xdotool): pause, single steps, speed, episodes, cameras,
# pictures, pulling a body, a run that gets another policy, two side by side, a clean end in real time. Skipped where
# these programs are missing.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
export OPENBLAS_NUM_THREADS=1 LIBGL_ALWAYS_SOFTWARE=1
# What drivers of OpenGL leave behind is not ours.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
unset WAYLAND_DISPLAY DISPLAY
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"

if [ ! -x "${bench%/*}/bench-view" ]; then
  echo 'SKIPPED: the window is not tested: there is no viewer here (libegl-dev libglfw3-dev)' >&2
  exit 77
fi
expect 2 view hopper --expert
says "'bench render' draws into files without one"
says_one_line
expect 2 view hopper --expert --random
says 'give one of'
expect 2 view helicopter-hover-2023
says 'nothing to draw'
for program in Xvfb xdotool; do
  command -v "$program" >/dev/null && continue
  echo "SKIPPED: the window is not tested: there is no $program here (apt-get install xvfb xdotool)" >&2
  exit 77
done

# -noreset: else the display starts over, and refuses who comes then, when its last window has closed.
Xvfb -displayfd 3 -screen 0 640x480x24 -nolisten tcp -noreset 3>"$work/display" >"$work/xvfb" 2>&1 &
xvfb=$!
trap 'kill "$xvfb" 2>/dev/null || true; rm -rf "$work"' EXIT
wait_for 30 test -s "$work/display"
DISPLAY=:$(cat "$work/display")
export DISPLAY
display_answers() { xdotool getdisplaygeometry >/dev/null 2>&1; }
wait_for 30 display_answers

# opens WORD...: a window of bench view; its id is in $window.
opens() {
  "$bench" view "$@" >"$out" 2>"$err" </dev/null &
  viewer=$!
  wait_for 120 has_window
  window=$(xdotool search --name LazyBench | head -1)
}
has_window() {
  kill -0 "$viewer" 2>/dev/null || fail "bench view has ended"
  xdotool search --name LazyBench >/dev/null 2>&1
}
key() { xdotool key --window "$window" "$1" 2>/dev/null || xdotool key "$1"; }
title() { xdotool getwindowname "$window"; }
shows() { title | grep -qE -- "$1"; }
step_now() { title | sed -n 's/.*, step \([0-9]*\).*/\1/p'; }
closes() {
  local status=0
  key Escape
  wait "$viewer" || status=$?
  check_sanitizers
  [ "$status" = 0 ] || fail "bench view: exit status $status"
  prints 'closed in episode'
}
is_paused_at() { shows "step $1, return [^,]*, paused"; }

# The recorded expert: pause, steps on and back, speed, the episode again and the next one.
opens hopper --expert --size 420x260
wait_for 30 shows 'hopper, expert, recorded: episode 0, step [1-9]'
key space
wait_for 30 shows ', paused'
sleep 0.5
at=$(step_now)
key Right
key Right
key Right
wait_for 30 is_paused_at $((at + 3))
key Left
wait_for 30 is_paused_at $((at + 2))
key p
wait_for 30 test -f hopper-000.png
key c
key f
key Tab
key bracketright
key F1
key p
wait_for 30 test -f hopper-001.png
cmp -s hopper-000.png hopper-001.png && fail "help, contacts and camera change nothing"
for file in hopper-000.png hopper-001.png; do
  [ "$(od -An -tu1 -j16 -N8 "$file" | tr -s ' \n' ' ')" = ' 0 0 1 164 0 0 1 4 ' ] || fail "$file is not 420 x 260"
  [ "$(stat -c %s "$file")" -gt 3000 ] || fail "$file: nothing in it"
done
key n
wait_for 30 is_paused_at 0
shows 'episode 1' || fail "N is not the next episode: $(title)"
key minus
wait_for 30 shows 'speed 1/2'
key equal
key equal
wait_for 30 shows 'speed 2'
key space
wait_for 30 shows 'episode 1, step [1-9]'
key BackSpace
wait_for 30 shows 'episode 1, step [0-9]*, return [^,]*, speed 2'
closes
# What the clock and the speed allow, and no more; a machine that is too slow may do less.
awk '{ gsub(/;/, ""); for (i = 1; i < NF; i++) if ($(i + 1) == "s") t[n++] = $i } END { exit !(t[0] <= t[1] + 0.1) }' "$out" ||
  fail "the task is ahead of the clock: $(cat "$out")"

# Nothing drives it: the episode is that of bench eval, until the body is pulled.
expect 0 eval pendulum-swingup --zero --episodes 1
alone=$(awk '$1 == "0" { print $2 }' "$out")
opens pendulum-swingup --size 200x150
for _ in 1 2 3 4; do key equal; done
wait_for 40 shows "episode 0, step 200, return $alone, over"
# The mouse must meet the body where it hangs, between two pictures: on a busy machine not at the first try.
pulled=
for _ in 1 2 3 4 5 6 7 8; do
  for _ in 1 2 3 4; do key minus; done
  key BackSpace
  wait_for 30 shows 'episode 0, step [1-9][0-9]?,'
  for y in 105 115 125; do
    xdotool mousemove --window "$window" 100 "$y"
    sleep 0.1
    xdotool keydown ctrl mousedown 1
    sleep 0.1
    xdotool mousemove --window "$window" 170 60
    sleep 0.3
    xdotool mouseup 1 keyup ctrl
  done
  for _ in 1 2 3 4; do key equal; done
  wait_for 40 shows 'episode 0, step 200, .*, over'
  shows "return $alone," || pulled=yes
  [ -z "$pulled" ] || break
done
[ -n "$pulled" ] || fail "pulling the body changes nothing: $(title)"
closes

# Two side by side; a window that closes by itself.
expect 0 view helicopter-hover --compare expert zero --size 320x120 --seconds 2
prints 'closed in episode'

# A run whose folder gets another policy is followed.
expect 0 run pendulum-swingup --algo sac --set steps=300 --set warmup_steps=100 --set evaluate_every=100 \
  --set evaluation_episodes=1 --set width=16 --set batch=16 --quiet --out "$work/run"
opens pendulum-swingup --run "$work/run" --size 200x150
wait_for 30 shows 'sac, seed 0: episode 0'
cp "$work/run/best.safetensors" "$work/run/new" && mv "$work/run/new" "$work/run/policy.safetensors"
key n
wait_for 30 shows 'new policy: policy.safetensors'
# Through the policies that the run kept of its way: 0, 100 and 200 of 300 steps, and back to the newest.
at_200=$(grep -F '"iteration":200,' "$work/run/metrics.jsonl" | grep -o '"return":[^,]*' | cut -d: -f2)
key Prior
wait_for 30 shows "episode 1, .*policy after step 200, return $(awk "BEGIN { printf \"%.6g\", $at_200 }") where it was measured"
key Prior
wait_for 30 shows 'policy after step 100,'
key Prior
wait_for 30 shows 'policy after step 0,'
key Next
wait_for 30 shows 'policy after step 100,'
key End
wait_for 30 shows 'the newest policy'
# What is dropped on the window acts from then on, or a sentence says why not.
drop=${LB_BUILD:-}/tests/view/drop_tool
if [ -x "$drop" ]; then
  timeout 60 "$drop" "$window" "$repository/expert_data/hopper.policy.safetensors" || fail "nothing takes what is dropped"
  wait_for 30 shows 'not taken: .*hopper'
  timeout 60 "$drop" "$window" "$work/display" || fail "nothing takes what is dropped"
  wait_for 30 shows 'not taken: .*display'
  timeout 60 "$drop" "$window" "$repository/expert_data/pendulum-swingup.policy.safetensors" || fail "nothing is taken"
  wait_for 30 shows 'pendulum-swingup.policy.safetensors: episode 1, .*dropped: '
  timeout 60 "$drop" "$window" "$work/run" || fail "no folder is taken"
  wait_for 30 shows 'sac, seed 0: episode 1, .*dropped: '
else
  echo 'not tested: dropping a file (libx11-dev)' >&2
fi
closes

# What a learned model imagines, from the beginning on and from where G is pressed; a step back shows what it was.
expect 0 run pendulum-swingup --algo mbpo --set steps=200 --set warmup_steps=100 --set evaluate_every=100 \
  --set evaluation_episodes=1 --set width=16 --set batch=16 --set model_width=16 --set model_layers=2 \
  --set model_updates=20 --quiet --out "$work/mbpo"
opens pendulum-swingup --run "$work/mbpo" --ghost --size 420x260
wait_for 30 shows 'mbpo, seed 0: episode 0, step [1-9].*, model from step 0 off by [0-9]'
key space
wait_for 30 shows ', paused'
sleep 0.5
at=$(step_now)
off=$(title | grep -o 'off by [0-9.e-]*')
key g
wait_for 30 shows "step $at, .*, model from step $at off by 0,"
key Right
wait_for 30 shows "step $((at + 1)), .*, model from step $at off by [0-9.e-]*[1-9]"
! shows "$off," || fail "anchoring anew changes nothing"
key Left
wait_for 30 shows "step $at, .*, model from step $at off by 0,"
key space
# An earlier policy acts, and the model is that of the end: so it is called.
key Prior
wait_for 30 shows 'newest model from step 0 off by .*policy after step 100,'
key End
wait_for 30 shows ', model from step 0 off by .*the newest policy'
closes

# A row that imitates keeps its policies too: from few demonstrations to all of them.
expect 0 run pendulum-swingup --algo bc --set width=8 --set evaluation_episodes=1 --quiet --out "$work/bc"
few=$(sed -n '1s/^{"iteration":\([0-9]*\),.*/\1/p' "$work/bc/metrics.jsonl")
more=$(sed -n '2s/^{"iteration":\([0-9]*\),.*/\1/p' "$work/bc/metrics.jsonl")
opens pendulum-swingup --run "$work/bc" --size 200x150
wait_for 30 shows 'bc, seed 0: episode 0'
for _ in $(seq 2 "$(lines_of "$work/bc/metrics.jsonl")"); do key Prior; done
wait_for 30 shows "policy of $few transitions, return .* where it was measured"
key Next
wait_for 30 shows "policy of $more transitions,"
closes

# A display that goes away is a failure in one sentence.
opens pendulum-swingup --size 200x150
kill -9 "$xvfb"
status=0
wait "$viewer" || status=$?
[ "$status" = 1 ] || fail "without its display: exit status $status"
says 'the display went away'
