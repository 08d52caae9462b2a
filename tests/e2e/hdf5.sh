#!/bin/bash
# Recordings in HDF5: D4RL's layout and Minari's, damaged files, and a machine without the library.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
golden=$repository/tests/golden/parity/Hopper-v5.npz

# Without the library that is said, and how to mend it.
printf '\211HDF\r\n\032\n and no more' >"$work/short.hdf5"
LB_HDF5=$work/nothing.so expect 2 demo import "$work/short.hdf5" --task hopper --out "$work/no.npz"
says 'is HDF5, which needs libhdf5, and LB_HDF5 names none that opens'
says 'Debian: libhdf5-103-1'
says_one_line
expect 2 demo check "$work/short.hdf5" --task hopper
says 'is HDF5; '

if ! "${LB_PYTHON:-false}" -c 'import h5py' 2>"$err"; then
  echo 'SKIPPED: files in HDF5, which need h5py in LB_PYTHON'
  exit 0
fi
# The library that h5py brings, or else the system's.
own=$("$LB_PYTHON" -c 'import glob, os, h5py
print(*glob.glob(os.path.dirname(h5py.__file__) + "/../h5py.libs/libhdf5-*.so*"))')
[ -z "$own" ] || export LB_HDF5=$own
"$LB_PYTHON" - "$golden" "$work" <<'PYTHON'
import sys

import h5py
import numpy

whole, out = numpy.load(sys.argv[1]), sys.argv[2]
keys = ("observations", "actions", "rewards", "terminals", "infos/qpos", "infos/qvel")
bare = {key: whole[key].astype("float32") if whole[key].dtype == "float64" else whole[key] for key in keys}


def d4rl(name, changes={}, **how):
    with h5py.File(f"{out}/{name}.hdf5", "w") as f:
        for key, a in (bare | changes).items():
            f.create_dataset(key, data=a, **how)
        f["timeouts"] = 0 * bare["terminals"]
        f["metadata/algorithm"] = b"SAC"
        f["metadata/policy/fc0/weight"] = numpy.zeros((3, 4, 5))


d4rl("d4rl", compression="gzip")
d4rl("plain")
d4rl("words", {"rewards": numpy.array([b"a"] * len(bare["rewards"]))})
d4rl("cube", {"actions": bare["actions"].reshape(-1, 3, 1)})
with h5py.File(f"{out}/virtual.hdf5", "w") as f:
    layout = h5py.VirtualLayout(shape=bare["actions"].shape, dtype="f4")
    layout[:] = h5py.VirtualSource(f"{out}/d4rl.hdf5", "actions", shape=bare["actions"].shape)
    f.create_virtual_dataset("actions", layout)
with h5py.File(f"{out}/neither.hdf5", "w") as f:
    f["something"] = numpy.zeros(3)
with h5py.File(f"{out}/minari.hdf5", "w") as f:
    start = 0
    for e, end in enumerate(numpy.flatnonzero(whole["terminals"])):
        rows, group = slice(start, end + 1), f.create_group(f"episode_{e}")
        group["actions"], group["rewards"] = whole["actions"][rows], whole["rewards"][rows]
        group["terminations"], group["truncations"] = whole["terminals"][rows], numpy.zeros(end + 1 - start, bool)
        for now, later in (("observations", "next_observations"), ("infos/qpos", "infos/next_qpos"),
                           ("infos/qvel", "infos/next_qvel")):
            group[now] = numpy.concatenate((whole[now][rows], whole[later][end : end + 1]))
        start = end + 1
PYTHON
for name in d4rl minari; do
  expect 0 demo import "$work/$name.hdf5" --task hopper --out "$work/$name.npz"
  prints '3 episodes, 55 transitions of hopper'
  expect 0 demo info "$work/$name.npz"
  prints "\"imported_from\":\"$name.hdf5\""
  expect 0 demo check "$work/$name.npz" --task hopper
done
"$LB_PYTHON" - "$golden" "$work/minari.npz" "$work/d4rl.npz" <<'PYTHON' || fail 'the numbers differ'
import sys

import numpy

whole, minari, d4rl = map(numpy.load, sys.argv[1:])
for key in ("observations", "next_observations", "actions", "rewards", "infos/qpos", "infos/next_qvel", "terminals"):
    assert (whole[key] == minari[key]).all(), key
    assert numpy.abs(whole[key].astype(float) - d4rl[key].astype(float)).max() < 1e-4, key
PYTHON
# A disk without room for what is unpacked on the way.
mkdir "$work/disk"
if mount -t tmpfs -o size=4k none "$work/disk" 2>"$err"; then
  trap 'umount "$work/disk"; rm -rf "$work"' EXIT
  expect 2 demo import "$work/plain.hdf5" --task hopper --out "$work/disk/plain.npz"
  says 'plain.hdf5: up to 0.0'
  says "MB of disk are needed, and that of $work/disk has 0.0041 MB left; free some, or give --out on another disk"
  says_one_line
  [ -z "$(find "$work/disk" -type f)" ] || fail 'something was written where there is no room'
fi
refused() {
  expect 2 demo import "$work/$1.hdf5" --task hopper --out "$work/no.npz"
  says "$1.hdf5: "
  says "$2"
  says_one_line
}
refused short 'truncated or damaged'
refused words "'rewards' holds other things than numbers"
refused cube "'actions' has 3 dimensions"
refused virtual 'has its numbers in other files'
refused neither "neither the dataset 'actions'"
# The corpus of the fuzz target, with the library: filters that it lacks, links and numbers elsewhere, other layouts.
corpus=$repository/tests/fuzz/corpus/data_hdf5
"$LB_BUILD/tests/fuzz/fuzz_data_hdf5" "$corpus" >"$out" 2>"$err" || fail "the corpus of HDF5: $(cat "$err")"
for line in 'unknown-filter|filter that libhdf5 lacks' 'links|is missing or damaged' 'virtual|in other files' \
  'elsewhere|in other files' "uneven|'actions' has shape (12, 2)" 'scalar|0 dimensions' 'complex|other things than numbers'; do
  cp "$corpus/${line%%|*}" "$work/${line%%|*}.hdf5"
  refused "${line%%|*}" "${line#*|}"
  ! grep -q "[.]tmp[0-9]" "$err" || fail "names a temporary file: $(cat "$err")"
done
# Cut or altered anywhere: refused in a line, or read; the program never breaks down.
size=$(stat -c %s "$work/plain.hdf5")
for i in 1 2 3 4 5 6 7 8; do
  head -c $((size * i / 9)) "$work/plain.hdf5" >"$work/cut.hdf5"
  refused cut 'truncated or damaged'
  cp "$work/plain.hdf5" "$work/altered.hdf5"
  printf '\377\376\375\374\373\372\371\370' |
    dd of="$work/altered.hdf5" bs=1 seek=$((96 + 411 * i)) conv=notrunc status=none
  status=0
  "$bench" demo import "$work/altered.hdf5" --task hopper --out "$work/altered.npz" >"$out" 2>"$err" </dev/null || status=$?
  [ "$status" -le 2 ] || fail "an altered file: exit status $status"
  check_sanitizers
done
no_leftovers "$work"
