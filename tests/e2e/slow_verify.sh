#!/bin/bash
# The shipped checks hold for this build; each that learns notices a learner that does not.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
ln -s "$repository/bench/verify" "$LAZYBENCH_ROOT/bench/verify"
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"

expect 0 verify --quiet
prints 'checks hold.'
expect 1 verify pendulum-sac pendulum-mbpo pendulum-lamps --set learning_rate=1e-9 --quiet
prints '3 of 3 checks do not hold.'
expect 1 verify pendulum-mbpo pendulum-lamps --set model_learning_rate=1e-9 --quiet
prints '2 of 2 checks do not hold.'
expect 1 verify helicopter-lamps helicopter-2023-lamps --set samples=1 --set expert_rollouts=1 --quiet
prints '2 of 2 checks do not hold.'

# The published SysID gets over any data within its 20 iterations; what it may not be is another planner.
rm "$LAZYBENCH_ROOT/bench/recipes"
cp -r "$repository/bench/recipes" "$LAZYBENCH_ROOT/bench/recipes"
cp "$repository/bench/recipes/sysid-2023-textbook.json" "$LAZYBENCH_ROOT/bench/recipes/sysid-2023.json"
expect 1 verify helicopter-2023-sysid --quiet
prints '1 of 1 check does not hold.'
