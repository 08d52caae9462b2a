#!/bin/bash
# stems.sh FOLDER: no two source files of FOLDER/src in different rooms share a name, so that a name leads to one file.
# Exit 1 and a line for each that do.
set -euo pipefail
cd "$1/src"
twice=$(find . -mindepth 2 \( -name '*.c' -o -name '*.h' \) | sed 's|^\./||; s|\.[ch]$||' | sort -u | sed 's|.*/||' |
  sort | uniq -d)
for stem in $twice; do
  echo "$stem: $(find . -name "$stem.[ch]" | sort | tr '\n' ' ')"
done
[ -z "$twice" ]
