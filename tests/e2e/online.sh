#!/bin/bash
# Learning networks as its users meet it: a run that is killed and goes on, an expert from nothing, what imitates it,
# and every wrong file or setting on the way.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
export OPENBLAS_NUM_THREADS=1

small=(--set width=16 --set batch=16 --quiet)
sac=(run hopper --algo sac --seed 5 --set steps=2400 --set warmup_steps=300 --set evaluate_every=700
  --set evaluation_episodes=2 "${small[@]}")

# Killed at moments that differ from machine to machine, a run goes on to the same bytes. On a busy machine a run may be
# over before its killer comes, but not every time.
expect 0 "${sac[@]}" --out "$work/whole"
prints 'finished after step 2400, return'
kills=0
for lines in 1 1 2 3; do
  "$bench" "${sac[@]}" --checkpoint 0 --out "$work/parts" >"$out" 2>"$err" </dev/null &
  pid=$!
  wait_for 60 has_lines "$work/parts/metrics.jsonl" "$lines"
  wait_for 60 test -f "$work/parts/checkpoint.npz"
  kill -9 "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || [ $? != 137 ] || kills=$((kills + 1))
done
[ "$kills" -gt 0 ] || fail "every run was over before it could be killed"
expect 0 "${sac[@]}" --out "$work/parts"
same_results "$work/whole" "$work/parts"
cmp -s "$work/whole/best.safetensors" "$work/parts/best.safetensors" || fail "best.safetensors differs"
expect 0 "${sac[@]}" --out "$work/parts" --json
prints '"return_best":'
expect 2 "${sac[@]}" --set width=17 --out "$work/parts"
expect 2 run hopper --algo sac --set iterations=4 --out "$work/none"
says 'the setting iterations means nothing to sac'
says_one_line
expect 2 run hopper --algo sac --set wdith=17 --out "$work/none"
says "did you mean 'width'?"
expect 2 run hopper --algo sac --set width=100000 --out "$work/none"
says 'a whole number from 1 to 4096'
expect 2 run hopper --algo sac --set discount=1.5 --out "$work/none"
says 'a number from 0 to 1'

# Without an expert.
for algo in bc expert; do
  expect 2 run pendulum-swingup --algo "$algo" --out "$work/none"
  says "'bench expert pendulum-swingup' makes the expert"
  says_one_line
done
expect 2 expert pendulum-swingup --record --out "$work/none"
says 'there is no policy yet'
says_one_line
expect 2 expert helicopter-hover --record
says 'helicopter-hover has a cost and is solved'

# One that learned for too short a time is recorded, but does not pass for what bench/experts asks for.
train=(--set steps=1200 --set warmup_steps=200 --set evaluate_every=400 --set evaluation_episodes=2 "${small[@]}")
expect 1 expert pendulum-swingup "${train[@]}" --transitions 1000
prints 'misses the 140 asked for'
prints '1000 transitions in 5 episodes'
data=$LAZYBENCH_ROOT/expert_data
for ending in npz policy.safetensors curve.jsonl json; do
  [ -s "$data/pendulum-swingup.$ending" ] || fail "no $ending"
done
grep -q '"met":false' "$data/pendulum-swingup.json" || fail "the card does not say that it was not met"
[ "$(wc -l <"$data/pendulum-swingup.curve.jsonl")" = 4 ] || fail "the curve has not 4 points"
cp -r "$data" "$work/first"
expect 0 replay pendulum-swingup
prints 'The simulator repeats the data to the bit'
# Finished training is not repeated, and the same policy records the same bytes.
expect 1 expert pendulum-swingup "${train[@]}" --transitions 1000 --json
prints '"met":false'
cmp -s "$data/pendulum-swingup.npz" "$work/first/pendulum-swingup.npz" || fail "recorded otherwise"

# What learns from it.
episodes=(--set evaluation_episodes=2 --quiet)
few=("${episodes[@]}" --set width=16)
expect 0 run pendulum-swingup --algo expert "${episodes[@]}" --out "$work/expert"
expect 0 run pendulum-swingup --algo random "${episodes[@]}" --out "$work/random"
expect 0 run pendulum-swingup --algo zero "${episodes[@]}" --out "$work/zero"
expect 2 run pendulum-swingup --algo zero "${few[@]}" --out "$work/none"
says 'width means nothing to zero, which learns nothing'
expect 2 run pendulum-swingup --algo bc "${few[@]}" --set learning_rate=0.1 --out "$work/none"
says 'learning_rate means nothing to bc, which imitates demonstrations'
expect 0 run pendulum-swingup --algo bc "${few[@]}" --out "$work/bc"
[ "$(grep -o '"demonstrations":[0-9]*' "$work/bc/metrics.jsonl" | tr '\n' ' ')" = \
  '"demonstrations":1 "demonstrations":4 "demonstrations":5 ' ] || fail "bc is not measured at 1, 4 and all 5"
