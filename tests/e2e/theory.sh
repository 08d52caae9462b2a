#!/bin/bash
# The suite of small worlds: runs like any other's in their folders, the same bytes however many processes work, a
# report in chapters with verdicts, and words for what cannot be.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
cp "$repository/bench/suites/theory.json" "$LAZYBENCH_ROOT/bench/suites/"
some=(--only 'shortcut' --only 'trophy/*' --only 'portals-4' --only 'portals-6' --only 'portals-8' --only 'wide-tree' --only 'lds/zero'
  --only 'lds/lds-likelihood')

expect 0 suite theory --seeds 2 "${some[@]}" --jobs 2 --out "$work/two" --quiet
prints 'holds here: Expert data alone fail; the mix works.'
prints 'return of the last evaluation [95 %]'
expect 0 suite theory --seeds 2 "${some[@]}" --jobs 1 --out "$work/one" --quiet
same_results "$work/one" "$work/two"
no_leftovers "$work/two"
report=$work/two/theory/report.md
grep -q '^## 2. Whose data' "$report" || fail "no chapter: $(head -50 "$report")"
grep -q 'Verdict, shortcut' "$report" || fail "no verdict"
grep -q 'grows by a factor of' "$report" || fail "no fitted growth"
# The terms as pictures, of worlds and of trees.
[ "$(grep -c 'The terms of lemma 2, one added to the other' "$report")" -ge 2 ] || fail "the terms are not drawn"

# What is done stays, what was stopped half-way is made anew, and single runs are the suite's.
run=$work/two/theory/trophy/sysid/seed-1
before=$(stat -c %Y.%i "$run/metrics.jsonl")
rm "$work/two/theory/shortcut/sysid/seed-0/done.json"
head -c 700 "$work/one/theory/shortcut/sysid/seed-0/metrics.jsonl" >"$work/two/theory/shortcut/sysid/seed-0/metrics.jsonl"
expect 0 suite theory --seeds 2 "${some[@]}" --out "$work/two" --quiet
[ "$before" = "$(stat -c %Y.%i "$run/metrics.jsonl")" ] || fail "a finished run was made again"
same_results "$work/one" "$work/two"
expect 0 run trophy --algo sysid --seed 1 --out "$work/single" --quiet
prints 'trophy sysid seed 1: finished after iteration 30, return 7.05'
cmp -s "$work/single/metrics.jsonl" "$run/metrics.jsonl" || fail "a single run differs from the suite's"
expect 0 status "$work/two"
expect 0 report "$work/two"

expect 0 suite theory --dry-run --out "$work/none"
[ ! -e "$work/none" ] || fail 'a dry run left something'

# An MDP of one's own.
cat >"$work/road.json" <<'JSON'
{"horizon": 4, "states": ["home", "road", "goal"], "actions": ["walk", "wait"], "start": "home", "ends": ["goal"],
 "arrival": {"goal": 1}, "rows": [{"state": "home", "action": "walk", "to": {"road": 1}},
 {"state": "home", "action": "wait", "to": {"home": 1}}, {"state": "road", "action": "walk", "to": {"goal": 0.9, "home": 0.1}},
 {"state": "road", "action": "wait", "to": {"road": 1}}]}
