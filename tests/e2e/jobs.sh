#!/bin/bash
# bench jobs: the runs of a suite as command lines that anything may start, with the results of bench suite.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# A task of one's own that the environment names by a relative path, a row of settings that not all rows have, a sweep.
ln -s "$repository/models" "$work/own"
export LAZYBENCH_MODELS=own
expect 0 suite tiny --seeds 2 --quiet --out "$work/whole"

# From a folder with a difficult name, relative to which --out is; the lines are started in another one.
odd="$work/it's a \"place\" & \$HOME"
mkdir -p "$odd/there" "$work/elsewhere"
ln -s "$work/own" "$odd/own"
(cd "$odd" && "$bench" jobs tiny --seeds 2 --out there >"$work/lines" 2>"$err" </dev/null) || fail "bench jobs"
[ "$(lines_of "$work/lines")" = 8 ] || fail "not a line a run: $(cat "$work/lines")"
says '8 of 8 runs to do'
expect 0 status "$odd/there"
prints '0 finished, 0 running, 0 interrupted, 8 waiting'
(cd "$work/elsewhere" && env -u LAZYBENCH_ROOT -u LAZYBENCH_MODELS xargs -d '\n' -P 2 -n 1 sh -c \
  <"$work/lines" >"$out" 2>"$err") || fail "a line failed under xargs"
[ "$(grep -c ': finished' "$out")" = 8 ] || fail "not all lines say what came out"
same_results "$work/whole/tiny" "$odd/there/tiny"
expect 0 status "$odd/there"
prints '8 finished'

# By GNU parallel on two hosts of a file, one this machine and one that is reached by ssh (a program in its place that
# does as sshd does: the words make one line for a shell that knows nothing of this one): the same.
if parallel --version 2>/dev/null </dev/null | grep -q '^GNU parallel'; then
  mkdir "$work/far"
  cat >"$work/ssh" <<SH
#!/bin/sh
echo "\$1" >>"$work/far/hosts"
shift
[ "\$1" != -- ] || shift
cd "$work/far" && exec env -i PATH="$PATH" HOME="$work" SHELL=/bin/sh sh -c "\$*"
SH
  chmod +x "$work/ssh"
  printf '1/:\n1/node-7\n' >"$work/hosts"
  (cd "$odd" && "$bench" jobs tiny --seeds 2 --out parallel >"$work/lines-2" 2>"$err" </dev/null) || fail "bench jobs"
  (cd "$work/elsewhere" && env -u LAZYBENCH_ROOT -u LAZYBENCH_MODELS HOME="$work" PARALLEL_SSH="$work/ssh" \
    parallel --sshloginfile "$work/hosts" <"$work/lines-2" >"$out" 2>"$err") || fail "a line failed under parallel"
  [ "$(grep -c ': finished' "$out")" = 8 ] || fail "not all lines say under parallel what came out"
  grep -q node-7 "$work/far/hosts" || fail "parallel ran nothing on the other host"
  same_results "$work/whole/tiny" "$odd/parallel/tiny"
else
  echo 'SKIPPED: the lines of bench jobs under GNU parallel, which is not here (Debian: parallel)' >&2
fi

# What is done is not listed; a line that is given again says so at once and changes nothing.
expect 0 jobs tiny --seeds 2 --out "$odd/there"
[ ! -s "$out" ] || fail "runs that are done are listed"
before=$(cd "$odd/there" && find . -name metrics.jsonl -exec stat -c '%n %Y %s' {} + | sort)
sh -c "$(head -1 "$work/lines")" >"$out" 2>"$err" || fail "a line of a run that is done failed"
[ "$before" = "$(cd "$odd/there" && find . -name metrics.jsonl -exec stat -c '%n %Y %s' {} + | sort)" ] ||
  fail "a line of a run that is done did something"

# The report of the lines' results is that of the suite.
expect 0 report "$odd/there"
costs() { cut -d, -f1-6 "$1/tiny/curves.csv"; }
[ "$(costs "$odd/there")" = "$(costs "$work/whole")" ] || fail "another report than that of the suite"

# As JSON, with the same commands; a part of it.
expect 0 jobs tiny --seeds 1 --only '*/lamps-2023' --json --out "$work/json"
grep -qE '"suite": ?"tiny".*"task": ?"helicopter-hover-2023".*"algo": ?"lamps-2023".*"seed": ?0' <(tr -d '\n' <"$out") || fail "JSON"
expect 0 jobs tiny --seeds 1 --only '*/lamps-2023' --out "$work/json"
[ "$(lines_of "$out")" = 1 ] || fail "--only is not heeded"
expect 0 jobs tiny --seeds 1 --only '*/lamps-2023' --out "$work/json" --program 'env A=b tools/bench'
grep -qE '^env LAZYBENCH_ROOT=.* env A=b tools/bench run helicopter-hover-2023 --algo lamps-2023 ' "$out" || fail "--program"

# Requests to stop before a time limit: the run ends with a checkpoint, the same line goes on to the same bytes.
long=(tiny --seeds 1 --only '*/lamps-2023' --set iterations=400 --checkpoint 0)
expect 0 suite "${long[@]}" --quiet --out "$work/long"
expect 0 jobs "${long[@]}" --out "$work/stopped"
line=$(cat "$out")
run=$work/stopped/tiny/helicopter-hover-2023/lamps-2023/seed-0
for signal in USR1 USR2 TERM; do
  eval "exec $line" >"$out" 2>"$err" </dev/null &
  pid=$!
  lines=$(lines_of "$run/metrics.jsonl")
  wait_for 60 has_lines "$run/metrics.jsonl" $((lines + 20))
  kill "-$signal" "$pid"
  status=0
  wait "$pid" || status=$?
  [ "$status" = 130 ] || fail "SIG$signal: exit status $status"
  says 'the same command goes on from there'
done
sh -c "$line" >"$out" 2>"$err" || fail "a run that was stopped does not go on"
same_results "$work/long" "$work/stopped"

# A run of another recipe is stale: it is listed, and what is left of it goes when the list is made.
sed -i 's/"numerics": *"[0-9a-f]*"/"numerics":"0123456789abcdef"/' "$run/config.json"
expect 0 jobs "${long[@]}" --out "$work/stopped"
[ "$(cat "$out")" = "$line" ] || fail "a stale run is not listed by the same line"
[ ! -e "$run/done.json" ] || fail "what is left of a stale run stays"
sh -c "$line" >"$out" 2>"$err" || fail "a stale run is not made anew"
same_results "$work/long" "$work/stopped"

# What is wrong is said before anything is written.
expect 2 jobs tinny --out "$work/no"
says "did you mean 'tiny'"
expect 2 jobs tiny --out "$(printf '%s/a\nb' "$work")"
says 'line end'
[ ! -e "$work/no" ] || fail "a list that failed left a folder"
