#!/bin/bash
# bench status from another terminal: how far runs are that have not been evaluated for long, and how long they take.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
export OPENBLAS_NUM_THREADS=1

cat >"$LAZYBENCH_ROOT/bench/suites/long.json" <<'JSON'
{
  "name": "long",
  "seeds": 2,
  "metric": "return",
  "protocol": {"steps": 4000000, "warmup_steps": 2000, "evaluate_every": 4000000, "evaluation_episodes": 1, "width": 32, "batch": 32},
  "tasks": ["pendulum-swingup"],
  "algos": ["random", "sac"]
}
JSON

# Before anything runs.
expect 0 suite long --dry-run --jobs 2
prints 'CPU of a run'
prints '4 runs, 4 of them to do'
prints 'core-hours'
! grep -q seed-0 "$out" || fail "the dry run lists runs unasked"
expect 0 suite long --dry-run --list --jobs 2
[ "$(grep -c '^to do .*/seed-' "$out")" = 4 ] || fail "--list does not list the runs"
expect 2 suite long --list
says '--dry-run'

at=$work/out/long
run=$at/pendulum-swingup/sac/seed-0
"$bench" suite long --jobs 1 --checkpoint 0.5 --out "$work/out" >"$work/suite.out" 2>"$work/suite.err" </dev/null &
pid=$!
wait_for 60 test -f "$run/progress.json"
sleep 6 # a second word, with a pace
expect 0 status "$work/out" --jobs 1
grep -qE '^long: 1 finished, 1 running, 0 interrupted, 2 waiting, .*about [0-9]+ (h|min|s).* left on 1 core$' "$out" ||
  fail "status does not count"
grep -qE '^  running: sac on pendulum-swingup, seed 0: step [0-9]+ of 4000000 \([0-9]+ %\), [0-9]+ (h|min|s).* left; return .* at 0$' "$out" ||
  fail "status does not say where the run is"
# What it says is left agrees with the pace: steps so far in the CPU time so far.
grep -q 'they take about' "$work/suite.err" || fail "the suite does not say beforehand how long it takes"
step=$(sed 's/.*"iteration":\([0-9]*\).*/\1/' "$run/progress.json")
cpu=$(sed 's/.*"cpu":\([0-9.]*\).*/\1/' "$run/progress.json")
expect 0 status "$at" --jobs 1
hours=$(sed -nE 's/.*seed 0: .* \([0-9]+ %\), (([0-9]+) h)?.*/\2/p' "$out")
wanted=$(awk "BEGIN { print int($cpu / $step * 4000000 / 3600) }")
awk "BEGIN { h = ${hours:-0}; exit !(h >= 0.5 * $wanted - 1 && h <= 1.5 * $wanted + 1) }" ||
  fail "${hours:-0} h left, by its pace $wanted"

# Stopped: interrupted, and as far as it came.
kill -TERM "$pid"
wait "$pid" || true
expect 0 status "$work/out"
prints '0 running, 1 interrupted, 2 waiting'
prints '  interrupted: sac on pendulum-swingup, seed 0: step'
