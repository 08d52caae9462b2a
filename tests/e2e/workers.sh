#!/bin/bash
# What may happen to a suite under way: its program is rebuilt or removed, it is suspended for longer than its patience,
# a second one wants the same folder. And the time that is left, as a terminal shows it.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

sed 's/"tiny"/"steady"/' "$LAZYBENCH_ROOT/bench/suites/tiny.json" >"$LAZYBENCH_ROOT/bench/suites/steady.json"
suite=(suite tiny --seeds 2 --set iterations=80 --checkpoint 0 --jobs 1)
expect 0 "${suite[@]}" --quiet --out "$work/whole"

# A copy of the program, which another one replaces as soon as the first run is under way.
mkdir "$work/bin"
cp "$bench" "$work/bin/bench"
set -m
"$work/bin/bench" "${suite[@]}" --patience 3 --out "$work/out" >"$out" 2>"$err" </dev/null &
pid=$!
set +m
wait_for 60 has_lines "$work/out/tiny/helicopter-hover-2023/expert/seed-0/metrics.jsonl" 1
rm "$work/bin/bench"
printf '#!/bin/sh\necho "another program" >&2\nexit 2\n' >"$work/bin/bench"
chmod +x "$work/bin/bench"

# One sentence for a second suite in this folder.
"$bench" "${suite[@]}" --out "$work/out" >"$work/second" 2>&1 </dev/null && fail "two suites in one folder"
[ "$(wc -l <"$work/second")" = 1 ] || fail "more than a line for the second suite: $(cat "$work/second")"
grep -q "is in use by process $pid" "$work/second" || fail "who works there? $(cat "$work/second")"

# Ctrl-Z, and fg after longer than the patience, twice.
wait_for 60 has_lines "$work/out/tiny/helicopter-hover-2023/lamps-2023/seed-0/metrics.jsonl" 2
for _ in 1 2; do
  kill -STOP -- "-$pid" 2>/dev/null || fail "the suite was over before it could be suspended"
  sleep 4
  kill -CONT -- "-$pid"
  sleep 0.1
done
status=0
wait "$pid" || status=$?
[ "$status" = 0 ] || fail "exit status $status of a suite that was suspended and whose program was replaced"
check_sanitizers
! grep -q 'once more' "$err" || fail "a run was given up"
same_results "$work/whole" "$work/out"

# On a terminal the time that is left falls with the clock, and rises by no more than a second in a second of the time
# that has passed: once a second, so that two more may come at once, and two more by rounding.
command -v script >/dev/null || exit 0
script -qec "'$bench' suite steady --seeds 3 --set iterations=150 --jobs 1 --out '$work/steady'" "$work/screen" \
  >/dev/null </dev/null || fail "a suite on a terminal"
tr '\r' '\n' <"$work/screen" | grep -o '[0-9 minsh]* elapsed, [0-9 minsh]* left' | awk '
  # The seconds of words FROM to TO, as "1 h 2 min 3 s".
  function seconds(from, to,    i, sum) {
    for (i = from; i < to; i++) {
      if ($(i + 1) ~ /^h/) sum += 3600 * $i
      if ($(i + 1) ~ /^min/) sum += 60 * $i
      if ($(i + 1) ~ /^s/) sum += $i
    }
    return sum + 0
  }
  { for (middle = 1; $middle != "elapsed,"; middle++) ;
    gone = seconds(1, middle - 1)
    left = seconds(middle + 1, NF - 1)
    if (left > most) most = left
    if (n++ && left > before + gone - then + 4) { print "it rises from " before " to " left; bad = 1 }
    before = left
    then = gone }
  END { if (n < 5) { print "only " n + 0 " times were told"; bad = 1 }
        # Runs may end sooner than told, on a machine that was busy while they were forecast.
        if (before > 3 && before > most / 2) { print before " s are left at the end"; bad = 1 }
        exit bad }' >"$work/jumps" || fail "$(cat "$work/jumps")"
