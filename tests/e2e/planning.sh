#!/bin/bash
# Rows that plan at every step or once a fit, as their users meet them: killed and taken up again, with each model and each reward, on
# tasks that end early and tasks that do not; in a suite beside another row; and every wrong use on the way.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
export OPENBLAS_NUM_THREADS=1

mkdir -p "$LAZYBENCH_ROOT/expert_data"
for task in pendulum-swingup hopper; do
  ln -s "$repository/expert_data/$task".* "$LAZYBENCH_ROOT/expert_data/"
done
of_run=(--set steps=300 --set warmup_steps=80 --set evaluate_every=70 --set evaluation_episodes=2)
of_plan=(--set fit_every=50 --set plan_horizon=8 --set plan_guesses=6)
of_model=(--set model_layers=2 --set model_width=16 --set model_members=3 --set model_elites=2 --set model_updates=20)

# Killed at moments that differ from machine to machine, a run goes on to the same bytes; whatever the model, the reward
# and the way that episodes end. One of these may be over before its killer comes, but not all.
kills=0
killed() {
  local name=$1 lines pid
  shift
  expect 0 "$@" --out "$work/$name-whole"
  prints 'finished after step 300, return'
  for lines in 1 2 4; do
    "$bench" "$@" --checkpoint 0 --out "$work/$name-parts" >"$out" 2>"$err" </dev/null &
    pid=$!
    wait_for 60 has_lines "$work/$name-parts/metrics.jsonl" "$lines"
    wait_for 60 test -f "$work/$name-parts/checkpoint.npz"
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || [ $? != 137 ] || kills=$((kills + 1))
  done
  expect 0 "$@" --out "$work/$name-parts"
  cmp -s "$work/$name-whole/metrics.jsonl" "$work/$name-parts/metrics.jsonl" || fail "$name: metrics.jsonl differs"
  cmp -s "$work/$name-whole/config.json" "$work/$name-parts/config.json" || fail "$name: config.json differs"
}
with() { killed "$1" run "$2" --algo "$3" --seed 4 "${of_run[@]}" "${of_plan[@]}" --quiet "${@:4}"; }
with known pendulum-swingup sysid-ilqr "${of_model[@]}"
with learned pendulum-swingup sysid-ilqr-learned-reward "${of_model[@]}" --set plan_iterations=3
with linear pendulum-swingup sysid-ilqr-linear --set plan_guesses=0
with falls hopper sysid-ilqr "${of_model[@]}" --set plan_iterations=2
lazily() {
  killed "$1" run "$2" --algo "$3" --seed 4 "${of_run[@]}" --set fit_every=50 --set plan_horizon=8 \
    --set expert_transitions=1000 --quiet "${@:4}"
}
lazily lazy pendulum-swingup lamps-ilqr "${of_model[@]}"
lazily clock hopper lamps-ilqr-clock "${of_model[@]}"
[ "$kills" -gt 0 ] || fail "every run was over before it could be killed"
for name in known learned falls lazy clock; do
  cmp -s "$work/$name-whole/model.safetensors" "$work/$name-parts/model.safetensors" || fail "$name: the model differs"
done
for key in planner_calls lqr_passes model_queries planner_calls_evaluation model_error_expert_20; do
  grep -q "\"$key\":[0-9]" "$work/known-whole/metrics.jsonl" || fail "metrics.jsonl says nothing of $key"
done
grep -q '"plan_horizon":8,' "$work/linear-whole/config.json" || fail "config.json does not have the plan's settings"
! grep -q 'temperature\|updates_per_step' "$work/linear-whole/config.json" || fail "config.json has a network's settings"

# Beside rows of other kinds, whose settings the suite has too.
cat >"$LAZYBENCH_ROOT/bench/suites/plans.json" <<'JSON'
{
  "name": "plans",
  "seeds": 1,
  "metric": "return",
  "protocol": {"steps": 120, "warmup_steps": 60, "evaluate_every": 60, "evaluation_episodes": 1, "width": 16,
    "batch": 16, "plan_horizon": 5, "plan_guesses": 2, "fit_every": 30, "model_layers": 1, "model_width": 8,
    "model_updates": 20, "imagined_per_step": 2, "imagined_kept": 50},
  "tasks": ["pendulum-swingup"],
  "algos": ["random", "sac", "mbpo", "sysid-ilqr", "sysid-ilqr-learned-reward", "sysid-ilqr-linear", "lamps-ilqr",
    "lamps-ilqr-linear"],
  "contrasts": [{"name": "lazy", "question": "Lazy?", "baseline": "sysid-ilqr", "variant": "lamps-ilqr",
    "metrics": ["return", "lqr_passes", "model_queries"], "at": "last"}]
}
JSON
expect 0 suite plans --quiet --out "$work/plans"
[ -s "$work/plans/plans/report.md" ] || fail "the suite has no report"
grep -q 'SysID + iLQR (linear)' "$work/plans/plans/report.md" || fail "the report does not name a row"

grep -q 'LAMPS + LQR (linear)' "$work/plans/plans/report.md" || fail "the report does not name a lazy row"
grep -q 'LQR passes' "$work/plans/plans/report.md" || fail "the report does not compare passes"

expect 0 algos sysid-ilqr-learned-reward --json
prints '"planner":{"type":"mpc","reward":"learned"}'
expect 0 algos
prints 'receding-horizon iLQR'

# What means nothing, and what cannot be.
none=(--out "$work/none" --quiet)
expect 2 run pendulum-swingup --algo sysid-ilqr --set learning_rate=0.001 "${none[@]}"
says 'the setting learning_rate means nothing to sysid-ilqr'
says_one_line
expect 2 run pendulum-swingup --algo mbpo --set plan_horizon=9 "${none[@]}"
says 'the setting plan_horizon means nothing to mbpo'
expect 2 run pendulum-swingup --algo lamps-ilqr --set plan_guesses=3 "${none[@]}"
says 'the setting plan_guesses means nothing to lamps-ilqr, which plans once a fit'
says_one_line
expect 2 run cartpole-swingup --algo lamps-ilqr "${none[@]}"
says 'expert_data/cartpole-swingup.npz'
says_one_line
expect 2 run ant --algo lamps-ilqr "${none[@]}"
says 'does not determine its reward'
says_one_line
expect 2 run pendulum-swingup --algo sysid-ilqr --set plan_horizon=0 "${none[@]}"
says 'a whole number from 1 to 1000'
expect 2 run pendulum-swingup --algo sysid-ilqr --set plan_guesses=63 "${none[@]}"
says 'a whole number from 0 to 62'
expect 2 run ant --algo sysid-ilqr "${none[@]}"
says 'does not determine its reward'
says_one_line
expect 2 run helicopter-hover --algo sysid-ilqr "${none[@]}"
says 'helicopter-hover'
says_one_line
expect 2 run pendulum-swingup --algo sysid-ilqr --set model_elites=8 "${none[@]}"
says 'model_elites (8) are more than model_members (7)'
