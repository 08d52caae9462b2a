#!/bin/bash
# Documents that the program prints of its own tables are as it prints them; the JSON Schema of task.json takes what the
# program takes and refuses what it refuses.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# page OPTION FILE
page() {
  expect 0 help "$1"
  [ ! -s "$err" ] || fail "bench help $1 complains"
  diff -u "$repository/docs/$2" "$out" >"$work/diff" || fail "docs/$2 is not what bench help $1 prints: $(head -20 "$work/diff")"
}
page --settings settings.md
page --task task-reference.md

expect 2 task schema hopper
expect 0 task schema
mv "$out" "$work/schema.json"
if ! "${LB_PYTHON:-false}" -c 'import jsonschema' 2>"$err"; then
  echo 'SKIPPED: the schema, which needs the Python module jsonschema'
  exit 0
fi
cat >check.py <<'PYTHON'
import copy, glob, json, os, sys
import jsonschema

schema_file, models, broken = sys.argv[1:]
schema = json.load(open(schema_file))
checker = jsonschema.Draft202012Validator
checker.check_schema(schema)
validator = checker(schema)
tasks = {os.path.basename(os.path.dirname(f)): json.load(open(f)) for f in sorted(glob.glob(f"{models}/*/task.json"))}
assert len(tasks) >= 20, len(tasks)
for name, task in tasks.items():
    errors = [f"{e.json_path}: {e.message}" for e in validator.iter_errors(task)]
    assert not errors, (name, errors)

# Each example is a value of its key.
examples = 0
for place, node in [("task", schema), *schema["$defs"].items()]:
    for key, value in node["properties"].items():
        for example in value["examples"]:
            checker({**value, "$defs": schema["$defs"]}).validate(example)
            examples += 1
assert examples > 80, examples

# Mistakes: the schema refuses them, and so must the program.
def mistake(name, of, change):
    task = copy.deepcopy(tasks[of])
    task["name"] = name
    change(task)
    assert not validator.is_valid(task), name
    os.makedirs(f"{broken}/{name}")
    with open(f"{models}/{of}/model.xml") as f, open(f"{broken}/{name}/model.xml", "w") as g:
        g.write(f.read())
    json.dump(task, open(f"{broken}/{name}/task.json", "w"))

mistake("misspelt-key", "pendulum-swingup", lambda t: t.update(horzon=t.pop("horizon")))
mistake("no-version", "pendulum-swingup", lambda t: t.pop("version"))
mistake("half-a-step", "pendulum-swingup", lambda t: t.update(frame_skip=2.5))
mistake("no-steps", "pendulum-swingup", lambda t: t.update(horizon=0))
mistake("two-purposes", "pendulum-swingup", lambda t: t.update(cost={"stage": [], "terminal": []}))
mistake("no-purpose", "pendulum-swingup", lambda t: t.pop("reward"))
mistake("no-weight", "pendulum-swingup", lambda t: t["reward"][0].pop("weight"))
mistake("unknown-signal", "pendulum-swingup", lambda t: t["observation"][0].update(signal="qpo"))
mistake("unknown-reading", "pendulum-swingup", lambda t: t["reward"][0].update(read="before"))
mistake("two-draws", "pendulum-swingup", lambda t: t.update(reset={"qpos": [{"uniform": 1, "normal": 1}]}))
mistake("norm-beside-product", "cartpole-swingup", lambda t: t["reward"][0].update(norm="sum"))
mistake("unknown-curve", "cartpole-swingup",
        lambda t: t["reward"][0]["product"][1]["tolerance"].update(sigmoid="logistic"))
mistake("one-bound", "hopper", lambda t: t["healthy"][0].update(within=[0.7]))
mistake("reference-of-reward", "hopper", lambda t: t.update(reference="reference.npz"))
mistake("unknown-part", "helicopter-hover", lambda t: t["cost"]["stage"][0].update(of="attitude"))
mistake("negative-gust", "helicopter-hover", lambda t: t["noise"][0].update(force=-1))
PYTHON
mkdir broken
"$LB_PYTHON" check.py "$work/schema.json" "$repository/models" "$work/broken" >"$out" 2>"$err" || fail 'the schema'
n=0
for task in broken/*; do
  expect 2 tasks "${task##*/}" --models "$work/broken"
  says 'task.json: $'
  n=$((n + 1))
done
[ "$n" = 16 ] || fail "$n tasks with a mistake"
