#!/bin/bash
# Results against a reference: a small check of its own, which holds as it was made and not with what breaks it; and all
# that may be wrong with its two files.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
python=${LB_PYTHON:-python3}
folder=$LAZYBENCH_ROOT/bench/verify
mkdir "$folder"
export TMPDIR=$work/temporary
mkdir "$TMPDIR"

flight() {
  cat >"$folder/flight.json" <<JSON
{"title": "It flies", "task": "helicopter-hover-2023", "algo": "lamps-2023-exact",
 "protocol": {"iterations": 3, "evaluation_rollouts": 20}, "seeds": 3, "reference_seeds": 8,
 "points": [{"metric": "cost", "at": 3, "margin": 0.5}, {"metric": "lqr_passes", "at": 3}]$1}
JSON
}
flight ''
expect 2 verify flight
says "'bench verify flight --save-reference' makes it"
says_one_line
expect 0 verify --list
prints 'flight: It flies'
prints 'no reference yet'
expect 2 verify flight --save-reference --set samples=50
says 'would spoil the reference'
expect 0 verify flight --save-reference --quiet
cp "$folder/reference/flight.json" "$work/reference.json"
expect 0 verify --list
prints 'false alarms: 0 of 56'

# It holds, whatever the number of workers, and leaves nothing behind.
expect 0 verify --quiet
prints 'The check holds.'
cp "$out" "$work/first"
expect 0 verify flight --quiet --jobs 1
cmp -s "$out" "$work/first" || fail "the same program measures otherwise"
[ -z "$(ls "$TMPDIR")" ] || fail "runs were left behind"
expect 0 verify flight --json --quiet --out "$work/kept"
[ "$(find "$work/kept" -name done.json | wc -l)" = 3 ] || fail "--out keeps no runs"
"$python" - "$out" "$folder/reference/flight.json" <<'PY' || fail "the JSON is not what is promised"
import json, statistics, sys
result, reference = (json.load(open(name)) for name in sys.argv[1:])
assert result["holds"] is True
(check,) = result["checks"]
for point, then in zip(check["points"], reference["points"]):
    assert (point["metric"], point["at"]) == (then["metric"], then["at"])
    assert point["measured"] == statistics.median(point["values"]) and len(point["values"]) == 3
    assert len(then["values"]) == 8
    low, high = min(then["values"]), max(then["values"])
    more = 0.5 if then["metric"] == "cost" else (high - low) / 2
    assert abs(point["low"] - (low - more)) < 1e-6 and abs(point["high"] - (high + more)) < 1e-6
    assert point["low"] <= point["measured"] <= point["high"] and point["holds"] is True
PY

# What breaks the results does not hold: nearly no data; another initial planner's count; a run that is too short.
expect 1 verify flight --quiet --set samples=1
prints 'DOES NOT HOLD'
prints '1 of 1 check does not hold.'
expect 1 verify flight --quiet --set iterations=2
prints 'nan'
expect 1 verify flight --json --quiet --set iterations=4 --set learner_rollouts=1 --set samples=1
prints '"holds":false'
expect 2 verify flight --set smaples=1
says "did you mean 'samples'?"
sed 's/"values":\[[^]]*\]/"values":[1,1,1,1,1,1,1,1]/' "$work/reference.json" >"$folder/reference/flight.json"
expect 1 verify flight --quiet
prints 'cost at 3'

# A reference of something else, a damaged one, a wrong definition.
sed 's/"iterations=3"/"iterations=4"/' "$work/reference.json" >"$folder/reference/flight.json"
expect 2 verify flight
says 'is not what '
says_one_line
head -c 300 "$work/reference.json" >"$folder/reference/flight.json"
expect 2 verify flight
says reference/flight.json
says_one_line
cp "$work/reference.json" "$folder/reference/flight.json"
flight ', "sedes": 3'
expect 2 verify flight
says "flight.json: \$: unknown key 'sedes'"
says_one_line
flight ''
sed -i 's/"seeds": 3/"seeds": 4/' "$folder/flight.json"
expect 2 verify flight
says 'should be odd'
expect 2 verify fligth
says "did you mean 'flight'?"

# Recordings: the shipped ones repeat; a missing one is a check that does not hold.
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"
printf '{"title": "They repeat", "replays": ["pendulum-swingup", "reacher"]}\n' >"$folder/experts.json"
expect 0 verify experts
prints 'reacher'
prints 'The check holds.'
rm "$LAZYBENCH_ROOT/expert_data"
expect 1 verify experts
prints 'pendulum-swingup.npz: no such file'
expect 1 verify experts --json
prints '"holds":false'
