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
  sed -i 's/"numerics":"[0-9a-f]*"/"numerics":"0123456789abcdef"/' "$work/program/config.json"
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
