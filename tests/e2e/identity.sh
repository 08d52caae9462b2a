#!/bin/bash
# What decides a run's numbers is a part of it: nothing goes on, counts as done or is pooled under another task, expert,
# program or arithmetic.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# The task, altered: a copy of the repository's.
rm "$LAZYBENCH_ROOT/models"
cp -r "$repository/models" "$LAZYBENCH_ROOT/models"
task=$LAZYBENCH_ROOT/models/pendulum-swingup

# unfinish DIR: as if the run had been stopped after its last checkpoint.
unfinish() { rm "$1/done.json"; }
# edit EXPRESSION FILE...: changes files of finished runs, and what their done.json says of them.
edit() {
  local expression=$1 file sum
  shift
  for file in "$@"; do
    sed -i "$expression" "$file"
    [ -e "${file%/*}/done.json" ] || continue
    sum=$(sha256sum <"$file")
    sed -i "s/\"${file##*/}\":{[^}]*}/\"${file##*/}\":{\"bytes\":$(wc -c <"$file"),\"sha256\":\"${sum%% *}\"}/" \
      "${file%/*}/done.json"
  done
}

# A run is begun with one BLAS kernel and taken up with another (all x86 processors can run both).
run=(run helicopter-hover-2023 --algo sysid-2023-exact --set iterations=2 --set evaluation_rollouts=2 --checkpoint 0)
if [ "$(uname -m)" = x86_64 ]; then
  export OPENBLAS_CORETYPE=Prescott
  expect 0 "${run[@]}" --out "$work/kernel" --quiet
  grep -q '"kernel":"Prescott"' "$work/kernel/config.json" || fail "config.json does not name the kernel"
  cp -r "$work/kernel" "$work/stopped"
  unfinish "$work/stopped"
  cp "$work/stopped/metrics.jsonl" "$work/before.jsonl"
  export OPENBLAS_CORETYPE=Nehalem
  expect 2 "${run[@]}" --out "$work/stopped" --quiet
  says_one_line
  says 'was begun with another arithmetic'
  says '$.arithmetic.kernel was "Prescott" and is now "Nehalem"'
  says --fresh
  cmp -s "$work/stopped/metrics.jsonl" "$work/before.jsonl" || fail "a refused run was touched"
  expect 0 "${run[@]}" --out "$work/stopped" --quiet --fresh
  # One that is over stays what it is, and says so.
  expect 0 "${run[@]}" --out "$work/kernel"
  says 'with another arithmetic'
  unset OPENBLAS_CORETYPE
fi

# Another program: one whose sources that decide numbers are others.
expect 0 "${run[@]}" --out "$work/program" --quiet
for over in yes no; do
  [ $over = yes ] || unfinish "$work/program"
  edit 's/"numerics":"[0-9a-f]*"/"numerics":"0123456789abcdef"/' "$work/program/config.json"
  expect 2 "${run[@]}" --out "$work/program"
  says_one_line
  says 'was made by another program ($.program.numerics was "0123456789abcdef"'
  says --fresh
done
expect 0 "${run[@]}" --out "$work/program" --fresh --quiet

# Another version of the task, and another recording of the expert.
mkdir "$LAZYBENCH_ROOT/expert_data"
cp "$repository"/expert_data/pendulum-swingup.* "$LAZYBENCH_ROOT/expert_data"
clone=(run pendulum-swingup --algo bc --set width=8 --set evaluation_episodes=1 --set expert_transitions=200 --quiet)
expect 0 "${clone[@]}" --out "$work/clone"
sum=$(sha256sum "$LAZYBENCH_ROOT/expert_data/pendulum-swingup.npz" | cut -d ' ' -f 1)
grep -q "\"expert\":{\"demonstrations\":\"$sum\"}" "$work/clone/config.json" || fail "the expert's checksum is not kept"

# A suite counts no stale run as done, says in one line which are stale, and makes them anew.
suites=$LAZYBENCH_ROOT/bench/suites
cat >"$suites/swing.json" <<'JSON'
{"name": "swing", "seeds": 3, "protocol": {"evaluation_episodes": 1, "steps": 60, "warmup_steps": 30, "evaluate_every": 30,
 "width": 8, "batch": 8}, "tasks": ["pendulum-swingup"], "algos": ["random", "sac"]}
JSON
cat >"$suites/hover.json" <<'JSON'
{"name": "hover", "seeds": 1, "protocol": {"iterations": 1, "evaluation_rollouts": 1, "learner_rollouts": 1, "samples": 20,
 "expert_rollouts": 3, "demonstrations": "file"}, "tasks": ["helicopter-hover"], "algos": ["expert", "lamps-linear"]}
