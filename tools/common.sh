# shellcheck shell=bash
# What the scripts of tools/ share. Sourced under `set -euo pipefail`.

# The repository, wherever it is called from and through whatever links.
# shellcheck disable=SC2034
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)

if [ -d "${MUJOCO_DIR:-}" ]; then
  MUJOCO_DIR=$(cd "$MUJOCO_DIR" && pwd)  # it may be relative to the caller's folder
  export MUJOCO_DIR
fi

# What code is made for: the processor's instructions and the system's libraries.
machine=$({
  uname -m
  grep -m1 -E '^(flags|Features)' /proc/cpuinfo
  grep -E '^(ID|VERSION_ID)=' /etc/os-release || true
} 2>/dev/null | cksum | cut -d' ' -f1)

# build_folder PRESET: build/PRESET, or build/PRESET-MACHINE where the former was made on another type of machine: types
# that share a checkout have a folder each.
build_folder() {
  local made_for folder=$root/build/$1
  made_for=$(sed -n 's/^machine //p' "$folder/.configured" 2>/dev/null || true)
  if [ -d "$folder-$machine" ] || { [ -n "$made_for" ] && [ "$made_for" != "$machine" ]; }; then
    folder=$folder-$machine
  fi
  printf '%s\n' "$folder"
}

say() { printf '%s\n' "$*" >&2; }

# fail MESSAGE [STATUS]
fail() {
  say "$1"
  exit "${2:-1}"
}

# quietly WHAT COMMAND...: runs COMMAND with its output held back; if it fails, shows the output and returns its status.
# As everywhere after `||`, bash suspends errexit inside: a function that is given here must chain its steps itself.
quietly() {
  local what=$1 log status=0
  shift
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [ "$status" != 0 ]; then
    cat "$log" >&2
    say "$what: failed (exit status $status)"
  fi
  rm -f "$log"
  return "$status"
}
