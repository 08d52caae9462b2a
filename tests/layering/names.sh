#!/bin/bash
# names.sh FOLDER [AT-LEAST]: no two files of FOLDER's src and bench give the same name to a type, or their headers to a
# function, a constant or a macro, so that a name means one thing. Exit 1 and a line for each that they share; and where
# fewer than so many names (usually 1000) are found, because then the headers are not laid out as this script assumes.
# Dollars and backquotes in single quotes are meant as they are.
# shellcheck disable=SC2016
set -euo pipefail
cd "$1"
# NAME FILE of everything that begins with lb_ or LB_. A type that a header only names (typedef struct lb_x lb_x) is
# given its name where its body is.
named=$(find src bench -name '*.[ch]' | sort | xargs awk '
  function give(name) {
    sub(/^[ *(]+/, "", name)
    sub(/[^A-Za-z0-9_].*/, "", name)
    print name, FILENAME
  }
  FNR == 1 { in_enum = 0 }
  { sub(/\/\/.*/, "") }
  /^(typedef )?(struct|union|enum) lb_[a-z0-9_]+ \{/ { give($(/^typedef/ ? 3 : 2)) }
  FILENAME !~ /\.h$/ { next }
  /^} lb_[a-z0-9_]+;/ { give($2) }
  /^typedef .*\(\*lb_/ { give(substr($0, index($0, "(*lb_"))) }
  /^typedef [^({]* lb_[a-z0-9_]+;/ && $(NF - 1) ";" != $NF { give($NF) }
  /^#define LB_/ && !/_H_$/ { give($2) }
  /^[a-z]/ && !/^typedef/ && match($0, /lb_[a-z0-9_]+\(/) { give(substr($0, RSTART)) }
  /^(typedef )?enum( lb_[a-z0-9_]+)? \{/ { in_enum = 1 }
  in_enum {
    body = $0
    sub(/.*\{/, "", body)
    n = split(body, part, ",")
    for (i = 1; i <= n; i++) if (part[i] ~ /^ *LB_/) give(part[i])
  }
  /\}/ { in_enum = 0 }' | sort -u)
count=$(grep -c . <<<"$named" || true)
[ "$count" -ge "${2:-1000}" ] || { echo "$count names found: is this how the headers are laid out?"; exit 1; }
twice=$(cut -d' ' -f1 <<<"$named" | uniq -d)
for name in $twice; do
  echo "$name: $(grep "^$name " <<<"$named" | cut -d' ' -f2 | tr '\n' ' ')"
done
[ -z "$twice" ]
