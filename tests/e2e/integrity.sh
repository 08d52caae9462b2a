#!/bin/bash
# Run folders that somebody changed: whatever is not as a run left it is noticed in one line that names the file, by
# whoever goes on with the run or reads it; and nothing of a former run passes for the present one's.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

run=(run pendulum-swingup --algo sac --set steps=4000 --set warmup_steps=100 --set evaluate_every=150
  --set evaluation_episodes=1 --set width=8 --set batch=8 --quiet)

# stop_after LINES DIR WORD...: starts a run and stops it, with a checkpoint, once it has written so many lines.
stop_after() {
  local lines=$1 dir=$2 pid
  shift 2
  "$bench" "$@" --out "$dir" >/dev/null 2>&1 </dev/null &
  pid=$!
  wait_for 60 has_lines "$dir/metrics.jsonl" "$lines"
  kill -TERM "$pid"
  wait "$pid" 2>/dev/null || true
  [ ! -e "$dir/done.json" ] || fail "the run was over before it was stopped: nothing is tested"
}

# refused DIR WORDS...: going on says this in one line, and changes nothing.
refused() {
  local dir=$1 words
  cp -r "$dir" "$work/before"
  expect 2 "${run[@]}" --out "$dir"
  says_one_line
  for words in "${@:2}"; do says "$words"; done
  says '--fresh'
  diff -r -x .lock -x environment.json "$work/before" "$dir" >/dev/null || fail "a refused run changed its folder"
  rm -r "$work/before"
}

stop_after 3 "$work/a" "${run[@]}"
cp "$work/a/metrics.jsonl" "$work/kept"
for change in 's/$/\r/' '1d' '1p' 's/"return":-*[0-9]/"return":5/'; do
  sed "$change" "$work/kept" >"$work/a/metrics.jsonl"
  refused "$work/a" 'a/metrics.jsonl: was altered since the run was stopped'
  expect 0 status "$work/a"
  prints "seed 0: unreadable: $work/a/metrics.jsonl: was altered since the run was stopped"
done
cp "$work/kept" "$work/a/metrics.jsonl"

# Another run's checkpoint: of another seed, with as many steps.
stop_after 3 "$work/b" "${run[@]}" --seed 1
cp "$work/a/checkpoint.npz" "$work/kept.npz"
cp "$work/b/checkpoint.npz" "$work/a/checkpoint.npz"
refused "$work/a" 'a/checkpoint.npz: is the checkpoint of another run ($.seed was 1 and is now 0)'
cp "$work/kept.npz" "$work/a/checkpoint.npz"

# Pipes that nobody writes into, a folder, a device.
for name in metrics.jsonl checkpoint.npz; do
  mv "$work/a/$name" "$work/moved"
  mkfifo "$work/a/$name"
  expect 2 "${run[@]}" --out "$work/a"
  says "a/$name: is"
  says_one_line
  rm "$work/a/$name"
  mkdir "$work/a/$name"
  expect 2 "${run[@]}" --out "$work/a"
  says "a/$name: is a folder"
  rmdir "$work/a/$name"
  ln -s /dev/zero "$work/a/$name"
  expect 2 "${run[@]}" --out "$work/a"
  says "a/$name: is"
  rm "$work/a/$name"
  mv "$work/moved" "$work/a/$name"
done

# Put back, the run goes on to what it would have been.
expect 0 "${run[@]}" --out "$work/a"
expect 0 "${run[@]}" --out "$work/whole"
same_results "$work/whole" "$work/a"

# A finished run: what was changed afterwards is named by a second call and by status.
expect 0 "${run[@]}" --out "$work/a"
for name in metrics.jsonl timing.jsonl policy.safetensors best.safetensors checkpoint.npz; do
  cp "$work/a/$name" "$work/kept"
  case $name in
    *.jsonl) sed -i 2d "$work/a/$name" ;;
    *) cp "$work/b/${name/policy/best}" "$work/a/$name" ;;
  esac
  refused "$work/a" "a/$name: is not what the run left"
  expect 0 status "$work/a"
  prints "sac on pendulum-swingup, seed 0: unreadable: $work/a/$name: is not what the run left"
  cp "$work/kept" "$work/a/$name"
done
expect 0 "${run[@]}" --out "$work/a"

# What a finished run lacks is missed, the list of its files too.
for name in policy.safetensors best.safetensors checkpoint.npz; do
  mv "$work/a/$name" "$work/moved"
  refused "$work/a" "a/$name: is missing, though the run is over"
  mv "$work/moved" "$work/a/$name"
done
cp "$work/a/done.json" "$work/kept"
sed -i 's/,"files":{.*$/}/' "$work/a/done.json"
refused "$work/a" 'a/done.json: has no "files", the checksums of what the run left: it was altered'
cp "$work/kept" "$work/a/done.json"

