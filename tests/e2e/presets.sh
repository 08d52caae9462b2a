#!/bin/bash
# Presets, settings by task and algorithm, and a sweep: what a run's config.json says is what it really ran with.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
export OPENBLAS_NUM_THREADS=1

cat >"$LAZYBENCH_ROOT/bench/suites/mixed.json" <<'JSON'
{
  "name": "mixed",
  "seeds": 1,
  "metric": "return",
  "protocol": {"steps": 60, "warmup_steps": 20, "evaluate_every": 30, "evaluation_episodes": 1, "width": 8, "batch": 8},
  "overrides": [
    {"tasks": ["reacher"], "protocol": {"steps": 90}},
    {"algos": ["sac"], "protocol": {"width": 12}},
    {"tasks": ["reacher"], "algos": ["random"], "protocol": {"evaluation_episodes": 2}}
  ],
  "tasks": ["pendulum-swingup", "reacher"],
  "algos": ["random", "sac"],
  "figures": [{"name": "all", "algos": ["random", "sac"]}],
  "presets": {
    "standard": {"seeds": [4], "tasks": ["reacher"], "protocol": {"steps": 30}},
    "paper": {"sweep": {"setting": "width", "values": [8, 16], "algos": ["sac"]}, "overrides": [{"protocol": {"batch": 4}}]}
  }
}
JSON
setting() { grep -qF "\"$2\":$3" "$1/config.json" || fail "$1: $2 is not $3"; }

# The default is quick, which this suite does not name: as it is written.
expect 0 suite mixed --quiet
at=$LAZYBENCH_ROOT/results/runs/quick/mixed
setting "$at/pendulum-swingup/sac/seed-0" steps 60
setting "$at/reacher/sac/seed-0" steps 90
setting "$at/reacher/sac/seed-0" width 12
setting "$at/pendulum-swingup/random/seed-0" evaluation_episodes 1
! grep -q width "$at/reacher/random/seed-0/config.json" || fail "a row without networks has a width"
setting "$at/reacher/random/seed-0" evaluation_episodes 2
[ "$(grep -o '"iteration":[0-9]*' "$at/reacher/sac/seed-0/metrics.jsonl" | tail -1)" = '"iteration":90' ] ||
  fail "the run ended elsewhere than its config says"
grep -q '"preset":"quick"' "$at/suite.json" || fail "the copy does not say what it was made under"
expect 0 status "$at"
prints '4 finished'

# The command line comes over all of it, and is no other protocol the second time.
expect 0 suite mixed --set width=9 --out "$work/set" --quiet
setting "$work/set/mixed/pendulum-swingup/sac/seed-0" width 9
expect 0 suite mixed --set width=9 --out "$work/set"
says '4 runs, 0 of them to do'
expect 2 suite mixed --out "$work/set"
says 'width=9 there, width=8 here'

# A preset: other seeds, fewer tasks, its settings over the suite's own.
expect 0 suite mixed --preset standard --quiet
at=$LAZYBENCH_ROOT/results/runs/standard/mixed
[ "$(find "$at" -name done.json | wc -l)" = 2 ] || fail "not 2 runs"
setting "$at/reacher/sac/seed-4" steps 30
setting "$at/reacher/sac/seed-4" width 12
[ -s "$at/report.html" ] || fail "no report"
expect 2 suite mixed --preset paper --out "$LAZYBENCH_ROOT/results/runs/standard"
says 'under other settings'
expect 2 suite mixed --preset papr
says "did you mean 'paper'?"

# A sweep: a row a value, each in a folder of its own.
expect 0 suite mixed --preset paper --quiet
prints 'sac@16'
at=$LAZYBENCH_ROOT/results/runs/paper/mixed
setting "$at/reacher/sac@8/seed-0" width 8
setting "$at/reacher/sac@16/seed-0" width 16
setting "$at/reacher/sac@16/seed-0" batch 4
setting "$at/reacher/sac@16/seed-0" algo '"sac"'
grep -q 'SAC @ 16' "$at/report.md" || fail "the report does not tell the values apart"
expect 2 suite mixed --preset paper --set width=9
says 'sweeps this setting'
says_one_line
mv "$at/reacher/sac@16" "$at/reacher/sac@8/other" && mv "$at/reacher/sac@8" "$at/reacher/sac@16"
mv "$at/reacher/sac@16/other" "$at/reacher/sac@8"
expect 0 status "$at"
prints 'another value of width than its folder says'
