#!/bin/bash
# examples/python, and what docs/files.md says of the files: read, written and run from Python.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"
examples=$repository/examples/python
export PYTHONDONTWRITEBYTECODE=1 LAZYBENCH=$bench

python() { "$LB_PYTHON" "$@" >"$out" 2>"$err" </dev/null || fail "python $*"; }

if ! "${LB_PYTHON:-false}" -c 'import numpy' 2>"$err"; then
  echo 'SKIPPED: LB_PYTHON names no Python with NumPy'
  exit 77
fi
# Demonstrations: what Python adds up is what the program says.
expect 0 demo record pendulum-swingup --expert --episodes 2 --out "$work/mine.npz"
expect 0 demo info "$work/mine.npz" --json
cp "$out" "$work/info.json"
python "$examples/load_demonstrations.py" "$work/mine.npz"
prints 'pendulum-swingup 400 transitions'
"$LB_PYTHON" - "$work/info.json" "$out" <<'PYTHON' || fail 'the returns differ'
import json
import sys

about = json.load(open(sys.argv[1]))
returns = [float(line.split()[-1]) for line in open(sys.argv[2]) if "return" in line]
assert len(returns) == 2 and abs(sum(returns) / 2 - about["mean_return"]) < 1e-9 * abs(about["mean_return"])
PYTHON

# Curves: the means are those of the runs' own last lines.
expect 0 suite tiny --seeds 2 --out "$work/suite" --quiet
python "$examples/read_curves.py" "$work/suite/tiny/curves.csv"
cp "$out" "$work/curves"
"$LB_PYTHON" - "$work/curves" "$work/suite/tiny" <<'PYTHON' || fail 'the curves differ'
import json
import sys

lines = [line.split() for line in open(sys.argv[1])]
assert len(lines) == 4
for task, algo, mean, *_ in lines:
    runs = [open(f"{sys.argv[2]}/{task}/{algo}/seed-{seed}/metrics.jsonl").readlines()[-1] for seed in (0, 1)]
    own = sum(json.loads(line)["cost"] for line in runs) / 2
    assert abs(own - float(mean)) <= 1e-9 * abs(own), (algo, own, mean)
PYTHON

if "$LB_PYTHON" -c 'import matplotlib, pandas' 2>"$err"; then
  python "$examples/plot_curves.py" "$work/suite/tiny/curves.csv" "$work/curves.png"
  "$LB_PYTHON" - "$work/curves" "$out" <<'PYTHON' || fail 'pandas reads other numbers'
import sys

ours, theirs = ({tuple(w[:2]): float(w[2]) for w in map(str.split, open(path))} for path in sys.argv[1:])
assert ours.keys() == theirs.keys() and all(abs(ours[k] - theirs[k]) <= 1e-9 * abs(ours[k]) for k in ours)
PYTHON
  [ "$(head -c 4 "$work/curves.png" | tail -c 3)" = PNG ] || fail 'no plot'
else
  echo 'not tested: plot_curves.py, which needs pandas and matplotlib'
fi

if ! "$LB_PYTHON" -c 'import safetensors' 2>"$err"; then
  echo 'SKIPPED: policies, which need safetensors in LB_PYTHON'
  exit 0
fi
# A policy by docs/files.md alone acts as it does in the program: the recorded actions are the mean ones.
cat >"$work/compare.py" <<'PYTHON'
import sys

import numpy

sys.path.insert(0, sys.argv[1])
from policy import Policy

data, policy = numpy.load(sys.argv[2]), Policy(sys.argv[3])
low, high = (numpy.full(data["actions"].shape[1], float(v)) for v in sys.argv[4:6])
own = numpy.array([policy(o, low, high) for o in data["observations"]])
assert numpy.abs(own - data["actions"]).max() < 1e-4, numpy.abs(own - data["actions"]).max()
PYTHON
low=$("$bench" tasks pendulum-swingup --json | grep -o '"low":[^,]*' | head -1 | cut -d: -f2)
high=$("$bench" tasks pendulum-swingup --json | grep -o '"high":[^,}]*' | head -1 | cut -d: -f2)
python "$work/compare.py" "$examples" "$work/mine.npz" "$repository/expert_data/pendulum-swingup.policy.safetensors" \
  "$low" "$high"

