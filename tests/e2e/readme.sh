#!/bin/bash
# Every command line in README.md and docs/ (your-own-task.md has a test of its own) that starts with tools/bench, tools/test or tools/tune is one that
# the program takes: run where it is quick, else read by the real parser (with --dry-run or --help at its end).
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# The repository's own suites are what README.md speaks of.
rm -r "$LAZYBENCH_ROOT/bench/suites"
ln -s "$repository/bench/suites" "$LAZYBENCH_ROOT/bench/suites"
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"

try_bench() {
  local command=$1
  case $command in
    all | suite)
      case " $* " in *" --dry-run "* | *" schema "*) ;; *) set -- "$@" --dry-run ;; esac
      expect 0 "$@"
      ;;
    run)
      case " $* " in *" --out "*) ;; *) set -- "$@" --out "$work/run_$n" ;; esac
      # An MDP from a file of the repository.
      case $2 in docs/*) set -- run "$repository/$2" "${@:3}" ;; esac
      case " $* " in
        *" trophy "* | *" portals-"* | *" wide-tree "* | *.json" "*) expect 0 "$@" --quiet ;;
        *" --preset "*)
          expect 0 "$@" --set steps=40 --set warmup_steps=20 --set evaluate_every=40 --set evaluation_episodes=1 \
            --set batch=16 --set width=8 --set model_width=8 --set model_updates=3 --quiet ;;
        *" --algo bc "*)
          expect 0 "$@" --set evaluation_episodes=1 --set expert_transitions=300 --set width=8 --quiet ;;
        *" --algo sac "*)
          expect 0 "$@" --set steps=40 --set warmup_steps=20 --set evaluate_every=40 --set evaluation_episodes=1 \
            --set batch=16 --set width=8 --quiet ;;
        *) expect 0 "$@" --set iterations=0 --set evaluation_rollouts=2 ;;
      esac ;;
    task)
      [ "$2" = schema ] || set -- "$@" --steps 200
      expect 0 "$@" ;;
    tasks | algos | replay | eval | help | --help | --version) expect 0 "$@" ;;
    render | view)
      # Two small pictures instead; a window takes a display.
      if [ ! -x "${bench%/*}/bench-view" ]; then
        expect 2 "$@"
      elif [ "$command" = view ]; then
        expect 0 "$@" --help
      else
        case " $* " in *.mp4*) set -- "$@" --help ;; *) set -- "${@/%[0-9]*x[0-9]*/32x24}" ;; esac
        draws "$@"
      fi ;;
    *) expect 0 "$@" --help ;;
  esac
}

# A picture is drawn, or there is no OpenGL to draw it with. What its drivers leave in memory is not ours.
draws() {
  LIBGL_ALWAYS_SOFTWARE=1 ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
    "$bench" "$@" >"$out" 2>"$err" </dev/null || grep -q 'no OpenGL here' "$err" || fail "bench $*"
}


documents=()
for file in "$repository"/docs/*.md "$repository"/docs/algorithms/*.md "$repository"/models/README.md \
  "$repository"/results/README.md "$repository"/expert_data/README.md; do
  case $file in */your-own-task.md) ;; *) documents+=("$file") ;; esac
done
n=0 words=()
while IFS= read -r line; do
  line=${line%%#*}
  [[ $line != *'...'* && $line != *'|'* ]] || continue  # a pattern, not a command
  eval "words=($line)"
  n=$((n + 1))
  case ${words[0]} in
    *tools/bench) try_bench "${words[@]:1}" ;;
    *tools/test) "$repository/tools/test" "${words[@]:1}" --help >"$out" 2>"$err" </dev/null || fail "$line" ;;
    *tools/tune)
      case " ${words[*]} " in *" --dry-run "*) ;; *) words+=(--dry-run) ;; esac
      "$repository/tools/tune" "${words[@]:1}" >"$out" 2>"$err" </dev/null || fail "$line" ;;
  esac
done < <(awk '/^```/ { inside = !inside; next } inside' "$repository/README.md" "${documents[@]}" |
  sed -n 's/^ *\(\$ \)\{0,1\}\(\(\.\/\)\{0,1\}tools\/\(bench\|test\|tune\).*\)$/\2/p')
grep -q '^tools/tune' "$repository/docs/tuning.md" || fail "docs/tuning.md has no command"
[ "$n" -ge 45 ] || fail "only $n command lines found"
echo "$n command lines"
