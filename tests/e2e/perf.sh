#!/bin/bash
# Micro-benchmarks: their JSON, the file that keeps them, and the comparison with earlier figures.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
python=${LB_PYTHON:-python3}

expect 0 perf step_helicopter-hover-2023 lqr_pass --json
"$python" - "$out" <<'PY' || fail "the JSON is not what is promised"
import json, sys
rows = json.load(open(sys.argv[1]))
assert [r["name"] for r in rows] == ["step_helicopter-hover-2023", "lqr_pass"], rows
for r in rows:
    assert {"name", "value", "unit", "limit", "ratio", "flop"} <= set(r), r
    assert r["value"] > 0 and r["limit"] > 0 and r["ratio"] > 0, r
step, lqr = rows
assert step["unit"] == "steps/s" and abs(step["ratio"] - step["value"] / step["limit"]) < 1e-9
assert lqr["unit"] == "us" and abs(lqr["ratio"] - lqr["limit"] / lqr["value"]) < 1e-9
assert lqr["flop"] > 1e6
PY

expect 0 perf lqr_pass --save
prints machine
prints lqr_pass
saved=$LAZYBENCH_ROOT/results/perf.json
[ -s "$saved" ] || fail "--save saved nothing"
"$python" -c 'import json, sys; d = json.load(open(sys.argv[1])); assert d["machine"] and d["results"]' "$saved" ||
  fail "what was saved"

# Against figures a hundred times as fast, and a hundred times as slow.
faster='[{"name": "lqr_pass", "value": 0.01, "unit": "us"}]'
printf '%s' "$faster" >"$work/faster.json"
expect 1 perf lqr_pass --compare "$work/faster.json"
prints SLOWER
printf '%s' "${faster/0.01/1e9}" >"$work/slower.json"
expect 0 perf lqr_pass --compare "$work/slower.json"
printf '[{"name": "step_helicopter-hover-2023", "value": 1e15, "unit": "steps/s"}]' >"$work/rate.json"
expect 1 perf step_helicopter-hover-2023 --compare "$work/rate.json"

expect 2 perf stepp
says "did you mean 'step'?"
expect 2 perf lqr_pass --compare "$work/nothing.json"
printf '{"results": 3}' >"$work/wrong.json"
expect 2 perf lqr_pass --compare "$work/wrong.json"
says wrong.json
