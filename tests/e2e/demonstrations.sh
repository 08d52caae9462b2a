#!/bin/bash
# Experts are recorded and replayed; files that are damaged, altered or of another version of the task are refused.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

for task in helicopter-hover helicopter-hover-2023 helicopter-funnel; do
  expect 0 expert "$task" --episodes 2 --seed 4 --out "$work/demos"
  prints "$task: cost"
  for ending in npz policy.safetensors json; do
    [ -s "$work/demos/$task.$ending" ] || fail "$task.$ending is missing"
  done
  expect 0 replay "$task" --data "$work/demos/$task.npz"
  prints 'to the bit'
  prints 'tolerance 1e-09'
done

# The same seed gives the same bytes.
expect 0 expert helicopter-hover --episodes 2 --seed 4 --out "$work/again" --json
prints '"episodes":2'
cmp -s "$work/demos/helicopter-hover.npz" "$work/again/helicopter-hover.npz" || fail "two recordings differ"

# What the repository ships belongs to its tasks. On another machine than the one that recorded it the agreement is to
# rounding, not to the bit.
for task in helicopter-hover helicopter-funnel; do
  expect 0 replay "$task" --data "$repository/expert_data/$task.npz" --json
  prints '"holds":true'
done

demos=$work/demos/helicopter-hover.npz
refused() {
  expect 2 replay helicopter-hover --data "$1"
  says "$1"
  says_one_line
}
refused "$work/nothing.npz"
: >"$work/empty.npz"
refused "$work/empty.npz"
head -c 3000 "$demos" >"$work/truncated.npz"
refused "$work/truncated.npz"
printf 'not a zip file at all, but text' >"$work/text.npz"
refused "$work/text.npz"
cp "$demos" "$work/altered.npz"
size=$(stat -c %s "$demos")
printf '\xff\xfe\xfd' | dd of="$work/altered.npz" bs=1 seek=$((size / 2)) conv=notrunc status=none
refused "$work/altered.npz"
cp "$work/demos/helicopter-funnel.npz" "$work/funnel.npz"
refused "$work/funnel.npz"
says helicopter-funnel

# Another version of the task: the hash tells, in a sentence.
other=$work/other
mkdir -p "$other/models/helicopter-hover" "$other/bench"
ln -s "$repository/bench/recipes" "$other/bench/recipes"
cp "$repository"/models/helicopter-hover/* "$other/models/helicopter-hover/"
sed -i 's/"horizon": 100/"horizon": 101/' "$other/models/helicopter-hover/task.json"
LAZYBENCH_ROOT=$other expect 2 replay helicopter-hover --data "$demos"
says version
says_one_line

# Compact recordings: repeated to the bit, whether observations are in them or left to the replay; what a running program
# says of them; and what is refused.
record=${LB_RECORD_TOOL:?the tool that records random policies}
for task in hopper humanoid-truncated pointmaze-large; do
  "$record" "$task" 300 "$work/$task.npz" >"$out" || fail "no recording of $task"
  expect 0 replay "$task" --data "$work/$task.npz"
  prints '300 transitions'
  prints 'keyframes'
  prints 'to the bit'
  expect 0 replay "$task" --data "$work/$task.npz" --json --tolerance 1e-300
  prints '"bit_equal":true,"holds":true'
  prints '"flags":0'
done
compact=$work/hopper.npz
refused_compact() {
  expect 2 replay hopper --data "$1"
  says "$1"
  says_one_line
}
size=$(stat -c %s "$compact")
head -c $((size / 2)) "$compact" >"$work/half.npz"
refused_compact "$work/half.npz"
cp "$compact" "$work/bent.npz"
printf '\xff\xfe\xfd' | dd of="$work/bent.npz" bs=1 seek=$((size / 2)) conv=notrunc status=none
refused_compact "$work/bent.npz"
refused_compact "$work/pointmaze-large.npz"
says "recorded on the task 'pointmaze-large', not on 'hopper'"
mkdir -p "$other/models/hopper"
cp "$repository"/models/hopper/* "$other/models/hopper/"
sed -i 's/"frame_skip": 4/"frame_skip": 5/' "$other/models/hopper/task.json"
LAZYBENCH_ROOT=$other expect 2 replay hopper --data "$compact"
says "another version of hopper"
says_one_line

# A recording that is whole and yet untrue: exit 1, and the deviation is there to see, unless it is allowed.
"$record" hopper 300 "$work/lie.npz" 0.4 1e-4 >"$out" || fail "no recording"
expect 1 replay hopper --data "$work/lie.npz"
prints 'do not agree'
expect 1 replay hopper --data "$work/lie.npz" --json
prints '"bit_equal":false,"holds":false'
expect 0 replay hopper --data "$work/lie.npz" --tolerance 1e-3
prints 'within the tolerance'
