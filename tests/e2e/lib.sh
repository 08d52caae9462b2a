# shellcheck shell=bash
# What the end-to-end scripts share. Sourced first. A script works in $work, a folder of its own that is removed at the
# end, with a data root of its own ($LAZYBENCH_ROOT): the repository's tasks and recipes, and a small suite "tiny".
set -euo pipefail

bench=${LB_BENCH:?the bench program}
repository=${LB_REPOSITORY:?the source folder}
work=$(mktemp -d "${TMPDIR:-/tmp}/lb_e2e_XXXXXX")
trap 'rm -rf "$work"' EXIT
out=$work/stdout err=$work/stderr
export NO_COLOR=1

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  printf -- '--- stdout\n%s\n--- stderr\n%s\n' "$(tail -30 "$out" 2>/dev/null)" "$(tail -30 "$err" 2>/dev/null)" >&2
  exit 1
}

# Whether the program is built to be watched, by sanitizers or for coverage, and many times as slow.
is_watched() { [[ ${LB_BUILD:-} == *@(asan|tsan|coverage)* ]]; }

# A sanitizer's report is never what a script expects, whatever the exit status.
check_sanitizers() {
  ! grep -qE 'Sanitizer|runtime error:' "$err" || fail "a sanitizer complains"
}

# expect STATUS WORD...: runs `bench WORD...` and checks its exit status; its output lies in $out and $err.
expect() {
  local wanted=$1 status=0
  shift
  "$bench" "$@" >"$out" 2>"$err" </dev/null || status=$?
  check_sanitizers
  [ "$status" = "$wanted" ] || fail "bench $*: exit status $status, not $wanted"
}

# One line, no crash: what a user sees who made a mistake.
says() { grep -qF -- "$1" "$err" || fail "stderr does not say: $1"; }
prints() { grep -qF -- "$1" "$out" || fail "stdout does not say: $1"; }
says_one_line() { [ "$(wc -l <"$err")" = 1 ] || fail "not one line on stderr"; }

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
  local tries=$(($1 * 100))
  shift
  until "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "waited in vain for: $*"
    sleep 0.01
  done
}

lines_of() { if [ -f "$1" ]; then wc -l <"$1"; else echo 0; fi; }
has_lines() { [ "$(lines_of "$1")" -ge "$2" ]; }

# same_results DIR DIR: every metrics.jsonl, policy and configuration of the first is there, byte for byte.
same_results() {
  local file n=0
  while IFS= read -r file; do
    cmp -s "$1/$file" "$2/$file" || fail "$file differs between $1 and $2"
    n=$((n + 1))
  done < <(cd "$1" && find . \( -name metrics.jsonl -o -name policy.safetensors -o -name config.json \) | sort)
  [ "$n" -gt 0 ] || fail "no results in $1"
}

# Nothing half-written and no temporary name stays behind.
no_leftovers() {
  local found
  found=$(find "$1" -name '*.tmp*' -o -name '.*.tmp*' -o -name '*.new' -o -name '.*.next-*' -o -name '.*.ready')
  [ -z "$found" ] || fail "left behind: $found"
}

export LAZYBENCH_ROOT=$work/root
mkdir -p "$LAZYBENCH_ROOT/bench/suites"
ln -s "$repository/models" "$LAZYBENCH_ROOT/models"
ln -s "$repository/bench/recipes" "$LAZYBENCH_ROOT/bench/recipes"
ln -s "$repository/bench/experts" "$LAZYBENCH_ROOT/bench/experts"
cat >"$LAZYBENCH_ROOT/bench/suites/tiny.json" <<'JSON'
{
  "name": "tiny",
  "seeds": 3,
  "protocol": {"iterations": 4, "evaluation_rollouts": 10},
  "tasks": ["helicopter-hover-2023"],
  "algos": ["expert", "zero", "lamps-2023", "sysid-2023-exact"],
  "contrasts": [
    {"name": "laziness", "baseline": "sysid-2023-exact", "variant": "lamps-2023", "metrics": ["lqr_passes"], "at": "last"}
  ],
  "claims": [{"claim": "Planning lazily takes fewer passes.", "contrast": "laziness", "expect": "better"}],
  "bands": [
    {"algo": "expert", "metric": "cost", "mean": 52.152, "se": 0.004, "seeds": 10, "source": "the published expert"},
    {"algo": "zero", "metric": "cost", "low": 1, "high": 2, "source": "made up"}
  ]
}
JSON
printf '{"suites": ["tiny"]}\n' >"$LAZYBENCH_ROOT/bench/suites/all.json"
cd "$work"
