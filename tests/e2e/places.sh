#!/bin/bash
# Where things lie: suites given by their paths, results at every level above suites, a run's folder in another's place.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# A suite by its path is one by its name, with its published curve beside it; its results are called as it is.
mkdir -p "$work/mine/curves"
cp "$repository/bench/suites/published/helicopter-2023.npz" "$work/mine/curves/"
cat >"$work/mine/file.json" <<'JSON'
{"name": "my-suite", "seeds": 2, "protocol": {"iterations": 2, "evaluation_rollouts": 4},
 "tasks": ["helicopter-hover-2023"], "algos": ["expert", "zero", "lamps-2023"],
 "overlays": [{"file": "curves/helicopter-2023.npz", "algo": "lamps-2023", "metric": "cost",
   "mean": "hover_cost_lamps", "se": "hover_cost_se_lamps", "label": "LAMPS, the paper's curve", "seeds": 10}]}
JSON
cp "$work/mine/file.json" "$LAZYBENCH_ROOT/bench/suites/my-suite.json"
cp -r "$work/mine/curves" "$LAZYBENCH_ROOT/bench/suites/curves"
expect 0 suite my-suite --out "$work/named" --quiet
expect 0 suite ./mine/file.json --out "$work/runs/quick" --quiet
same_results "$work/named/my-suite" "$work/runs/quick/my-suite"
cmp "$work/named/my-suite/suite.json" "$work/runs/quick/my-suite/suite.json" || fail "the definitions differ"
(cd "$work/mine" && "$bench" suite file.json --out "$work/runs/quick" >"$out" 2>"$err" </dev/null) || fail "no path without '/'"
says '6 runs, 0 of them to do'
expect 2 suite my-suite ./mine/file.json --out "$work/none"
says "both are called 'my-suite'"
expect 2 suite ./mine/files.json
says './mine/files.json'
expect 2 suite ./mine
says './mine'
[ ! -e "$work/none" ] || fail "a refused suite left something"

# Reports and standings from every level that holds results.
expect 0 suite tiny --seeds 1 --set iterations=2 --out "$work/runs/standard" --quiet
expect 0 run helicopter-hover-2023 --algo zero --set evaluation_rollouts=4 --quiet \
  --out "$work/runs/single/helicopter-hover-2023/zero/seed-0"
mkdir -p "$work/runs/empty/within" "$work/runs/.hidden"
for level in "$work/runs" "$work"; do
  expect 0 status "$level"
  prints "$work/runs/quick"
  prints 'my-suite: 6 finished'
  prints 'tiny: 4 finished'
  prints 'runs of no suite'
  prints 'zero on helicopter-hover-2023, seed 0: finished'
done
rm -f "$work"/runs/*/report.html "$work"/runs/*/*/report.html
expect 0 report "$work/runs"
for page in quick/my-suite quick standard/tiny standard; do
  [ -s "$work/runs/$page/report.html" ] || fail "no page in $page"
done
[ ! -e "$work/runs/report.html" ] || fail "a page above the presets"
[ "$(grep -c '<section id="my-suite">' "$work/runs/quick/report.html")" = 1 ] || fail "no section"
expect 0 report "$work/runs/quick/my-suite"
expect 0 report "$work/runs/single"  # of runs that belong to no suite, too
expect 2 report "$work/runs/empty"
says "$work/runs/empty: holds no results"
expect 2 status "$work/runs/empty"

# A copied folder: report, status and suite call it stale, for the same cause.
at=$work/runs/quick/my-suite/helicopter-hover-2023
rm -r "$at/lamps-2023/seed-1"
cp -r "$at/zero/seed-0" "$at/lamps-2023/seed-1"
expect 0 report "$work/runs/quick/my-suite"
prints 'stale: 1 run, the first of another run than its folder says (zero on helicopter-hover-2023, seed 0)'
grep -q 'of another run than its folder says' "$work/runs/quick/my-suite/report.md" || fail "the report does not say why"
! grep -qi 'damaged\|unreadable' "$out" "$work/runs/quick/my-suite/report.md" || fail "two words for one thing"
expect 0 status "$work/runs/quick/my-suite"
prints 'stale: 1 run, the first of another run'
expect 0 suite ./mine/file.json --out "$work/runs/quick" --quiet
says '1 of these is stale and is made anew: another run: 1'
same_results "$work/named/my-suite" "$work/runs/quick/my-suite"
