#!/bin/bash
# The suite of small worlds: runs like any other's in their folders, the same bytes however many processes work, a
# report in chapters with verdicts, and words for what cannot be.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
cp "$repository/bench/suites/theory.json" "$LAZYBENCH_ROOT/bench/suites/"
some=(--only 'shortcut' --only 'trophy/*' --only 'portals-4' --only 'portals-6' --only 'portals-8' --only 'wide-tree' --only 'lds/zero'
  --only 'lds/lds-likelihood')

expect 0 suite theory --seeds 2 "${some[@]}" --jobs 2 --out "$work/two" --quiet
prints 'holds here: Expert data alone fail; the mix works.'
expect 0 suite theory --seeds 2 "${some[@]}" --jobs 1 --out "$work/one" --quiet
same_results "$work/one" "$work/two"
no_leftovers "$work/two"
report=$work/two/theory/report.md
grep -q '^## 2. Whose data' "$report" || fail "no chapter: $(head -50 "$report")"
grep -q 'Verdict, shortcut' "$report" || fail "no verdict"
grep -q 'grows by a factor of' "$report" || fail "no fitted growth"

# What is done stays, what was stopped half-way is made anew, and single runs are the suite's.
run=$work/two/theory/trophy/sysid/seed-1
before=$(stat -c %Y.%i "$run/metrics.jsonl")
rm "$work/two/theory/shortcut/sysid/seed-0/done.json"
head -c 700 "$work/one/theory/shortcut/sysid/seed-0/metrics.jsonl" >"$work/two/theory/shortcut/sysid/seed-0/metrics.jsonl"
expect 0 suite theory --seeds 2 "${some[@]}" --out "$work/two" --quiet
[ "$before" = "$(stat -c %Y.%i "$run/metrics.jsonl")" ] || fail "a finished run was made again"
same_results "$work/one" "$work/two"
expect 0 run trophy --algo sysid --seed 1 --out "$work/single" --quiet
prints 'trophy sysid seed 1: finished after round 30, return 7.05'
cmp -s "$work/single/metrics.jsonl" "$run/metrics.jsonl" || fail "a single run differs from the suite's"
expect 0 status "$work/two"
expect 0 report "$work/two"

expect 0 suite theory --dry-run --out "$work/none"
[ ! -e "$work/none" ] || fail 'a dry run left something'

# Mistakes.
expect 2 run lds --algo sysid --out "$work/none"
says "lds has no row 'sysid'"
expect 2 run portals-60 --algo lamps --out "$work/none"
says 'portals-60: the depth is 2 to 26'
expect 2 run lds --algo lds-moments --set steps=3 --out "$work/none"
says 'lds has no settings'
cat >"$LAZYBENCH_ROOT/bench/suites/mixed.json" <<'JSON'
{"name": "mixed", "rows": [{"task": "lds", "algo": "zero"}, {"task": "hopper", "algo": "sac"}]}
JSON
expect 2 suite mixed --out "$work/none"
says 'has small worlds and other tasks'
