#!/bin/bash
# bench slurm without a Slurm: what it writes, and the tasks' script as Slurm would start, signal and requeue it. (On a
# real one: tests/slurm.)
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# What stands for Slurm writes down how it was called.
mkdir "$work/bin"
cat >"$work/bin/sbatch" <<'SH'
#!/bin/sh
printf '%s\n' "$*" >>"$SLURM_CALLS"
echo "77;somewhere"
SH
cat >"$work/bin/scontrol" <<'SH'
#!/bin/sh
printf 'scontrol %s\n' "$*" >>"$SLURM_CALLS"
SH
chmod +x "$work/bin/sbatch" "$work/bin/scontrol"
export PATH=$work/bin:$PATH SLURM_CALLS=$work/calls

suite=(tiny --seeds 2 --set iterations=120 --checkpoint 0)
expect 0 suite "${suite[@]}" --quiet --out "$work/whole"
out_folder="$work/the \"place\" it's 100%"
expect 0 slurm "${suite[@]}" --cpus 2 --tasks 3 --time 2 --partition batch --account 'me & co' --sbatch=--qos=low --out "$out_folder" --submit
prints '8 runs in 3 tasks of 2 cores and '
prints 'submitted: runs 77, report 77;'
at=$out_folder/slurm/1
[ "$(sed -n 1p "$work/calls")" = "--parsable $at/array.sh" ] || fail "the array is not submitted: $(cat "$work/calls")"
[ "$(sed -n 2p "$work/calls")" = "--parsable --dependency=afterany:77 $at/report.sh" ] || fail "the report is not submitted"
for line in --array=0-2 --cpus-per-task=2 --time=2 --signal=B:USR1@20 --requeue --open-mode=append --partition=batch \
  "--account='me & co'" --qos=low; do
  grep -qxF "#SBATCH $line" "$at/array.sh" || fail "no #SBATCH $line"
done
grep -qF '100%%' "$at/array.sh" || fail "a % in a folder's name means something to Slurm"
[ "$(cat "$at"/tasks/*.txt | grep -c ' run helicopter-hover-2023 --algo ')" = 8 ] || fail "not every run is in a task"
! command -v shellcheck >/dev/null || shellcheck "$at"/*.sh >"$err" 2>&1 || fail "shellcheck complains"

# task N: as Slurm starts it.
task() { SLURM_ARRAY_TASK_ID=$1 SLURM_JOB_ID=10$1 bash "$at/array.sh" </dev/null; }

# One is told that its time is nearly over: its runs save what they have, and it has itself requeued.
: >"$work/calls"
number=$(grep -l 'sysid-2023-exact' "$at"/tasks/*.txt | head -1)
number=${number##*/} number=${number%.txt}
SLURM_ARRAY_TASK_ID=$number SLURM_JOB_ID=10$number bash "$at/array.sh" >"$work/log" 2>&1 </dev/null &
pid=$!
under_way() { [ -n "$(find "$out_folder/tiny" -name checkpoint.npz)" ]; }
wait_for 60 under_way
kill -USR1 "$pid"
status=0
wait "$pid" || status=$?
[ "$status" = 1 ] || fail "a task that is not done ends with $status: $(cat "$work/log")"
grep -qE "task $number on .*, 0 failed, [1-9] left" "$work/log" || fail "the log does not say what is left: $(cat "$work/log")"
[ "$(cat "$work/calls")" = "scontrol requeue 10$number" ] || fail "the task is not requeued: $(cat "$work/calls")"

# They are started, and started again.
: >"$work/calls"
for n in 0 1 2; do task "$n" >"$work/log" 2>&1 || fail "task $n: $(cat "$work/log")"; done
[ ! -s "$work/calls" ] || fail "a task that is done is requeued"
bash "$at/report.sh" >"$out" 2>"$err" </dev/null || fail "the report's script"
prints '8 finished'
[ -s "$out_folder/tiny/report.html" ] || fail "no report"
same_results "$work/whole" "$out_folder"
expect 0 slurm "${suite[@]}" --out "$out_folder"
says 'none of them to do'
[ ! -e "$out_folder/slurm/2" ] || fail "scripts that have nothing to do"

# A run that fails does not stop the others, and is said.
expect 0 slurm tiny --seeds 1 --only '*/expert' --only '*/zero' --out "$work/failing" --json
grep -qE '"to_do": ?2' "$out" || fail "JSON: $(cat "$out")"
at=$work/failing/slurm/1
sed -i 's/--algo zero/--algo nothing/' "$at/tasks/0.txt"
status=0
task 0 >"$work/log" 2>&1 || status=$?
[ "$status" = 1 ] || fail "a task with a run that fails ends with $status"
grep -q '1 of 2 runs done, 1 failed, 0 left' "$work/log" || fail "a run that fails: $(cat "$work/log")"

# What is wrong is said, before anything is written where that can be.
for words in '--time soon' '--time 0:30' '--time 1:99:99' '--mem 0.1' '--sbatch qos' '--cpus 0'; do
  # shellcheck disable=SC2086
  expect 2 slurm tiny $words --out "$work/wrong"
  says_one_line
done
