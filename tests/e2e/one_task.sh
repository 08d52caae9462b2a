#!/bin/bash
# A comparison on one task without a definition of a suite, and a run with the settings of one.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
suites=$LAZYBENCH_ROOT/bench/suites
rm -r "$suites"
ln -s "$repository/bench/suites" "$suites"
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"
small=(--set evaluation_episodes=1 --set width=8 --set batch=16 --set expert_transitions=400)
tiny=("${small[@]}" --set steps=40 --set warmup_steps=20 --set evaluate_every=20 --set fit_every=20 --set model_width=8
  --set model_updates=3)

# The settings of a suite are those of the same row in it: the same configuration, the same bytes.
expect 0 suite control --only 'pendulum-swingup/lamps' --seeds 1 "${tiny[@]}" --out "$work/suite" --quiet
expect 0 run pendulum-swingup --algo lamps --preset quick "${tiny[@]}" --out "$work/run"
says 'settings of the suite control, preset quick'
expect 0 suite --task pendulum-swingup --algos lamps,bc --seeds 1 "${tiny[@]}" --out "$work/one" --quiet
suite=$work/suite/control/pendulum-swingup/lamps/seed-0 one=$work/one/on-pendulum-swingup
for other in "$work/run" "$one/pendulum-swingup/lamps/seed-0"; do
  cmp -s "$suite/metrics.jsonl" "$other/metrics.jsonl" || fail "$other has other numbers than the suite's row"
  diff <(sed 's/"suite":"[^"]*",//' "$suite/config.json") <(sed 's/"suite":"[^"]*",//' "$other/config.json") >"$out" ||
    fail "$other has another configuration"
done
[ "$(ls "$one/pendulum-swingup")" = "$(printf 'bc\nexpert\nlamps\nrandom')" ] || fail "other rows: $(ls "$one/pendulum-swingup")"
grep -q 'Is bc better than lamps?' "$one/report.md" || fail 'the two are not compared'
! compgen -G "${TMPDIR:-/tmp}/lb_suite_*/on-task.json" >"$out" || fail 'the definition was left behind'
expect 0 suite --task pendulum-swingup --algos lamps,bc --seeds 1 "${tiny[@]}" --out "$work/one" --dry-run
prints '0 of them to do'
expect 0 report "$work/one" --quiet

# Overrides of the suite for a task, and another preset.
expect 0 run hopper --algo lamps --preset standard --dry-run --json
prints '"rollout_to":50000'
prints '"steps":50000'
expect 0 run ball-and-beam --algo sac --preset quick --dry-run --json
prints '"expert_transitions":2000'
expect 0 run helicopter-funnel --algo lamps --preset quick --dry-run --json
prints '"iterations":5'
expect 0 run pendulum-swingup --algo lamps --preset quick --set steps=777 --dry-run --json
prints '"steps":777'

# Without --algos: those of the task's suite; of a task of one's own some that suit it, without an expert as with one.
expect 0 jobs --task serpentine-2 --seeds 1 --out "$work/none"
for algo in expert random bc mbpo sysid-full lamps; do prints "/on-serpentine-2/serpentine-2/$algo/seed-0"; done
mkdir -p tasks/swing
sed 's|"pendulum-swingup"|"swing"|' "$repository/models/pendulum-swingup/task.json" >tasks/swing/task.json
cp "$repository/models/pendulum-swingup/model.xml" tasks/swing
expect 0 jobs --task swing --models "$work/tasks" --seeds 1 --out "$work/none"
for algo in random sac mbpo; do prints "/on-swing/swing/$algo/seed-0"; done
! grep -qE '/(bc|expert|lamps)/' "$out" || fail 'algorithms that need an expert are run without one'
expect 0 demo record swing --models "$work/tasks" --random --episodes 2 --out "$work/mine.npz"
expect 0 suite --task swing --algos bc --data "$work/mine.npz" --models "$work/tasks" --seeds 1 --out "$work/own" \
  --set evaluation_episodes=1 --set width=8 --quiet
grep -q '"transitions":400\|400' "$work/own/on-swing/swing/bc/seed-0/metrics.jsonl" || fail 'not all of the data'
expect 0 jobs --task swing --algos sac,mbpo --models "$work/tasks" --seeds 1 --out "$work/jobs"
[ "$(wc -l <"$out")" = 3 ] || fail "not three command lines"

refused() {
  local words=$1
  shift
  expect 2 "$@"
  says "$words"
  says_one_line
}
refused 'or give --task NAME for a comparison on one task' suite
refused "leave 'control' out" suite control --task hopper
refused '--algos goes with --task' suite control --algos bc
refused "did you mean 'hopper'?" suite --task hoper
refused "did you mean 'lamps'?" suite --task hopper --algos lampz
refused 'names with commas between are needed' suite --task hopper --algos bc,,sac
refused "--task is for 'bench suite'" all --task hopper
refused "did you mean 'quick'?" run hopper --algo sac --preset quik
