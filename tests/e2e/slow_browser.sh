#!/bin/bash
# The page of a report in a real browser (headless Chromium): no error on its console, nothing wider than the window at
# 400 and at 1400 pixels, sorting and hiding work, and every link of a site leads somewhere.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
export OPENBLAS_NUM_THREADS=1
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ]; then
  echo "NOT TESTED: no Chromium here, so that nobody looked at the report's page (apt-get install chromium)" >&2
  exit 77
fi
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"
cat >"$LAZYBENCH_ROOT/bench/suites/shown.json" <<'JSON'
{
  "name": "shown", "title": "Shown in a browser", "summary": "Small ones.", "seeds": 3, "metric": "return",
  "protocol": {
    "steps": 60, "warmup_steps": 20, "evaluate_every": 20, "evaluation_episodes": 2, "expert_transitions": 500,
    "updates_per_step": 1, "width": 8, "batch": 8, "fit_every": 20, "model_layers": 2, "model_width": 8,
    "model_members": 2, "model_elites": 1, "model_updates": 10, "imagined_per_step": 10
  },
  "tasks": ["inverted-pendulum", "pendulum-swingup"],
  "algos": ["expert", "random", "bc", "sac", "mbpo", "lamps"],
  "contrasts": [{"name": "lazy", "question": "Lazily?", "baseline": "mbpo", "variant": "lamps", "primary": true}],
  "claims": [{"claim": "Lazy planning is better.", "contrast": "lazy", "expect": "better"}]
}
JSON
expect 0 suite shown --out "$work/out" --quiet
expect 0 report "$work/out/shown" --quiet
expect 0 report "$work/out" --site "$work/site" --quiet

# look PAGE WIDTH: runs the page with a script at its end that writes what it finds into the title, which is printed.
look() {
  sed 's#</body>#<script>\
//<![CDATA[\
window.addEventListener("load", function () {\
  var say = [], all = function (w, f) { return Array.from((f || document).querySelectorAll(w)); };\
  var wide = document.documentElement.scrollWidth > window.innerWidth;\
  say.push(wide ? "overflow " + document.documentElement.scrollWidth : "fits");\
  if (window.failures \&\& window.failures.length) say.push("errors: " + window.failures.join("; "));\
  var table = all("table").filter(function (t) { return t.tBodies[0].rows.length > 2 \&\& t.rows[0].cells[0].textContent === "Algorithm"; })[0];\
  if (table) {\
    var names = function () { return Array.from(table.tBodies[0].rows).map(function (r) { return r.cells[0].textContent; }); };\
    var before = names(); table.rows[0].cells[0].click(); var up = names(); table.rows[0].cells[0].click(); var down = names();\
    var sorted = up.slice().sort(function (a, b) { return a.toLowerCase() < b.toLowerCase() ? -1 : 1; });\
    say.push(up.join() === sorted.join() \&\& down.join() === sorted.reverse().join() ? "sorts" : "does not sort " + before + " | " + up);\
  }\
  var key = all(".key")[0];\
  if (key) {\
    var mine = all("[data-row]").filter(function (e) { return e.dataset.row === key.dataset.row \&\& e !== key \&\& !e.classList.contains("key"); });\
    var press = function () { key.dispatchEvent(new MouseEvent("click", { bubbles: true })); };\
    press(); var gone = mine.every(function (e) { return e.classList.contains("off"); });\
    press(); var back = mine.every(function (e) { return !e.classList.contains("off"); });\
    say.push(mine.length > 0 \&\& gone \&\& back ? "hides " : "does not hide " + mine.length);\
  }\
  var select = document.querySelector(".tools select");\
  if (select) {\
    var shown = function () { return all(".panel[data-axis]:not(.away)").map(function (p) { return p.dataset.axis; }).join(); };\
    var first = shown(); select.selectedIndex = 1; select.dispatchEvent(new Event("change"));\
    say.push(first !== shown() ? "switches" : "does not switch");\
  }\
  document.title = "FOUND: " + say.join(", ");\
});\
//]]>\
</script></body>#; s#<head>#<head><script>window.failures=[];window.addEventListener("error",function(e){window.failures.push(e.message);});</script>#' \
    "$1" >"$1.look.html"
  "$browser" --headless --no-sandbox --disable-gpu --window-size="$2",900 --virtual-time-budget=3000 \
    --enable-logging=stderr --v=0 --dump-dom "file://$1.look.html" >"$out" 2>"$err" </dev/null || fail "the browser on $1"
  ! grep -E 'CONSOLE.*(Error|error|Failed)' "$err" || fail "an error on the console of $1"
  found=$(grep -o 'FOUND: [^<]*' "$out" | head -1)
  [ -n "$found" ] || fail "the script of $1 did not end"
}
for width in 500 1400; do
  look "$work/out/shown/report.html" $width
  [[ $found == 'FOUND: fits, sorts, hides , switches' ]] || fail "at $width pixels: $found"
  look "$work/site/index.html" $width
  [[ $found == 'FOUND: fits'* ]] || fail "the front page at $width pixels: $found"
  look "$work/site/shown/pages/pendulum-swingup--lamps--seed-0.html" $width
  [[ $found == 'FOUND: fits'* && $found != *'does not'* ]] || fail "a run's page at $width pixels: $found"
