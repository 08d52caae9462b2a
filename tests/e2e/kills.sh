#!/bin/bash
# A run that learns an ensemble and an actor-critic, killed (kill -9) at $LB_KILLS moments drawn from a fixed seed, each
# time taken up again: the same metrics and policies, byte for byte, as of a run that nobody disturbed. Which
# instruction a kill meets differs from machine to machine: fits, rollouts, updates, evaluations and checkpoints alike.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
kills=${LB_KILLS:-4}
RANDOM=1868
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"

small=(--set warmup_steps=100 --set evaluate_every=150 --set evaluation_episodes=2 --set updates_per_step=2
  --set width=16 --set batch=16 --set model_width=16 --set model_layers=2 --set model_epochs=4 --set fit_every=40
  --set imagined_per_step=20 --set imagined_kept=400 --set rollout_first=1 --set rollout_last=3 --set rollout_from=200
  --set rollout_to=900 --seed 7 --quiet)

seconds() { date +%s.%N; }
calculate() { awk "BEGIN { printf \"%.6f\", $1 }"; }

# killed ALGO STEPS: the run by itself, then in pieces.
killed() {
  local algo=$1 steps=$2 begun took hit=0 pid status
  local run=(run pendulum-swingup --algo "$algo" --set steps="$steps" "${small[@]}")
  begun=$(seconds)
  expect 0 "${run[@]}" --out "$work/$algo-whole"
  took=$(calculate "$(seconds) - $begun")
  while [ "$hit" -lt "$kills" ]; do
    # Half of them save whenever the loop allows it: some are killed while they write.
    local every=0.$((hit % 2))
    "$bench" "${run[@]}" --checkpoint "$every" --out "$work/$algo-parts" >"$out" 2>"$err" </dev/null &
    pid=$!
    sleep "$(calculate "0.03 + $took * $RANDOM / 32768 * 1.4 / $kills")"
    kill -9 "$pid" 2>/dev/null || true
    status=0
    wait "$pid" 2>/dev/null || status=$?
    check_sanitizers
    [ "$status" != 0 ] || break
    [ "$status" = 137 ] || fail "taken up after $hit kills: exit status $status"
    hit=$((hit + 1))
  done
  [ "$hit" -ge $((kills * 3 / 4)) ] || fail "$algo was over after $hit of $kills kills"
  expect 0 "${run[@]}" --out "$work/$algo-parts"
  same_results "$work/$algo-whole" "$work/$algo-parts"
  cmp -s "$work/$algo-whole/best.safetensors" "$work/$algo-parts/best.safetensors" || fail "best.safetensors differs"
  no_leftovers "$work/$algo-parts"
}

killed mbpo "${LB_KILLS_STEPS:-500}"
killed lamps-mm "${LB_KILLS_STEPS:-400}"
