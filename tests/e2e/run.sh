#!/bin/bash
# One run: killed at several moments and resumed, it leaves the bytes of an uninterrupted one.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
RANDOM=2303  # the same moments in every repetition

run=(run helicopter-hover-2023 --algo sysid-2023-exact --seed 3 --set iterations=30 --set evaluation_rollouts=20
  --checkpoint 0 --quiet)
expect 0 "${run[@]}" --out "$work/whole"
prints 'finished after iteration 30'
[ "$(lines_of "$work/whole/metrics.jsonl")" = 31 ] || fail "not 31 lines of metrics"

kills=0
for goal in 1 5 10 14 19 25 29; do
  "$bench" "${run[@]}" --out "$work/broken" >"$out" 2>"$err" </dev/null &
  pid=$!
  wait_for 60 has_lines "$work/broken/metrics.jsonl" "$goal"
  sleep "0.00$((RANDOM % 10))"
  kill -9 "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  [ -e "$work/broken/done.json" ] || kills=$((kills + 1))
done
[ "$kills" -ge 4 ] || fail "only $kills kills came before the end"
expect 0 "${run[@]}" --out "$work/broken"
same_results "$work/whole" "$work/broken"
[ "$(lines_of "$work/broken/timing.jsonl")" = 31 ] || fail "timing.jsonl has not a line an iteration"
no_leftovers "$work/broken"

# Stopped before any fit: the first checkpoint, too, is one to go on from.
first=(run helicopter-hover --algo sysid --set iterations=1 --checkpoint 1000 --quiet)
expect 0 "${first[@]}" --out "$work/whole_first"
"$bench" "${first[@]}" --out "$work/first" >"$out" 2>"$err" </dev/null &
pid=$!
wait_for 60 test -e "$work/first/config.json"
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
[ "$status" = 130 ] || fail "exit status $status after SIGTERM in iteration 0"
[ "$(lines_of "$work/first/metrics.jsonl")" = 1 ] || fail "it was not stopped in iteration 0"
expect 0 "${first[@]}" --out "$work/first"
same_results "$work/whole_first" "$work/first"

# Repeated: nothing to do, and nothing is touched. Afresh: the same bytes again.
touch -d '2001-01-01' "$work/broken/metrics.jsonl"
expect 0 "${run[@]}" --out "$work/broken"
[ "$(stat -c %Y "$work/broken/metrics.jsonl")" -lt 1000000000 ] || fail "a finished run was run again"
expect 0 "${run[@]}" --out "$work/broken" --fresh
same_results "$work/whole" "$work/broken"

# Another seed gives other numbers; another configuration is refused.
expect 0 run helicopter-hover-2023 --algo sysid-2023-exact --seed 4 --set iterations=2 --out "$work/other" --quiet
! cmp -s <(head -3 "$work/whole/metrics.jsonl") "$work/other/metrics.jsonl" || fail "two seeds, one result"
expect 2 run helicopter-hover-2023 --algo sysid-2023-exact --seed 4 --set iterations=3 --out "$work/other"
says 'was made with other settings ($.protocol.iterations was 2 and is now 3)'
says --fresh

# A configuration, metrics and checkpoint that were damaged.
cp -r "$work/whole" "$work/damaged"
rm "$work/damaged/done.json"
if [ -e "$work/damaged/checkpoint.npz" ]; then
  truncate -s -100 "$work/damaged/checkpoint.npz"
  expect 2 "${run[@]}" --out "$work/damaged"
  says checkpoint.npz
  says --fresh
fi

# The default folder, and the result as JSON.
expect 0 run helicopter-hover-2023 --algo expert --seed 5 --json
prints '"status":"finished"'
[ -e "$LAZYBENCH_ROOT/results/runs/single/helicopter-hover-2023/expert/seed-5/done.json" ] || fail "default folder"

# What is asked to stop, stops in order.
set -m
"$bench" run helicopter-hover-2023 --algo sysid-2023-exact --set iterations=100000 --checkpoint 1000 \
  --out "$work/endless" >"$out" 2>"$err" </dev/null &
pid=$!
wait_for 60 has_lines "$work/endless/metrics.jsonl" 3
kill -INT -- "-$pid"
status=0
wait "$pid" || status=$?
[ "$status" = 130 ] || fail "exit status $status after Ctrl-C"
says 'goes on from there'
[ -e "$work/endless/checkpoint.npz" ] || fail "no checkpoint after Ctrl-C"
