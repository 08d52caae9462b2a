#!/bin/bash
# A robot of one's own: from its XML to a task (bench task new), what its steps show (bench task check), and folders of
# tasks outside the repository.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

unset LAZYBENCH_MODELS
tasks=$work/tasks
mkdir -p "$tasks" robot/scenes robot/parts robot/meshes

# A model in a folder below its parts, with an include, a mesh and a texture; no actuator has a name.
cat >robot/scenes/scene.xml <<'XML'
<mujoco model="walker">
  <include file="../parts/floor.xml"/>
  <compiler meshdir="../meshes"/>
  <asset><mesh name="hull" file="hull.obj"/></asset>
  <worldbody>
    <body name="torso" pos="0 0 1">
      <joint name="x" type="slide" axis="1 0 0"/>
      <joint name="z" type="slide" axis="0 0 1"/>
      <geom type="mesh" mesh="hull" mass="1"/>
      <body name="wheel" pos="0 0 -0.3">
        <joint name="roll" axis="0 1 0"/>
        <geom type="capsule" fromto="0 0 0 0.2 0 0" size="0.05" mass="0.3"/>
        <body><joint axis="0 1 0" range="-1 1" limited="true"/><geom size="0.05" pos="0.2 0 -0.2" mass="0.1"/></body>
      </body>
    </body>
  </worldbody>
  <actuator><motor joint="roll" ctrlrange="-2 2"/><motor site="s" ctrlrange="-2 2"/></actuator>
  <keyframe><key name="home" qpos="0 0.2 0 0"/></keyframe>
</mujoco>
XML
sed -i 's|<body name="wheel" pos="0 0 -0.3">|&<site name="s"/>|' robot/scenes/scene.xml
printf '<mujoco><worldbody><geom name="floor" type="plane" size="5 5 0.1"/></worldbody></mujoco>\n' >robot/parts/floor.xml
printf 'v 0 0 0\nv 0.2 0 0\nv 0 0.2 0\nv 0 0 0.2\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n' >robot/meshes/hull.obj

expect 0 task new strider --xml robot/scenes/scene.xml --models "$tasks"
prints '3 files, 2 controls; the reward is moving forward, less the controls'
prints "next: edit 'description', 'reward', 'healthy' and 'horizon' in $tasks/strider/task.json"
prints "then: tools/bench task check strider --models $tasks"
[ "$(cd "$tasks/strider" && find . -type f | sort | tr '\n' ' ')" = \
  './meshes/hull.obj ./parts/floor.xml ./scenes/scene.xml ./task.json ' ] || fail "other files: $(find "$tasks")"
mv robot moved # the copy needs nothing of what it was made from
expect 0 tasks strider --models "$tasks"
prints 'strider'
for line in '"model": "scenes/scene.xml"' '"controls": ["roll", "s"]' '"frame_skip": 10' \
  '"from": "keyframe", "keyframe": "home"' '{"signal": "qpos", "of": "z"}' '{"signal": "qpos", "of": "roll", "function": "sin"}' \
  '{"signal": "qpos", "range": [3, 4]}' '"range": [0, 1], "read": "rate", "weight": 1}' '"weight": -0.0125}'; do
  grep -qF "$line" "$tasks/strider/task.json" || fail "task.json does not hold $line: $(cat "$tasks/strider/task.json")"
done
expect 0 run strider --algo random --models "$tasks" --out "$work/run" --set evaluation_episodes=1 --quiet
grep -qF "tools/bench run strider --algo random --seed 0 --models $tasks" "$work/run/environment.json" ||
  fail "the run's command does not name its folder of tasks"
expect 0 run strider --algo sac --models "$tasks" --out "$work/sac" --set evaluation_episodes=1 --set steps=20 \
  --set warmup_steps=5 --set evaluate_every=20 --set width=8 --quiet

# How its expert is made stands in its folder, and that is where the expert goes.
printf '{"train": {"protocol": {"steps": 77}}}\n' >"$tasks/strider/expert.json"
expect 0 expert strider --models "$tasks" --dry-run --json
prints '"steps":77'
expect 2 run strider --algo bc --models "$tasks" --out "$work/no"
says "$tasks/expert_data/strider.npz: no such file; 'bench expert strider' makes the expert of this task, --data FILE"