expect 0 run pendulum-swingup --algo bc-likelihood "${few[@]}" --set expert_transitions=300 --out "$work/likelihood"
grep -q '"samples_expert":300,' "$work/likelihood/metrics.jsonl" || fail "bc does not use 300 transitions"
expect 0 run pendulum-swingup --algo bc "${few[@]}" --set expert_episodes=2 --out "$work/two"
[ "$(grep -o '"demonstrations":[0-9]*,"samples_expert":[0-9]*' "$work/two/metrics.jsonl")" = \
  '"demonstrations":2,"samples_expert":400' ] || fail "bc does not use two episodes alone"
expect 2 run pendulum-swingup --algo bc "${few[@]}" --set expert_episodes=6 --out "$work/none"
says 'expert_episodes: '
says 'holds 5 episodes, 6 were asked for'
says_one_line
# More than are filed: a longer recording of the same policy, made once.
expect 0 run pendulum-swingup --algo bc-likelihood "${few[@]}" --set expert_transitions=1500 --out "$work/longer"
grep -q '"samples_expert":1500,' "$work/longer/metrics.jsonl" || fail "bc does not use 1500 transitions"
longer=$(echo "$LAZYBENCH_ROOT"/results/runs/demonstrations/pendulum-swingup-1500-*.npz)
if [ ! -s "$longer" ] || [ ! -s "${longer%.npz}.json" ]; then fail "no longer recording"; fi
grep -q "$(sha256sum "$longer" | cut -d' ' -f1)" "${longer%.npz}.json" || fail "the card does not know the recording"
grep -q "$(sha256sum "$data/pendulum-swingup.policy.safetensors" | cut -d' ' -f1)" "${longer%.npz}.json" ||
  fail "the card does not know the policy"
cp "$longer" "$work/longer.npz"
touch -d '2001-01-01' "$longer"
expect 0 run pendulum-swingup --algo bc "${few[@]}" --set expert_transitions=1500 --out "$work/again"
[ "$(stat -c %Y "$longer")" -lt 1000000000 ] || fail "it was recorded once more"
rm "$longer"
expect 0 run pendulum-swingup --algo bc "${few[@]}" --set expert_transitions=1500 --out "$work/again" --fresh
cmp -s "$longer" "$work/longer.npz" || fail "recorded otherwise"
mv "$data/pendulum-swingup.policy.safetensors" "$work/kept"
expect 2 run pendulum-swingup --algo bc --set expert_transitions=1001 --out "$work/none"
says 'pendulum-swingup.policy.safetensors: no such file'
says_one_line
# An expert whose card has no policy: what is filed is all there is.
cp "$data/pendulum-swingup.json" "$work/card"
sed -i 's/"sha256_policy":"[0-9a-f]*",//' "$data/pendulum-swingup.json"
expect 2 run pendulum-swingup --algo bc --set expert_transitions=1001 --out "$work/none"
says '1000 transitions, expert_transitions asks for 1001'
says_one_line
mv "$work/card" "$data/pendulum-swingup.json"
mv "$work/kept" "$data/pendulum-swingup.policy.safetensors"
expect 2 run pendulum-swingup --algo bc --set expert_transitions=5 --out "$work/few"
says 'needs at least 10'
says_one_line

# A suite against the number of demonstrations: a column each, one of them beyond what is filed.
cat >"$LAZYBENCH_ROOT/bench/suites/demos.json" <<'JSON'
{
  "name": "demos",
  "seeds": 2,
  "metric": "return",
  "protocol": {"evaluation_episodes": 1, "width": 16},
  "sweep": {"setting": "expert_transitions", "values": [300, 1000, 1700], "algos": ["bc"]},
  "tasks": ["pendulum-swingup"],
  "algos": ["expert", "random", "bc"]
}
JSON
expect 0 suite demos --out "$work/demos"
says '1700 transitions of the expert of pendulum-swingup'
at=$work/demos/demos
for transitions in 300 1000 1700; do
  grep -q "\"samples_expert\":$transitions," "$at/pendulum-swingup/bc@$transitions/seed-1/metrics.jsonl" ||
    fail "bc@$transitions had another number"
done
grep -q 'Expert transitions 300' "$at/report.md" || fail "no table against the number of demonstrations"
grep -q '^pendulum-swingup-expert_transitions' <(ls "$at/plots") || ! command -v gnuplot >/dev/null ||
  fail "no figure against the number of demonstrations"

# Files of another task, and broken ones.
cp "$data/pendulum-swingup.policy.safetensors" "$data/reacher.policy.safetensors"
cp "$data/pendulum-swingup.npz" "$data/reacher.npz"
cp "$data/pendulum-swingup.curve.jsonl" "$data/reacher.curve.jsonl"
cp "$data/pendulum-swingup.json" "$data/reacher.json"
expect 2 run reacher --algo expert --out "$work/none"
says 'pendulum-swingup'
says_one_line
expect 2 run reacher --algo bc --out "$work/none"
says 'reacher.npz'
says_one_line
head -c 3000 "$work/first/pendulum-swingup.policy.safetensors" >"$data/pendulum-swingup.policy.safetensors"
expect 2 run pendulum-swingup --algo expert --out "$work/none"
says 'pendulum-swingup.policy.safetensors'
says_one_line
expect 2 run helicopter-hover-2023 --algo bc --out "$work/none"
says 'bench expert'
says_one_line
