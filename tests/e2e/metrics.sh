#!/bin/bash
# docs/metrics.md names every number that runs and reports write, and no other.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
export OPENBLAS_NUM_THREADS=1
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"

# A row of each kind: references, cloning, a clone that goes on learning, a model, plans at every step, an average.
cat >"$LAZYBENCH_ROOT/bench/suites/kinds.json" <<'JSON'
{
  "name": "kinds",
  "seeds": 1,
  "metric": "return",
  "protocol": {
    "steps": 60, "warmup_steps": 20, "evaluate_every": 20, "evaluation_episodes": 2, "expert_transitions": 1000,
    "updates_per_step": 1, "width": 8, "batch": 8, "fit_every": 20, "model_layers": 2, "model_width": 8,
    "model_members": 2, "model_elites": 1, "model_updates": 10, "imagined_per_step": 10, "actor_average": 0.5
  },
  "overrides": [{"algos": ["sysid-ilqr"], "protocol": {"steps": 22, "evaluate_every": 22}}],
  "tasks": ["inverted-pendulum"],
  "algos": ["expert", "random", "bc", "bc-sac", "lamps"],
  "rows": [{"task": "pendulum-swingup", "algo": "sysid-ilqr"}]
}
JSON
cat >"$LAZYBENCH_ROOT/bench/suites/worlds.json" <<'JSON'
{
  "name": "worlds",
  "seeds": 1,
  "rows": [
    {"task": "generative-hard", "algo": "plug-in-samples"}, {"task": "shortcut", "algo": "sysid"},
    {"task": "portals-6", "algo": "sysid"}, {"task": "portals-6", "algo": "lamps"},
    {"task": "wide-tree", "algo": "hedge-value"}, {"task": "lds", "algo": "lds-likelihood"},
    {"task": "random-mdps", "algo": "lemmas"}, {"task": "linear-psdp", "algo": "lqr-pass"}
  ]
}
JSON
expect 0 suite kinds tiny worlds --seeds 1 --out "$work/out" --quiet

{
  find "$work/out" -name '*.jsonl' -exec cat {} + | grep -oE '"[a-z_0-9]+":' | tr -d '":'
  cat "$work"/out/*/curves.csv | grep '^suite,' | tr , '\n'
} | sort -u >"$work/written"
[ "$(wc -l <"$work/written")" -gt 100 ] || fail "few names: $(cat "$work/written")"

# The first cell of a line of a table. Backquotes are Markdown's.
# shellcheck disable=SC2016
grep '^| `' "$repository/docs/metrics.md" | cut -d'|' -f2 | grep -oE '`[a-z_0-9]+`' | tr -d '`' | sort >"$work/named"
[ -z "$(uniq -d "$work/named")" ] || fail "named twice: $(uniq -d "$work/named")"
[ -z "$(comm -23 "$work/written" "$work/named")" ] || fail "not in docs/metrics.md: $(comm -23 "$work/written" "$work/named")"
[ -z "$(comm -13 "$work/written" "$work/named")" ] || fail "nobody writes: $(comm -13 "$work/written" "$work/named")"

# Averages over the updates in which the actor learned: it is held for as many updates as the warm-up had steps. What an
# evaluation says of 20 updates is the mean of what two say of 10 each, and nothing of those in which it was held.
average() {
  expect 0 run inverted-pendulum --algo bc-sac --set steps=60 --set warmup_steps=20 --set evaluate_every="$1" \
    --set evaluation_episodes=1 --set expert_transitions=1000 --set width=8 --set batch=8 --out "$work/every-$1" --quiet
}
value() { grep "\"iteration\":$2," "$work/every-$1/metrics.jsonl" | grep -oE "\"$3\":[-0-9.e+]+" | cut -d: -f2; }
average 10
average 30
for name in actor_loss critic_value entropy; do
  [ -z "$(value 10 40 "$name")$(value 30 30 "$name")" ] || fail "$name of updates in which the actor was held"
  awk -v a="$(value 10 50 "$name")" -v b="$(value 10 60 "$name")" -v mean="$(value 30 60 "$name")" \
    'BEGIN { off = (a + b) / 2 - mean; exit !(a != "" && mean != "" && off * off < 1e-12 * (1 + mean * mean)) }' ||
    fail "$name: $(value 10 50 "$name") and $(value 10 60 "$name"), together $(value 30 60 "$name")"
done
