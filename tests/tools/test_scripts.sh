#!/bin/bash
# test_scripts.sh ROOT: every shell script passes `bash -n`, and shellcheck where that is installed.
set -euo pipefail
cd "$1"
mapfile -t scripts < <(find .ci tools tests -type f -exec grep -lE '^(#!/bin/(ba)?sh|# shellcheck shell=)' {} + | sort)
[ "${#scripts[@]}" -ge 8 ] || { echo "only ${#scripts[@]} scripts found under $1: is this the repository?"; exit 1; }
status=0
for script in "${scripts[@]}"; do
  bash -n "$script" || status=1
done
if command -v shellcheck >/dev/null; then
  shellcheck -x "${scripts[@]}" || status=1
else
  echo "shellcheck is not installed: syntax alone was checked"
fi
exit "$status"