JSON
swing=$work/out/swing
runs=$swing/pendulum-swingup
warns_once() { [ "$(grep -c stale "$err")" = 1 ] || fail "not one line about stale runs"; }
hashes() { cat "$runs"/*/seed-*/config.json | grep -o '"task_hash":"[0-9a-f]*"' | sort -u | wc -l; }

expect 0 suite swing --out "$work/out" --quiet
expect 0 suite swing --out "$work/out"
says '6 runs, 0 of them to do'
! grep -q stale "$err" || fail "runs of the present are called stale"
cp -r "$swing" "$work/first"
alone=(run pendulum-swingup --algo random --set steps=60 --set evaluation_episodes=1 --out "$work/alone" --quiet)
expect 0 "${alone[@]}"

# A reward's weight; then a joint's damping.
for change in 's/"weight": 1$/"weight": 0.5/ task.json' 's/damping="0.1"/damping="0.2"/ model.xml'; do
  before=$(hashes)
  [ "$before" = 1 ] || fail "$before versions of the task after one suite"
  cp -r "$swing" "$work/before"
  sed -i "${change% *}" "$task/${change##* }"
  expect 0 status "$work/out"
  prints '6 of these are stale: another version of the task (pendulum-swingup): 6'
  # What the suite was run as stays in its tables, which say that another task is there now.
  cp "$swing/tables.csv" "$work/tables.csv"
  expect 0 report "$work/out"
  note='6 runs are of something else than .* that are there now.*: another version of the task (pendulum-swingup): 6'
  for page in "$swing/report.md" "$swing/report.html" "$work/out/report.html" "$err"; do
    [ "$(grep -c "$note" "$page")" = 1 ] || fail "$page does not say in one line that the task is another now"
  done
  cmp -s "$swing/tables.csv" "$work/tables.csv" || fail "published results are left out"
  expect 2 "${alone[@]}"
  says_one_line
  says 'is of another version of the task ($.task_hash was "'
  grep -qE '\(\$\.task_hash was "[0-9a-f]{8}\.\.\." and is now "[0-9a-f]{8}\.\.\."\)' "$err" || fail "quotes are not closed"
  expect 0 suite swing --out "$work/out" --dry-run --list
  prints '6 of these are stale and are made anew: another version of the task (pendulum-swingup): 6'
  prints 'stale     '
  expect 0 suite swing --out "$work/out"
  says '6 runs, 6 of them to do'
  warns_once
  ! grep -q 'something else than' "$swing/report.md" || fail "runs of the present are said to be of another task"
  says '6 of these are stale and are made anew: another version of the task (pendulum-swingup): 6'
  [ "$(hashes)" = 1 ] || fail "runs of another version of the task are left"
  for seed in 0 1 2; do
    ! cmp -s "$runs/sac/seed-$seed/metrics.jsonl" "$work/before/pendulum-swingup/sac/seed-$seed/metrics.jsonl" \
      || fail "another task, the same numbers"
  done
  rm -r "$work/before"
done
expect 0 suite swing --out "$work/out"
says '6 runs, 0 of them to do'

