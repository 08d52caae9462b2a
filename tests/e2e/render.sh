#!/bin/bash
# bench render: pictures of the size asked for, the same ones every time, of episodes that are those of bench eval; every
# way out; what is wrong in a sentence. Skipped, but for what works without OpenGL, where there is none.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
export OPENBLAS_NUM_THREADS=1 LIBGL_ALWAYS_SOFTWARE=1
# What drivers of OpenGL leave behind is not ours.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"

# The program that computes knows nothing of OpenGL, and says what to do where it stands alone.
if command -v ldd >/dev/null; then
  ! ldd "$bench" | grep -qE 'libE?GL|libGLX|libOpenGL|libglfw' || fail "bench links OpenGL"
fi
mkdir "$work/alone"
cp "$bench" "$work/alone/bench"
status=0
"$work/alone/bench" render hopper --expert >"$out" 2>"$err" || status=$?
[ "$status" = 2 ] || fail "bench without bench-view: exit status $status"
says 'built without the viewer, which needs libegl-dev, libglfw3-dev'
says_one_line

if [ ! -x "${bench%/*}/bench-view" ] || ! "$bench" render hopper --zero --size 16x16 --frames 1 --out "$work/try.png" \
  >"$out" 2>"$err"; then
  grep -q 'no OpenGL here' "$err" || [ ! -x "${bench%/*}/bench-view" ] || fail "one small picture"
  echo 'SKIPPED: no picture was drawn: there is no viewer or no OpenGL here (libegl-dev libglfw3-dev libgl1-mesa-dri)' >&2
  exit 77
fi

# is_picture FILE WIDTH HEIGHT: its header says so, and there is something in it.
is_picture() {
  local head
  head=$(od -An -tu1 -j16 -N8 "$1" | tr -s ' \n' ' ')
  [ "$head" = " 0 0 $(($2 / 256)) $(($2 % 256)) 0 0 $(($3 / 256)) $(($3 % 256)) " ] ||
    fail "$1: not $2 x $3 but$head"
  [ "$(stat -c %s "$1")" -gt 400 ] || fail "$1: nothing in it"
}
# The number of frames of an animated picture.
frames() { od -An -tu1 -j41 -N4 "$1" | awk '{ print $3 * 256 + $4 }'; }

small=(--size 96x64)
expect 0 render hopper --expert "${small[@]}" --frames 4 --every 20 --out "$work/a.png" --json
is_picture "$work/a.png" 96 64
[ "$(frames "$work/a.png")" = 4 ] || fail "not four frames but $(frames "$work/a.png")"
[ "$(grep -o '"t":[0-9]*' "$out" | cut -d: -f2 | tr '\n' ' ')" = '0 20 40 60 ' ] || fail "not every 20th step"
expect 0 render hopper --expert "${small[@]}" --frames 4 --every 20 --out "$work/b.png"
cmp -s "$work/a.png" "$work/b.png" || fail "the same frames are not the same bytes"
# A still picture of the moment between, and one folder of them; the body moves.
expect 0 render hopper --expert "${small[@]}" --frames 2 --every 20 --from 20 --camera track --out "$work/frames"
is_picture "$work/frames/frame-00001.png" 96 64
! cmp -s "$work/frames/frame-00000.png" "$work/frames/frame-00001.png" || fail "nothing moves"
expect 0 render hopper --expert "${small[@]}" --filmstrip 3 --every 10 --out "$work/strip.png"
is_picture "$work/strip.png" 288 64
# Without --every the moments of a strip are all over the episode: 300 steps, here from the 100th on.
expect 0 render cartpole-swingup --zero "${small[@]}" --filmstrip 3 --from 100 --out "$work/strip.png" --json
long=$(grep -o '"horizon": *[0-9]*' "$repository/models/cartpole-swingup/task.json" | grep -o '[0-9]*$')
[ "$(grep -o '"t":[0-9]*' "$out" | cut -d: -f2 | tr '\n' ' ')" = "100 $(((long + 100) / 2)) $long " ] ||
  fail "not all over the episode: $(grep -o '"t":[0-9]*' "$out")"
