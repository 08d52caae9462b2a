#!/bin/bash
# Folders that are in use, cannot be written, or are no folders.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# In use by another bench: refused, with its pid.
set -m
"$bench" suite tiny --seeds 1 --set iterations=100000 --checkpoint 1000 --jobs 1 --out "$work/out" >/dev/null \
  2>/dev/null </dev/null &
pid=$!
set +m
run=$work/out/tiny/helicopter-hover-2023/lamps-2023/seed-0
wait_for 60 has_lines "$run/metrics.jsonl" 1
expect 1 suite tiny --out "$work/out" --seeds 1 --set iterations=100000
says "in use by process $pid"
says_one_line
expect 1 suite tiny --out "$work/out" --fresh
says "in use by process $pid"
[ -e "$run/metrics.jsonl" ] || fail "--fresh deleted what another bench is writing"
expect 1 run helicopter-hover-2023 --algo lamps-2023 --out "$run" --fresh
says 'in use by process'
expect 0 status "$work/out"
kill -TERM "$pid"
wait "$pid" 2>/dev/null || true

# Below a file, and where nothing can be made.
: >"$work/file"
expect 2 suite tiny --out "$work/file"
says 'is a file'
expect 2 run helicopter-hover-2023 --algo expert --out "$work/file/below"
says "$work/file"
expect 1 suite tiny --out /proc/lazybench
says /proc/lazybench
says_one_line

# Read-only. Root may write everywhere, so it steps down where it can.
mkdir "$work/read_only"
chmod 555 "$work/read_only"
as_other=()
if [ "$(id -u)" = 0 ]; then
  chmod 755 "$work"
  as_other=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
if "${as_other[@]}" test -x "$bench" 2>/dev/null && "${as_other[@]}" test -r "$repository/models" 2>/dev/null; then
  for words in "suite tiny" "run helicopter-hover-2023 --algo expert" "expert helicopter-hover-2023 --episodes 2"; do
    status=0
    # shellcheck disable=SC2086
    "${as_other[@]}" "$bench" $words --out "$work/read_only/x" >"$out" 2>"$err" </dev/null || status=$?
    check_sanitizers
    [ "$status" = 1 ] || fail "$words into a read-only folder: exit status $status"
    says "$work/read_only"
    says_one_line
  done
else
  echo "SKIPPED: no other user can run $bench, so the read-only folder is not tested" >&2
fi
