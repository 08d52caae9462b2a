#!/bin/bash
# What a user asks for by mistake: more than the machine has, what would learn nothing, what would overwrite its source;
# and what is changed under a command's hands.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
golden=$repository/tests/golden
mkdir "$LAZYBENCH_ROOT/expert_data"
cp "$repository"/expert_data/pendulum-swingup.* "$repository"/expert_data/hopper.* "$LAZYBENCH_ROOT/expert_data"

refused() { # refused WORDS ARGUMENT...: in one line, and nothing is written
  local words=$1
  shift
  expect 2 "$@"
  says "$words"
  says_one_line
}

# A dry run records nothing, and what the machine has not is refused by it and by the run.
expect 0 run pendulum-swingup --algo bc --set expert_transitions=30000 --dry-run
[ ! -e "$LAZYBENCH_ROOT/results" ] || fail "a dry run has written: $(find "$LAZYBENCH_ROOT/results")"
algos=(bc rlpd sysid-sac)
if is_watched; then algos=(bc); fi # forecasts time networks, which is slow there
for algo in "${algos[@]}"; do
  refused 'GB of memory' run hopper --algo "$algo" --set expert_transitions=1e8 --dry-run
done
is_watched || refused 'of memory' run humanoid --algo sac --set buffer=1e8 --set steps=1e9 --dry-run
expect 0 run helicopter-hover --algo lamps --set samples=1e5 --dry-run
refused 'of memory' run helicopter-hover --algo lamps --set samples=1e6 --set iterations=1e4 --dry-run
refused 'measure fewer' eval hopper --zero --episodes 2e9
refused 'record fewer' demo record hopper --zero --episodes 2e9 --out "$work/no.npz"
refused 'record fewer' demo record hopper --zero --episodes 1e6 --out "$work/no.npz"
[ ! -e "$work/no.npz" ] || fail 'a recording was begun'