expect 0 eval hopper --random --episodes 1 --seed 5 --json
wanted=$(grep -o '"return":[^,]*' "$out")
expect 0 render hopper --random --seed 5 "${small[@]}" --filmstrip 2 --out "$work/strip.png" --json
prints "$wanted"
expect 0 render helicopter-hover --compare expert zero "${small[@]}" --frames 2 --out "$work/both.png" --json
is_picture "$work/both.png" 192 64
[ "$(grep -o '"who":' "$out" | wc -l)" = 2 ] || fail "not two who act"

expect 0 render hopper --expert "${small[@]}" --frames 1 --zoom 2 --out "$work/near.png"
expect 0 render hopper --expert "${small[@]}" --frames 1 --out "$work/far.png"
! cmp -s "$work/near.png" "$work/far.png" || fail "--zoom changes nothing"

# What is drawn is the episode that is measured.
expect 0 eval hopper --random --episodes 1 --seed 5 --json
wanted=$(grep -o '"return":[^,]*' "$out")
expect 0 render hopper --random --seed 5 "${small[@]}" --every 1000 --frames 2 --out "$work/random.png" --json
prints "$wanted"
prints '"end":"terminated"'
prints 'does not hold'
expect 0 eval helicopter-hover --expert --episodes 1 --seed 2 --json
wanted=$(grep -o '"cost":[^,]*' "$out")
expect 0 render helicopter-hover --compare expert random --seed 2 "${small[@]}" --every 1000 --frames 2 --json \
  --out "$work/cost.png"
prints "$wanted"

# A run gives the same bytes whether it is watched or not.
of_run=(pendulum-swingup --algo sac --set steps=1500 --set warmup_steps=100 --set evaluate_every=300
  --set evaluation_episodes=1 --set width=16 --set batch=16 --checkpoint 0 --quiet)
expect 0 run "${of_run[@]}" --out "$work/unwatched"
"$bench" run "${of_run[@]}" --out "$work/watched" >"$work/run.out" 2>&1 </dev/null &
pid=$!
wait_for 60 test -f "$work/watched/best.safetensors"
expect 0 render pendulum-swingup --run "$work/watched" "${small[@]}" --frames 2 --out "$work/run.png"
wait "$pid" || fail "the run that was watched failed: $(cat "$work/run.out")"
cmp -s "$work/unwatched/metrics.jsonl" "$work/watched/metrics.jsonl" || fail "watching changes a run"
expect 0 render pendulum-swingup --policy "$work/watched/policy.safetensors" --overlay --size 420x260 --frames 1 --from 5 \
  --out "$work/overlay.png"
is_picture "$work/overlay.png" 420 260

# MP4 goes through ffmpeg: it gets every frame as it is; without it one line.
mkdir "$work/bin"
cat >"$work/bin/ffmpeg" <<END
#!/bin/sh
for last; do :; done
cat >"\$last"
echo "\$*" >"$work/words"
END
chmod +x "$work/bin/ffmpeg"
PATH=$work/bin:$PATH expect 0 render hopper --zero "${small[@]}" --frames 3 --every 1 --out "$work/film.mp4"
[ "$(stat -c %s "$work/film.mp4")" = $((96 * 64 * 3 * 3)) ] || fail "not all of three frames went to ffmpeg"
grep -q -- '-pix_fmt rgb24 -s 96x64 -r 125 ' "$work/words" || fail "ffmpeg was told: $(cat "$work/words")"
mkdir "$work/empty"
status=0
PATH=$work/empty "$bench" render hopper --zero "${small[@]}" --frames 3 --out "$work/none.mp4" >"$out" 2>"$err" || status=$?
[ "$status" = 2 ] || fail "without ffmpeg: exit status $status"
says 'made by ffmpeg, which is not installed (Debian: apt-get install ffmpeg)'
says_one_line
printf '#!/bin/sh\ncat >/dev/null\nexit 3\n' >"$work/bin/ffmpeg"
PATH=$work/bin:$PATH expect 1 render hopper --zero "${small[@]}" --frames 2 --out "$work/film.mp4"
says 'ffmpeg failed'

