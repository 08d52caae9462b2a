#!/bin/bash
# scan.sh FOLDER: runs scan.awk over FOLDER/src. Exit 1 and a line for each breach of the layering.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$1"
[ -f src/CMakeLists.txt ] || { echo "$1/src/CMakeLists.txt: no such file" >&2; exit 2; }
find src -mindepth 2 \( -name '*.c' -o -name '*.h' \) -print0 | sort -z |
  xargs -0 awk -f "$here/scan.awk" src/CMakeLists.txt
