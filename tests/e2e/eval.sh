#!/bin/bash
# bench eval: every kind of policy that a run leaves is measured again to the number in the run's log, to the bit; what
# cannot act is refused in a sentence.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
export OPENBLAS_NUM_THREADS=1

ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"
of_run=(--set steps=300 --set warmup_steps=80 --set evaluate_every=100 --set evaluation_episodes=2 --quiet)
of_plan=(--set fit_every=100 --set plan_horizon=8)
of_model=(--set model_layers=2 --set model_width=16 --set model_members=3 --set model_elites=2 --set model_updates=20)

# A number of the last line of the log, as it is written there.
logged() { tail -1 "$work/$1/metrics.jsonl" | grep -o "\"$2\":[^,}]*" | head -1 | cut -d: -f2; }
# The means that bench eval printed, one a line.
means() { grep -o '"mean":[^,]*' "$out" | cut -d: -f2; }

# same ROW KEY...: the run's policies, in the order last, best, average, are worth what the log has under these keys.
same() {
  local row=$1 key n=0
  shift
  expect 0 eval "$work/$row" --json
  for key in "$@"; do
    n=$((n + 1))
    [ -n "$(logged "$row" "$key")" ] || fail "$row: the log has no $key"
    [ "$(means | sed -n "${n}p")" = "$(logged "$row" "$key")" ] || fail "$row: $key is not $(logged "$row" "$key")"
  done
  [ "$(means | wc -l)" = "$n" ] || fail "$row: not $n policies"
  expect 0 eval "$work/$row"
  [ "$(grep -c "the run's log has the same number, to the bit" "$out")" = "$n" ] || fail "$row: does not say so"
}
expect 0 run hopper --algo sac "${of_run[@]}" --set width=16 --set batch=16 --set actor_average=0.01 --out "$work/sac"
same sac return return_best return_average
expect 0 run pendulum-swingup --algo bc --set width=16 --set expert_episodes=1 --set evaluation_episodes=2 --quiet \
  --out "$work/bc"
same bc return

# Rows that imitate keep the policies of their way, from few demonstrations to all, as others do.
expect 0 run pendulum-swingup --algo bc --set width=8 --set evaluation_episodes=1 --quiet --out "$work/sizes"
same sizes return
sed -n 's/^{"iteration":\([0-9]*\),.*/\1/p' "$work/sizes/metrics.jsonl" | head -n -1 >"$work/sizes.wanted"
find "$work/sizes" -name 'policy-*' | sed 's/.*policy-0*\([0-9]*\).*/\1/' | sort -n >"$work/sizes.kept"
[ "$(wc -l <"$work/sizes.kept")" -ge 2 ] || fail "bc keeps no policies of its way"
cmp "$work/sizes.wanted" "$work/sizes.kept" || fail "bc keeps other policies than it measured"
expect 0 run pendulum-swingup --algo sysid-ilqr "${of_run[@]}" "${of_plan[@]}" "${of_model[@]}" --set plan_guesses=4 \
  --seed 5 --out "$work/plans"
same plans return
expect 0 run pendulum-swingup --algo lamps-ilqr "${of_run[@]}" "${of_plan[@]}" "${of_model[@]}" \
  --set expert_transitions=1000 --out "$work/lazy"
same lazy return
expect 0 run helicopter-hover-2023 --algo lamps-2023 --set iterations=2 --set evaluation_rollouts=5 --quiet \
  --out "$work/feedback"
same feedback cost

# One file by itself: an episode a line, the same for the same seed; sampled actions are others.
expect 0 eval hopper --policy "$work/sac/best.safetensors" --episodes 3 --seed 4 --json
cp "$out" "$work/first"
[ "$(grep -o '"length":' "$out" | wc -l)" = 3 ] || fail "not three episodes"
expect 0 eval hopper --run "$work/sac" --best --episodes 3 --seed 4 --json
cmp -s "$out" "$work/first" || fail "--run --best is not best.safetensors"
expect 0 eval hopper --run "$work/sac" --best --episodes 3 --seed 4 --sampled --json
! cmp -s "$out" "$work/first" || fail "--sampled changes nothing"

# For people a few digits, for programs all of them.
expect 0 eval hopper --policy "$work/sac/best.safetensors" --episodes 3 --seed 4
mean=$(grep -o '"mean":[^,]*' "$work/first" | head -1 | cut -d: -f2)
prints "mean return $(awk "BEGIN { printf \"%.6g\", $mean }") +-"

# What plans in a model that is no network: its file has enough of it, and of the true system there is nothing to keep.
for row in sysid-ilqr-linear lamps-ilqr-linear sysid-ilqr-features lamps-ilqr-oracle; do
  expect 0 run pendulum-swingup --algo "$row" "${of_run[@]}" "${of_plan[@]}" --set steps=100 --set evaluate_every=50 \
    --set evaluation_episodes=1 --out "$work/$row"
  same "$row" return
done
! "$bench" eval pendulum-swingup --policy "$work/sac/config.json" >"$out" 2>"$err" || fail "settings act"
cp "$work/sysid-ilqr-linear/model.safetensors" "$work/sysid-ilqr-features"
expect 2 eval "$work/sysid-ilqr-features"
says 'sysid-ilqr-features/model.safetensors'
says_one_line
expect 0 run pendulum-swingup --algo sysid-ilqr-linear "${of_run[@]}" "${of_plan[@]}" --set steps=20 \
  --set warmup_steps=40 --out "$work/early"
expect 2 eval "$work/early"
says "was over before 'sysid-ilqr-linear' had a model to plan in"
says_one_line

# A row under way acts by its checkpoint; and the policies that need no file.
expect 0 run pendulum-swingup --algo sysid-ilqr-linear "${of_run[@]}" "${of_plan[@]}" --set plan_guesses=0 \
  --set steps=120 --set evaluate_every=1 --set evaluation_episodes=1 --checkpoint 0 --out "$work/linear"
rm "$work/linear/model.safetensors"
expect 0 eval "$work/linear" --json
iteration=$(grep -o '"iteration":[0-9]*' "$out" | cut -d: -f2)
grep "\"iteration\":$iteration," "$work/linear/metrics.jsonl" | grep -qF "\"return\":$(means)," ||
  fail "the checkpoint of iteration $iteration is not worth what the log has there"
expect 0 eval "$work/linear"
prints 'a run as it stood at its last checkpoint'
prints "the run's log has the same number, to the bit"
expect 0 eval pendulum-swingup --expert --episodes 2
prints 'pendulum-swingup: network'
expect 0 eval helicopter-hover --expert --episodes 2
prints 'time-varying linear feedback'
expect 0 eval hopper --random --episodes 2
expect 0 eval hopper --zero --episodes 1
expect 0 run hopper --algo random --set evaluation_episodes=2 --quiet --out "$work/random"

refused() {
  expect 2 eval "${@:2}"
  says "$1"
  says_one_line
}
refused 'who acts? Give one of --policy FILE' hopper
refused 'give one of --policy FILE' hopper --expert --random
refused 'leaves no policy; --expert and --random' "$work/random"
cp "$work/plans/model.safetensors" "$work/alone.safetensors"
refused "in its run's config.json, which is not beside it" pendulum-swingup --policy "$work/alone.safetensors"
refused "of a run on 'pendulum-swingup', not on 'hopper'" hopper --policy "$work/plans/model.safetensors"
refused "hopper" walker2d --policy "$work/sac/policy.safetensors"
refused "has rewards" hopper --policy "$repository/expert_data/helicopter-hover.policy.safetensors"
refused "only the actions of a network's file can be sampled" pendulum-swingup --run "$work/plans" --sampled
refused "there is no such run's folder, and unknown task 'nosuchrun'" nosuchrun
refused "no/such/run: there is no such run's folder" no/such/run
refused 'a file, where a task' "$work/sac/policy.safetensors"
refused 'a folder, where a policy' hopper --policy "$work/sac"
refused "no run's folder" hopper --run "$work"
refused 'has no best.safetensors' pendulum-swingup --run "$work/plans" --best
refused "unknown task" nowhere --expert
head -c 300 "$work/sac/policy.safetensors" >"$work/cut.safetensors"
refused 'cut.safetensors' hopper --policy "$work/cut.safetensors"
sed -i 's/"window"/"windew"/; s/"type":"mpc"/"type":"sac"/' "$work/plans/config.json"
refused 'made with another version of the algorithm than the present one' pendulum-swingup --policy "$work/plans/model.safetensors"