# What the learned model imagines stands beside what comes, transparent; the numbers stay the same. A published
# model of states, one of observations, and rows that have none.
expect 0 run helicopter-hover --algo lamps --set iterations=2 --set evaluation_rollouts=2 --quiet --out "$work/lamps"
expect 0 render helicopter-hover --run "$work/lamps" "${small[@]}" --filmstrip 3 --every 30 --out "$work/bare.png" --json
wanted=$(grep -o '"cost":[^,]*' "$out")
expect 0 render helicopter-hover --run "$work/lamps" "${small[@]}" --filmstrip 3 --every 30 --out "$work/ghost.png" --ghost \
  --json
prints "$wanted"
! cmp -s "$work/bare.png" "$work/ghost.png" || fail "--ghost changes no picture"
expect 0 run pendulum-swingup --algo mbpo --set steps=200 --set warmup_steps=100 --set evaluate_every=100 \
  --set evaluation_episodes=1 --set width=16 --set batch=16 --set model_width=16 --set model_layers=2 \
  --set model_updates=20 --quiet --out "$work/mbpo"
expect 0 render pendulum-swingup --run "$work/mbpo" "${small[@]}" --frames 2 --every 20 --ghost --out "$work/ghost.png"
# Of the policies that it kept of its way, one.
expect 0 render pendulum-swingup --policy "$work/mbpo/policy-000000100.safetensors" "${small[@]}" --frames 1 --ghost \
  --out "$work/ghost.png"

# A strip of the final policy in each run's folder of a suite; runs that have none are counted.
mkdir -p "$work/suite/pendulum-swingup/mbpo" "$work/suite/hopper/random"
cp -r "$work/mbpo" "$work/suite/pendulum-swingup/mbpo/seed-0"
expect 0 run hopper --algo random --set evaluation_episodes=1 --quiet --out "$work/suite/hopper/random/seed-0"
expect 0 render --suite "$work/suite" --filmstrip 2 --size 32x24
prints '1 filmstrip, 1 run without a policy'
is_picture "$work/suite/pendulum-swingup/mbpo/seed-0/filmstrip.png" 64 24
expect 0 eval "$work/suite/pendulum-swingup/mbpo/seed-0"
# A task's picture, as an episode begins.
expect 0 tasks hopper
prints 'picture'
expect 0 tasks hopper --picture "$work/task.png"
is_picture "$work/task.png" 480 360
expect 2 tasks --picture "$work/task.png"
says 'draws one task'

refused() {
  expect 2 render "${@:2}"
  says "$1"
  says_one_line
}
refused 'who acts? Give one of --expert' hopper
refused 'give one of' hopper --expert --zero
refused 'which task?'
refused 'no such folder' --suite "$work/nowhere"
refused 'holds no runs' --suite "$work/bin"
refused 'leave out --out' --suite "$work/suite" --zero
refused 'one task at a time' hopper walker2d --zero
refused 'from two to 8' hopper --compare expert
refused "has no camera 'back'; there are free, track, side" hopper --zero --camera back
refused 'nothing to draw' helicopter-hover-2023 --zero
refused 'should be from 0.3 to 100' hopper --zero --zoom 0
refused 'should be WIDTHxHEIGHT' hopper --zero --size 9x9
refused 'a filmstrip is one picture' hopper --zero --filmstrip 3 --out "$work/x.mp4"
refused "unknown task 'hoper'" hoper --zero
refused 'no such file' hopper --policy "$work/none.safetensors"
refused 'learns no model' pendulum-swingup --run "$work/watched" --ghost
rm -f "$work/watched/checkpoint.npz" # nor will it ever, with or without one
refused 'learns no model' pendulum-swingup --run "$work/watched" --ghost
refused "give the run's folder" hopper --zero --ghost
rm "$work/mbpo/model.safetensors"
refused 'there is no learned model yet' pendulum-swingup --run "$work/mbpo" --ghost

# Where the output goes nowhere it has failed.
"$bench" render hopper --zero --size 16x16 --frames 1 --out "$work/closed.png" >&- 2>"$err" && fail "a closed output is no failure"
says 'standard output'
