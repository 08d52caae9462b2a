#!/bin/bash
# A run that leaves the finite numbers ends with a record; the suite goes on, and the table shows it.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# The hover task under gusts that no simulator stands.
rm "$LAZYBENCH_ROOT/models"
cp -r "$repository/models" "$LAZYBENCH_ROOT/models"
mv "$LAZYBENCH_ROOT/models/helicopter-hover" "$LAZYBENCH_ROOT/models/storm"
sed -i -e 's/"name": "helicopter-hover"/"name": "storm"/' -e 's/"force": 0.1, "torque": 0.1/"force": 1e9, "torque": 1e9/' \
  -e 's/"stop_norm": 5/"stop_norm": 1e9/' "$LAZYBENCH_ROOT/models/storm/task.json"
cat >"$LAZYBENCH_ROOT/bench/suites/storm.json" <<'JSON'
{
  "name": "storm",
  "seeds": 1,
  "protocol": {"iterations": 2, "evaluation_rollouts": 3, "expert_rollouts": 2},
  "rows": [
    {"task": "helicopter-hover-2023", "algo": "lamps-2023"},
    {"task": "storm", "algo": "lamps"}
  ]
}
JSON

expect 1 suite storm --out "$work/out"
says 'diverged'
says '1 of 2 runs failed or diverged'
prints 'diverged: lamps on storm, seed 0'
run=$work/out/storm/storm/lamps/seed-0
grep -q '"diverged"' "$run/done.json" || fail "no record in done.json"
grep -q '"finished"' "$work/out/storm/helicopter-hover-2023/lamps-2023/seed-0/done.json" || fail "the other run"
grep -qi diverged "$work/out/storm/report.md" || fail "the report does not show it"

# It stays so: the run is not repeated, and whoever asks again gets the same answer.
expect 1 suite storm --out "$work/out"
says '2 runs, 0 of them to do'
prints 'diverged: lamps on storm, seed 0'
expect 0 status "$work/out"
prints '1 diverged'

# The same by itself.
expect 1 run storm --algo lamps --out "$work/single" --set iterations=2
says diverged
