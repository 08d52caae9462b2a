#!/bin/bash
# In which units a task observes and rewards does not matter to what plans in a learned model: a pendulum with a compass
# beside its own observation, in tesla and in gauss, and with rewards ten thousand times as large and as small, for the
# task's own reward and for a learned one. All of these come to within a fifth of the expert's 155.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
export OPENBLAS_NUM_THREADS=1

rm "$LAZYBENCH_ROOT/models" "$LAZYBENCH_ROOT/bench/recipes"
mkdir -p "$LAZYBENCH_ROOT/models" "$LAZYBENCH_ROOT/bench/recipes"
for reward in known learned; do
  cat >"$LAZYBENCH_ROOT/bench/recipes/$reward.json" <<JSON
{"title": "iLQR", "summary": "Learner data alone.", "data": {"expert_share": 0}, "model": {"type": "ensemble"},
 "planner": {"type": "mpc", "reward": "$reward"}}
JSON
done

# task NAME FIELD WEIGHT: the pendulum with a compass in this field, and a reward times this weight.
task() {
  local from=$repository/models/pendulum-swingup to=$LAZYBENCH_ROOT/models/$1
  mkdir "$to"
  sed -e "s|integrator=\"RK4\"|& magnetic=\"$2\"|" -e 's|<joint name="hinge"|<site name="compass" pos="0 0 0.25"/>&|' \
    -e 's|<actuator>|<sensor><magnetometer name="field" site="compass"/></sensor>&|' "$from/model.xml" >"$to/model.xml"
  sed -e "s|\"pendulum-swingup\"|\"$1\"|" -e "s|\"weight\": 1|\"weight\": $3|" \
    -e 's|{"signal": "qvel"}$|&, {"signal": "sensordata", "of": "field", "components": [0, 2]}|' \
    "$from/task.json" >"$to/task.json"
  grep -q sensordata "$to/task.json" || fail "the task has no compass"
}
task tesla "2e-5 0 -4e-5" 1e-4
task gauss "0.2 0 -0.4" 1e4

solved() {
  expect 0 run "$1" --algo "$2" --set steps=1200 --set warmup_steps=200 --set fit_every=100 --set evaluate_every=1200 \
    --set evaluation_episodes=3 --set model_members=3 --set model_elites=3 --set model_width=64 --set model_layers=2 \
    --set model_batch=64 --set model_updates=500 --out "$work/$1-$2" --quiet
  local return
  return=$(sed -n '$s/.*"return":\([^,]*\),.*/\1/p' "$work/$1-$2/metrics.jsonl")
  awk -v r="$return" -v w="$3" 'BEGIN { exit !(r / w > 124 && r / w < 160) }' || fail "$1, $2 reward: return $return"
}
solved tesla learned 1e-4
# The sanitizers have seen it all by now, and take minutes for the rest.
! is_watched || exit 0
solved tesla known 1e-4
solved gauss known 1e4
solved gauss learned 1e4
