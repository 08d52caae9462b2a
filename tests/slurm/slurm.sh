#!/bin/bash
# bench slurm on a real Slurm with two nodes: an array of 40 runs, one node that dies in the middle, a task that comes to
# its time limit and is requeued. All runs end, byte for byte as in a suite on one machine, and the report is made.
for program in munged slurmctld slurmd sbatch scontrol; do
  command -v "$program" >/dev/null || {
    echo "SKIPPED: bench slurm is not tested here: there is no $program (Debian: slurm-wlm, munge)" >&2
    exit 77
  }
done
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
# shellcheck source=tests/e2e/lib.sh
. "$here/../e2e/lib.sh"
# shellcheck source=tests/slurm/cluster.sh
. "$here/cluster.sh"
chmod 755 "$work"
start_cluster "$work/cluster" || {
  tail -n 5 "$work"/cluster/*.err "$work"/cluster/*.log >&2
  stop_cluster
  echo "SKIPPED: bench slurm is not tested here: Slurm does not start (above is what it says)" >&2
  exit 77
}
trap 'stop_cluster; rm -rf "$work"' EXIT

# Each node is a machine of its own to the runs; their heart beats fast.
export LAZYBENCH_PATIENCE=6
# shellcheck disable=SC2016
program="env LAZYBENCH_HOST=\"\$SLURMD_NODENAME\" $bench"

write_suite() { # NAME SEEDS ALGO ITERATIONS
  printf '{"name": "%s", "seeds": %s, "protocol": {"iterations": %s, "evaluation_rollouts": 5},
    "tasks": ["helicopter-hover-2023"], "algos": ["%s"]}\n' "$1" "$2" "$4" "$3" >"$LAZYBENCH_ROOT/bench/suites/$1.json"
}
in_state() { # JOB STATE: how many tasks
  { squeue -h -r -t "$2" -j "$1" -o %i 2>/dev/null || true; } | wc -l
}
is_over() { [ "$(in_state "$1" all)" = "$(($(in_state "$1" CD) + $(in_state "$1" F)))" ]; }
finished() { find "$1" -name done.json | wc -l; }

# Forty tasks of a run each, on two nodes of one core.
write_suite short 40 lamps-2023 400
expect 0 slurm short --cpus 1 --tasks 40 --time 10 --checkpoint 0 --out "$work/out" --program "$program" --submit
prints '40 runs in 40 tasks of 1 core'
prints 'submitted: runs '
array=$(sed -n 's/^submitted: runs \([0-9]*\), report.*/\1/p' "$out") report=$(sed -n 's/.*, report \([0-9]*\);.*/\1/p' "$out")
command -v shellcheck >/dev/null && { shellcheck "$work"/out/slurm/1/*.sh >"$err" 2>&1 || fail "shellcheck: $(cat "$err")"; }

# Its node dies while it runs; Slurm notices, and requeues the task.
some_done() { [ "$(finished "$work/out")" -ge 4 ] && [ -n "$(jobs_of one)" ] && [ -n "$(find "$work/out" -name '.alive-*')" ]; }
wait_for 300 some_done
kill_node one
[ "$(finished "$work/out")" -lt 40 ] || fail "all runs were over before the node died"
node_is_down() { [[ $(sinfo -h -n one -o %T) == down* ]]; }
wait_for 120 node_is_down
start_node one

# Meanwhile the same suite on one machine.
expect 0 suite short --jobs 2 --checkpoint 0 --quiet --out "$work/whole"
report_is_over() { is_over "$array" && is_over "$report"; }
wait_for 600 report_is_over
[ "$(finished "$work/out")" = 40 ] || fail "$(finished "$work/out") of 40 runs are done: $(squeue)"
same_results "$work/whole" "$work/out"
[ "$(cat "$work"/out/slurm/1/task-*.log | grep -c ': 1 of 1 runs done, 0 failed, 0 left')" = 40 ] ||
  fail "the logs do not say that 40 tasks are done: $(cat "$work"/out/slurm/1/task-*.log)"
scontrol show job "$array" | grep -q 'Restarts=[1-9]' || fail "no task was requeued after its node died"
[ -s "$work/out/short/report.html" ] || fail "no report: $(cat "$work/out/slurm/1/report.log")"
grep -q '40 finished' "$work/out/slurm/1/report.log" || fail "the report's log does not say what there is"

# Nothing is left to do.
expect 0 slurm short --cpus 1 --out "$work/out" --submit
says 'none of them to do'

# A task that comes to its time limit, a minute, saves what it has, has itself requeued, and comes to the same end.
write_suite long 1 lamps-2023 "${LB_SLURM_LONG:-9000}"
"$bench" suite long --quiet --out "$work/whole-long" >/dev/null 2>&1 </dev/null &
local_suite=$!
expect 0 slurm long --cpus 1 --time 1 --out "$work/long" --program "$program" --submit
array=$(sed -n 's/^submitted: runs \([0-9]*\), report.*/\1/p' "$out") report=$(sed -n 's/.*, report \([0-9]*\);.*/\1/p' "$out")
wait "$local_suite" || fail "the long suite on one machine"
wait_for 2400 report_is_over
[ "$(finished "$work/long")" = 1 ] || fail "the long run is not done: $(cat "$work"/long/slurm/1/*.log)"
same_results "$work/whole-long" "$work/long"
grep -q '0 of 1 runs done, 0 failed, 1 left' "$work/long/slurm/1/task-0.log" || fail "the time limit was not reached"
! grep -q 'DUE TO TIME LIMIT' "$work/long/slurm/1/task-0.log" || fail "Slurm killed the task at its limit"
[ -s "$work/long/long/report.html" ] || fail "no report of the long suite"
