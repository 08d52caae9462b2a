#!/bin/bash
# A suite: any number of workers gives the same bytes, what is done is not done again, reports are written.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

expect 0 suite tiny --jobs 1 --out "$work/one" --quiet
prints lamps-2023
prints 3/3
prints report.html
prints ': inside'  # of the bands that the suite states
prints ': OUTSIDE'
[ ! -s "$err" ] || fail "--quiet is not quiet"
expect 0 suite tiny --jobs 2 --out "$work/two"
same_results "$work/one" "$work/two"
same_results "$work/two" "$work/one"
[ "$(find "$work/one" -name done.json | wc -l)" = 12 ] || fail "not 12 runs"
no_leftovers "$work/one"

# The layout that others read.
run=$work/one/tiny/helicopter-hover-2023/lamps-2023/seed-2
for file in "$work/one/tiny/suite.json" "$run/config.json" "$run/metrics.jsonl" "$run/timing.jsonl" \
  "$run/policy.safetensors" "$run/done.json" "$work/one/tiny/report.md" "$work/one/tiny/report.html" \
  "$work/one/tiny/tables.csv" "$work/one/tiny/tables.tex"; do
  [ -s "$file" ] || fail "$file is missing or empty"
done
[ -n "$(find "$work/one/tiny/plots" -name '*.svg')" ] || fail "no plots"

# A run of a suite is the run that its command line repeats.
expect 0 run helicopter-hover-2023 --algo lamps-2023 --seed 2 --set iterations=4 --set evaluation_rollouts=10 --quiet \
  --out "$work/single"
cmp -s "$run/metrics.jsonl" "$work/single/metrics.jsonl" || fail "bench run repeats a suite's run with other numbers"

# Once more: nothing is run.
touch -d '2001-01-01' "$run/metrics.jsonl"
expect 0 suite tiny --out "$work/one"
says '12 runs, 0 of them to do'
[ "$(stat -c %Y "$run/metrics.jsonl")" -lt 1000000000 ] || fail "a finished run was run again"

# More seeds are added to what is there.
expect 0 suite tiny --out "$work/one" --seeds 0-3
says '16 runs, 4 of them to do'
expect 0 suite tiny --out "$work/one" --seeds 7-7 --dry-run
prints '4 runs, 4 of them to do'
[ ! -e "$work/one/tiny/helicopter-hover-2023/expert/seed-7" ] || fail "--dry-run ran something"

# Another protocol does not mix with what is there.
expect 2 suite tiny --out "$work/one" --set iterations=5
says 'iterations=4 there, iterations=5 here'
says --fresh
expect 0 suite tiny --out "$work/one" --set iterations=1 --fresh --seeds 1
[ "$(find "$work/one" -name done.json | wc -l)" = 4 ] || fail "--fresh left earlier runs"

# A part of a suite; the whole of it goes on from there. The report says what is missing.
expect 0 suite tiny --out "$work/part" --only helicopter-hover-2023/zero --only '*/lamps*' --quiet
[ "$(find "$work/part" -name done.json | wc -l)" = 6 ] || fail "--only ran other rows than it was asked for"
[ ! -e "$work/part/tiny/helicopter-hover-2023/expert" ] || fail "--only ran the expert"
grep -q 'expert' "$work/part/tiny/report.md" || fail "the report does not name the rows that are missing"
grep -q '^6 of 6 runs finished' "$work/part/tiny/report.md" || fail "the report counts what was not asked for"
grep -q '6 runs of the suite were not asked for' "$work/part/tiny/report.md" || fail "the report does not say that it is of a part"
! grep -q 'Unfinished' "$work/part/tiny/report.md" || fail "the report waits for what was not asked for"
expect 0 status "$work/part"
prints '6 finished, 0 running, 0 interrupted, 0 waiting'
prints '6 more runs of the suite were not asked for'
expect 0 suite tiny --out "$work/part"
says '12 runs, 6 of them to do'
same_results "$work/two" "$work/part"
expect 0 status "$work/part"
prints '12 finished'
! grep -q 'not asked for' "$out" || fail "status goes on leaving out what --only left out before"
expect 0 suite tiny --out "$work/never" --only 'helicopter-hover-2023' --dry-run
prints '12 runs'
expect 0 suite tiny --out "$work/never" --only '*/zero' --dry-run
prints '  zero '
! grep -q lamps "$out" || fail "--dry-run lists rows that --only leaves out"
expect 2 suite tiny --out "$work/never" --only helicopter-hover-2023/lamp-2023
says "did you mean 'helicopter-hover-2023/lamps-2023'"
expect 2 suite tiny --out "$work/part" --only '*/zero' --fresh
says '--fresh deletes all'

# --fresh deletes nothing that is not a suite's.
mkdir -p "$work/mine/tiny/photos"
expect 2 suite tiny --out "$work/mine" --fresh
says 'no suite.json'
[ -d "$work/mine/tiny/photos" ] || fail "--fresh deleted a folder that is not its own"

expect 2 suite tiny --out "$work/never" --resume
says 'nothing to resume'

# all, presets, status, report.
expect 0 all --quiet --preset standard --seeds 1
[ -e "$LAZYBENCH_ROOT/results/runs/standard/tiny/suite.json" ] || fail "a preset has its own folder"
expect 0 status "$work/two"
prints '12 finished'
prints 'nothing left to do'
rm -r "$work/two/tiny/helicopter-hover-2023/zero/seed-1" "$work/two/tiny/report.md"
expect 0 status "$work/two/tiny"
prints '1 waiting'
expect 0 report "$work/two"
[ -s "$work/two/tiny/report.md" ] || fail "no report from unfinished results"
prints "$work/two/report.html"
prints 'cost of the last evaluation [95 %]'
prints 'holds here: Planning lazily takes fewer passes. (tiny, helicopter-hover-2023; '
if command -v gnuplot >/dev/null; then
  grep -q 'No difference shows.*No two bands part: ' "$work/two/tiny/report.md" ||
    fail "the report does not say of a figure that it shows no difference"
fi
tail -1 "$out" | grep -q '^  holds here: ' || fail "the claims are not what the results end with"
grep -q '| holds here *|' "$work/two/report.md" || fail "the claims do not head the report of all suites"
# Of a part without a claim's rows there is nothing to head.
expect 0 suite tiny --seeds 1 --only "*/zero" --out "$work/lone" --quiet
for report in lone/report.md lone/tiny/report.md; do
  [ ! -f "$work/$report" ] || ! grep -q 'What is claimed' "$work/$report" || fail "$report: a heading with nothing below it"
done
grep -q '<section id="tiny">' "$work/two/report.html" || fail "the page of all suites has no section of the only one"
grep -q 'href="tiny/helicopter-hover-2023/lamps-2023/"' "$work/two/report.html" || fail "links do not lead into the suite"

# The tables go into a paper as they are: as many cells in every line as columns, and pdflatex takes it where there is one.
tex=$work/two/tiny/tables.tex
awk -F' & ' '/^\\begin{tabular}/ { columns = length($0) - length("\\begin{tabular}{}"); n++ }
  / \\\\$/ && NF != columns { print FILENAME ": " $0; bad = 1 } END { exit bad || n < 2 }' "$tex" || fail "uneven tables"
if command -v pdflatex >/dev/null; then
  (cd "$work" && pdflatex -halt-on-error -interaction=batchmode "$tex" >/dev/null) || fail "pdflatex refuses tables.tex"
fi
