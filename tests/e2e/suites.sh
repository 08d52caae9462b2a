#!/bin/bash
# The repository's own suites: each is one that the program takes under every preset, with settings, rows, contrasts and
# tasks that there are; and `bench all` knows only suites that there are.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
rm -r "$LAZYBENCH_ROOT/bench/suites"
ln -s "$repository/bench/suites" "$LAZYBENCH_ROOT/bench/suites"
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"

checked=0
for file in "$repository"/bench/suites/*.json; do
  name=$(basename "$file" .json)
  [ "$name" != all ] || continue
  grep -q "\"$name\"" "$repository/bench/suites/all.json" || [[ $name = mbpo || $name = tuning* ]] || fail "bench all leaves $name out"
  for preset in quick evening standard paper; do
    # Every setting of every row is read; of the expert's rows alone it is told what they take.
    expect 0 suite "$name" --preset "$preset" --only '*/expert' --dry-run --jobs 1
    checked=$((checked + 1))
  done
done
[ "$checked" -ge 32 ] || fail "only $checked suites under a preset"

# What a preset is there for. An evening: whole episodes of the expert, rows without them once.
expect 0 suite locomotion --preset evening --only 'hopper/*bc*' --only 'hopper/sac' --seeds 2 --dry-run --list
prints 'hopper/bc@1/seed-1'
prints 'hopper/bc-sac@10/seed-0'
prints 'hopper/sac/seed-0'
expect 0 suite imitation --only 'pointmaze-large/bc*' --seeds 1 --dry-run --list
prints 'pointmaze-large/bc@4/seed-0'
