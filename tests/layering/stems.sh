#!/bin/bash
# stems.sh FOLDER: no two source files of FOLDER's src, bench and tests share a name, so that a name leads to one file.
# Exit 1 and a line for each that do.
set -euo pipefail
cd "$1"
sources=$(find src bench tests \( -name '*.c' -o -name '*.h' \) | sort)
twice=$(printf '%s\n' "$sources" | sed 's|\.[ch]$||' | sort -u | sed 's|.*/||' | sort | uniq -d)
for stem in $twice; do
  echo "$stem: $(grep -E "/$stem\.[ch]\$" <<<"$sources" | tr '\n' ' ')"
done
[ -z "$twice" ]
