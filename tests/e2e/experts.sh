#!/bin/bash
# The experts that come with the suite: files that belong together, demonstrations that this simulator repeats, policies
# that act as well as their cards say.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
export OPENBLAS_NUM_THREADS=1
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"

# number CARD KEY
number() { grep -o "\"$2\":[-0-9.e+]*" "$1" | sed -n 1p | cut -d: -f2; }

# All demonstrations are repeated, and one policy of each kind of task acts. Sanitizers see these tasks alone; with
# LB_TASKS=all every policy acts.
few='@(hopper|pendulum-swingup|pointmaze-large|reacher|pendulum-swingup-30)'
kinds='*'
actors=$few
least=10
if [ "${LB_TASKS:-}" = all ]; then
  actors='*'
elif is_watched; then
  kinds=$few
  least=5
fi
shopt -s extglob

checked=0
for plan in "$repository"/bench/experts/*.json; do
  task=$(basename "$plan" .json)
  # shellcheck disable=SC2053  # a pattern
  [[ $task == $kinds ]] || continue
  data=$repository/expert_data/$task
  card=$data.json
  [ -f "$card" ] || fail "$task has no expert"
  grep -q "\"sha256_demonstrations\":\"$(sha256sum <"$data.npz" | cut -d' ' -f1)\"" "$card" || fail "$task.npz: checksum"
  grep -q "\"sha256_policy\":\"$(sha256sum <"$data.policy.safetensors" | cut -d' ' -f1)\"" "$card" ||
    fail "$task.policy.safetensors: checksum"
  [ "$(number "$card" transitions)" = "$(grep -o '"transitions": *[0-9]*' "$plan" | grep -o '[0-9]*$' || echo 10000)" ] ||
    fail "$task: other than the planned number of transitions"
  expect 0 replay "$task" --json
  prints '"holds":true'
  checked=$((checked + 1))
  # shellcheck disable=SC2053
  [[ $task == $actors ]] || continue
  expect 0 run "$task" --algo expert --set evaluation_episodes=5 --quiet --json --out "$work/$task"
  # Five episodes are not a hundred: half of the distance from random actions is what they must not miss.
  "$bench" run "$task" --algo random --set evaluation_episodes=5 --quiet --json --out "$work/random-$task" >"$work/random"
  awk -v expert="$(number "$out" return)" -v random="$(number "$work/random" return)" \
    -v stated="$(number "$card" mean_return)" 'BEGIN { exit !(expert - random > 0.5 * (stated - random)) }' ||
    fail "$task: the policy returns $(number "$out" return), its card says $(number "$card" mean_return)"
done
# Worse policies, from the way there: files of one, and what they return is near what was asked for.
for card in "$repository"/expert_data/*-[1-9][0-9].json; do
  data=${card%.json}
  # shellcheck disable=SC2053
  [[ ${data##*/} == $kinds ]] || continue
  task=$(basename "${data%-*}")
  if ! [ -f "$repository/expert_data/$task.json" ] || ! grep -q '"quality":' "$card"; then continue; fi
  grep -q "\"sha256_demonstrations\":\"$(sha256sum <"$data.npz" | cut -d' ' -f1)\"" "$card" || fail "$data.npz: checksum"
  expect 0 replay "$task" --data "$data.npz" --json
  prints '"holds":true'
  awk -v got="$(number "$card" mean_return)" -v expert="$(number "$repository/expert_data/$task.json" mean_return)" \
    -v wanted="${data##*-}" 'BEGIN { exit !(got > 0.7 * wanted / 100 * expert && got < wanted / 100 * expert + 0.2 * expert) }' ||
    fail "$(basename "$data") returns $(number "$card" mean_return)"
  checked=$((checked + 1))
done
[ "$checked" -ge "$least" ] || fail "only $checked experts"
