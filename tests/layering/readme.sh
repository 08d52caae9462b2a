#!/bin/bash
# readme.sh FOLDER: every file, every function and type lb_..., and every `name` of (or in) a `file` that FOLDER's
# src/README.md names is there. Exit 1 and a line for each that is not.
# Dollars and backquotes in single quotes are meant as they are.
# shellcheck disable=SC2016
set -euo pipefail
cd "$1"
failures=0
miss() {
  echo "src/README.md: there is no $1"
  failures=$((failures + 1))
}

# Paths from src, or from the root; a pattern, too.
for path in $(grep -oE '`[a-z_]+/[a-zA-Z0-9_/-]+(\*[a-z_.]*|\.[a-z]+)`' src/README.md | tr -d '`' | sort -u); do
  compgen -G "src/$path" >/dev/null || compgen -G "$path" >/dev/null || [[ $path == build/* ]] || miss "$path"
done
for name in $(grep -oE '`lb_[a-z0-9_]+`' src/README.md | tr -d '`' | sort -u); do
  grep -rqw --include='*.[ch]' "$name" src bench || miss "$name"
done
while read -r name file; do
  [ ! -f "src/$file" ] || grep -qw "$name" "src/$file" || miss "$name in $file"
done < <(tr '\n' ' ' <src/README.md | grep -oE '`[a-z_]+` (of|in) +`[a-z_]+/[a-z_0-9]+\.[ch]`' | tr -d '`' |
  sed -E 's/ (of|in) +/ /' | sort -u)
exit $((failures > 0))
