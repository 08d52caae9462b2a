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

# Where the time of a whole run goes: the parts are all of it, and nothing stays behind.
parts_add_up() {
  "$python" - "$out" "$@" <<'PY' || fail "the parts of a run are not what is promised"
import json, sys
run = json.load(open(sys.argv[1]))
parts = {p["name"]: p for p in run["parts"]}
assert abs(sum(p["cpu"] for p in run["parts"]) - run["cpu"]) < 1e-9 * run["cpu"], run
assert abs(sum(p["share"] for p in run["parts"]) - 1) < 1e-9, run
assert all(p["cpu"] > -1e-9 for p in run["parts"]), run
assert abs(sum(p["share"] for p in run["parts"] if p["bound"]) - run["bound"]) < 1e-9, run
assert 1e6 < run["peak_memory"] < 1e10, run
for name in sys.argv[2:]:
    assert parts[name]["cpu"] > 0, (name, run)
PY
}
export TMPDIR=$work/temporary
mkdir "$TMPDIR"
small=(--set steps=120 --set warmup_steps=40 --set evaluate_every=60 --set evaluation_episodes=2 --set width=16
  --set batch=16 --json --quiet)
expect 0 perf --run pendulum-swingup "${small[@]}" --set model_width=16 --set model_updates=20 --set imagined_per_step=4
parts_add_up physics model rollouts updates evaluate terms files rest
expect 0 perf --run hopper --algo sac "${small[@]}"
parts_add_up physics updates evaluate
expect 0 perf --run helicopter-hover-2023 --algo lamps-2023 --set iterations=2
prints 'updates, fits and real steps together'
prints 'tools/bench run helicopter-hover-2023 --algo lamps-2023 --seed 0 --set iterations=2'
[ -z "$(ls "$TMPDIR")" ] || fail "a run was left behind"
expect 2 perf --run hoper
says "did you mean 'hopper'?"
expect 2 perf --run hopper walker2d
says "not 'walker2d' too"
expect 2 perf lqr_pass --algo sac
says 'give --run too'

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
