#!/bin/bash
# The JSON Schemas of algorithms and suites take every file that ships, and refuse what the program refuses.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

if ! "${LB_PYTHON:-false}" -c 'import jsonschema' 2>"$err"; then
  echo 'SKIPPED: needs the Python module jsonschema'
  exit 77
fi
expect 0 algos schema
mv "$out" algorithm.schema.json
expect 0 suite schema
mv "$out" suite.schema.json

cat >check.py <<'PYTHON'
import copy, glob, json, os, sys
import jsonschema

kind, schema_file, folder, broken = sys.argv[1:]
schema = json.load(open(schema_file))
checker = jsonschema.Draft202012Validator
checker.check_schema(schema)
validator = checker(schema)
files = {os.path.basename(f)[:-5]: json.load(open(f)) for f in sorted(glob.glob(f"{folder}/*.json"))}
if kind == "suite":
    del files["all"]  # the list of the others
assert len(files) >= 10, len(files)
for name, file in files.items():
    errors = [f"{e.json_path}: {e.message}" for e in validator.iter_errors(file)]
    assert not errors, (name, errors)

# Every object refuses a key that it does not have, but those whose keys are tasks.
def objects(node, path=()):
    if isinstance(node, dict):
        if not (path and path[-1] in ("cost_floor", "at")) and path[-2:] != ("ladder", "tasks"):
            yield path
        for key, value in node.items():
            yield from objects(value, (*path, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from objects(value, (*path, i))

# Every value refuses another type.
def values(node, path=()):
    yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else []
    for key, value in items:
        yield from values(value, (*path, key))

def at(file, path):
    for key in path:
        file = file[key]
    return file

def some(paths, most=12):
    paths = list(paths)
    return paths[:: -(-len(paths) // most)]

places = 0
for name, file in files.items():
    for path in some(objects(file)):
        other = copy.deepcopy(file)
        at(other, path)["colour"] = 1
        assert not validator.is_valid(other), (name, path)
        places += 1
    for path in some(path for path in values(file) if path):
        other = copy.deepcopy(file)
        at(other, path[:-1])[path[-1]] = [None]
        assert not validator.is_valid(other), (name, path)
        places += 1
assert places > 200, places

# Mistakes: the schema refuses them, and so must the program.
def mistake(name, of, change):
    file = copy.deepcopy(files[of])
    change(file)
    if kind == "suite":
        file["name"] = file.get("name", "x") if name == "bad-name" else name
    assert not validator.is_valid(file), name
    json.dump(file, open(f"{broken}/{name}.json", "w"))

if kind == "algorithm":
    mistake("no-title", "lamps", lambda r: r.pop("title"))
    mistake("misspelt-key", "lamps", lambda r: r.update(modle=r.pop("model")))
    mistake("unknown-kind", "lamps", lambda r: r.update(kind="loops"))
    mistake("unknown-model", "lamps", lambda r: r["model"].update(type="parametrics"))
    mistake("unknown-planner", "lamps", lambda r: r["planner"].update(type="psd"))
    mistake("other-kinds-key", "sac", lambda r: r["planner"].update(about="expert"))
    mistake("share-above-one", "lamps", lambda r: r["data"].update(expert_share=1.5))
    mistake("no-weight", "mbpo", lambda r: r["planner"].update(starts={"expert": 0}))
    mistake("imagined-start", "mbpo", lambda r: r["planner"].update(starts={"imagined": 1}))
    mistake("clone-of-psdp", "lamps", lambda r: r["planner"].update(from_clone=True))
    mistake("not-together", "sac", lambda r: r.update(model={"type": "parametric"}))
    mistake("no-model", "mbpo", lambda r: r.pop("model"))
    mistake("planner-of-zero", "zero", lambda r: r.update(planner={"type": "psdp"}))
    mistake("model-of-rewards", "lamps", lambda r: r.update(rewards={"title": "x"}))
    mistake("planner-of-once", "lamps", lambda r: r["planner"].update(type="zero"))
else:
    mistake("no-rows", "helicopter", lambda s: [s.pop(k) for k in ("tasks", "algos")])
    mistake("tasks-alone", "helicopter", lambda s: s.pop("algos"))
    mistake("misspelt-key", "helicopter", lambda s: s.update(contrast=s.pop("contrasts")))
    mistake("bad-name", "helicopter", lambda s: s.update(name="../elsewhere"))
    mistake("no-seeds", "helicopter", lambda s: s.update(seeds=0))
    mistake("seed-twice", "helicopter", lambda s: s.update(seeds=[1, 1]))
    mistake("half-a-seed", "helicopter", lambda s: s.update(seeds=[0.5]))
    mistake("task-twice", "helicopter", lambda s: s.update(tasks=s["tasks"] + s["tasks"][:1]))
    mistake("unknown-setting", "helicopter", lambda s: s.update(protocol={"iteration": 3}))
    mistake("setting-out-of-range", "helicopter", lambda s: s.update(protocol={"iterations": -1}))
    mistake("unknown-preset", "helicopter", lambda s: s.update(presets={"huge": {}}))
    mistake("name-in-preset", "helicopter", lambda s: s.update(presets={"quick": {"name": "x"}}))
    mistake("no-variant", "helicopter", lambda s: s["contrasts"][0].pop("variant"))
    mistake("at-and-from", "helicopter", lambda s: s["contrasts"][0].update({"at": 3, "from": 1}))
    mistake("unknown-expectation", "helicopter", lambda s: s["claims"][0].update(expect="great"))
    mistake("no-margin", "helicopter", lambda s: (s["claims"][0].pop("margin", 0), s["claims"][0].update(expect="equal")))
    mistake("half-a-band", "helicopter-2023", lambda s: s["bands"][0].pop("low" if "low" in s["bands"][0] else "se"))
    mistake("two-bands", "helicopter-2023", lambda s: s["bands"][0].update(low=1, high=2, mean=1.5, se=0.1, seeds=3))
    mistake("override-of-nothing", "theory", lambda s: s.update(overrides=[{"tasks": ["trophy"]}]))
    mistake("unknown-law", "theory", lambda s: [c["fits"][0].update(law="cubic") for c in s["chapters"] if "fits" in c])
    mistake("key-of-terms", "theory", lambda s: [c["terms"][0].update(row=1) for c in s["chapters"] if "terms" in c])
PYTHON

mkdir algorithms suites
check() {
  "$LB_PYTHON" check.py "$@" >"$out" 2>"$err" || fail "the schema of $1s"
}
check algorithm algorithm.schema.json "$repository/bench/recipes" "$work/algorithms"
check suite suite.schema.json "$repository/bench/suites" "$work/suites"

# A root whose only algorithms are the broken ones.
mkdir -p other/bench && ln -s "$work/algorithms" other/bench/recipes
ln -s "$repository/models" other/models
n=0
for file in algorithms/*.json; do
  name=$(basename "$file" .json)
  LAZYBENCH_ROOT=$work/other expect 2 algos "$name"
  says "$name.json: $"
  n=$((n + 1))
done
[ "$n" = 15 ] || fail "$n algorithms with a mistake"
n=0
for file in suites/*.json; do
  expect 2 jobs "$work/$file" --preset evening --out "$work/out"
  says "$(basename "$file")"
  n=$((n + 1))
done
[ "$n" = 21 ] || fail "$n suites with a mistake"
