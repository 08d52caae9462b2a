#!/bin/bash
# Tasks with rewards as their users meet them: cards, Gymnasium's recordings, a new task without C, and its mistakes.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# Every recording replays under the environment's own name and under ours.
golden=$repository/tests/golden/parity
for file in "$golden"/*.npz; do
  name=$(basename "$file" .npz)
  expect 0 replay "$name" --data "$file" --json
  prints '"holds":true'
  prints '"exact":true'
done
expect 0 replay hopper --data "$golden/Hopper-v5.npz"
prints 'cold'
prints 'The simulator repeats the data'
expect 1 replay walker2d --data "$golden/Walker2d-v5.npz" --tolerance 1e-300
prints 'do not agree'
expect 2 replay walker2d --data "$golden/Hopper-v5.npz"
says "recorded on the task 'Hopper-v5', not on 'walker2d' (also called 'Walker2d-v5')"
says_one_line
head -c 20000 "$golden/Hopper-v5.npz" >"$work/truncated.npz"
expect 2 replay hopper --data "$work/truncated.npz"
says truncated.npz
says_one_line
# As others save them: D4RL's number types and byte strings, everything in float32, a zipped folder.
for file in d4rl-metadata d4rl-dtypes zipped-folder; do
  expect 0 replay InvertedPendulum-v5 --data "$repository/tests/golden/recordings/$file.npz"
  prints 'repeats the data to the bit'
done
expect 0 replay InvertedPendulum-v5 --data "$repository/tests/golden/recordings/all-float32.npz"
prints 'float32 in the data: states, hidden numbers, next states, observations, rewards'
prints 'within the tolerance'
# As D4RL has them, without the warm start and the readings before a step, in double and in float32: they replay, and
# rewards that are not the task's do not.
if "${LB_PYTHON:-false}" -c 'import numpy' 2>"$err"; then
  for name in Hopper HalfCheetah Walker2d InvertedPendulum Ant; do
    "$LB_PYTHON" - "$golden/$name-v5.npz" "$work/$name" <<'PYTHON'
import sys
import numpy

whole = numpy.load(sys.argv[1])
left_out = ("infos/qacc_warmstart", "infos/track_x", "metadata")
data = {key: whole[key] for key in whole if key not in left_out and "restart" not in key}
single = {key: a.astype("float32") if a.dtype == "float64" else a for key, a in data.items()}
numpy.savez(sys.argv[2] + "-64.npz", **data)
numpy.savez(sys.argv[2] + "-32.npz", **single)
rewards = data["rewards"].astype("float64")  # an inverted pendulum's are whole numbers
more = rewards.copy()
more[7] += 0.5
for key, wrong in (("one", more), ("zero", 0 * rewards), ("all", rewards + 1)):
    numpy.savez(f"{sys.argv[2]}-64-{key}.npz", **(data | {"rewards": wrong}))
    numpy.savez(f"{sys.argv[2]}-32-{key}.npz", **(single | {"rewards": wrong.astype("float32")}))
unplaced = {key: a for key, a in data.items() if key != "infos/qpos"}
numpy.savez(sys.argv[2] + "-without.npz", **unplaced)
numpy.savez(sys.argv[2] + "-elsewhere.npz", **unplaced, qpos=data["infos/qpos"])
PYTHON
    for width in 64 32; do
      expect 0 replay "$name-v5" --data "$work/$name-$width.npz"
      prints 'The simulator repeats the data'
      for wrong in one zero all; do
        expect 1 replay "$name-v5" --data "$work/$name-$width-$wrong.npz"
        prints 'do not agree'
      done
    done
  done
  # A missing array is not taken for one that has its own use.
  expect 2 replay Hopper-v5 --data "$work/Hopper-without.npz"
  says "the array 'infos/qpos' is missing"
  ! grep -qF 'is it' "$err" || fail 'an array is suggested that is no stand-in'
  expect 2 replay Hopper-v5 --data "$work/Hopper-elsewhere.npz"
  says "the array 'infos/qpos' is missing (is it 'qpos'?)"
  # An ant's reward takes off a position that was computed before the last substep: at an episode's first row nothing
  # tells it.
  expect 0 replay Ant-v5 --data "$work/Ant-64.npz"
  prints 'rewards are not judged in 3 rows'
  expect 0 replay Ant-v5 --data "$work/Ant-64.npz" --json
  prints '"rewards_not_judged":3'
  expect 0 replay Hopper-v5 --data "$work/Hopper-64.npz" --json
  prints '"rewards_not_judged":0'
fi
expect 2 replay Hoper-v5 --data "$golden/Hopper-v5.npz"
says "unknown task 'Hoper-v5'"
says_one_line
# A name that is no task's is refused alike by all that take one.
expect 2 run Hopper-v4 --algo sac --out "$work/out"
says "unknown task 'Hopper-v4'; 'bench tasks' lists all"
expect 2 replay Hopper-v4 --data "$golden/Hopper-v5.npz"
says "unknown task 'Hopper-v4'; 'bench tasks' lists all"
expect 2 tasks Hopper-v4
says "unknown task 'Hopper-v4'; 'bench tasks' lists all"
says_one_line

# Cards.
expect 0 tasks hopper
for words in 'observes   11 numbers' '1 * rate of qpos(rootx)' '0.7 < qpos(rootz) < inf' 'contact margins' 'Hopper-v5'; do
  prints "$words"
done
expect 0 tasks Ant-v5
prints 'random steps this changes the reward of a step by up'
expect 0 tasks --json
prints '"name":"humanoid-truncated"'

# What needs a cost says so.
expect 2 run hopper --algo lamps --out "$work/out"
says hopper
says_one_line

# A task of one's own, without C.
rm "$LAZYBENCH_ROOT/models"
cp -r "$repository/models" "$LAZYBENCH_ROOT/models"
mine=$LAZYBENCH_ROOT/models/mine
cp -r "$repository/models/reacher" "$mine"
sed -e 's/"name": "reacher"/"name": "mine"/' -e '/"aliases"/d' -e 's/"norm": "euclidean"/"norm": "largest"/' \
  "$repository/models/reacher/task.json" >"$work/task.json"
cp "$work/task.json" "$mine/task.json"
expect 0 tasks mine
prints 'largest((xpos(fingertip) - xpos(target)))'

# A description with an escape sequence does not reach the terminal as one, nor does a file's name.
sed 's/"description": "/&\\u001b[2J\\u009b31m/' "$work/task.json" >"$mine/task.json"
expect 0 tasks mine
prints '\x1B[2J\x9B31m'
! grep -q "$(printf '\033')" "$out" || fail "an escape sequence on stdout"
expect 2 replay mine --data "$work/$(printf 'a\033[2Jb.npz')"
says 'a\x1B[2Jb.npz: no such file'

# wrong SED SAYS...: the task with this change is refused, with file, place and what would be right.
wrong() {
  sed "$1" "$work/task.json" >"$mine/task.json"
  cmp -s "$work/task.json" "$mine/task.json" && fail "nothing changed: $1"
  shift
  expect 2 tasks mine
  says_one_line
  says models/mine/task.json
  local text
  for text in "$@"; do says "$text"; done
}
wrong 's/"signal": "qvel"/"signal": "qvl"/' '$.observation[3].signal' "did you mean 'qvel'?"
wrong 's/"of": "fingertip", "minus"/"of": "fingertp", "minus"/' '$.reward[0].of' "did you mean 'fingertip'?"
wrong 's/"norm": "largest"/"norm": "large"/' '$.reward[0].norm' "unknown value 'large'"
wrong 's/"disc": 0.2/"disk": 0.2/' '$.reset.qpos[1]' "did you mean 'disc'?"
wrong 's/"components": \[0, 1\],/"components": [0, 5],/' '$.observation[4].components[1]' 'components 0 to 2'
sed 's/"model": "model.xml"/"model": "..\/nothing\/model.xml"/' "$work/task.json" >"$mine/task.json"
expect 2 tasks mine
says nothing/model.xml
says_one_line
