# shellcheck shell=bash
# What the scripts of tools/ share. Sourced under `set -euo pipefail`.

# The repository, wherever it is called from and through whatever links.
# shellcheck disable=SC2034
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)

if [ -d "${MUJOCO_DIR:-}" ]; then
  MUJOCO_DIR=$(cd "$MUJOCO_DIR" && pwd)  # it may be relative to the caller's folder
  export MUJOCO_DIR
fi

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