# Its task is edited: whoever asks for the expert is told what makes a new one, and that does.
expert=(--models "$tasks" --set steps=20 --set warmup_steps=10 --set evaluate_every=10 --set width=4
  --set evaluation_episodes=1 --transitions 600 --quiet)
expect 0 expert strider "${expert[@]}"
expect 0 run strider --algo bc --models "$tasks" --out "$work/bc" --set evaluation_episodes=1 --set width=4 --quiet
sed -i 's/"weight": -0.0125/"weight": -0.02/' "$tasks/strider/task.json"
expect 2 run strider --algo bc --models "$tasks" --out "$work/no"
says "recorded on another version of strider"
says "'bench expert strider --fresh'"
expect 0 expert strider "${expert[@]}" --fresh
expect 0 run strider --algo bc --models "$tasks" --out "$work/bc" --fresh --set evaluation_episodes=1 --set width=4 --quiet

# Without a root that is free: the height of the last body, or the nearness of a goal. Motors without a name on one joint
# go by their numbers; touch is observed.
arm() { # arm ACTUATORS BODIES
  printf '<mujoco><worldbody><body><joint name="j" axis="0 1 0"/><geom type="capsule" fromto="0 0 0 0 0 -1" size=".05"/>
    <body name="hand" pos="0 0 -1"><site name="palm"/><joint name="k" type="slide" axis="1 0 0" range="-1 1"/>
    <geom size=".1"/></body></body>%s</worldbody>
    <actuator>%s</actuator><sensor><touch name="feel" site="palm"/></sensor></mujoco>' "$2" "$1"
}
arm '<motor joint="j" ctrlrange="-1 1"/><motor joint="j" ctrlrange="-3 3"/>' '' >arm.xml
expect 0 task new lifter --xml arm.xml --models "$tasks"
prints 'the reward is the height of a body'
arm '<motor joint="j" ctrlrange="-1 1"/>' '<body name="goal" pos="1 0 0"/>' >arm.xml
expect 0 task new reacher-arm --xml arm.xml --models "$tasks"
for line in 'lifter "controls": [0, 1]' 'lifter "xipos", "of": "hand", "components": [2], "weight": 1}' \
  'lifter "norm": "squared", "weight": -0.01}' 'lifter {"signal": "sensordata", "of": "feel"}' \
  'reacher-arm "minus": {"signal": "xpos", "of": "goal"}, "norm": "euclidean", "weight": -1}'; do
  grep -qF -- "${line#* }" "$tasks/${line%% *}/task.json" || fail "${line%% *} does not hold ${line#* }"
done
expect 0 task check reacher-arm --steps 100 --models "$tasks"

# What cannot be: one line, and nothing is left behind.
refused() {
  local words=$1
  shift
  expect 2 task new "$@" --models "$tasks"
  says "$words"
  says_one_line
  [ -z "$(find "$tasks" -maxdepth 1 -name '.*' ! -path "$tasks")" ] || fail "left behind: $(ls -A "$tasks")"
}
refused 'already; take another name or remove it' strider --xml moved/scenes/scene.xml
refused "there is a task 'hopper' already" hopper --xml moved/scenes/scene.xml
refused 'is no name for a task' ../x --xml moved/scenes/scene.xml
refused 'no such file; --xml names the MJCF model' other --xml moved/nothing.xml
refused 'is a folder; --xml names' other --xml moved/scenes
refused 'new needs a model: --xml FILE' other
sed 's|<actuator>.*||' moved/scenes/scene.xml >moved/scenes/idle.xml
refused 'add some to its <actuator> section' other --xml moved/scenes/idle.xml
sed 's|hull.obj|bow.obj|' moved/scenes/scene.xml >moved/scenes/bare.xml
refused 'bow.obj' other --xml moved/scenes/bare.xml
sed "s|\.\./meshes|$work/moved/meshes|" moved/scenes/scene.xml >moved/scenes/fixed.xml
refused 'by an absolute path, which a copy would not find; write it relative' other --xml moved/scenes/fixed.xml
expect 2 task nwe other --xml moved/scenes/scene.xml
says "did you mean 'new'?"
expect 2 task new other --xml moved/scenes/scene.xml --models "$work/nowhere"
says "$work/nowhere: no such folder"

