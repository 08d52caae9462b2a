#!/bin/bash
# bench report of single runs, elsewhere, as a site, and again and again.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
export OPENBLAS_NUM_THREADS=1
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"
small=(--set evaluation_episodes=2 --set steps=40 --set warmup_steps=20 --set evaluate_every=20 --set batch=8 --quiet)
for seed in 1 2; do
  expect 0 run pendulum-swingup --algo sac --seed $seed --set width=8 "${small[@]}" --out "$work/mine/narrow-$seed"
done
expect 0 run pendulum-swingup --algo sac --seed 1 --set width=16 "${small[@]}" --out "$work/mine/wide"

# Rows are told apart by their settings, and seeds of one row are together.
expect 0 report "$work/mine" --quiet
prints 'sac        2/2'
prints 'sac-2      1/1'
grep -q 'SAC (width=16)' "$work/mine/report.md" || fail "the report does not say in what a row differs"
[ -s "$work/mine/report.html" ] || fail "no page"
# A run's folder holds nothing else: its report goes elsewhere, and it goes on being a run.
expect 2 report "$work/mine/wide"
says 'say --out FOLDER'
expect 2 report "$work/mine/wide" "$work/mine/narrow-1"
says 'say --out FOLDER'
expect 0 report "$work/mine/wide" "$work/mine/narrow-1" --out "$work/two" --quiet
[ -s "$work/two/report.html" ] || fail "no page elsewhere"
expect 0 run pendulum-swingup --algo sac --seed 1 --set width=16 "${small[@]}" --out "$work/mine/wide"
expect 2 report "$work/mine" --out a --site b
expect 2 report "$work/mine" --watch --json

# A site has a page a run, and its links lead to them.
expect 0 report "$work/mine" --site "$work/site" --quiet
page=pages/pendulum-swingup--sac--seed-2.html
grep -q 'SAC on pendulum-swingup, seed 2' "$work/site/$page" || fail "no page of a run"
grep -q 'href="pages/pendulum-swingup--sac--seed-1.html"' "$work/site/report.html" || fail "no way from the row to its runs"
grep -q 'All settings' "$work/site/$page" || fail "a run's page lacks its settings"
# Of a run with a learned model it says how long that predicts what happens; of one without there is nothing to say.
! grep -q 'Predicted beside real' "$work/site/$page" || fail "a model that nobody learned"
expect 0 run helicopter-hover-2023 --algo lamps-2023 --set iterations=2 --set evaluation_rollouts=2 --quiet --out "$work/learns/a"
expect 0 report "$work/learns" --site "$work/model-site" --quiet
page=$work/model-site/pages/helicopter-hover-2023--lamps-2023--seed-0.html
grep -q 'Predicted beside real' "$page" || fail "the page of a run does not show what its model predicts"
[ "$(grep -o 'Seconds</text>' "$page" | wc -l)" = 5 ] || fail "not five panels of what a model predicts"
# What is over is not watched on.
expect 0 report "$work/mine" --watch --quiet
grep -q 'http-equiv="refresh" content="30"' "$work/mine/report.html" || fail "the page does not load itself again"
