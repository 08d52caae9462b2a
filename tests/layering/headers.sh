#!/bin/bash
# headers.sh SRC COMPILER [FLAG...]: every header of SRC must compile on its own, and twice in one file.
set -euo pipefail
src=$1
compiler=$2
shift 2
twice=$(mktemp "${TMPDIR:-/tmp}/lb_headers_XXXXXX.c")
trap 'rm -f "$twice"' EXIT
failures=0
while IFS= read -r -d '' header; do
  name=${header#"$src"/}
  printf '#include "%s"\n#include "%s"\ntypedef int not_empty;\n' "$name" "$name" >"$twice"
  if ! "$compiler" -std=c17 -D_GNU_SOURCE -fsyntax-only -Wall -Wextra -Wpedantic -Wstrict-prototypes -Werror \
    -I"$src" "$@" "$twice"; then
    echo "$name does not compile on its own"
    failures=$((failures + 1))
  fi
done < <(find "$src" -name '*.h' -print0 | sort -z)
exit $((failures > 0))