JSON
expect 0 run "$work/road.json" --algo sysid --out "$work/road" --quiet
prints 'return 0.99'  # 0.9 + 0.1 x 0.9
refuses() {  # refuses SED WORDS: the file so changed is refused in one line that has these words and the file's name
  sed "$1" "$work/road.json" >"$work/wrong.json"
  expect 2 run "$work/wrong.json" --algo sysid --out "$work/none"
  says "wrong.json"
  says "$2"
  says_one_line
  [ ! -e "$work/none" ] || fail 'something was begun'
}
refuses 's/"goal": 0.9/"goal": -0.9/' 'a probability is not negative'
refuses 's/"start": "home"/"start": "hom"/' "unknown state 'hom' (did you mean 'home'?)"
refuses 's/"start": "home"/"start": "goal"/' 'they would be over at once'
refuses 's/"state": "road", "action": "wait"/"state": "goal", "action": "wait"/' "'goal'"
refuses 's/"state": "road", "action": "wait"/"state": "road", "action": "walk"/' 'have a row already'
refuses 's/, {"state": "home", "action": "walk"[^}]*}}//; s/{"state": "home", "action": "walk"[^}]*}},//' 'walk'
refuses 's/"horizon": 4/"horizon": 4e12/' 'horizon'
echo '{"family": "random", "states": 30000, "actions": 20, "successors": 2, "horizon": 20000}' >"$work/long.json"
expect 2 run "$work/long.json" --algo sysid --out "$work/none"
says 'GB'
echo '{"family": "random", "states": 2000, "actions": 10, "successors": 2, "horizon": 100000}' >"$work/slow.json"
expect 2 run "$work/slow.json" --algo sysid --out "$work/none"
says 'slow.json'
expect 2 run trophy --algo lamps --set iterations=0 --out "$work/none"
says 'the setting iterations means nothing to lamps here: it has no settings'
# Names are text, whatever they hold.
sed 's/road/R\&D <b>/g; s/]}$/], "places": {"home": 0, "R\&D <b>": 1, "goal": 2}}/' "$work/road.json" >"$work/markup.json"
expect 0 run "$work/markup.json" --algo sysid --out "$work/markup" --quiet
grep -q '>R&amp;D &lt;b&gt;<' "$work/markup/drawing.svg" || fail "a name is not escaped in the drawing"
! grep -q '<b>' "$work/markup/drawing.svg" || fail "a name is markup in the drawing"
expect 0 report "$work/markup" --out "$work/markup-report"
grep -q '## markup' "$work/markup-report/report.md" || fail "the report of a file's run does not name it"
sed 's/"goal": 0.9/"goal": 0.8/' "$work/road.json" >"$work/sum.json"
expect 2 run "$work/sum.json" --algo sysid --out "$work/none"
says 'sum.json: $.rows[2].to: the probabilities sum to 0.9, not to 1'
sed 's/"road": 1}}/"raod": 1}}/' "$work/road.json" >"$work/name.json"
expect 2 run "$work/name.json" --algo sysid --out "$work/none"
says "unknown state 'raod' (did you mean 'road'?)"
sed 's/"horizon": 4/"discount": 0.9/' "$work/road.json" >"$work/clock.json"
expect 2 run "$work/clock.json" --algo sysid --out "$work/none"
says "give a 'horizon'"
echo '{"family": "random", "states": 50000000, "actions": 1000000, "successors": 8, "horizon": 3}' >"$work/huge.json"
expect 2 run "$work/huge.json" --algo sysid --out "$work/none"
says 'GB of memory'

# Mistakes.
expect 2 run lds --algo sysid --out "$work/none"
says 'lds: sysid is for finite systems'
expect 2 run shortcut --algo sac --out "$work/none"
says 'shortcut: the algorithm sac is not for small systems that are known exactly'
expect 2 run helicopter-hover --algo hedge-value --out "$work/none"
says 'helicopter-hover: the algorithm hedge-value is for small systems that are known exactly'
expect 2 run portals-60 --algo lamps --out "$work/none"
says 'portals-60: the depth is 2 to 40'
expect 2 run portals-38 --algo sysid --out "$work/none"
says 'looks at 5.5e+11 nodes, about 1.53 hours: take 32 steps at most, or force it'
expect 0 run portals-38 --algo lamps --out "$work/deep" --quiet
expect 2 run lds --algo lds-moments --set steps=3 --out "$work/none"
says 'means nothing to lds-moments'
cat >"$LAZYBENCH_ROOT/bench/suites/mixed.json" <<'JSON'
{"name": "mixed", "rows": [{"task": "lds", "algo": "zero"}, {"task": "hopper", "algo": "sac"}]}
JSON
expect 0 suite mixed --dry-run --out "$work/none"
prints '20 runs, 20 of them to do'
expect 0 suite theory mixed --seeds 1 --only 'lds/zero' --only hopper --dry-run --out "$work/none"

# A batch of runs as lines, and as a job array, one of which is made by its line.
expect 0 jobs theory --seeds 2 --only trophy/sysid --out "$work/lines"
[ "$(wc -l <"$out")" = 2 ] || fail "$(cat "$out")"
bash -c "$(sed -n 2p "$out")" >/dev/null || fail 'a line does not run'
cmp -s "$work/lines/theory/trophy/sysid/seed-1/metrics.jsonl" "$run/metrics.jsonl" || fail 'a line makes another run'
expect 0 slurm theory --seeds 2 --out "$work/slurm"
prints 'to submit:'
