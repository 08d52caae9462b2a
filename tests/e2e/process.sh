#!/bin/bash
# The process and its surroundings: closed files, a reader that goes away, no memory, no descriptors, no home, another
# locale, a long path, requests to stop. One sentence, a right exit status, and nothing of what was computed lost.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

short=(run helicopter-hover-2023 --algo lamps-2023 --set iterations=4 --set evaluation_rollouts=5)
expect 0 "${short[@]}" --quiet --out "$work/whole"

# Closed standard files: none of the run's files is taken for one of them. Results that reach nobody are a failure.
for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
  rm -rf "$work/closed"
  status=0 wanted=0
  case " $closed" in *' >&-'*) wanted=1 ;; esac
  eval "\"\$bench\" \"\${short[@]}\" --out \"\$work/closed\" </dev/null >\"\$out\" 2>\"\$err\" $closed" || status=$?
  [ "$status" = "$wanted" ] || fail "with $closed: exit status $status"
  same_results "$work/whole" "$work/closed"
  [ ! -s "$work/closed/.lock" ] || fail "with $closed the lock file holds: $(cat "$work/closed/.lock")"
done

# A reader that has read enough: the report is written all the same, without a word.
expect 0 suite tiny --seeds 2 --quiet --out "$work/out"
rm "$work/out/tiny/report.html"
for _ in 1 2 3; do
  (
    set +e
    "$bench" report "$work/out" 2>"$err" | head -c 1 >/dev/null
    printf '%s\n' "${PIPESTATUS[0]}" >"$work/status"
  )
  [ "$(cat "$work/status")" = 0 ] || fail "report into head: exit status $(cat "$work/status")"
  [ ! -s "$err" ] || fail "report into head says something"
  [ -s "$work/out/tiny/report.html" ] || fail "report into head wrote no report"
  rm "$work/out/tiny/report.html"
done
# A disk that is full is another matter, and so is a stdout that was closed: whatever a command prints, it says so.
unheard() {
  [ "$status" = 1 ] || fail "bench $* with stdout $where: exit status $status"
  says 'bench: the results could not be written to standard output'
  says_one_line
}
for words in help --version tasks 'tasks hopper' 'tasks --json' algos 'algos lamps' "status $work/out" "report $work/out" \
  "report $work/out --json" 'suite tiny --dry-run' 'suite tiny --dry-run --json' 'all --dry-run' 'expert hopper --dry-run' \
  "suite tiny --seeds 2 --quiet --out $work/out" "run helicopter-hover-2023 --algo expert --quiet --out $work/unheard" \
  'verify --help' 'perf --help' 'replay --help'; do
  status=0 where=closed
  # shellcheck disable=SC2086
  "$bench" $words >&- 2>"$err" </dev/null || status=$?
  unheard "$words"
  [ -w /dev/full ] || continue
  status=0 where='on a full device'
  # shellcheck disable=SC2086
  "$bench" $words >/dev/full 2>"$err" </dev/null || status=$?
  unheard "$words"
done

# Names that would do something to a terminal, or that are no text: shown as what they are, on one line.
odd=$(printf 'o\n\r\033[31m\233\377')
shown='o\x0A\x0D\x1B[31m\x9B\xFF'
for words in '@' 'run @ --algo expert' 'run helicopter-hover-2023 --algo @' 'run helicopter-hover-2023 --@' \
  'run helicopter-hover-2023 --algo lamps --set @=3' 'run helicopter-hover-2023 --algo lamps --set iterations=@' \
  'run helicopter-hover-2023 --algo lamps --seed @' 'suite @' 'suite tiny --only @' 'suite tiny --seeds @' \
  'suite tiny --preset @' 'status @' 'report @' 'tasks @' 'algos @' 'replay @' 'expert @' 'perf @' 'help @'; do
  read -ra split <<<"$words"
  expect 2 "${split[@]//@/$odd}"
  says "$shown"
  says_one_line
done
expect 0 run helicopter-hover-2023 --algo expert --set evaluation_rollouts=2 --out "$work/$odd"
! LC_ALL=C grep -q "$(printf '[\033\233\377]')" "$out" "$err" || fail "a name is shown as it is"
expect 0 suite tiny --seeds 1 --only '*/expert' --out "$work/$odd/s"
! LC_ALL=C grep -q "$(printf '[\033\233\377]')" "$out" "$err" || fail "a name is shown as it is"
says "$work/$shown/s"

# Little stack: a soft limit is raised, a hard one is said at once; 256 KiB are enough (without a sanitizer's own).
for limit in '-S -s 64' '-s 64' '-s 256'; do
  status=0 wanted=0
  case $limit in '-s 64') wanted=1 ;; '-s 256') ! grep -qa __asan_init "$bench" || continue ;; esac
  rm -rf "$work/stack"
  (
    # shellcheck disable=SC2086
    ulimit $limit
    exec "$bench" "${short[@]}" --quiet --out "$work/stack" >"$out" 2>"$err" </dev/null
  ) || status=$?
  [ "$status" = "$wanted" ] || fail "with ulimit $limit: exit status $status"
  case $wanted in
    0) same_results "$work/whole" "$work/stack" ;;
    1) says 'the stack of this process is limited to less than 256 KiB' && says_one_line ;;
  esac