# Published, a run says itself what was left out; the rest of it is still vouched for.
cp -r "$work/a" "$work/published"
"$repository/tools/publish" "$work/published" >"$out" 2>"$err"
prints '1 run'
[ "$(cd "$work/published" && echo *)" = 'config.json done.json environment.json metrics.jsonl timing.jsonl' ] ||
  fail "published: $(ls "$work/published")"
cp "$work/published/done.json" "$work/kept"
"$repository/tools/publish" "$work/published" >"$out" 2>"$err"
cmp -s "$work/published/done.json" "$work/kept" || fail "published twice, done.json differs"
expect 0 status "$work/published"
prints 'sac on pendulum-swingup, seed 0: finished'
expect 0 "${run[@]}" --out "$work/published"
rm "$work/published/timing.jsonl"
refused "$work/published" 'published/timing.jsonl: is missing, though the run is over'

# In a suite, the report leaves that run out and names the file.
expect 0 suite tiny --seeds 2 --quiet --out "$work/out"
altered=$work/out/tiny/helicopter-hover-2023/lamps-2023/seed-1/metrics.jsonl
sed -i '2{p}' "$altered"
expect 0 report "$work/out"
prints "$altered: is not what the run left"
grep -qF 'metrics.jsonl: is not what the run left' "$work/out/tiny/report.md" || fail "the report does not name the file"
expect 0 status "$work/out"
prints '7 finished'
prints '1 unreadable'
expect 1 suite tiny --seeds 2 --quiet --out "$work/out"
prints "$altered: is not what the run left: it was altered, or is another run's; put it back, or run it again with --fresh"
says '1 of 8 runs failed or diverged'

# --fresh leaves nothing of the former run, and what is not a run's alone.
echo mine >"$work/a/notes.txt"
expect 0 run cartpole-swingup --algo random --set steps=200 --set evaluation_episodes=1 --fresh --quiet --out "$work/a"
[ "$(cd "$work/a" && echo *)" = 'config.json done.json environment.json metrics.jsonl notes.txt timing.jsonl' ] ||
  fail "after --fresh there is: $(ls "$work/a")"
mkdir "$work/home"
echo mine >"$work/home/thesis.tex"
for fresh in "" --fresh; do
  # shellcheck disable=SC2086
  expect 2 "${run[@]}" --out "$work/home" $fresh
  says "$work/home: is not the folder of a run: it holds thesis.tex"
  says_one_line
done
[ "$(ls -A "$work/home")" = thesis.tex ] || fail "a foreign folder was written to"
expect 2 "${run[@]}" --out "$work/out/tiny" --fresh
says 'the results of a suite'

# A suite's --fresh removes its runs and its report; what is somebody else's stays.
row=$work/out/tiny/helicopter-hover-2023/lamps-2023
echo mine >"$work/out/tiny/notes.txt"
echo mine >"$row/seed-1/notes.txt"
mkdir "$work/out/tiny/plots/mine"
expect 0 suite tiny --seeds 1 --quiet --fresh --out "$work/out"
[ "$(ls "$row")" = "seed-0
seed-1" ] || fail "after a suite's --fresh there is: $(ls "$row")"
[ "$(ls -A "$row/seed-1")" = notes.txt ] || fail "after a suite's --fresh there is: $(ls -A "$row/seed-1")"
[ -e "$work/out/tiny/notes.txt" ] || fail "--fresh removed a file that is not a suite's"
[ -d "$work/out/tiny/plots/mine" ] || fail "--fresh removed a folder that is not a suite's"
[ "$(find "$work/out" -name 'seed-*' | wc -l)" = 5 ] || fail "--fresh left earlier runs"
mkdir -p "$work/foreign/tiny"
echo mine >"$work/foreign/tiny/thesis.tex"
for fresh in "" --fresh; do
  # shellcheck disable=SC2086
  expect 2 suite tiny --seeds 1 --quiet --out "$work/foreign" $fresh
  says "$work/foreign/tiny: holds thesis.tex and no suite.json"
  says_one_line
done
[ "$(ls -A "$work/foreign/tiny")" = thesis.tex ] || fail "a foreign folder was written to"

# A pipe in the place of any input is refused at once, whoever reads it.
for folder in models bench/recipes bench/suites; do
  cp -r "$repository/$folder" "$work/copied"
  rm -rf "${LAZYBENCH_ROOT:?}/$folder"
  mv "$work/copied" "$LAZYBENCH_ROOT/$folder"
done
for file in models/pendulum-swingup/model.xml models/pendulum-swingup/task.json bench/recipes/sac.json \
  bench/suites/control.json; do
  mv "$LAZYBENCH_ROOT/$file" "$work/moved"
  mkfifo "$LAZYBENCH_ROOT/$file"
  case $file in
    *suites*) expect 2 suite control --quiet --out "$work/piped" ;;
    *) expect 2 "${run[@]}" --out "$work/piped" ;;
  esac
  says "$file: is not a regular file"
  says_one_line
  rm "$LAZYBENCH_ROOT/$file"
  mv "$work/moved" "$LAZYBENCH_ROOT/$file"
done
