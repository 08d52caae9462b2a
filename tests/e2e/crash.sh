#!/bin/bash
# A worker that dies is started once more and goes on from its checkpoint; one that dies again is recorded, the others
# finish, and the next call tries it again.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

suite=(suite tiny --seeds 1 --set iterations=150 --checkpoint 0 --jobs 1)
expect 0 "${suite[@]}" --quiet --out "$work/whole"
run=$work/out/tiny/helicopter-hover-2023/sysid-2023-exact/seed-0

worker_of() { pgrep -f -- "--out $1 .*--worker" || true; }
has_new_worker() { local pid; pid=$(worker_of "$run"); [ -n "$pid" ] && [ "$pid" != "$1" ]; }

# kill_worker OTHER-THAN LINES: kills the run's worker once it has written so many lines; its pid is in $killed.
kill_worker() {
  wait_for 60 has_new_worker "$1"
  killed=$(worker_of "$run")
  wait_for 60 has_lines "$run/metrics.jsonl" "$2"
  kill -9 "$killed"
}

"$bench" "${suite[@]}" --out "$work/out" >"$out" 2>"$err" </dev/null &
pid=$!
kill_worker none 3
wait "$pid" || fail "a suite whose worker crashed once"
says 'signal 9'
says 'once more'
same_results "$work/whole" "$work/out"

rm -r "$work/out"
"$bench" "${suite[@]}" --out "$work/out" >"$out" 2>"$err" </dev/null &
pid=$!
kill_worker none 3
kill_worker "$killed" 5
status=0
wait "$pid" || status=$?
[ "$status" = 1 ] || fail "exit status $status after a run failed"
check_sanitizers
says '1 of 4 runs failed'
prints 'failed: sysid-2023-exact on helicopter-hover-2023, seed 0: its worker crashed (signal 9'
grep -q '"failed"' "$run/done.json" || fail "no record of the failure"
[ "$(grep -l '"finished"' "$work"/out/tiny/*/*/seed-0/done.json | wc -l)" = 3 ] || fail "the others did not finish"
expect 0 status "$work/out"
prints '1 failed'

expect 0 "${suite[@]}" --out "$work/out"
says '1 of them to do'
same_results "$work/whole" "$work/out"
