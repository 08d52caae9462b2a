#!/bin/bash
# What commands answer: settings that would do nothing are refused at once, forecasts name only what there is, a result
# stands beside the expert's, and one thing is not called many.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"
cat >"$LAZYBENCH_ROOT/bench/suites/swing.json" <<'JSON'
{"name": "swing", "metric": "return", "seeds": 1, "protocol": {"steps": 40, "evaluation_episodes": 1},
 "tasks": ["pendulum-swingup"], "algos": ["expert", "random", "sac"]}
JSON

# --set of what means nothing to a suite's rows: one line, and nothing is begun.
for words in 'swing --set iterations=3' 'tiny --set steps=3' 'swing --set fit_every=9' 'tiny swing --set iterations=3' \
  'swing --set iterations=20' 'swing --set width=32 --only */random'; do
  set -f
  # shellcheck disable=SC2086  # words
  expect 2 suite $words --out "$work/none"
  set +f
  says_one_line
  says 'means nothing to'
  [ ! -e "$work/none" ] || fail "$words left something"
done
expect 2 suite swing --set iterations=3 --out "$work/none"
says '--set iterations=3: swing: the setting iterations means nothing to'
expect 0 suite swing --set width=32 --dry-run
expect 0 suite tiny --set iterations=3 --dry-run
expect 2 run pendulum-swingup --algo sac --set iterations=20 --dry-run
says 'the setting iterations means nothing to sac, which goes by real steps'

# A forecast says what there is.
lacks() { ! grep -qE -- "$1" "$out" || fail "stdout says: $1"; }
expect 0 run pendulum-swingup --algo bc --dry-run
prints '4 clones'
lacks 'fits|real steps|imagined| 0 |[^,] steps=100000 '
expect 0 run pendulum-swingup --algo expert --dry-run
prints '1 evaluation of at most'
lacks 'fits|gradient|imagined|^  0|[^,] steps=100000 '
prints 'steps=100000'  # what of it there is
expect 0 run pendulum-swingup --algo sysid-ilqr-linear --dry-run
prints 'fits of the model'
lacks 'about 0 updates|gradient|imagined'
expect 0 run helicopter-hover --algo lamps --dry-run
lacks ' 0 |gradient'

# The expert's mean beside a result, as its file says; not that of another version of the task.
expect 0 run pendulum-swingup --algo random --set evaluation_episodes=1 --out "$work/random" --quiet
prints '(expert 154.868)'
lacks 'step 0|iteration'
expect 0 run pendulum-swingup --algo random --set evaluation_episodes=1 --out "$work/random" --quiet --json
grep -q '"expert_return":154.868' "$out" || fail "no expert in the JSON"
sed 's/"task_hash":"89eb/"task_hash":"77eb/' "$repository/expert_data/pendulum-swingup.json" >"$work/other.json"
rm "$LAZYBENCH_ROOT/expert_data"
mkdir "$LAZYBENCH_ROOT/expert_data"
cp "$work/other.json" "$LAZYBENCH_ROOT/expert_data/pendulum-swingup.json"
expect 0 run pendulum-swingup --algo random --set evaluation_episodes=1 --out "$work/random" --quiet
lacks expert

# One is not many.
expect 0 suite tiny --seeds 1 --only '*/zero' --out "$work/one"
says '1 run, 1 of them to do'
says '1 run ended after'
expect 0 suite tiny --seeds 1 --only '*/zero' --out "$work/one" --dry-run
prints '1 run, 0 of them to do'
grep -q '^1 of 1 run finished, 1 seed; 1 task, 1 row\.' "$work/one/tiny/report.md" || fail "the report counts one as many"
lacks '\b1 (runs|seeds|rows|tasks)\b'
