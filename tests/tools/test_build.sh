#!/bin/bash
# test_build.sh ROOT MUJOCO_DIR: tools/build on a copy of the sources in a folder with an awkward name: a program that runs
# is not disturbed, damage is repaired, no error costs the build folder, machine types and users do not get in each
# other's way.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
copy="$work/a (b) & c's \$HOME/lb"
mkdir -p "$copy"
(cd "$1" && cp -r CMakeLists.txt CMakePresets.json cmake src tests tools LICENSE NOTICE README.md CITATION.cff "$copy" &&
  mkdir "$copy/bench" && cp -r bench/CMakeLists.txt bench/*.[ch] bench/perf bench/verify bench/viewer "$copy/bench")
export MUJOCO_DIR=$2
build=("$copy/tools/build" debug test_base_text)
folder=$copy/build/debug
program=tests/test_base_text
object=src/CMakeFiles/lb_base.dir/base/text.c.o

fail() {
  printf '%s\n--- said:\n%s\n' "$*" "${said:-}" >&2
  exit 1
}

# try WHAT STATUS PATTERN [COMMAND...]: the build, or COMMAND, ends with STATUS and says PATTERN ('' matches silence alone).
try() {
  local what=$1 status=$2 pattern=$3 got=0
  shift 3
  [ $# -gt 0 ] || set -- "${build[@]}"
  said=$("$@" 2>&1 </dev/null) || got=$?
  [ "$got" = "$status" ] || fail "$what: exit status $got, not $status"
  if [ -n "$pattern" ]; then grep -qE -- "$pattern" <<<"$said"; else [ -z "$said" ]; fi || fail "$what: not '$pattern'"
}

inode() { stat -c %i "$folder/$1"; }

# damage COMMAND... FILE: changes an output, but not its time.
damage() {
  touch -r "$folder/${*: -1}" "$work/time"
  (cd "$folder" && "$@")
  touch -r "$work/time" "$folder/${*: -1}"
}

try "a first build" 0 '^configuring build/debug$'
[ "$(grep -c '^building build/debug for the first time$' <<<"$said")" = 1 ] || fail "a first build does not say so"
# Of the program it says how long that takes, once; with a ninja that does nothing.
mkdir "$work/idle"
ln -s "$(command -v true)" "$work/idle/ninja"
program_build=(env PATH="$work/idle:$PATH" "$copy/tools/build" debug bench)
try "the program's first build" 0 '^building build/debug for the first time: about [0-9]+ min on [0-9]+ cores?$' \
  "${program_build[@]}"
try "the program's second build" 0 '' "${program_build[@]}"
rm "$folder/.built-bench"
try "the program" 0 'PASSED' "$folder/$program"
first=$(inode "$object")
try "nothing to do" 0 ''
[ "$(inode "$object")" = "$first" ] || fail "everything is built anew each time"

ln "$folder/$program" "$work/running"
cp "$folder/$program" "$work/before"
echo 'int lb_text_unused_(void);' >>"$copy/src/base/text.c"
echo 'int lb_text_unused_(void) { return 1; }' >>"$copy/src/base/text.c"
try "a change" 0 ''
[ "$(inode "$program")" != "$(stat -c %i "$work/running")" ] || fail "the program was overwritten in its place"
cmp "$work/running" "$work/before" || fail "a running program was changed"
cp "$folder/$program" "$work/whole"

damage truncate -s 0 "$object"
try "an empty object" 0 "$object again: it is damaged"
[ -s "$folder/$object" ] || fail "the object is still empty"
damage truncate -s 5000 "$program"
try "half a program" 0 "$program again: it is damaged"
cmp "$folder/$program" "$work/whole" || fail "the program is not what it was"
dd if=/dev/zero of="$folder/$program" bs=1000 count=1 conv=notrunc status=none
echo "of another boot" >"$folder/.building"
try "a power cut during a build" 0 "$program again: it is damaged"
cmp "$folder/$program" "$work/whole" || fail "the program is not what it was"
try "nothing to do after repairs" 0 ''

kept=$(inode "$object")
cp "$copy/CMakeLists.txt" "$work/CMakeLists.txt"
echo 'message(FATAL_ERROR "this is wrong")' >>"$copy/CMakeLists.txt"
try "a mistake in CMakeLists.txt" 1 'this is wrong'
cp "$work/CMakeLists.txt" "$copy/CMakeLists.txt"
try "the mistake mended" 0 '^configuring build/debug$'
truncate -s 3000 "$folder/build.ninja"
try "half a build.ninja" 0 '^configuring build/debug$'
: >"$folder/build.ninja"
try "an empty build.ninja" 0 '^configuring build/debug$'
[ "$(inode "$object")" = "$kept" ] || fail "an error of CMake's or ninja's cost the objects"

# Another type of machine has a folder of its own, and leaves the first one alone.
sed -i 's/^machine .*/machine of-another-type/' "$folder/.configured"
try "another type of machine" 0 '^configuring build/debug-[0-9]+$'
[ "$(inode "$object")" = "$kept" ] || fail "the folder of another type of machine was changed"
other=$(compgen -G "$folder-*")
sed -i "s/^machine .*/machine ${other##*-}/" "$folder/.configured"
rm -r "$other"
try "the first type of machine again" 0 ''

# Without cmocka there are no tests, and everything else builds.
mkdir "$work/bin"
printf '#!/bin/bash\ncase "$*" in *cmocka*) exit 1 ;; esac\nexec %q "$@"\n' "$(command -v pkg-config)" \
  >"$work/bin/pkg-config"
chmod +x "$work/bin/pkg-config"
try "without cmocka" 0 '^configuring build/debug$' env PATH="$work/bin:$PATH" PKG_CONFIG="$work/bin/pkg-config" \
  "$copy/tools/build" debug lb_base
try "with cmocka again" 0 '^configuring build/debug$'

# A folder of another user is used while it is up to date, and never removed.
other_user=(setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent)
if [ "$(id -u)" = 0 ] && "${other_user[@]}" test -r "$copy/tools/build" -a -r "$MUJOCO_DIR/include" 2>/dev/null; then
  try "another user's folder" 0 '' "${other_user[@]}" "${build[@]}"
  touch "$copy/src/base/text.c"
  try "another user's stale folder" 2 'belongs to root: let root run tools/build debug test_base_text, or clone' \
    "${other_user[@]}" "${build[@]}"
  [ "$(wc -l <<<"$said")" = 1 ] || fail "more than a line"
  try "no folder of another user" 2 'belongs to root' "${other_user[@]}" "$copy/tools/build" coverage lb_base
fi
[ "$(inode "$object")" = "$kept" ] || fail "the object was made again"

for name in 'a"b' 'a;b' 'a[b' $'a\nb'; do
  mkdir "$work/$name"
  mv "$copy" "$work/$name/lb"
  copy=$work/$name/lb
  try "a folder called $name" 2 'CMake cannot build below a folder with' "$copy/tools/build" debug
  [ "$(wc -l <<<"$said")" = 1 ] || fail "more than a line"
done
