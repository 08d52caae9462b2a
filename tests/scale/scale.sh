#!/bin/bash
# Ten thousand runs, copies of real ones: bench status and bench report take less than 30 s of CPU time each, and less
# than 1 GB, and not more than in proportion.
python=${LB_PYTHON:-python3}
command -v "$python" >/dev/null || {
  echo "SKIPPED: ten thousand runs are not tested here: there is no python3" >&2
  exit 77
}
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
# shellcheck source=tests/e2e/lib.sh
. "$here/../e2e/lib.sh"
runs=${LB_SCALE_RUNS:-10000}

# Real runs: every kind of row, two tasks, few steps of small networks.
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"
cat >"$LAZYBENCH_ROOT/bench/suites/scale.json" <<'JSON'
{
  "name": "scale", "seeds": 3, "metric": "return",
  "protocol": {"steps": 400, "warmup_steps": 100, "evaluate_every": 40, "evaluation_episodes": 1, "width": 8, "batch": 16,
    "fit_every": 200, "model_width": 8, "model_members": 2, "model_elites": 1, "model_batch": 32, "expert_transitions": 400, "model_patience": 1},
  "tasks": ["pendulum-swingup", "cartpole-swingup"],
  "algos": ["expert", "random", "bc", "sac", "bc-sac", "mbpo", "sysid-sac", "lamps"],
  "contrasts": [
    {"name": "data", "baseline": "mbpo", "variant": "sysid-sac", "metrics": ["return"], "primary": true},
    {"name": "lazy", "baseline": "sysid-sac", "variant": "lamps", "metrics": ["return"], "primary": true}
  ],
  "claims": [{"claim": "Data help.", "contrast": "data", "expect": "better"}]
}
JSON
expect 0 suite scale --jobs 2 --quiet --out "$work/real"
for n in $((runs / 10)) "$runs"; do
  "$python" "$here/many_runs.py" "$work/real/scale" "$n" "$work/$n" >/dev/null || fail "no $n runs can be made"
done

# measure SECONDS BYTES WORD...: CPU seconds of bench and what it starts, and its memory, are no more than that; prints both.
measure() {
  "$python" - "$bench" "$@" >"$work/measured" 2>"$err" <<'PYTHON' || fail "bench ${*:3}: $(cat "$work/measured")"
import resource, subprocess, sys
bench, seconds, limit, words = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]
status = subprocess.run([bench] + words, stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
cpu, memory = used.ru_utime + used.ru_stime, 1024 * used.ru_maxrss
print(f"{cpu:.1f} s of CPU time, {memory / 1e6:.0f} MB")
sys.exit(status != 0 or cpu > seconds or memory > limit)
PYTHON
  echo "$n runs, bench ${*:3:1}: $(cat "$work/measured")"
}
for n in $((runs / 10)) "$runs"; do
  measure 30 1e9 status "$work/$n"
  measure 30 1e9 report "$work/$n"
done
expect 0 status "$work/$runs"
grep -q "^scale: $runs finished" "$out" || fail "not all runs are counted"