done

# Too little address space for OpenBLAS, which would ask for ever. (A sanitizer needs more itself.)
if ! grep -qa __asan_init "$bench" && ! grep -qa __tsan_init "$bench"; then
  status=0
  (
    ulimit -v 150000
    exec timeout 20 "$bench" "${short[@]}" --quiet --out "$work/small" >"$out" 2>"$err" </dev/null
  ) || status=$?
  [ "$status" = 1 ] || fail "with 150 MB of address space: exit status $status"
  says 'OpenBLAS needs'
  says_one_line
  # Settings that ask for more than there may be are refused beforehand, with numbers.
  status=0
  (
    ulimit -v 1000000
    exec timeout 20 "$bench" run pendulum-swingup --algo sac --set steps=90000000 --set buffer=90000000 --quiet \
      --out "$work/large" >"$out" 2>"$err" </dev/null
  ) || status=$?
  [ "$status" = 2 ] || fail "a buffer that does not fit: exit status $status"
  says 'GB of memory'
  says 'ulimit -v'
  says_one_line
  [ ! -e "$work/large" ] || fail "a run that cannot be made a folder"
fi
expect 2 run helicopter-hover-2023 --algo lamps-2023 --set iterations=1000000 --set samples=1000000 --quiet --out "$work/large"
says 'lower'
says_one_line

# Few descriptors, no home, another locale: the same bytes, or a sentence.
for limit in 5 8 16; do
  status=0
  rm -rf "$work/few"
  (
    ulimit -n "$limit"
    exec "$bench" "${short[@]}" --quiet --out "$work/few" >"$out" 2>"$err" </dev/null
  ) || status=$?
  check_sanitizers
  case $status in
    0) same_results "$work/whole" "$work/few" ;;
    1 | 2) says_one_line ;;
    *) fail "with $limit descriptors: exit status $status" ;;
  esac
done
# A file beyond the limit on its length: a sentence; without the limit the run goes on to the same bytes.
status=0
(
  ulimit -f 1
  exec "$bench" "${short[@]}" --quiet --out "$work/length" >"$out" 2>"$err" </dev/null
) || status=$?
check_sanitizers
[ "$status" = 1 ] || fail "with files of at most 1 KB: exit status $status"
says 'File too large'
says_one_line
expect 0 "${short[@]}" --quiet --out "$work/length"
same_results "$work/whole" "$work/length"
env -u HOME LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8 "$bench" "${short[@]}" --quiet --out "$work/german" >/dev/null </dev/null ||
  fail "without a home, in German"
same_results "$work/whole" "$work/german"

# The longest path that is said to be possible is; the next is refused at once, by every command that makes it.
long=$work/$(printf 'a%.0s' $(seq 200))/$(printf 'b%.0s' $(seq 200))/
long=$long$(printf 'c%.0s' $(seq $((623 - ${#long}))))
expect 0 suite tiny --seeds 1 --quiet --out "$long"
[ -n "$(find "$long" -name done.json)" ] || fail "no run is done in the longest path"
rm -rf "${long:?}"
for words in "suite tiny" "run helicopter-hover-2023 --algo expert" "expert helicopter-hover-2023 --episodes 2"; do
  # shellcheck disable=SC2086
  expect 2 $words --out "${long}c"
  says 'the path is 624 bytes long; at most 623 are possible'
  says_one_line
done

# Two writers on one folder: one of them works.
"$bench" "${short[@]}" --set iterations=4000 --quiet --out "$work/two" >/dev/null 2>&1 </dev/null &
pid=$!
wait_for 60 has_lines "$work/two/metrics.jsonl" 1
expect 1 "${short[@]}" --set iterations=4000 --quiet --out "$work/two"
says "in use by process $pid"
expect 0 status "$work/two"
prints ': running'
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
# A process id that another process has now is not the run's.
printf '%s %s\n' "$$" "$(uname -n)" >"$work/two/.lock"
expect 0 status "$work/two"
prints ': interrupted'

# A request to stop ends a run soon, also in the middle of a long iteration.
"$bench" run helicopter-funnel --algo sysid --set samples=200000 --quiet --out "$work/slow" >"$out" 2>"$err" </dev/null &
pid=$!
wait_for 60 has_lines "$work/slow/metrics.jsonl" 1
sleep 1
kill -TERM "$pid"
begun=$SECONDS status=0
wait "$pid" || status=$?
[ "$status" = 130 ] || fail "a run in a long iteration was told to stop: exit status $status"
[ $((SECONDS - begun)) -le 30 ] || fail "a run in a long iteration took $((SECONDS - begun)) s to stop"
