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
commands=(all suite run status report tasks algos eval expert replay perf)
if [ -x "${bench%/*}/bench-view" ]; then commands+=(render view); fi
for command in "${commands[@]}"; do
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
expect 0 help help
prints 'bench COMMAND'
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
prints 'LAMPS'
prints 'fits       helicopter-funnel helicopter-hover helicopter-hover-2023'
prints 'iterations            20         0 to 1000000     how often models are fitted'
prints 'fits       ant ant-truncated'
prints 'recorded demonstrations'
# A row's own critics, and settings as the row has them.
expect 0 algos rlpd
prints 'critics 10, target_critics 2, layer_norm true, actor_value mean, critic_updates 20'
for line in 'critics 10' 'target_critics 2' 'layer_norm 1' 'critic_updates 20' 'gradient_clip 0' 'actor_average 0'; do
  grep -qE "^ +${line% *} +${line#* } " "$out" || fail "algos rlpd does not say $line"
done
expect 0 algos lamps-2023
! grep -q 'fits.*helicopter-funnel' "$out" || fail "lamps-2023 is said to fit a task whose states hold rotations"
# A recipe or a task that cannot be opened hides no other.
sound=$("$bench" algos)
rm "$LAZYBENCH_ROOT/bench/recipes" "$LAZYBENCH_ROOT/models"
cp -r "$repository/bench/recipes" "$LAZYBENCH_ROOT/bench/recipes"
cp -r "$repository/models" "$LAZYBENCH_ROOT/models"
printf '{"title": ' >"$LAZYBENCH_ROOT/bench/recipes/awry.json"
expect 0 algos
[ "$(head -n "$(wc -l <<<"$sound")" "$out")" = "$sound" ] || fail "a broken recipe hides others"
[ "$(grep -c '^  awry  *CANNOT BE OPENED: .*awry.json' "$out")" = 1 ] || fail "not one line on the broken recipe"
expect 0 algos --json
prints '{"name":"awry","error":"'
prints '{"name":"sac","recipe":{'
mkdir "$LAZYBENCH_ROOT/models/aslant"
printf '{"name": ' >"$LAZYBENCH_ROOT/models/aslant/task.json"
expect 0 algos lamps
prints 'fits       helicopter-funnel helicopter-hover helicopter-hover-2023'
rm -r "$LAZYBENCH_ROOT/bench/recipes" "$LAZYBENCH_ROOT/models"
ln -s "$repository/bench/recipes" "$LAZYBENCH_ROOT/bench/recipes"
ln -s "$repository/models" "$LAZYBENCH_ROOT/models"
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
expect 2 run helicopter-hover-2023 --algo lamps --set iterations=2.5
says 'whole number'
expect 2 run helicopter-hover-2023 --algo lamps --set demonstrations=fil
says "did you mean 'file'?"
expect 0 run helicopter-hover-2023 --algo lamps --set iterations=1e3 --set samples=1_000 --seed 2e0 --dry-run
prints 'iterations=1000 '
prints 'samples=1000 '
LAZYBENCH_ROOT=$repository expect 2 expert helicopter-hover --transitions 100
says '--transitions is for tasks that are learned'
says_one_line
LAZYBENCH_ROOT=$repository expect 2 expert helicopter-hover --fresh
says '--fresh is for tasks that are learned'
LAZYBENCH_ROOT=$repository expect 2 expert hopper --episodes 100
says '--episodes is for tasks that are solved'
LAZYBENCH_ROOT=$repository expect 0 expert pendulum-swingup --dry-run
prints 'of CPU time'
[ ! -e "$repository/results/runs/experts/pendulum-swingup/progress.json" ] || fail "expert --dry-run trained"

expect 2 suite
says 'which suite? Name one of bench/suites'
says_one_line
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
says 'quick, evening, standard and paper'
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

# What rows that imitate came to, for each size of their data.
LAZYBENCH_ROOT=$repository expect 0 run pendulum-swingup --algo bc --set width=4 --set hidden_layers=1 \
  --set evaluation_episodes=1 --out "$work/bc" --quiet
prints '  1 demonstrated episode (200 transitions): return '
prints '  50 demonstrated episodes (10000 transitions): return '

# The settings that mean something to a row.
LAZYBENCH_ROOT=$repository expect 0 run hopper --algo lamps --set model_batch=32 --dry-run
prints 'model_batch=32'
prints 'rollout_last='
! grep -q 'iterations=\|plan_horizon=' "$out" || fail "--dry-run lists settings of other rows"
LAZYBENCH_ROOT=$repository expect 0 run helicopter-hover --algo lamps --dry-run
prints 'iterations=20'
! grep -q 'model_batch=' "$out" || fail "--dry-run lists settings of networks for a row by iterations"
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
  # as_json EXPRESSION WORD...: runs the command, and x, what it printed, makes the expression true.
  as_json() {
    local expression=$1
    shift
    expect 0 "$@" --json
    "$python" -c 'import json, sys; x = json.load(open(sys.argv[1])); assert eval(sys.argv[2]), x' "$out" "$expression" ||
      fail "$*: not $expression"
  }
  as_json 'x["recipe"]["planner"]["type"] == "psdp" and x["on_tasks_with_rewards"]["planner"]["type"] == "sac"' \
    algos lamps
  as_json 'x["settings"]["iterations"] == 3 and x["evaluations"] == 4 and x["cpu_seconds"] > 0' \
    run helicopter-hover-2023 --algo lamps --set iterations=3 --dry-run
  as_json 'x["to_do"] == x["runs"] == 12 and len(x["folders"]) == 12 and len(x["suites"][0]["rows"]) == 4' \
    suite tiny --out "$work/json" --dry-run --list
  as_json 'x["workers"] == 1' all --out "$work/json" --dry-run --jobs 1
  as_json 'x[0]["tasks"][0]["rows"][0]["finished"] == 1 and x[0]["bands"][1]["verdict"] == "outside"' \
    suite tiny --out "$work/json" --seeds 1 --quiet
  as_json 'x[0]["suite"] == "tiny" and x[0]["tasks"][0]["rows"][2]["cost"]["n"] == 1' report "$work/json"
  as_json 'x[0]["suite"] == "tiny"' all --out "$work/json" --seeds 1 --quiet
  export LAZYBENCH_ROOT=$repository
  as_json 'len(x) > 3 and all(p["low"] < p["high"] for c in x for p in c["points"])' verify --list
  as_json 'x["settings"]["steps"] == 500000' expert hopper --dry-run
  as_json 'x["settings"]["critics"] == 10 and x["settings"]["layer_norm"] == 1 and x["gradient_updates"] == 180' \
    run pendulum-swingup --algo rlpd --set steps=29 --set warmup_steps=20 --set width=8 --set batch=8 --dry-run
  as_json 'x["evaluations"] == 1' expert helicopter-hover --dry-run --episodes 7
  as_json 'x["by_demonstrations"][1]["episodes"] == 4' run pendulum-swingup --algo bc --set width=4 \
    --set hidden_layers=1 --set evaluation_episodes=1 --out "$work/bc" --quiet
  export LAZYBENCH_ROOT=$work/root
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
