#!/bin/bash
# tools/tune: the suites that it runs are ones that the program takes, six tries a row; and from curves made up so that
# the answer is known it writes the scores of the runs, their means and standard errors, and the try that the rule picks.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
if is_watched; then
  echo 'SKIPPED: a script around bench suite; its forecasts take minutes with sanitizers, and other tests show them those'
  exit 0
fi
rm -r "$LAZYBENCH_ROOT/bench/suites"
ln -s "$repository/bench/suites" "$LAZYBENCH_ROOT/bench/suites"
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"
tune=$repository/tools/tune

# The settings of a row differ between the tries in nothing but the two that are tried.
"$tune" --out "$work/dry" --dry-run --list >"$out" 2>"$err" </dev/null || fail "tools/tune --dry-run"
check_sanitizers
[ ! -e "$work/dry" ] || fail "a dry run writes"
for row in sac sac-ln bc-sac rlpd mbpo sysid-sac sysid-both lamps lamps-mm bc; do
  for task in ball-and-beam pendulum-swingup; do
    n=$(grep -c "$task/$row@.*/seed-100[012]" "$out" || true)
    [ "$n" = 18 ] || fail "$row on $task: $n runs, not six tries on three seeds"
  done
done
# One of the two tasks is in no other suite.
for file in "$repository"/bench/suites/*.json; do
  case $file in */tuning*.json) continue ;; esac
  ! grep -q ball-and-beam "$file" || fail "$file shows the task that settings are tuned on"
done

# SAC: 0.6 (seeds 0.5, 0.7; s.e. 0.1) against 0.9 (0.9, 0.9): the better one. MBPO: 0.6 (0.1) against 0.65 (0): within
# one standard error, so what is present stays. LAMPS: a run that diverged counts as 0. Only evaluations of the last
# fifth count, and only seeds that ran on both tasks.
curves() {
  local folder=$1
  mkdir -p "$folder"
  {
    echo 'suite,task,algo,seed,iteration,return_normalised'
    while read -r algo task seed score; do
      for at in 0 800; do echo "s,$task,$algo,$seed,$at,5"; done
      echo "s,$task,$algo,$seed,900,$(awk -v x="$score" 'BEGIN { print x == "-" ? "" : x - 0.25 }')"
      echo "s,$task,$algo,$seed,1000,$(awk -v x="$score" 'BEGIN { print x == "-" ? "" : x + 0.25 }')"
    done
    echo 's,a,expert,1,0,1'
  } >"$folder/curves.csv"
}
curves "$work/t/target_rate=0.005/tuning" <<'ROWS'
sac@0.001 a 1 0.4
sac@0.001 b 1 0.6
sac@0.001 a 2 0.6
sac@0.001 b 2 0.8
sac@0.003 a 1 0.8
sac@0.003 b 1 1.0
sac@0.003 a 2 0.9
sac@0.003 b 2 0.9
sac@0.003 a 3 0.1
mbpo@0.001 a 1 0.5
mbpo@0.001 b 1 0.5
mbpo@0.001 a 2 0.7
mbpo@0.001 b 2 0.7
lamps@0.001 a 1 -
lamps@0.001 b 1 0.8
ROWS
curves "$work/t/target_rate=0.02/tuning" <<'ROWS'
mbpo@0.001 a 1 0.6
mbpo@0.001 b 1 0.7
mbpo@0.001 a 2 0.7
mbpo@0.001 b 2 0.6
ROWS
curves "$work/t/batch=128/tuning-imitation" <<'ROWS'
bc@64 a 1 0.25
bc@64 b 1 0.75
ROWS
"$tune" --table --out "$work/t" >"$out" 2>"$err" </dev/null || fail "tools/tune --table"
table=$work/t/tries.md
row() { grep -qF -- "| \`$1\` | $2 |" "$table" || fail "not in tries.md: $1 $2
$(cat "$table")"; }
row sac 'learning_rate=0.001 | target_rate=0.005 | 2 | 0.600 (0.100) | 0.500 | 0.700 | present'
row sac 'learning_rate=0.003 | target_rate=0.005 | 2 | 0.900 (0.000) | 0.850 | 0.950 | chosen, best'
row mbpo 'learning_rate=0.001 | target_rate=0.005 | 2 | 0.600 (0.100) | 0.600 | 0.600 | chosen, present'
row mbpo 'learning_rate=0.001 | target_rate=0.02 | 2 | 0.650 (0.000) | 0.650 | 0.650 | best'
row lamps 'learning_rate=0.001 | target_rate=0.005 | 1 | 0.400 (0.000) | 0.000 | 0.800 | chosen, present, best'
row bc 'width=64 | batch=128 | 1 | 0.500 (0.000) | 0.250 | 0.750 | chosen, present, best'
[ "$(lines_of "$work/t/tries.csv")" = 22 ] || fail "tries.csv has $(lines_of "$work/t/tries.csv") lines"
grep -qx 'sac,0.003,target_rate=0.005,a,3,0.1000' "$work/t/tries.csv" || fail "a score in tries.csv"

! "$tune" --suite tunnig >"$out" 2>"$err" </dev/null || fail "a suite that there is not"
says "--suite tunnig"

# Nothing to make a table of.
! "$tune" --table --out "$work/none" >"$out" 2>"$err" </dev/null || fail "a table of nothing"
says 'no curves.csv'

# The published table is of the published scores.
published=$repository/results/tuning
mkdir "$work/p"
cp "$published/tries.csv" "$work/p/"
"$tune" --tries --out "$work/p" 2>"$err" </dev/null || fail "tools/tune --tries"
cmp "$work/p/tries.md" "$published/tries.md" || fail "results/tuning/tries.md is not of its tries.csv"
