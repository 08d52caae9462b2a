#!/bin/bash
# Ctrl-C and kill -9 in the middle of a suite: nobody survives, everything goes on, the bytes are the same.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
RANDOM=1868

suite=(suite tiny --seeds 2 --set iterations=60 --checkpoint 0 --jobs 2)
expect 0 "${suite[@]}" --quiet --out "$work/whole"
one_run=$work/broken/tiny/helicopter-hover-2023/sysid-2023-exact

# Does a process of this session still work below that folder?
workers() { pgrep -f -- "--out $1/tiny" >/dev/null; }
nobody() { ! workers "$1"; }

# As from a terminal: the signal reaches the whole process group.
set -m
"$bench" "${suite[@]}" --out "$work/broken" >"$out" 2>"$err" </dev/null &
pid=$!
wait_for 60 has_lines "$one_run/seed-0/metrics.jsonl" 3
kill -INT -- "-$pid"
status=0
wait "$pid" || status=$?
[ "$status" = 130 ] || fail "exit status $status after Ctrl-C"
check_sanitizers
says 'Go on with'
says 'tools/bench suite tiny --seeds 2 --set iterations=60'
wait_for 10 nobody "$work/broken"
[ ! -e "$one_run/seed-1/done.json" ] || fail "the suite was over before Ctrl-C: nothing was tested"

# The command that goes on is one for a shell, whatever its words are.
odd=$work/$(printf "o'dd \n\033[31m\377\\\\x")
words=(suite tiny --seeds 2 --set iterations=100000 --checkpoint 1000 --jobs 1 --out "$odd" --only '*')
"$bench" "${words[@]}" >"$out" 2>"$err" </dev/null &
pid=$!
wait_for 60 has_lines "$odd/tiny/helicopter-hover-2023/lamps-2023/seed-0/metrics.jsonl" 3
kill -INT -- "-$pid"
wait "$pid" || true
again=()
eval "again=($(tail -1 "$err"))"
[ "${again[*]:1}" = "${words[*]}" ] || fail "go on with: $(tail -1 "$err")"
! LC_ALL=C grep -q "$(printf '[\033\377]')" "$err" || fail "a name is shown as it is"

# SIGTERM to the parent alone, as from a batch system.
"$bench" "${suite[@]}" --out "$work/broken" >"$out" 2>"$err" </dev/null &
pid=$!
sleep "0.0$((RANDOM % 10))"
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
case $status in 0 | 130 | 143) ;; *) fail "exit status $status after SIGTERM" ;; esac
wait_for 10 nobody "$work/broken"

# kill -9 of the parent, at several moments.
for _ in 1 2 3; do
  "$bench" "${suite[@]}" --out "$work/broken" >"$out" 2>"$err" </dev/null &
  pid=$!
  sleep "0.$((RANDOM % 3))$((RANDOM % 10))"
  kill -9 "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  wait_for 10 nobody "$work/broken"
done

expect 0 "${suite[@]}" --out "$work/broken"
same_results "$work/whole" "$work/broken"
same_results "$work/broken" "$work/whole"
no_leftovers "$work/broken"
