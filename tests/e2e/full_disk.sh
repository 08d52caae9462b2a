#!/bin/bash
# A disk that fills up: the run fails by name and goes on once there is room, with the bytes of an undisturbed run.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

run=(run helicopter-hover-2023 --algo lamps-2023 --set iterations=20 --set evaluation_rollouts=5 --checkpoint 0 --quiet)
expect 0 "${run[@]}" --out "$work/whole"

# A small file system where one may be mounted.
mkdir "$work/disk"
if mount -t tmpfs -o size=96k none "$work/disk" 2>/dev/null; then
  trap 'umount "$work/disk"; rm -rf "$work"' EXIT
  expect 1 "${run[@]}" --out "$work/disk/run"
  says "$work/disk/run"
  says 'No space left'
  says_one_line
  [ ! -e "$work/disk/run/done.json" ] || fail "a full disk passed for the end of a run"
  expect 1 suite tiny --out "$work/disk/suite" --seeds 1 --jobs 1
  mount -o remount,size=64m "$work/disk"
  expect 0 "${run[@]}" --out "$work/disk/run"
  same_results "$work/whole" "$work/disk/run"
  no_leftovers "$work/disk/run"
  expect 0 suite tiny --out "$work/disk/suite" --seeds 1 --jobs 1

  # What could not be written is not recorded in the first place: 64 MB hold no 4000 episodes of 200 steps.
  expect 2 demo record pendulum-swingup --zero --episodes 4000 --out "$work/disk/new/mine.npz"
  says "4000 episodes of pendulum-swingup: takes up to"
  says "the disk of $work/disk/new/mine.npz has"
  says_one_line
  [ ! -e "$work/disk/new" ] || fail "a folder was made for a recording that was refused"
  expect 0 demo record pendulum-swingup --zero --episodes 4 --out "$work/disk/mine.npz"
else
  echo "SKIPPED: no file system can be mounted here" >&2
fi

# The same by a limit on the size of a file, everywhere.
status=0
(
  trap '' XFSZ
  ulimit -f 8
  exec "$bench" "${run[@]}" --out "$work/limited" >"$out" 2>"$err" </dev/null
) || status=$?
check_sanitizers
[ "$status" = 1 ] || fail "a limit on the size of files: exit status $status"
says "$work/limited"
says_one_line
expect 0 "${run[@]}" --out "$work/limited"
same_results "$work/whole" "$work/limited"
