#!/bin/bash
# Machines that share a folder, here processes that call themselves so: no two work on one run, and the run of one that
# has died is another's after the patience, to the same bytes. What was computed where, the report says.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
export LAZYBENCH_PATIENCE=3

run=(run helicopter-hover-2023 --algo lamps-2023 --set iterations=700 --set evaluation_rollouts=5 --checkpoint 0 --quiet)
expect 0 "${run[@]}" --out "$work/whole"

LAZYBENCH_HOST=one "$bench" "${run[@]}" --out "$work/run" >"$work/one.out" 2>"$work/one.err" </dev/null &
pid=$!
wait_for 60 has_lines "$work/run/metrics.jsonl" 5
kill -STOP "$pid" # so that it is not over too soon; it gave a sign of life at most half a second ago
export LAZYBENCH_HOST=two
expect 0 status "$work/run"
prints ': running'
kill -CONT "$pid"
expect 1 "${run[@]}" --out "$work/run"
says "is in use by process $pid on one"
says_one_line

# It dies in the middle. The other one waits, takes the run over, and comes to the same end.
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
done_lines=$(lines_of "$work/run/metrics.jsonl")
[ "$done_lines" -lt 700 ] || fail "the run was over before its machine died"
expect 0 status "$work/run"
prints ': running' # for all that another machine can know
begun=$(date +%s%N)
expect 0 "${run[@]}" --out "$work/run"
[ $(($(date +%s%N) - begun)) -ge 1500000000 ] || fail "it was taken over before the patience had passed"
same_results "$work/whole" "$work/run"
[ -z "$(find "$work/run" -name '.alive*')" ] || fail "a sign of life stays behind"

# A suite of which another machine works on one run: of that one it says so, the others are done.
suite=(tiny --seeds 1 --set iterations=700 --checkpoint 0 --only '*/lamps-2023' --only '*/expert')
expect 0 suite "${suite[@]}" --quiet --out "$work/alone"
expect 0 jobs "${suite[@]}" --out "$work/shared"
line=$(grep lamps-2023 "$out")
at=$work/shared/tiny/helicopter-hover-2023/lamps-2023/seed-0
LAZYBENCH_HOST=one sh -c "exec $line" >/dev/null 2>&1 </dev/null &
pid=$!
wait_for 60 has_lines "$at/metrics.jsonl" 1
expect 1 suite "${suite[@]}" --quiet --out "$work/shared"
grep -q "failed: .*is in use by process $pid on one" "$out" || fail "the suite does not say who works on the run"
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
expect 0 suite "${suite[@]}" --quiet --out "$work/shared"
same_results "$work/alone" "$work/shared"
