#!/bin/bash
# A suite of rows that learn networks: any number of workers gives the same bytes; a run that leaves the finite numbers
# ends with a record of where, the others go on, and the tables show it.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"

protocol='"steps": 240, "warmup_steps": 80, "evaluate_every": 80, "evaluation_episodes": 2, "width": 16, "batch": 16,
    "model_width": 16, "model_layers": 2, "model_updates": 20, "fit_every": 40, "imagined_per_step": 5,
    "expert_transitions": 400'
cat >"$LAZYBENCH_ROOT/bench/suites/nets.json" <<JSON
{
  "name": "nets", "seeds": 2, "metric": "return",
  "protocol": {$protocol},
  "tasks": ["pendulum-swingup"],
  "algos": ["expert", "random", "bc", "sac", "mbpo", "lamps", "lamps-mm"]
}
JSON
expect 0 suite nets --jobs 1 --out "$work/one" --quiet
expect 0 suite nets --jobs 2 --out "$work/two" --quiet
same_results "$work/one" "$work/two"
same_results "$work/two" "$work/one"
# What a run says of its model reaches the reader.
for words in 'Expert states, 1 step' 'learner states, 20 steps' 'Value disagreement' 'Reward disagreement' 'Planning error' \
  "Expert's advantage" 'Error of the critic'; do
  grep -q "^| Algorithm.*$words" "$work/one/nets/report.md" || fail "no column '$words'"
done
[ "$(find "$work/one" -name best.safetensors | wc -l)" = 8 ] || fail "not 8 runs that learn step by step"
find "$work/one" -name best.safetensors | while IFS= read -r file; do
  cmp -s "$file" "${file/\/one\//\/two\/}" || fail "$file differs"
done

# The swing-up with rewards beyond single precision: whatever learns from them ends at once.
rm "$LAZYBENCH_ROOT/models"
mkdir "$LAZYBENCH_ROOT/models"
ln -s "$repository/models/pendulum-swingup" "$LAZYBENCH_ROOT/models/pendulum-swingup"
cp -r "$repository/models/pendulum-swingup" "$LAZYBENCH_ROOT/models/riches"
sed -i -e 's/"name": "pendulum-swingup"/"name": "riches"/' -e 's/"weight": 1$/"weight": 1e300/' \
  "$LAZYBENCH_ROOT/models/riches/task.json"
cat >"$LAZYBENCH_ROOT/bench/suites/riches.json" <<JSON
{
  "name": "riches", "seeds": 2, "metric": "return",
  "protocol": {$protocol},
  "rows": [
    {"task": "riches", "algo": "sac"},
    {"task": "riches", "algo": "mbpo"},
    {"task": "pendulum-swingup", "algo": "mbpo"}
  ]
}
JSON
expect 1 suite riches --out "$work/riches" --jobs 2
says '4 of 6 runs failed or diverged'
model='step 80: fit 1 of the model: the holdout error of the ensemble is not finite'
critics='the gradient of the critics is not finite'
for seed in 0 1; do
  prints "diverged: mbpo on riches, seed $seed: $model"
  prints "diverged: sac on riches, seed $seed: step 81: update 1: $critics"
  grep -q '"finished"' "$work/riches/riches/pendulum-swingup/mbpo/seed-$seed/done.json" || fail "the others did not go on"
  [ "$(lines_of "$work/riches/riches/riches/mbpo/seed-$seed/metrics.jsonl")" = 2 ] || fail "the measurements before"
done
expect 0 status "$work/riches"
prints '2 finished'
prints '4 diverged'
prints "diverged: mbpo on riches, seed 1: $model"
report=$work/riches/riches/report
grep -qE "\| *riches *\| *mbpo *\|.*diverged.*$model" "$report.md" || fail "the report's table does not name step and tensor"
grep -qF "$critics" "$report.html" || fail "the page does not name the tensor"
grep -qE '2 diverged|0/2' "$report.md" || fail "the table of results does not show that the row's runs diverged"

# By itself, and again: the same record.
expect 1 run riches --algo mbpo --set steps=240 --set warmup_steps=80 --set width=16 --set batch=16 --out "$work/single" --quiet
says "diverged: $model"
expect 1 run riches --algo mbpo --set steps=240 --set warmup_steps=80 --set width=16 --set batch=16 --out "$work/single" --json
prints '"status":"diverged"'
