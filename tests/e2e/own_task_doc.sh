#!/bin/bash
# docs/your-own-task.md as it stands, from its first line to its last: its files are written, its commands run one after
# the other, only with fewer steps.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

unset LAZYBENCH_MODELS
export HOME=$work/home
mkdir -p "$HOME" tools
printf '#!/bin/sh\nexec "%s" "$@"\n' "$bench" >tools/bench
chmod +x tools/bench

# The blocks of the text, in order: block-01.sh, block-02.xml, ...
awk '/^```/ { if (file) { close(file); file = "" } else { file = sprintf("block-%02d.%s", ++n, substr($0, 4)) } next }
  file { print > file }' "$repository/docs/your-own-task.md"

json=("$HOME/tasks/arm/task.json" arm-suite.json) commands=0
for block in block-*; do
  case $block in
    *.xml) mv "$block" arm.xml ;;
    *.json)
      [ ${#json[@]} -gt 0 ] || fail "a block of JSON that belongs nowhere"
      sed 's/"steps": [0-9]*/"steps": 40/; s/"warmup_steps": [0-9]*/"warmup_steps": 20/
        s/"evaluate_every": [0-9]*/"evaluate_every": 20/; s/width": 64/width": 8/; s/"seeds": 3/"seeds": 1/
        s/"evaluation_episodes": 5/"evaluation_episodes": 1, "expert_transitions": 100/
        s/"model_updates": 500/"model_updates": 5/' "$block" >"${json[0]}"
      json=("${json[@]:1}") ;;
    *.sh)
      while IFS= read -r line; do
        case $line in
          *'bench render'* | *'bench view'*)
            # A window takes a display, and pictures what the machine may lack: tests of their own draw.
            [ -x "${bench%/*}/bench-view" ] || continue
            line="${line/--out arm.png/} --help" ;;
          *' run '*'--preset'*)
            line="$line --set steps=40 --set warmup_steps=20 --set evaluate_every=20 --set evaluation_episodes=1"
            line="$line --set width=8 --set model_width=8 --set model_updates=5"
            line=${line/--set steps=4000 /} ;;
          *' expert '* | *' run '*)
            line=$(sed 's/=\(40000\|2000\|1000\|500\)\b/=40/g; s/width=64/width=8/g; s/--transitions 4000/--transitions 200/' <<<"$line")
            line="$line --set evaluation_episodes=1" ;;
          *'task check'*) line="$line --steps 500" ;;
          *'suite --task'*)
            line=${line/--seeds 3/--seeds 1}
            for set in steps=40 warmup_steps=20 evaluate_every=20 evaluation_episodes=1 width=8 batch=16 model_width=8 \
              model_updates=5 expert_transitions=100; do line="$line --set $set"; done ;;
        esac
        case $line in *'--algo bc'*) line="$line --set expert_transitions=100" ;; esac
        eval "$line" >"$out" 2>"$err" </dev/null || fail "$line"
        check_sanitizers
        commands=$((commands + 1))
      done <"$block" ;;
    *) fail "a block of no kind that is known: $block" ;;
  esac
done
[ ${#json[@]} = 0 ] || fail "not all files were in the text"
[ "$commands" -ge 19 ] || fail "only $commands commands"
[ -s "$HOME/tasks/expert_data/arm.npz" ] || fail "no demonstrations"
grep -q arm results/runs/arm/arm-suite/report.md || fail "no report"
grep -q 'lamps-over-sac' results/runs/arm/on-arm/suite.json || fail "no comparison"
grep -q 'normalised' results/runs/arm/on-arm/report.md || fail "no comparison"
