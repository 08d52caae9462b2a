#!/bin/bash
# Demonstrators that are worse than the expert: policies of the way there, filed beside the expert's, chosen by a setting
# of the run, and part of what decides its numbers.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
export OPENBLAS_NUM_THREADS=1
data=$LAZYBENCH_ROOT/expert_data
mkdir -p "$data"
cp "$repository"/expert_data/inverted-pendulum.* "$repository"/expert_data/{reacher,ant}.* "$data"
small=(--set steps=5000 --set evaluate_every=100 --set evaluation_episodes=2 --set width=16 --set batch=32
  --set warmup_steps=200 --set learning_rate=0.003)
before=$(sha256sum "$data"/inverted-pendulum.*)

# The expert returns 1000: the training ends at the first evaluation that returns 50.
expect 0 expert inverted-pendulum --quality 5 "${small[@]}" --transitions 200 --quiet
prints 'inverted-pendulum-5.npz'
[ "$(sha256sum "$data"/inverted-pendulum.*)" = "$before" ] || fail "the expert's own files were changed"
curve=$data/inverted-pendulum-5.curve.jsonl
sed 's/.*"return":\([-0-9.e+]*\).*/\1/' "$curve" | awk '{ last = $1; before = NR > 1 ? (most > prev ? most : prev) : 0
  prev = $1; if (before > most) most = before }
  END { exit !(last >= 50 && most < 50) }' || fail "not the first evaluation of 50: $(cat "$curve")"
grep -q '"transitions":200,' "$data/inverted-pendulum-5.json" || fail "not 200 transitions"
grep -q '"quality":5,' "$data/inverted-pendulum-5.json" || fail "the card does not say for what share"
expect 0 replay inverted-pendulum --data "$data/inverted-pendulum-5.npz"
# Once it is there, the same command trains no more.
cp "$curve" "$work/curve"
expect 0 expert inverted-pendulum --quality 5 "${small[@]}" --transitions 200 --quiet
cmp -s "$curve" "$work/curve" || fail "the same command trained on"

# A run takes them by its setting, and says which they were.
run=(--set evaluation_episodes=1 --set width=8 --quiet)
expect 0 run inverted-pendulum --algo bc "${run[@]}" --set expert_quality=5 --out "$work/worse"
grep -q "\"demonstrations\":\"$(sha256sum <"$data/inverted-pendulum-5.npz" | cut -d' ' -f1)\"" "$work/worse/config.json" ||
  fail "the run did not read the worse demonstrations"
grep -q '"samples_expert":200,' "$work/worse/metrics.jsonl" || fail "bc had another number of them"
expect 2 run inverted-pendulum --algo bc "${run[@]}" --set expert_quality=7 --out "$work/none"
says "inverted-pendulum-7.npz: no such file; 'bench expert inverted-pendulum --quality 7' records it"
says_one_line
expect 2 run inverted-pendulum --algo bc "${run[@]}" --set expert_quality=5 --set expert_transitions=201 --out "$work/none"
says 'asks for 201'
says_one_line

# A suite sweeps it; only the rows of a recording that was made anew are stale.
cat >"$LAZYBENCH_ROOT/bench/suites/worse.json" <<'JSON'
{
  "name": "worse",
  "seeds": 1,
  "metric": "return",
  "protocol": {"evaluation_episodes": 1, "width": 8, "expert_transitions": 150},
  "sweep": {"setting": "expert_quality", "values": [5, 100], "algos": ["bc"]},
  "tasks": ["inverted-pendulum"],
  "algos": ["expert", "random", "bc"]
}
JSON
expect 0 suite worse --out "$work/suite" --quiet
grep -q '@ 5 ' "$work/suite/worse/report.md" || fail "no row of the worse expert"
! grep -q 'left out' "$work/suite/worse/report.md" || fail "a row was left out"
expect 0 suite worse --out "$work/suite"
says '4 runs, 0 of them to do'
expect 0 expert inverted-pendulum --quality 5 "${small[@]}" --transitions 180 --quiet
expect 0 suite worse --out "$work/suite"
says '4 runs, 1 of them to do'

# What cannot be.
expect 2 expert inverted-pendulum --quality 100
says 'from 1 to 99'
expect 2 expert reacher --quality 30
says 'of which no share is a measure'
expect 2 expert ant --quality 30
says 'takes the policy of ant-truncated'
expect 2 expert helicopter-hover --quality 30
says '--quality is for tasks that are learned'
expect 2 expert swimmer --quality 30
says "'bench expert swimmer' makes it"
expect 1 expert inverted-pendulum --quality 99 "${small[@]}" --set steps=300 --quiet
says 'no evaluation of the training returns 990'
says_one_line
