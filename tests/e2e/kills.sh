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
  --set width=16 --set batch=16 --set model_width=16 --set model_layers=2 --set model_updates=20 --set fit_every=40
  --set imagined_per_step=20 --set imagined_kept=400 --set rollout_first=1 --set rollout_last=3 --set rollout_from=200
  --set rollout_to=900 --seed 7 --quiet)

seconds() { date +%s.%N; }
calculate() { awk "BEGIN { printf \"%.6f\", $1 }"; }

# same ALGO: what was made in pieces is what was made at once.
same() {
  same_results "$work/$1-whole" "$work/$1-parts"
  cmp -s "$work/$1-whole/best.safetensors" "$work/$1-parts/best.safetensors" || fail "best.safetensors differs"
  no_leftovers "$work/$1-parts"
}

# killed ALGO STEPS: the run by itself, then in pieces. One that is over before all kills is compared and begun again,
# with the next ones sooner: how long a run takes is not known on a machine that does other work.
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
    sleep "$(calculate "0.1 * $took + $took * $RANDOM / 32768 * 1.4 / $kills")"
    kill -9 "$pid" 2>/dev/null || true
    status=0
    wait "$pid" 2>/dev/null || status=$?
    check_sanitizers
    if [ "$status" = 0 ]; then
      same "$algo"
      rm -r "$work/$algo-parts"
      took=$(calculate "0.8 * $took")
      continue
    fi
    [ "$status" = 137 ] || fail "taken up after $hit kills: exit status $status"
    hit=$((hit + 1))
  done
  expect 0 "${run[@]}" --out "$work/$algo-parts"
  same "$algo"
}

killed mbpo "${LB_KILLS_STEPS:-500}"
killed lamps-mm "${LB_KILLS_STEPS:-400}"
