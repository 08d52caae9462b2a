#!/bin/bash
# Definitions of suites, recipes and tasks with mistakes in them: one line with file, place and what would be right.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

suites=$LAZYBENCH_ROOT/bench/suites
# refused TEXT SAYS...: a suite of this text is refused, and the message names the file and says the rest.
refused() {
  printf '%s' "$1" >"$suites/wrong.json"
  shift
  expect 2 suite wrong --out "$work/out"
  says_one_line
  says wrong.json
  local text
  for text in "$@"; do says "$text"; done
  [ ! -e "$work/out" ] || fail "a wrong suite left results"
}
rest='"tasks": ["helicopter-hover-2023"], "algos": ["expert"]'
refused '' empty
refused '{'
refused '{"name": "wrong", "tasks": ["helicopter-hover-2023"], "algos": ["expert"]} x'
refused "[1, 2]"
refused "{\"name\": \"right\", $rest}" "'right'"
refused "{\"name\": \"wrong\", \"sedes\": 3, $rest}" sedes "seeds"
refused "{\"name\": \"wrong\", \"seeds\": \"three\", $rest}" seeds
refused "{\"name\": \"wrong\", \"seeds\": 0, $rest}" seeds
refused "{\"name\": \"wrong\", \"protocol\": {\"iteration\": 3}, $rest}" iteration "iterations"
refused "{\"name\": \"wrong\", \"protocol\": {\"iterations\": -3}, $rest}" iterations
refused "{\"name\": \"wrong\", \"protocol\": {\"iterations\": 2.5}, $rest}" iterations
refused "{\"name\": \"wrong\", \"protocol\": {\"demonstrations\": \"flie\"}, $rest}" demonstrations "file"
refused '{"name": "wrong", "tasks": ["helicopter-hovr-2023"], "algos": ["expert"]}' "did you mean 'helicopter-hover-2023'?"
refused '{"name": "wrong", "tasks": ["helicopter-hover-2023"], "algos": ["exprt"]}' "did you mean 'expert'?"
refused "{\"name\": \"wrong\", $rest, \"overlays\": [{\"file\": \"published/x.npz\", \"algo\": \"expert\", \"mean\": \"m\"}]}" published/x.npz
refused "{\"name\": \"wrong\", $rest, \"bands\": [{}]}" bands
refused "{\"name\": \"wrong\", \"presets\": {\"quick\": 3}, $rest}" presets.quick
refused "{\"name\": \"wrong\", \"presets\": {\"quick\": {\"sedes\": 3}}, $rest}" sedes "seeds"
refused "{\"name\": \"wrong\", \"presets\": {\"fast\": {\"seeds\": 3}}, $rest}" presets fast
# Settings of a preset that is not asked for, of overrides, of a sweep.
refused "{\"name\": \"wrong\", \"presets\": {\"paper\": {\"protocol\": {\"stpes\": 3}}}, $rest}" presets.paper.protocol "steps"
refused "{\"name\": \"wrong\", \"overrides\": [{\"protocol\": {\"width\": 0}}], $rest}" 'overrides[0].protocol.width'
refused "{\"name\": \"wrong\", \"overrides\": [{\"algos\": [\"exprt\"], \"protocol\": {}}], $rest}" exprt "expert"
refused "{\"name\": \"wrong\", \"sweep\": {\"setting\": \"widht\", \"values\": [1], \"algos\": [\"expert\"]}, $rest}" sweep widht "width"
refused "{\"name\": \"wrong\", \"sweep\": {\"setting\": \"width\", \"values\": [0], \"algos\": [\"expert\"]}, $rest}" sweep "width=0"

# all.json
printf '{"suites": ["tiny", 3]}' >"$suites/all.json"
expect 2 all
says all.json
printf '{"suites": ["tiny", "tinny"]}' >"$suites/all.json"
expect 2 all
says "did you mean 'tiny'?"
printf '{"suites": ["tinny"], "presets": {"quick": {"suites": ["tiny"]}}}' >"$suites/all.json"
expect 0 all --dry-run --out "$work/none"
expect 2 all --preset paper --dry-run
says "did you mean 'tiny'?"
printf '{"suites": ["tiny"], "presets": {"quick": {"sites": ["tiny"]}}}' >"$suites/all.json"
expect 2 all
says "\$.presets.quick"
rm "$suites/all.json"
expect 2 all
says all.json

# A recipe with a mistake.
rm "$LAZYBENCH_ROOT/bench/recipes"
mkdir "$LAZYBENCH_ROOT/bench/recipes"
cp "$repository"/bench/recipes/*.json "$LAZYBENCH_ROOT/bench/recipes/"
sed -i 's/"planner"/"plannr"/' "$LAZYBENCH_ROOT/bench/recipes/lamps.json"
expect 2 run helicopter-hover-2023 --algo lamps
says lamps.json
says "plannr"
says planner
says_one_line

# A task with a mistake, in the JSON and in the XML.
rm "$LAZYBENCH_ROOT/models"
cp -r "$repository/models" "$LAZYBENCH_ROOT/models"
task=$LAZYBENCH_ROOT/models/helicopter-hover
sed -i 's/"horizon": 100/"horizn": 100/' "$task/task.json"
expect 2 run helicopter-hover --algo zero --out "$work/out"
says task.json
says horizon
says_one_line
cp "$repository/models/helicopter-hover/task.json" "$task/task.json"
sed -i 's/"roll", "pitch"/"rol", "pitch"/' "$task/task.json"
expect 2 run helicopter-hover --algo zero --out "$work/out"
says task.json
says "did you mean 'roll'?"
cp "$repository/models/helicopter-hover/task.json" "$task/task.json"
printf '<mujoco><worldbody><body><geom/></body>' >"$task/model.xml"
expect 2 run helicopter-hover --algo zero --out "$work/out"
says model.xml
says_one_line
rm "$task/model.xml"
expect 2 run helicopter-hover --algo zero --out "$work/out"
says model.xml

# A results folder whose files were damaged is reported by name, and never takes the program down.
printf '{"suites": ["tiny"]}' >"$suites/all.json"
expect 0 suite tiny --seeds 1 --out "$work/results" --quiet
run=$work/results/tiny/helicopter-hover-2023/lamps-2023/seed-0
printf 'nonsense' >"$run/metrics.jsonl"
"$bench" report "$work/results" >"$out" 2>"$err" </dev/null || [ $? = 1 ] || fail "damaged metrics: exit status"
check_sanitizers
printf '{"status": "finshed"}' >"$run/done.json"
expect 2 suite tiny --seeds 1 --out "$work/results"
says done.json
says finished
printf '{' >"$work/results/tiny/suite.json"
expect 2 report "$work/results"
says suite.json
