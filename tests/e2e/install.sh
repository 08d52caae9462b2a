#!/bin/bash
# `cmake --install BUILD --prefix P` makes a program that runs from anywhere, with the data and the library that lie in P
# and its results in the current folder.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

unset LAZYBENCH_ROOT LD_LIBRARY_PATH
prefix="$work/a place (of ours)"
cmake --install "${LB_BUILD:?the build folder}" --prefix "$prefix" >"$out" 2>"$err" || fail "cmake --install"
bench=$prefix/bin/bench
readelf -d "$bench" >"$out"
grep -qF "\$ORIGIN/../lib" "$out" || fail "the program does not look for its library beside itself"
ldd "$bench" >"$out"
grep -qF "=> $prefix/bin/../lib/libmujoco.so" "$out" || fail "it is not the installed library that is loaded"

# The library comes with its licence and the notices of what it holds, as they lie where it was taken from.
licences=$prefix/share/lazybench/licences/mujoco
grep -q 'Apache License' "$licences/LICENSE" || fail "MuJoCo's licence is not installed"
[ "$(find "$licences" -type f -size +0 | wc -l)" -ge 2 ] || fail "MuJoCo's notices are not installed"
grep -q 'Apache License' "$prefix/share/lazybench/LICENSE" || fail "the program's own licence is not installed"

# What it reads is what was installed: a task that is there alone is known.
share=$prefix/share/lazybench
for name in models bench/recipes bench/suites bench/experts bench/verify expert_data; do
  diff -rq -x '*.[ch]' "$repository/$name" "$share/$name" >"$out" || fail "$name is not installed as it is"
done
cp -r "$share/models/hopper" "$share/models/of-this-place"
sed -i 's/"name": *"hopper"/"name": "of-this-place"/' "$share/models/of-this-place/task.json"
mkdir "$work/elsewhere"
cd "$work/elsewhere"
expect 0 tasks
prints of-this-place
expect 0 algos
expect 0 replay hopper
expect 0 run helicopter-hover-2023 --algo lamps-2023 --set iterations=1 --set evaluation_rollouts=2 --quiet
[ -f results/runs/single/helicopter-hover-2023/lamps-2023/seed-0/done.json ] || fail "no results in the current folder"
cat >"$share/bench/suites/small.json" <<'JSON'
{"name": "small", "seeds": 1, "protocol": {"iterations": 1, "evaluation_rollouts": 2},
  "tasks": ["helicopter-hover-2023"], "algos": ["expert", "zero"]}
JSON
expect 0 suite small --quiet
[ -f results/runs/quick/small/report.md ] || fail "no report in the current folder"
rm -r results/runs/quick/small/report.md
expect 0 report results/runs/quick
[ -f results/runs/quick/small/report.md ] || fail "no report anew"
[ ! -e "$share/results" ] || fail "results went to the installed data"

# Moved, it still runs.
mv "$prefix" "$work/moved"
bench=$work/moved/bin/bench
expect 0 tasks
prints of-this-place
