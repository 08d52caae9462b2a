#!/bin/bash
# Help, lists, and what is said about a wrong command line.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

expect 0 help
prints 'bench COMMAND'
expect 0 --help
expect 0 --version
prints LazyBench
expect 2
for command in all suite run status report tasks algos expert replay perf; do
  expect 0 help
  prints "$command"
  expect 0 help "$command"
  cp "$out" "$work/help"
  expect 0 "$command" --help
  cmp -s "$out" "$work/help" || fail "help $command and $command --help differ"
  prints "bench $command"
  prints Options
  prints Examples
  expect 2 "$command" --no-such-option
  says 'unknown option --no-such-option'
  says_one_line
done

expect 2 sute
says "did you mean 'suite'?"
expect 2 help rnu
says "did you mean 'run'?"

expect 0 tasks
prints helicopter-hover-2023
expect 0 tasks helicopter-hover-2023
prints helicopter-hover-2023
expect 2 tasks helicopter-hovr
says "did you mean 'helicopter-hover'?"
expect 0 algos
prints lamps
expect 0 algos lamps
prints '"planner"'
expect 2 algos lampz
says "did you mean 'lamps'?"

expect 2 run helicopter-hover
says '--algo NAME'
expect 2 run helicopter-hover-2032 --algo lamps
says "did you mean 'helicopter-hover-2023'?"
says_one_line
expect 2 run helicopter-hover-2023 --algo sysd
says "did you mean 'sysid'?"
says_one_line
expect 2 run helicopter-hover-2023 --algo lamps --seed -1
says 'whole number'
expect 2 run helicopter-hover-2023 --algo lamps --set itertions=3
says "did you mean 'iterations'?"
expect 2 run helicopter-hover-2023 --algo lamps --set iterations
says 'key=value'
expect 2 run helicopter-hover-2023 --algo lamps --set iterations=many
says 'whole number'

expect 2 suite
says 'usage: bench suite'
expect 2 suite tinny
says "did you mean 'tiny'?"
says_one_line
expect 2 suite tiny tiny
says twice
expect 2 suite tiny --jobs 0
says "--jobs '0'"
says_one_line
expect 2 all --jobs -2
expect 2 suite tiny --seeds 3,x
says 'list of seeds'
expect 2 suite tiny --preset fast
says 'quick, standard and paper'
expect 2 suite tiny --fresh --resume
says contradict
expect 2 all tiny
says 'one word too many'
expect 2 report "$work/nowhere"
expect 2 status "$work"
says 'no suite.json'
expect 0 run helicopter-hover-2023 --algo lamps-2023 --set iterations=2 --seed 4 --out "$work/single/a/b/seed-4"
for at in "$work/single" "$work/single/a/b/seed-4"; do
  expect 0 status "$at"
  prints 'lamps-2023 on helicopter-hover-2023, seed 4: finished; cost 5'
done
rm "$work/single/a/b/seed-4/done.json"
expect 0 status "$work/single"
prints 'seed 4: interrupted; cost 5'

# The settings that mean something to a row.
LAZYBENCH_ROOT=$repository expect 0 run hopper --algo lamps --set model_batch=32 --dry-run
prints 'model_batch=32'
prints 'rollout_last='
! grep -q 'iterations=\|plan_horizon=' "$out" || fail "--dry-run lists settings of other rows"
LAZYBENCH_ROOT=$repository expect 0 run helicopter-hover --algo lamps --dry-run
prints 'iterations=20'
! grep -q 'model_batch=' "$out" || fail "--dry-run lists settings of networks for a row by rounds"
LAZYBENCH_ROOT=$repository expect 2 run hopper --algo bc --set learning_rate=0.1 --dry-run
says learning_rate

# JSON for machines.
if [ -n "${LB_PYTHON:-}" ] || command -v python3 >/dev/null; then
  python=${LB_PYTHON:-python3}
  expect 0 tasks --json
  "$python" -c 'import json, sys; assert len(json.load(open(sys.argv[1]))) >= 3' "$out" || fail "tasks --json"
  expect 0 tasks helicopter-hover --json
  "$python" -c 'import json, sys; json.load(open(sys.argv[1]))' "$out" || fail "tasks NAME --json"
  expect 0 algos --json
  "$python" -c 'import json, sys; a = json.load(open(sys.argv[1])); assert "lamps" in [x["name"] for x in a]' "$out" ||
    fail "algos --json"
fi

# A root that is none.
LAZYBENCH_ROOT=$work/nowhere expect 2 tasks
says 'no such folder'
mkdir "$work/empty"
LAZYBENCH_ROOT=$work/empty expect 2 tasks
says models/

# Results that cannot be written must not pass for success.
status=0
"$bench" tasks >/dev/full 2>"$err" || status=$?
[ "$status" = 1 ] || fail "a full standard output: exit status $status"
says 'standard output'
