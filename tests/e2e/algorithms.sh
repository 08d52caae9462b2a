#!/bin/bash
# docs/algorithms: every algorithm is on a page, every recipe that is shown is the one that runs, every setting and metric
# that is named exists, every link and picture is there.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
pages=$repository/docs/algorithms
expect 0 help --settings
# shellcheck disable=SC2016
sed -n 's/^| `\([a-z_]*\)` |.*/\1/p' "$out" | sort >settings
sed -n '/^| `/ s/^| \([^|]*\)|.*/\1/p' "$repository/docs/metrics.md" | tr -d '` ' | tr ',' '\n' | sort >metrics
[ "$(wc -l <settings)" -ge 50 ] || fail "only $(wc -l <settings) settings"
[ "$(wc -l <metrics)" -ge 80 ] || fail "only $(wc -l <metrics) metrics"

sha256sum "$repository"/bench/recipes/*.json >sums
for recipe in "$repository"/bench/recipes/*.json; do
  name=${recipe##*/} name=${name%.json}
  grep -lF "\`$name\`" "$pages"/[a-z]*.md >"$out" || fail "$name is on no page"
done
# named SECTION FILE LIST: the first column of a section's table names only what is in the list.
named() {
  # shellcheck disable=SC2016
  awk -v section="## $1" '/^## / { inside = index($0, section) == 1 } inside && /^\| `/' "$2" |
    sed 's/^| `\([^`]*\)`.*/\1/' | sort >"$work/found"
  [ -s "$work/found" ] || grep -q '^There are none' "$2" || fail "${2##*/}: nothing under $1"
  comm -23 "$work/found" "$3" >"$out"
  [ ! -s "$out" ] || fail "${2##*/}: under $1 there is no such: $(cat "$out")"
}
for page in "$pages"/[a-z]*.md; do
  named Settings "$page" settings
  named Metrics "$page" metrics
  for part in Equations Recipe Differences Settings Metrics 'A curve'; do
    grep -q "^## $part" "$page" || fail "${page##*/} has no $part"
  done
  grep -qF "(${page##*/})" "$pages/README.md" || fail "${page##*/} is not in the list"
  # What stands in a block of JSON is a recipe, as it is.
  awk -v work="$work" '/^```json/ { inside = 1; file = sprintf("%s/block-%d", work, ++n); next } /^```/ { inside = 0 }
    inside { print > file }' "$page"
  for block in "$work"/block-*; do
    grep -qF "$(sha256sum <"$block" | cut -d' ' -f1)" sums ||
      fail "${page##*/}: a recipe that is not in bench/recipes: $(sed -n 2p "$block")"
  done
  rm -f "$work"/block-*
done

# Links of all documents lead somewhere.
for page in "$repository"/README.md "$repository"/docs/*.md "$pages"/*.md "$repository"/models/README.md; do
  while IFS= read -r link; do
    [ -e "${page%/*}/$link" ] || fail "${page#"$repository"/}: there is no $link"
  done < <(grep -o '](\([^)#:]*\)[)#]' "$page" | sed 's/^](//; s/[)#]$//' | grep -v '^$' | sort -u)
done