# What a run's folder will hold is told beforehand, not too little and not far too much: logs, checkpoint, the model and
# the policies of its way.
ln -sf "$repository"/expert_data/helicopter-hover.* "$LAZYBENCH_ROOT/expert_data/"
holds() {
  expect 0 run "$@" --dry-run --json
  most=$(grep -o '"disk":[^,]*' "$out" | cut -d: -f2)
  expect 0 run "$@" --quiet --checkpoint 0 --out "$work/held"
  there=$(cat "$work"/held/* | wc -c)
  [ "$there" -le "${most%.*}" ] || fail "$1 $3: $there bytes are there, at most $most were told"
  [ "${most%.*}" -le $((6 * there + 1000000)) ] || fail "$1 $3: $most bytes were told, $there are there"
  rm -rf "$work/held"
}
# (When the last checkpoint is written goes by the clock, so that the transitions in it are few here.)
often=(--set steps=200 --set warmup_steps=100 --set evaluate_every=10 --set evaluation_episodes=1 --set width=32)
is_watched || holds pendulum-swingup --algo mbpo "${often[@]}" --set model_width=16 --set model_layers=2 --set model_updates=5 \
  --set imagined_per_step=20
is_watched || holds pendulum-swingup --algo td3 "${often[@]}"
holds helicopter-hover --algo lamps --set iterations=4 --set evaluation_rollouts=2

# Warm-up and nothing else.
short=(--set steps=20 --set evaluate_every=20 --set evaluation_episodes=1 --set width=8)
expect 0 run pendulum-swingup --algo sac "${short[@]}" --out "$work/warm"
says 'sac learns nothing: all of its steps=20 are warm-up (warmup_steps=1000)'
expect 0 run pendulum-swingup --algo sac "${short[@]}" --set warmup_steps=5 --out "$work/cold" --quiet
[ ! -s "$err" ] || fail 'a run that learns is warned of'
expect 0 run pendulum-swingup --algo random "${short[@]:0:2}" --out "$work/random" --quiet
[ ! -s "$err" ] || fail 'a run without warm-up is warned of'
cat >short.json <<'JSON'
{"name": "short", "seeds": 1, "metric": "return", "protocol": {"steps": 20}, "tasks": ["pendulum-swingup"],
 "algos": ["random", "sac", "mbpo"], "baseline": "sac"}
JSON
expect 0 suite short.json --dry-run --out "$work/short"
says '2 rows learn nothing, the first sac on pendulum-swingup'

# Messages with their mend.
refused 'lower target_critics or raise critics' run pendulum-swingup --algo sac --set critics=2 --set target_critics=3 \
  --out "$work/no"
refused '--data FILE takes a recording of your own' run reacher --algo bc --out "$work/no"
refused 'a word is empty; usage: bench demo info FILE' demo info ''
refused 'a word is empty' run '' --algo sac
refused '--tolerance 1e+300' replay pendulum-swingup --tolerance 1e300
refused '--tolerance 0.2' demo check "$golden/parity/Hopper-v5.npz" --task hopper --tolerance 0.2
expect 0 replay pendulum-swingup --tolerance 0

# A source is not overwritten, whatever it is called.
cp "$golden/parity/Hopper-v5.npz" "$work/mine.npz"
sum=$(sha256sum <"$work/mine.npz")
ln -s mine.npz "$work/link.npz"
for out_name in mine.npz ./mine.npz link.npz; do
  refused 'is the file that is read' demo import "$work/mine.npz" --task hopper --out "$work/$out_name"
done
cp "$LAZYBENCH_ROOT/expert_data/pendulum-swingup.policy.safetensors" "$work/policy.safetensors"
refused 'is the file that is read' demo record pendulum-swingup --policy "$work/policy.safetensors" --episodes 1 \
  --out "$work/policy.safetensors"
[ "$sum" = "$(sha256sum <"$work/mine.npz")" ] || fail 'the source was overwritten'

# A recording changed while a suite runs: its runs are left out, and the exit status says so.
expect 0 demo record pendulum-swingup --expert --episodes 2 --noise 0.1 --out "$work/data.npz"
expect 0 demo record pendulum-swingup --expert --episodes 2 --noise 0.2 --out "$work/later.npz"
cat >swap.json <<'JSON'
{"name": "swap", "seeds": 10, "metric": "return", "protocol": {"evaluation_episodes": 1, "width": 8, "batch": 16},
 "tasks": ["pendulum-swingup"], "algos": ["bc"], "baseline": "bc"}
JSON
(wait_for 60 test -e "$work/swap/swap/pendulum-swingup/bc/seed-0/config.json" && mv "$work/later.npz" "$work/data.npz") &
status=0
"$bench" suite swap.json --data "$work/data.npz" --out "$work/swap" --jobs 1 >"$out" 2>"$err" </dev/null || status=$?
wait
[ "$status" = 1 ] || fail "a suite whose data were changed ends with $status"
says 'left out of the results: what they were made from (a task, --data, the expert, an algorithm) changed meanwhile'
expect 0 suite swap.json --data "$work/data.npz" --out "$work/swap" --jobs 1 --quiet

# An entry of done.json removed together with its file.
run=$work/cold
sed -i 's/"policy.safetensors":{[^}]*},\{0,1\}//' "$run/done.json"
rm "$run/policy.safetensors"
refused 'does not list the files that the run left' run pendulum-swingup --algo sac "${short[@]}" --set warmup_steps=5 \
  --out "$run" --quiet

if ! "${LB_PYTHON:-false}" -c 'import numpy, safetensors' 2>"$err"; then
  echo 'SKIPPED: files as others save them, which need NumPy and safetensors'
  exit 0
fi
# What no simulator takes, half of our metadata, a policy saved again.
"$LB_PYTHON" - "$work" "$golden/parity/Hopper-v5.npz" <<'PYTHON'
import json, sys
import numpy
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

work, source = sys.argv[1:]
arrays = dict(numpy.load(source))
absurd = dict(arrays, actions=arrays["actions"].copy())
absurd["actions"][5, 1] = 1e300
numpy.savez(f"{work}/absurd.npz", **absurd)
metadata = dict(json.loads(str(arrays["metadata"])), task_hash="anything")
numpy.savez(f"{work}/half.npz", **dict(arrays, metadata=numpy.array(json.dumps(metadata))))
policy = f"{work}/policy.safetensors"
with safe_open(policy, "numpy") as f:
    for i in range(4):  # the order of the metadata differs from one to the next
        save_file(load_file(policy), f"{work}/again-{i}.safetensors", metadata=f.metadata())
PYTHON
for part in import check; do
  words=(demo "$part" "$work/absurd.npz" --task hopper)
  [ "$part" = check ] || words+=(--out "$work/no.npz")
  refused "'actions'[5, 1] is 1e+300, which is no control: MuJoCo takes none beyond 1e+10" "${words[@]}"
done
for words in "import $work/half.npz --task hopper --out $work/no.npz" "info $work/half.npz" "check $work/half.npz --task hopper"; do
  # shellcheck disable=SC2086
  refused "has a 'task_hash', as recordings of this program have, but no 'sha256'" demo $words
done
for i in 0 1 2 3; do
  expect 0 eval pendulum-swingup --policy "$work/again-$i.safetensors" --episodes 1
  says 'another program has written it again'
  says_one_line
done
[ ! -e "$work/no.npz" ] || fail 'something was written'