# A state dict becomes a policy: the program does what NumPy says, and takes it for the expert.
"$LB_PYTHON" - "$work/weights.npz" <<'PYTHON'
import sys

import numpy

rng = numpy.random.default_rng(0)
sizes = (3, 16, 16, 1)
state = {}
for i in range(3):
    state[f"{2 * i}.weight"] = rng.normal(size=(sizes[i + 1], sizes[i]))
    state[f"{2 * i}.bias"] = rng.normal(size=sizes[i + 1])
numpy.savez(sys.argv[1], **state)
PYTHON
python "$examples/export_policy.py" "$work/weights.npz" pendulum-swingup "$work/exported.safetensors"
expect 0 demo record pendulum-swingup --policy "$work/exported.safetensors" --episodes 1 --out "$work/exported.npz"
"$LB_PYTHON" - "$work/weights.npz" "$work/exported.npz" "$low" "$high" <<'PYTHON' || fail 'the exported policy acts otherwise'
import sys

import numpy

w, data = numpy.load(sys.argv[1]), numpy.load(sys.argv[2])
low, high = map(float, sys.argv[3:5])
x = data["observations"].T
for i in (0, 2):
    x = numpy.maximum(0, w[f"{i}.weight"] @ x + w[f"{i}.bias"][:, None])
action = numpy.tanh(w["4.weight"] @ x + w["4.bias"][:, None])
assert numpy.abs((low + high) / 2 + (high - low) / 2 * action.T - data["actions"]).max() < 1e-4
assert numpy.abs(data["actions"]).max() > 0.01
PYTHON
expect 0 eval pendulum-swingup --policy "$work/exported.safetensors" --episodes 2 --seed 0
one=(--set evaluation_episodes=2 --quiet --json)
expect 0 run pendulum-swingup --algo expert --expert "$work/exported.safetensors" --out "$work/run" "${one[@]}"
sum=$(sha256sum <"$work/exported.safetensors" | cut -d' ' -f1)
grep -qF "\"policy\":\"$sum\"" "$work/run/config.json" || fail 'the policy is no part of the configuration'
expect 2 run pendulum-swingup --algo expert --out "$work/run" "${one[@]}"
says 'from another'
expect 2 run pendulum-swingup --algo sac --expert "$work/exported.safetensors" --out "$work/no"
says 'in sac no expert acts'
expect 2 run hopper --algo expert --expert "$work/exported.safetensors" --out "$work/no"
says "for the task 'pendulum-swingup', not for 'hopper'"

if ! "$LB_PYTHON" -c 'import gymnasium.envs.mujoco' 2>"$err"; then
  echo 'SKIPPED: policies in Gymnasium, which need gymnasium[mujoco] in LB_PYTHON'
  exit 0
fi
# Experts keep their returns in Gymnasium proper.
while read -r task environment; do
  python "$examples/run_policy.py" "$repository/expert_data/$task.policy.safetensors" "$environment" 2
  "$LB_PYTHON" - "$repository/expert_data/$task.json" "$out" <<'PYTHON' || fail "$task: the expert returns something else in Gymnasium"
import json
import sys

stated = json.load(open(sys.argv[1]))["mean_return"]
returns = [float(line.split()[-1]) for line in open(sys.argv[2])]
assert len(returns) == 2 and all(abs(r / stated - 1) < 0.05 for r in returns), (stated, returns)
PYTHON
done <<'END'
hopper Hopper-v5
walker2d Walker2d-v5
halfcheetah HalfCheetah-v5
END
