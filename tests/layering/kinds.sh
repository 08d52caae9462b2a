#!/bin/bash
# kinds.sh FOLDER: nothing of FOLDER's src and bench asks what kind an iteration is but the schedule, nor a model or a
# planner for its name: all others ask what it has, needs and gives (src/core/kind.h). Exit 1 and a line for each that
# does.
set -euo pipefail
cd "$1"
registry=src/algo/registry.c
names=$(sed -nE 's/^ *\{\.name = "([a-z0-9-]+)".*/\1/p' $registry | paste -sd'|')
[ -n "$names" ] || { echo "$registry: no names of kinds found"; exit 1; }
asks=$(grep -rnE --include='*.[ch]' "LB_ITERATION_[A-Z]+|strcmp\([^\"]*(kind|planner|model|type|algo)[^\"]*, \"($names)\"" src bench |
  grep -vE '^src/(core/kind\.h|algo/(registry|schedule)\.c):' || true)
[ -z "$asks" ] || echo "$asks"
[ -z "$asks" ]
