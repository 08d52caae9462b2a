#!/bin/bash
# words.sh FOLDER: the words that FOLDER's docs/glossary.md says are not said stand nowhere in its code and documents.
# Exit 1 and a line for each place where one does.
set -euo pipefail
cd "$1"
# The last cells of the tables, split at commas.
words=$(sed -n 's/^|[^|]*|.*| *\([^|]*[^| ]\) *|$/\1/p' docs/glossary.md | grep -v '^not said$\|^-*$' | tr ',' '\n' | sed 's/^ *//; s/ *$//')
n=$(printf '%s\n' "$words" | grep -c .)
[ "$n" -ge 10 ] || { echo "docs/glossary.md: $n words are not said: is the last column still that?"; exit 1; }
mapfile -t files < <(find src bench docs tests examples models README.md results/README.md \( -name '*.[ch]' -o -name '*.md' \
  -o -name '*.json' -o -name '*.sh' -o -name '*.py' \) ! -path docs/glossary.md ! -path tests/layering/words.sh \
  ! -path 'tests/fuzz/corpus/*')
patterns=$(printf '%s\n' "$words" | sed 's/.*/(^|[^_[:alnum:]])&($|[^_[:alnum:]])/')
found=$(grep -nHiEf <(printf '%s\n' "$patterns") "${files[@]}" || true)
[ -z "$found" ] || { echo "docs/glossary.md has another word for these:"; echo "$found"; exit 1; }