# The task as it was gives the numbers that it gave; of a mixture the present version alone is reported, though most runs
# are of another.
cp "$repository"/models/pendulum-swingup/* "$task"
expect 0 suite swing --out "$work/out" --seeds 1
says '2 of these are stale'
cmp -s "$runs/sac/seed-0/metrics.jsonl" "$work/first/pendulum-swingup/sac/seed-0/metrics.jsonl" || fail "seed 0 is another"
report=$swing/report.md
grep -q 'Stale.* 4 runs are' "$report" || fail "the report does not say what is stale"
! grep -q 'Several versions' "$report" || fail "the report has tables of stale runs"
[ "$(awk -F, '$1 == "swing" && $4 == "sac" && $5 == "return" {print $7}' "$swing/tables.csv" | sort -u)" = 1 ] \
  || fail "stale seeds are pooled"
expect 0 status "$work/out"
prints 'stale: 4 runs, the first of another version of the task'
expect 0 suite swing --out "$work/out"
says '4 of these are stale'
same_results "$work/first" "$swing"

# Another program.
edit 's/"numerics":"[0-9a-f]*"/"numerics":"0123456789abcdef"/' "$runs"/sac/seed-[12]/config.json
expect 0 report "$work/out"
prints 'stale: 2 runs, the first made by another program'
grep -q 'Stale.* 2 runs are' "$report" || fail "runs of another program are pooled"
# The same where the suite does not say what it was run as: not pooled, the larger part counts.
sed -i 's/,"as_run":{.*}}}/}/' "$swing/suite.json"
expect 0 report "$work/out" --quiet
grep -q 'another program than the rest of its row' "$report" || fail "two programs in one row"
expect 0 suite swing --out "$work/out" --jobs 1
says '2 of these are stale and are made anew: another program: 2'
same_results "$work/first" "$swing"

# What took long is not thrown away unasked.
sed -i 's/damping="0.1"/damping="0.3"/' "$task/model.xml"
edit 's/"cpu":[0-9.e-]*/"cpu":4000/' "$runs/sac/seed-0/timing.jsonl"
expect 2 suite swing --out "$work/out"
says_one_line
says '6 of 6 runs are stale (another version of the task (pendulum-swingup): 6) and took 1 h'
says --renew
same_results "$work/first" "$swing"
expect 0 suite swing --out "$work/out" --renew --quiet
[ "$(grep -c stale "$err")" = 1 ] || fail "--quiet says nothing of what it throws away"
cp "$repository"/models/pendulum-swingup/* "$task"

# Results of older versions of this program, which kept no record of it, are read as they are; a suite makes them anew.
cp -r "$work/first" "$work/older"
sed -i 's/,"as_run":{.*}}}/}/' "$work/older/suite.json"
edit 's/,"expert":{.*$/}/' "$work"/older/*/*/*/config.json
expect 0 report "$work/older"
grep -q 'Unknown program.* 6 runs do not say' "$work/older/report.md" || fail "an unknown program is passed over in silence"
[ "$(awk -F, '$4 == "sac" && $5 == "return" {print $7}' "$work/older/tables.csv" | sort -u)" = 3 ] || fail "older runs are left out"
mkdir "$work/past"
mv "$work/older" "$work/past/swing"
expect 0 suite swing --out "$work/past" --jobs 1
says 'a program that did not say which it was: 6'
same_results "$work/first" "$work/past/swing"

# Seeds from another type of machine are other draws of the same: pooled, and marked.
if [ "$(uname -m)" = x86_64 ]; then
  OPENBLAS_CORETYPE=Prescott expect 0 suite swing --out "$work/two" --seeds 0-1 --jobs 1 --quiet
  OPENBLAS_CORETYPE=Nehalem expect 0 suite swing --out "$work/two" --jobs 1
  says '6 runs, 2 of them to do'
  grep -q 'Several arithmetics.*4 runs.*Prescott.*2 runs.*Nehalem' "$work/two/swing/report.md" || fail "machines are not told apart"
  grep -q '3/3, 1 of them elsewhere' "$work/two/swing/report.md" || fail "the row does not say what is from elsewhere"
  # One that is not over cannot go on there.
  unfinish "$work/two/swing/pendulum-swingup/sac/seed-2"
  OPENBLAS_CORETYPE=Prescott expect 0 suite swing --out "$work/two" --jobs 1
  says '1 of these is stale and is made anew: another arithmetic: 1'
fi

# Another recording of the expert: its rows alone.
cp "$repository"/expert_data/helicopter-hover.* "$LAZYBENCH_ROOT/expert_data"
expect 0 suite hover --out "$work/out" --quiet
cp -r "$work/out/hover" "$work/hover"
expect 0 expert helicopter-hover --episodes 20 --seed 1 --quiet
expect 0 suite hover --out "$work/out"
says '2 of these are stale and are made anew: another recording of the expert: 2'
! cmp -s "$work/hover/helicopter-hover/lamps-linear/seed-0/metrics.jsonl" \
  "$work/out/hover/helicopter-hover/lamps-linear/seed-0/metrics.jsonl" || fail "another expert, the same numbers"
expect 0 suite hover --out "$work/out"
says '2 runs, 0 of them to do'

# A recording belongs to a version of the task.
sed -i 's/mass="/mass="1/' "$LAZYBENCH_ROOT/models/helicopter-hover/model.xml"
expect 2 replay helicopter-hover
says_one_line
says 'recorded on another version of helicopter-hover'

# Checks of this build make their stale runs anew as well.
mkdir -p "$LAZYBENCH_ROOT/bench/verify"
cat >"$LAZYBENCH_ROOT/bench/verify/flight.json" <<'JSON'
{"title": "It flies", "task": "helicopter-hover-2023", "algo": "lamps-2023-exact",
 "protocol": {"iterations": 2, "evaluation_rollouts": 5}, "seeds": 1, "reference_seeds": 3,
 "points": [{"metric": "lqr_passes", "at": 2}]}
JSON
expect 0 verify flight --save-reference --quiet
expect 0 verify flight --out "$work/kept" --quiet
edit 's/"numerics":"[0-9a-f]*"/"numerics":"0123456789abcdef"/' "$work"/kept/flight/seed-0/config.json
expect 0 verify flight --out "$work/kept" --quiet
says 'is stale and is made anew: another program: 1'