done
# A window is never narrower than 500 pixels there: a frame is.
for page in out/shown/report.html site/index.html site/shown/pages/pendulum-swingup--lamps--seed-0.html; do
  cat >"$work/frame.html" <<HTML
<html><body><iframe id="f" src="$page" width="400" height="800" style="border:0"></iframe><script>
window.addEventListener("load", function () {
  var d = document.getElementById("f").contentDocument.documentElement;
  document.title = "FOUND: " + (d.scrollWidth <= 400 ? "fits" : "overflow " + d.scrollWidth);
});
</script></body></html>
HTML
  "$browser" --headless --no-sandbox --disable-gpu --allow-file-access-from-files --virtual-time-budget=3000 \
    --dump-dom "file://$work/frame.html" >"$out" 2>"$err" </dev/null || fail "the browser on a frame"
  grep -q 'FOUND: fits' "$out" || fail "$page at 400 pixels: $(grep -o 'FOUND: [^<]*' "$out")"
done

# Every link within the site leads to a file, and where it names a place in one, that is there.
pages=0
while IFS= read -r page; do
  pages=$((pages + 1))
  while IFS= read -r link; do
    case $link in http* | data:* | '') continue ;; esac
    file=${link%%#*} place=
    [[ $link != *'#'* ]] || place=${link#*#}
    target=$page
    [ -z "$file" ] || target=${page%/*}/$file
    [ -e "$target" ] || fail "$page links to $link, which is not there"
    [ -z "$place" ] || grep -qF "id=\"$place\"" "$target" || fail "$page links to $link, which has no such place"
  done < <(grep -oE 'href="[^"]*"' "$page" | sed 's/^href="//; s/"$//' | sort -u)
done < <(find "$work/site" "$work/out/shown/report.html" "$work/out/report.html" -name '*.html' ! -name '*.look.html' 2>/dev/null)
[ "$pages" -gt 30 ] || fail "only $pages pages"

# On paper: no tools, and what is folded on the page is there; also without JavaScript's help.
if command -v pdftotext >/dev/null; then
  sed 's#<script>#<script type="text/plain">#' "$work/out/shown/report.html" >"$work/quiet.html"
  for page in out/shown/report.html quiet.html; do
    "$browser" --headless --no-sandbox --disable-gpu --no-pdf-header-footer --print-to-pdf="$work/page.pdf" \
      "file://$work/$page" >"$out" 2>"$err" </dev/null || fail "printing $page"
    pdftotext -layout "$work/page.pdf" "$work/page.txt" || fail "no text in the print of $page"
    grep -q 'What is claimed' "$work/page.txt" || fail "the print of $page lacks the claims"
    grep -q 'gradient_updates' "$work/page.txt" || fail "the print of $page lacks what is folded"
    ! grep -qE 'find a row|show all rows|unfold all|fold all' "$work/page.txt" || fail "the print of $page has buttons"
  done
else
  echo 'SKIPPED: the print, for which there is no pdftotext (Debian: poppler-utils)'
fi