# What the draft takes for granted is said; a check of slow steps is told how far it is, and ends when its time is up.
sed 's|<motor joint="roll" ctrlrange="-2 2"/>|<motor joint="roll"/>|' moved/scenes/scene.xml >moved/scenes/free.xml
expect 0 task new free --xml moved/scenes/free.xml --models "$tasks"
prints 'note: 1 of 2 controls has no ctrlrange'
rm -rf "$tasks/free"
sed 's|<worldbody>|<option timestep="4e-6"/>&|' moved/scenes/scene.xml >moved/scenes/slow.xml
expect 0 task new slow --xml moved/scenes/slow.xml --models "$tasks"
sed -i 's|"frame_skip": [0-9]*|"frame_skip": 4000|' "$tasks/slow/task.json"
expect 0 task check slow --seconds 1.5 --models "$tasks"
prints 'were taken: 1.5 s of CPU time were up'
says 'slow: random controls, '
rm -rf "$tasks/slow"

# What is checked: no finding is an error for a task that comes along; each of these is one.
expect 0 task check pendulum-swingup --steps 300 --json
prints '"restarts":{"tried":20,"unequal":0,"apart":0}'
prints '"errors":0'
expect 0 task check helicopter-hover --steps 200
prints 'qpos of free joint root: quaternion w'
prints 'qvel of free joint root: angular z'
expect 0 task check inverted-double-pendulum --steps 200
prints 'sin(qpos of joint hinge)'
expect 0 task check helicopter-hover-2023 --steps 200
expect 0 task check strider --steps 300 --models "$tasks"
prints 'no episode ever terminates'
broken() { # broken WORDS SED-EXPRESSION: the finding is an error, with a mend.
  rm -rf "$tasks/sick"
  cp -r "$tasks/strider" "$tasks/sick"
  sed -i "s|\"strider\"|\"sick\"|; $2" "$tasks/sick/task.json" "$tasks/sick/scenes/scene.xml"
  expect 1 task check sick --steps 300 --models "$tasks"
  grep -F "error: " "$out" | grep -qF "$1" || fail "no error says: $1"
  prints 'mend: '
}
broken 'left the finite numbers' 's|<motor joint="roll" ctrlrange="-2 2"/>|<position joint="roll" kp="1e9" ctrlrange="-2 2"/>|'
broken '1 of 2 controls has no limits, roll first' 's|<motor joint="roll" ctrlrange="-2 2"/>|<motor joint="roll"/>|'
broken 'what is no finite number' 's|"reward": \[|&{"signal": "qvel", "of": "x", "function": "log", "weight": 1},|'
broken 'over after its first step' 's|"reward": \[|"healthy": [{"signal": "qpos", "of": "z", "within": [1, 2]}],&|'
rm -rf "$tasks/sick"
expect 2 task check strider
says "unknown task 'strider'"

# Folders of one's own: by the environment too; one that hides another is said; a broken task hides none.
export LAZYBENCH_MODELS=$work/absent:$tasks
mkdir "$tasks/wreck"
printf '{' >"$tasks/wreck/task.json"
cp -r "$repository/models/reacher" "$tasks/reacher"
expect 0 tasks
says "$work/absent: no such folder"
says "task 'reacher' is that of $tasks; the one of $LAZYBENCH_ROOT/models is hidden by it"
[ "$(wc -l <"$err")" = 2 ] || fail "more than the two lines"
prints 'wreck                     CANNOT BE OPENED'
prints 'strider                   a draft'
prints 'hopper                    a planar'
[ "$(grep -c '^reacher ' "$out")" = 1 ] || fail "reacher is listed twice"
expect 2 task check wreck
expect 0 task check strider --steps 50
expect 0 algos
cat >mine.json <<'JSON'
{"name": "mine", "seeds": 1, "metric": "return", "protocol": {"evaluation_episodes": 1},
 "tasks": ["strider"], "algos": ["random", "zero"], "baseline": "zero"}
JSON
expect 0 suite mine.json --out "$work/results" --quiet
expect 0 status "$work/results"
