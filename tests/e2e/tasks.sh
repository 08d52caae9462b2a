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

# More numbers of state than fit on a page, and one that observes few of them.
expect 0 tasks balls
prints '1172 numbers (631 qpos, then 541 qvel)'
returns balls "-*0"
expect 0 run balls --algo sac --out "$work/out/balls-sac" --set evaluation_episodes=1 --set steps=20 --set warmup_steps=5 \
  --set evaluate_every=20 --set width=8

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

# Networks may learn on a task with a cost, and are told what from.
expect 0 run helicopter-hover-2023 --algo sac --out "$work/out/costly" --set steps=20 --set warmup_steps=5 \
  --set evaluate_every=20 --set width=8 --set evaluation_episodes=1
says 'sac learns from minus its stage costs, without the terminal one'

# Activations are a part of the state of their own.
printf '{"train": {"protocol": {"steps": 300, "warmup_steps": 100, "evaluate_every": 300, "width": 8, "batch": 16, "evaluation_episodes": 1}}, "threshold": -1000, "transitions": 300}\n' \
  >"$LAZYBENCH_ROOT/bench/experts/elbow.json"
expect 0 tasks elbow
prints '4 numbers (1 qpos, then 1 qvel, then 2 act)'
expect 0 expert elbow --out "$work/demos"
expect 0 replay elbow --data "$work/demos/elbow.npz"
prints 'to the bit'
for entry in infos/act infos/final_act keyframes/act; do
  grep -aqF "$entry.npy" "$work/demos/elbow.npz" || fail "no $entry"
done
if "${LB_PYTHON:-false}" -c 'import numpy' 2>"$err"; then
  "${LB_PYTHON}" -c 'import numpy, sys; d = numpy.load(sys.argv[1]); print([d["infos/" + k].shape for k in ("qpos", "qvel", "act")])' \
    "$work/demos/elbow.npz" >"$out"
  prints '[(300, 1), (300, 1), (300, 2)]'
fi

# An observation that is no number is named; no step with it is learned from, and there is no return.
expect 0 run sqrt-height --algo sac --out "$work/out/sqrt" --set steps=800 --set warmup_steps=100 \
  --set evaluate_every=400 --set width=32 --set evaluation_episodes=2
prints 'finished after step 800, no return'
says '2 of 2 evaluation episodes diverged: in the first, observation 0 (sqrt(qpos of joint z)) is nan at step 26'
says 'steps of the learner left out, the first at step'
grep -qF '"return_best":null' "$work/out/sqrt/metrics.jsonl" || fail 'a return that there is none of'
! grep -qE '1\.79|nan' "$work/out/sqrt/metrics.jsonl" || fail 'a number that is none'

# What counts as the worst in a mean says so in the terminal, as in the report.
cp "$repository/tests/e2e/tasks/unstable-seeds.json" "$LAZYBENCH_ROOT/bench/suites/"
expect 0 suite unstable-seeds --seeds 5 --out "$work/suites"
prints '(2 of 5 as the worst)'
grep -qF '(2 of 5 as the worst)' "$work/suites/unstable-seeds/report.md" || fail 'report.md does not say what is the worst'
! grep -qF 'e+30' "$work/suites/unstable-seeds/tables.csv" || fail 'a mean over what is no value'

# A task that cannot be opened hides no other.
mkdir "$LAZYBENCH_ROOT/models/broken"
printf '{"name": ' >"$LAZYBENCH_ROOT/models/broken/task.json"
ln -s "$work/nowhere" "$LAZYBENCH_ROOT/models/dangling"
expect 0 tasks
prints 'broken                    CANNOT BE OPENED: '
prints 'dangling                  CANNOT BE OPENED: '
prints 'sqrt-height               stay above ground'
expect 0 tasks --json
prints '{"name":"broken","error":"'
