#!/bin/bash
# Tasks of one's own: what a simulation and a recording of them hold is what MuJoCo's own says.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

rm "$LAZYBENCH_ROOT/models" "$LAZYBENCH_ROOT/bench/experts"
mkdir "$LAZYBENCH_ROOT/models" "$LAZYBENCH_ROOT/bench/experts"
cp -r "$repository"/tests/e2e/tasks/* "$LAZYBENCH_ROOT/models/"

# returns TASK NUMBER: what standing still returns.
returns() {
  expect 0 run "$1" --algo zero --out "$work/out/$1" --set evaluation_episodes=1
  grep -q "^{.*\"return\":$2" "$work/out/$1/metrics.jsonl" || fail "$1 does not return $2: $(cat "$work/out/$1/metrics.jsonl")"
}

# A range finder meets a wall that is only drawn (MuJoCo: 1.75 m off, so 0.04758827909888172 a step).
returns lidar-cart 4.75882790988
# A keyframe sets the pose of a mocap body and the controls that the task does not take (as mj_resetDataKeyframe does).
returns hold-pose -7.92462881314
# A drawn geom has a place.
expect 0 tasks target-geom
prints 'geom_xpos(target)'

# A clock goes on where a recording is taken up again, and no model of observations knows it.
printf '{"train": {"protocol": {"steps": 300, "warmup_steps": 100, "evaluate_every": 300, "width": 8, "batch": 16, "evaluation_episodes": 1}}, "threshold": -1000, "transitions": 300}\n' \
  >"$LAZYBENCH_ROOT/bench/experts/metronome.json"
expect 0 expert metronome --out "$work/demos"
expect 0 replay metronome --data "$work/demos/metronome.npz"
prints 'to the bit'
expect 2 run metronome --algo sysid-ilqr --out "$work/out/refused"
says 'its observation does not determine its reward'
says_one_line

# What the solver of a task with a cost starts from is recorded too.
expect 0 expert brake --episodes 3 --out "$work/demos"
expect 0 replay brake --data "$work/demos/brake.npz"
prints 'to the bit'
