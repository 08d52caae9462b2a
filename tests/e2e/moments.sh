#!/bin/bash
# Models fitted by value moments on tasks with a cost: every model on every helicopter, killed and resumed, side by side
# and one after the other; both forms of the row; recipes that make no sense.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
export OPENBLAS_NUM_THREADS=1

short=(--set iterations=2 --set evaluation_rollouts=4 --set expert_rollouts=2 --set samples=60 --quiet)
rows=(lamps-mm lamps-mm-linear lamps-mm-ltv)
tasks=(helicopter-hover-2023 helicopter-hover helicopter-funnel)
# To the sanitizers the two on MuJoCo are one.
! is_watched || unset "tasks[2]"
for task in "${tasks[@]}"; do
  for algo in "${rows[@]}"; do
    expect 0 run "$task" --algo "$algo" --seed 2 "${short[@]}" --out "$work/$task/$algo"
    prints 'finished after iteration 2, cost'
    metrics=$work/$task/$algo/metrics.jsonl
    [ "$(lines_of "$metrics")" = 3 ] || fail "$task, $algo: not 3 lines of metrics"
    [ "$(grep -c '"value_error_expert":[0-9].*"value_error_learner":[0-9]' "$metrics")" = 3 ] ||
      fail "$task, $algo: no errors of values"
    # The accounts are those of the other rows: a pass an iteration, nothing queried by the fit.
    base=${algo/-mm/}
    expect 0 run "$task" --algo "$base" --seed 2 "${short[@]}" --out "$work/$task/$base"
    for key in interactions steps_expert lqr_passes model_queries; do
      [ "$(grep -o "\"$key\":[0-9]*" "$metrics")" = "$(grep -o "\"$key\":[0-9]*" "$work/$task/$base/metrics.jsonl")" ] ||
        fail "$task: $key of $algo is not that of $base"
    done
    # Iteration 0 is the same, before anything is fitted; then the models differ.
    cmp -s <(head -1 "$metrics") <(head -1 "$work/$task/$base/metrics.jsonl") || fail "$task, $algo: another iteration 0"
    ! cmp -s "$metrics" "$work/$task/$base/metrics.jsonl" || fail "$task, $algo: the loss changes nothing"
  done
done
for choice in '"loss":"value-moments"' '"anchor":1' '"spread":true'; do
  grep -q "$choice" "$work/helicopter-hover/lamps-mm-ltv/config.json" || fail "$choice is not in config.json"
done
expect 0 algos lamps-mm --json
prints '"type":"parametric","fit":"least-squares","loss":"value-moments"'
prints '"on_tasks_with_rewards"'
prints '"type":"ensemble","loss":"value-moments"'

# Killed and resumed.
for algo in "${rows[@]}"; do
  run=(run helicopter-hover-2023 --algo "$algo" --seed 3 --set iterations=12 --set evaluation_rollouts=4 --quiet)
  expect 0 "${run[@]}" --out "$work/whole/$algo"
  for goal in 1 4 8; do
    "$bench" "${run[@]}" --checkpoint 0 --out "$work/parts/$algo" >"$out" 2>"$err" </dev/null &
    pid=$!
    wait_for 120 has_lines "$work/parts/$algo/metrics.jsonl" "$goal"
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  expect 0 "${run[@]}" --out "$work/parts/$algo"
  same_results "$work/whole/$algo" "$work/parts/$algo"
done

# Two at a time.
cat >"$LAZYBENCH_ROOT/bench/suites/moments.json" <<'JSON'
{
  "name": "moments",
  "protocol": {"evaluation_rollouts": 10},
  "tasks": ["helicopter-hover-2023"],
  "algos": ["lamps-mm", "lamps-mm-linear", "lamps-mm-ltv"]
}
JSON
for jobs in 1 2; do
  expect 0 suite moments --seeds 2 --set iterations=2 --jobs "$jobs" --out "$work/jobs$jobs" --quiet
done
same_results "$work/jobs1/moments" "$work/jobs2/moments"

grep -q '^| Algorithm.*Error in value on expert states' "$work/jobs1/moments/report.md" || fail "no errors in value"

# Recipes that make no sense.
rm "$LAZYBENCH_ROOT/bench/recipes"
cp -r "$repository/bench/recipes" "$LAZYBENCH_ROOT/bench/recipes"
refuses() {
  printf '{"title": "x", "summary": "y", "model": {"loss": "value-moments", %s}}\n' "$1" \
    >"$LAZYBENCH_ROOT/bench/recipes/wrong.json"
  expect 2 run helicopter-hover-2023 --algo wrong --out "$work/none"
  says wrong.json
  says "$2"
  says_one_line
}
refuses '"type": "linear", "anchor": 0' '$.model.anchor'
refuses '"type": "linear-tv", "spread": 1' '$.model.spread'
refuses '"type": "linear", "value_scale": 1' "'value_scale' means nothing to model 'linear'"
refuses '"type": "parametric", "fit": "bfgs-2023"' "every fit but 'bfgs-2023'"
refuses '"type": "parametric", "ridge": 0' "'ridge' must be more than 0"
