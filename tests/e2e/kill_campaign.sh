#!/bin/bash
# tools/kill-campaign: a few disturbances come to nothing, and it sees when something does come of them.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
campaign=("$repository/tools/kill-campaign")
only=()
for kind in ${LB_CAMPAIGN_KINDS:-suite record mbpo report}; do only+=(--only "$kind"); done

LB_BENCH=$bench "${campaign[@]}" "${LB_CAMPAIGN:-6}" --seed 4 "${only[@]}" --out "$work/good" >"$out" 2>"$err" ||
  fail "something came of it"
prints "${LB_CAMPAIGN:-6} disturbances"
prints 'no difference'
[ ! -e "$work/good" ] || fail "its folder stays"

# A program whose runs do not come to the same end when they are taken up again.
cat >"$work/forgetful" <<END
#!/bin/bash
"$bench" "\$@" || exit
case "\$*" in *parts/run*) printf x >>"\${@: -2:1}/policy.safetensors" ;; esac
END
chmod +x "$work/forgetful"
status=0
LB_BENCH=$work/forgetful "${campaign[@]}" 1 --only bc --out "$work/bad" >"$out" 2>"$err" || status=$?
[ "$status" = 1 ] || fail "exit status $status where the policies differ"
says 'policy.safetensors differs'
[ -e "$work/bad" ] || fail "what differs is gone"

status=0
"${campaign[@]}" none >"$out" 2>"$err" || status=$?
[ "$status" = 2 ] || fail "exit status $status without a number"
says 'usage: tools/kill-campaign'
