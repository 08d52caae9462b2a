#!/bin/bash
# A disk without room is told beforehand; where it fills up later, the run fails by name and goes on once there is room,
# with the bytes of an undisturbed run.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

run=(run helicopter-hover-2023 --algo lamps-2023 --set iterations=60 --set evaluation_rollouts=5 --checkpoint 0 --quiet)
expect 0 "${run[@]}" --out "$work/whole"

# A small file system where one may be mounted.
mkdir "$work/disk"
if mount -t tmpfs -o size=96k none "$work/disk" 2>/dev/null; then
  trap 'umount "$work/disk"; rm -rf "$work"' EXIT
  # Nothing is begun that has no room.
  expect 2 "${run[@]}" --out "$work/disk/run"
  says "lamps-2023 on helicopter-hover-2023: up to "
  says "of disk are needed, and that of $work/disk/run has 0.0983 MB left; free some, give --out on another disk, or lower steps, iterations or samples"
  says_one_line
  [ ! -e "$work/disk/run" ] || fail "a folder was made for a run that was refused"
  expect 2 "${run[@]}" --out "$work/disk/run" --dry-run
  says "of disk are needed"
  expect 2 suite tiny --out "$work/disk/suite" --seeds 1 --jobs 1
  says "4 runs: up to "
  says "of disk are needed, and that of $work/disk/suite has"
  says "give --out on another disk, or fewer --seeds or rows (--only)"
  [ -z "$(find "$work/disk" -name config.json)" ] || fail "a run was begun of what was refused"

  # There was room, and others took it.
  mount -o remount,size=64m "$work/disk"
  "$bench" "${run[@]}" --out "$work/disk/run" >"$out" 2>"$err" </dev/null &
  pid=$!
  wait_for 20 has_lines "$work/disk/run/metrics.jsonl" 2
  kill -STOP "$pid"
  dd if=/dev/zero of="$work/disk/others" bs=64k status=none 2>/dev/null || true
  kill -CONT "$pid"
  status=0
  wait "$pid" || status=$?
  check_sanitizers
  [ "$status" = 1 ] || fail "a disk that filled up: exit status $status"
  says "$work/disk/run"
  says 'No space left'
  says_one_line
  [ ! -e "$work/disk/run/done.json" ] || fail "a full disk passed for the end of a run"
  expect 2 "${run[@]}" --out "$work/disk/run"
  says "of disk are needed"
  rm "$work/disk/others"
  expect 0 "${run[@]}" --out "$work/disk/run"
  same_results "$work/whole" "$work/disk/run"
  no_leftovers "$work/disk/run"
  expect 0 suite tiny --out "$work/disk/suite" --seeds 1 --jobs 1

  # What is done needs no room.
  dd if=/dev/zero of="$work/disk/others" bs=64k status=none 2>/dev/null || true
  expect 0 "${run[@]}" --out "$work/disk/run"
  expect 2 demo import "$repository/tests/golden/parity/Hopper-v5.npz" --task hopper --out "$work/disk/hopper.npz"
  says "Hopper-v5.npz: 55 transitions: up to "
  says "of disk are needed, and that of $work/disk/hopper.npz has"
  says_one_line
  [ ! -e "$work/disk/hopper.npz" ] || fail "a recording without room was imported"
  rm "$work/disk/others"

  # What could not be written is not recorded in the first place: 64 MB hold no 4000 episodes of 200 steps.
  expect 2 demo record pendulum-swingup --zero --episodes 4000 --out "$work/disk/new/mine.npz"
  says "4000 episodes of pendulum-swingup: up to "
  says "of disk are needed, and that of $work/disk/new/mine.npz has"
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
