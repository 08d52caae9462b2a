#!/bin/bash
# headers.sh SRC COMPILER [FLAG...]: every header of SRC must compile on its own, and twice in one file.
set -euo pipefail
src=$1
compiler=$2
shift 2
failures=0
while IFS= read -r -d '' header; do
  name=${header#"$src"/}
  if ! printf '#include "%s"\n#include "%s"\n' "$name" "$name" |
    "$compiler" -std=c17 -D_GNU_SOURCE -fsyntax-only -Wall -Wextra -Wpedantic -Wstrict-prototypes -Werror \
      -I"$src" "$@" -x c -; then
    echo "$name does not compile on its own"
    failures=$((failures + 1))
  fi
done < <(find "$src" -name '*.h' -print0 | sort -z)
exit $((failures > 0))
