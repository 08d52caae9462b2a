#!/bin/bash
# Every row on every task, with settings as small as they get: it runs (exit status 0), and what it left is worth what it
# logged, to the bit; or it is refused before anything is computed in one line that names the task (2), and then
# `--dry-run` says the same. $LB_TASKS names the tasks, else some of each kind.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"
tasks=${LB_TASKS:-helicopter-hover helicopter-hover-2023 pendulum-swingup hopper pointmaze-large}
[ "$tasks" != all ] || tasks=$("$bench" tasks | awk '{print $1}')

iterations=(iterations=1 expert_rollouts=2 samples=20 evaluation_rollouts=1)
steps=(steps=12 warmup_steps=8 evaluate_every=12 evaluation_episodes=1 buffer=100 expert_transitions=100 width=4
  hidden_layers=1 batch=8 fit_every=10 model_layers=1 model_width=4 model_batch=8 model_members=2 model_elites=1
  model_updates=2 imagined_per_step=2 imagined_kept=4 plan_horizon=2 plan_guesses=1)

# try TASK ALGO OPTION...: leaves the exit status in the file "status" of the pair's folder, and what was said.
try() {
  local task=$1 algo=$2 status=0
  shift 2
  timeout 120 "$bench" run "$task" --algo "$algo" --quiet --out "$work/$task/$algo/run" "$@" \
    >"$work/$task/$algo/out" 2>"$work/$task/$algo/err" </dev/null || status=$?
  echo "$status" >"$work/$task/$algo/status"
}

complain() {
  printf '%s on %s: %s\n%s\n' "$2" "$1" "$3" "$(tail -5 "$work/$1/$2/err")" >>"$work/complaints"
}

# What the run left is worth what its log says, to the bit, or is refused in a sentence: references leave no policy.
measure_again() {
  local task=$1 algo=$2 status=0 at=$work/$1/$2
  "$bench" eval "$at/run" >"$at/eval" 2>"$at/err" </dev/null || status=$?
  if [ "$status" = 2 ]; then
    case $algo in expert | random | zero) grep -q 'leaves no policy' "$at/err" && return ;; esac
    complain "$task" "$algo" "eval refuses it"
  elif [ "$status" != 0 ] || [ "$(grep -c '^mean' "$at/eval")" != "$(grep -c 'the same number' "$at/eval")" ]; then
    complain "$task" "$algo" "eval: $(tail -1 "$at/eval")"
  fi
}

pair() {
  local task=$1 algo=$2 settings=() s
  mkdir -p "$work/$task/$algo"
  for s in "${iterations[@]}"; do settings+=(--set "$s"); done
  try "$task" "$algo" "${settings[@]}"
  if grep -q 'means nothing to' "$work/$task/$algo/err"; then  # a row that goes by steps
    settings=(--suite rows --worker)  # as a suite has it run, which has one protocol for all its rows
    for s in "${steps[@]}"; do settings+=(--set "$s"); done
    try "$task" "$algo" "${settings[@]}"
  fi
  s=$(cat "$work/$task/$algo/status")
  if grep -qE 'Sanitizer|runtime error:' "$work/$task/$algo/err"; then complain "$task" "$algo" "a sanitizer"; fi
  case $s in
    0)
      grep -qE "\"(cost|return)\":-?[0-9]" "$work/$task/$algo/run/metrics.jsonl" || complain "$task" "$algo" "no number"
      case $task in pendulum-swingup | helicopter-hover-2023) measure_again "$task" "$algo" ;; esac
      ;;
    2)
      [ "$(wc -l <"$work/$task/$algo/err")" = 1 ] || complain "$task" "$algo" "not one line"
      grep -q "$task" "$work/$task/$algo/err" || complain "$task" "$algo" "does not name the task"
      cp "$work/$task/$algo/err" "$work/$task/$algo/first"
      try "$task" "$algo" --dry-run
      cmp -s "$work/$task/$algo/first" "$work/$task/$algo/err" || complain "$task" "$algo" "--dry-run says otherwise"
      ;;
    *) complain "$task" "$algo" "exit status $s" ;;
  esac
}

pairs=()
for task in $tasks; do
  for recipe in "$repository"/bench/recipes/*.json; do pairs+=("$task $(basename "$recipe" .json)"); done
done
half() {
  local i
  for ((i = $1; i < ${#pairs[@]}; i += 2)); do
    read -r task algo <<<"${pairs[i]}"
    pair "$task" "$algo"
  done
}
half 0 &
half 1
wait $!
touch "$work/complaints"
[ ! -s "$work/complaints" ] || fail "$(cat "$work/complaints")"

# Some of each kind did run, and what a refusal says.
status_of() { cat "$work/$1/$2/status"; }
for task in $tasks; do
  case $task in
    helicopter-hover-2023) ran="lamps lamps-2023 sysid-2023-textbook random zero sac sac-ln" refused="" ;;
    helicopter-*) ran="lamps sysid-ltv lamps-mm random zero expert sac bc" refused="lamps-2023 sysid-2023-exact sysid-ilqr lamps-ilqr" ;;
    *) ran="lamps sac sac-ln rlpd bc lamps-mm-released lamps-expert-states lamps-ilqr lamps-ilqr-oracle random zero expert" refused="sysid-2023 lamps-ltv ilqr-one" ;;
  esac
  for algo in $ran; do [ "$(status_of "$task" "$algo")" = 0 ] || fail "$algo does not run on $task"; done
  for algo in $refused; do [ "$(status_of "$task" "$algo")" = 2 ] || fail "$algo is not refused on $task"; done
done
for task in helicopter-hover helicopter-funnel; do
  [ ! -d "$work/$task" ] || grep -q "subtracts states" "$work/$task/lamps-2023/err" || fail "why is lamps-2023 refused?"
  [ ! -d "$work/$task" ] || grep -q '"cost":' "$work/$task/random/run/metrics.jsonl" || fail "random logs no cost"
done
