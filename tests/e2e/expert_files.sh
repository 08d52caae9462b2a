#!/bin/bash
# The files of an expert are replaced in one step: whenever `bench expert` is killed, what is there is the old expert or
# the new one, and files that do not belong together are refused by whatever uses them.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
export OPENBLAS_NUM_THREADS=1
RANDOM=1868
task=pendulum-swingup
data=$LAZYBENCH_ROOT/expert_data
mkdir "$data"
cp "$repository/expert_data/$task".* "$data"
cp -r "$data" "$work/old"
printf '{"title": "They repeat", "replays": ["%s"]}\n' "$task" >"$work/experts.json"
mkdir -p "$LAZYBENCH_ROOT/bench/verify"
cp "$work/experts.json" "$LAZYBENCH_ROOT/bench/verify/experts.json"

# An expert that has learned next to nothing.
training=(--run train --set steps=1200 --set warmup_steps=100 --set evaluate_every=300 --set evaluation_episodes=2
  --set width=16 --set batch=16)
expect 1 expert $task "${training[@]}" --out "$work/new" --transitions 2000 --quiet
record=(expert "$task" --record --run train --transitions 2000 --quiet)
expect 1 "${record[@]}" --out "$work/new"  # its card says so

# is DIR: expert_data/ holds exactly that expert, and nothing else.
is() {
  local file
  for file in "$1"/*; do cmp -s "$file" "$data/${file##*/}" || return 1; done
  [ "$(find "$data" -mindepth 1 | wc -l)" = "$(find "$1" -mindepth 1 | wc -l)" ]
}

# Killed at any moment, by whichever signal.
begun=$(date +%s.%N)
expect 1 "${record[@]}"
took=$(awk "BEGIN { print $(date +%s.%N) - $begun }")
is "$work/new" || fail "the same training does not record the same expert"
for kind in KILL TERM KILL INT KILL KILL; do
  rm -r "$data"
  cp -r "$work/old" "$data"
  # As from a terminal: a shell's background processes do not hear SIGINT.
  (set -m; exec "$bench" "${record[@]}") >"$out" 2>"$err" </dev/null &
  pid=$!
  sleep "$(awk "BEGIN { print 0.02 + $took * $RANDOM / 32768 }")"
  kill -$kind "$pid" 2>/dev/null || true
  status=0
  wait "$pid" 2>/dev/null || status=$?
  check_sanitizers
  case $kind$status in
    KILL137 | TERM130 | INT130 | TERM143 | INT0 | *1) ;;
    *) fail "exit status $status after SIG$kind" ;;
  esac
  expect 0 replay "$task" --quiet
  prints 'to the bit'
  is "$work/old" || is "$work/new" || fail "after SIG$kind: neither the old expert nor the new one: $(ls -a "$data")"
  is "$work/new" || expect 0 run "$task" --algo expert --set evaluation_episodes=2 --out "$work/acts" --fresh --json
  expect 0 verify experts --quiet
done

# Killed while it records: what it had written so far stays as long as it lives, and goes with the next use.
rm -r "$data"
cp -r "$work/old" "$data"
"$bench" expert "$task" --record --run train --transitions 200000 --quiet >"$out" 2>"$err" </dev/null &
pid=$!
staging() { find "$data" -name '.*.next-*' | grep -q .; }
wait_for 60 staging
expect 0 replay "$task" --quiet
staging || fail "a replay removed what a living process records"
kill -KILL "$pid"
wait "$pid" 2>/dev/null || true
staging || fail "the recording was over before it was killed: nothing is tested"
expect 0 replay "$task" --quiet
is "$work/old" || fail "after a recording was killed there is: $(ls -A "$data")"

# A first request to stop ends it while it records, after its training as well, and the same command makes the files.
rm -r "$data"
cp -r "$work/old" "$data"
"$bench" expert "$task" "${training[@]}" --transitions 200000 --quiet >"$out" 2>"$err" </dev/null &
pid=$!
wait_for 60 eval "find '$data' -name '.*.next-*' | grep -q ."
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
[ "$status" = 130 ] || fail "exit status $status after SIGTERM while it recorded"
says 'the same command makes them'
says_one_line
expect 1 "${record[@]}"
is "$work/new" || fail "not recorded after it was stopped"

# What does not belong together is refused: by a run, a replay, a check, a suite.
cat >"$LAZYBENCH_ROOT/bench/suites/imitate.json" <<'JSON'
{"name": "imitate", "seeds": 1, "metric": "return", "protocol": {"evaluation_episodes": 1},
 "tasks": ["pendulum-swingup"], "algos": ["expert"]}
JSON
refused() {
  local algo
  for algo in expert bc lamps; do
    expect 2 run "$task" --algo "$algo" --out "$work/none"
    says "$1"
    says "'bench expert $task'"
    says_one_line
  done
  expect 2 replay "$task"
  says "$1"
  says_one_line
  expect 1 verify experts
  prints "$1"
  expect 1 suite imitate --out "$work/none-$RANDOM" --quiet
  prints "$1"
}
rm -r "$data"
cp -r "$work/old" "$data"
cp "$work/new/$task.policy.safetensors" "$data"
refused "$task.policy.safetensors: is not the file that $task.json"
cp "$work/new/$task.npz" "$data"
refused "$task.npz: is not the file that $task.json"
cp "$work/new/$task.json" "$data"
refused "$task.curve.jsonl: is not the file that $task.json"
cp "$work/new/$task.curve.jsonl" "$data"
expect 0 replay "$task"
rm "$data/$task.json"
refused "$task.json: no such file"
cp "$work/new/$task.json" "$data"
rm "$data/$task.policy.safetensors"
refused "$task.policy.safetensors: no such file"

# One that was killed by an earlier version left a temporary file; the next run removes it.
cp "$work/new/$task.policy.safetensors" "$data"
(exit 0) &
dead=$!
wait "$dead"
echo half >"$data/.$task.npz.tmp-$dead"
expect 0 replay "$task"
[ ! -e "$data/.$task.npz.tmp-$dead" ] || fail "a temporary file stays"

# Longer recordings: one that is not what its card says is made anew.
expect 0 run "$task" --algo bc --set expert_transitions=2500 --set evaluation_episodes=1 --set width=16 --out "$work/a"
longer=$(echo "$LAZYBENCH_ROOT"/results/runs/demonstrations/$task-2500-*.npz)
cp "$longer" "$work/longer.npz"
head -c 1000 "$work/longer.npz" >"$longer"
expect 0 run "$task" --algo bc --set expert_transitions=2500 --set evaluation_episodes=1 --set width=16 --out "$work/b"
cmp -s "$longer" "$work/longer.npz" || fail "a damaged longer recording stays"
same_results "$work/a" "$work/b"
no_leftovers "$LAZYBENCH_ROOT/results"
