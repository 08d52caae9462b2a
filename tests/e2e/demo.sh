#!/bin/bash
# Demonstrations of one's own: imported from Gymnasium and D4RL, recorded, looked at, checked.
# shellcheck source=tests/e2e/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
golden=$repository/tests/golden
ln -s "$repository/expert_data" "$LAZYBENCH_ROOT/expert_data"

# Gymnasium's recordings become ours: they replay as such, and say where they come from.
for name in Hopper Ant InvertedPendulum; do
  expect 0 demo import "$golden/parity/$name-v5.npz" --task "$name-v5" --out "$work/$name.npz"
  expect 0 replay "$name-v5" --data "$work/$name.npz" --json
  prints '"exact":true'
  prints '"holds":true'
done
expect 0 demo info "$work/Hopper.npz"
prints 'demonstrations of hopper, in full'
prints '"imported_from":"Hopper-v5.npz"'
prints "$(sha256sum <"$golden/parity/Hopper-v5.npz" | cut -d' ' -f1)"
prints '"verified":true'
expect 0 demo check "$work/Hopper.npz" --task hopper --json
prints '"holds":true'
expect 0 demo import "$golden/recordings/all-float32.npz" --task InvertedPendulum-v5 --out "$work/single.npz"
prints 'not verified: whole episodes: their states are rounded to float32'
expect 0 replay InvertedPendulum-v5 --data "$work/single.npz"
prints 'float32 in the data: states, hidden numbers, next states, observations, rewards'

# What is no such recording is refused in a line.
mkfifo "$work/pipe"
expect 2 demo import "$work/pipe" --task hopper --out "$work/no.npz"
says 'pipe: is not a regular file'
expect 2 demo import "$golden/parity/Hopper-v5.npz" --task walker2d --out "$work/no.npz"
says "recorded on the task 'Hopper-v5', not on 'walker2d'"
says_one_line
expect 2 demo import "$work/Hopper.npz" --task hopper --out "$work/no.npz"
says "is a recording of this program's already"
says_one_line
head -c 20000 "$golden/parity/Hopper-v5.npz" >"$work/truncated.npz"
expect 2 demo import "$work/truncated.npz" --task hopper --out "$work/no.npz"
says_one_line
expect 2 demo import "$golden/parity/Hopper-v5.npz" --out "$work/no.npz"
says 'which task?'
expect 2 demo imprt
says "did you mean 'import'?"
expect 2 demo
[ ! -e "$work/no.npz" ] || fail 'a refused recording was written'

# Any policy's actions are recorded, the same for the same seed.
record() { expect 0 demo record pendulum-swingup --expert --noise 0.3 --episodes 2 --seed "$1" --out "$work/$2.npz"; }
record 1 noisy
record 1 again
record 2 other
cmp -s "$work/noisy.npz" "$work/again.npz" || fail 'two recordings differ'
! cmp -s "$work/noisy.npz" "$work/other.npz" || fail 'the seed makes no difference'
expect 0 replay pendulum-swingup --data "$work/noisy.npz"
prints 'to the bit'
expect 0 demo info "$work/noisy.npz" --json
prints '"noise":0.3'
prints '"episodes":2'
prints '"policy":"expert"'
prints "$(sha256sum "$LAZYBENCH_ROOT/expert_data/pendulum-swingup.policy.safetensors" | cut -d' ' -f1)"
expect 2 demo record pendulum-swingup --out "$work/no.npz"
says 'who acts?'
expect 2 demo record pendulum-swingup --expert
says '--out FILE.npz'

# Runs and suites take them in the place of the expert's.
cheap=(--set evaluation_episodes=1 --set width=8 --quiet)
expect 0 run pendulum-swingup --algo bc --data "$work/noisy.npz" --out "$work/run" "${cheap[@]}" --json
prints '"transitions":400'
grep -qF "\"demonstrations\":\"$(sha256sum <"$work/noisy.npz" | cut -d' ' -f1)\"" "$work/run/config.json" ||
  fail 'the checksum of the demonstrations is no part of the configuration'
expect 2 run pendulum-swingup --algo bc --data "$work/other.npz" --out "$work/run" "${cheap[@]}"
says 'was made from another recording of the expert'
expect 2 run pendulum-swingup --algo bc --out "$work/run" "${cheap[@]}"
says 'was made from another recording of the expert'
expect 0 status "$work/run"
! grep -qF stale "$out" || fail 'a run with demonstrations of its own is called stale'
expect 2 run pendulum-swingup --algo sac --data "$work/noisy.npz" --out "$work/no"
says 'sac uses no recorded demonstrations'
says_one_line
expect 2 run hopper --algo bc --data "$work/noisy.npz" --out "$work/no"
says "recorded on the task 'pendulum-swingup', not on 'hopper'"
expect 2 run hopper --algo bc --data "$golden/parity/Hopper-v5.npz" --out "$work/no"
says "'bench demo import"
says_one_line
expect 2 run pendulum-swingup --algo bc --data "$work/noisy.npz" --set expert_transitions=401 --out "$work/no"
says '400 transitions, expert_transitions asks for 401'
expect 0 demo record helicopter-hover --expert --episodes 3 --out "$work/hover.npz"
few=(--set iterations=1 --set evaluation_rollouts=2 --set expert_rollouts=3 --set samples=300 --quiet)
expect 2 run helicopter-hover --algo lamps --data "$work/hover.npz" --out "$work/no" "${few[@]}"
says 'lamps records its demonstrations afresh; give --set demonstrations=file'
says_one_line
expect 0 run helicopter-hover --algo lamps --data "$work/hover.npz" --set demonstrations=file --out "$work/hover" "${few[@]}"
grep -qF "\"demonstrations\":\"$(sha256sum <"$work/hover.npz" | cut -d' ' -f1)\"" "$work/hover/config.json" ||
  fail 'the demonstrations were not taken'
cat >"$LAZYBENCH_ROOT/bench/suites/mine.json" <<'JSON'
{
  "name": "mine", "seeds": 1, "protocol": {"evaluation_episodes": 1, "width": 8},
  "tasks": ["pendulum-swingup"], "algos": ["expert", "bc"]
}
JSON
expect 2 suite mine --data "$work/noisy.npz"
says '--data needs --out DIR'
expect 2 suite mine --data "$work/Hopper.npz" --out "$work/suite"
says 'is of hopper, which is no task of the suite'
expect 0 suite mine --data "$work/noisy.npz" --out "$work/suite" --quiet
grep -qF '"given_demonstrations":true' "$work/suite/mine/pendulum-swingup/bc/seed-0/config.json" || fail 'not given'
! grep -qF 'given' "$work/suite/mine/pendulum-swingup/expert/seed-0/config.json" || fail 'given to what reads none'
expect 0 suite mine --data "$work/noisy.npz" --out "$work/suite" --dry-run
prints '0 of them to do'
expect 0 status "$work/suite"
! grep -qF stale "$out" || fail 'runs with demonstrations of their own are called stale'
# Runs with other demonstrations, or the expert's, are other runs.
expect 0 suite mine --data "$work/other.npz" --out "$work/suite" --dry-run
prints 'another recording of the expert: 1'
expect 0 suite mine --out "$work/suite" --dry-run
prints 'another recording of the expert: 1'

# A policy of one's own in the place of the expert's: the expert of another quality has one that acts otherwise.
other=$repository/expert_data/pendulum-swingup-30.policy.safetensors
expect 2 suite mine --expert "$other"
says '--expert needs --out DIR'
expect 2 suite mine --expert "$repository/expert_data/hopper.policy.safetensors" --out "$work/expert"
says 'is of hopper, which is no task of the suite'
expect 0 suite mine --only '*/expert' --expert "$other" --data "$work/noisy.npz" --out "$work/expert" --quiet
config=$work/expert/mine/pendulum-swingup/expert/seed-0/config.json
grep -qF "\"policy\":\"$(sha256sum <"$other" | cut -d' ' -f1)\"" "$config" || fail 'the expert was not taken'
grep -qF '"given_policy":true' "$config" || fail 'the configuration does not say that it was given'
expect 0 suite mine --only '*/expert' --expert "$other" --data "$work/noisy.npz" --out "$work/expert" --dry-run
prints '0 of them to do'
expect 0 suite mine --only '*/expert' --out "$work/expert" --dry-run
prints 'another recording of the expert: 1'

if ! "${LB_PYTHON:-false}" -c 'import numpy' 2>"$err"; then
  echo 'SKIPPED: recordings as others save them, which need NumPy'
  exit 0
fi
# As people have them: float32, no metadata, no next states, byte strings and other arrays; and what can be wrong.
"$LB_PYTHON" - "$golden/parity/Hopper-v5.npz" "$work" <<'PYTHON'
import sys
import numpy

whole = numpy.load(sys.argv[1])
keys = ("observations", "actions", "rewards", "terminals", "infos/qpos", "infos/qvel")
bare = {key: whole[key].astype("float32") if whole[key].dtype == "float64" else whole[key] for key in keys}
bare["metadata/algorithm"] = numpy.array([b"SAC"])
bare["names"] = numpy.array(["a", "b"])
bare["half"] = numpy.zeros(3, "float16")


def save(name, **changed):
    numpy.savez(f"{sys.argv[2]}/{name}.npz", **(bare | changed))


def at(key, *changes):
    a = bare[key].copy()
    for index, value in changes:
        a[index] = value
    return a


ends = numpy.flatnonzero(bare["terminals"])
save("bare")
save("minari", terminations=bare["terminals"], truncations=0 * bare["terminals"])
# The first two episodes without their last rows, so without their flags: cut where the next row does not follow.
some = {key: numpy.delete(bare[key], ends[:2], axis=0) for key in keys}
save("unflagged", **{key: a[:-1] for key, a in some.items()})
save("beyond", actions=at("actions", ((7, 1), 1.5)))
save("paid", rewards=bare["rewards"] + numpy.float32(1))
save("dead", terminals=at("terminals", (4, True)))
print(len(bare["rewards"]), float(bare["rewards"][: ends[0] + 1].sum(dtype="float64")), file=open(f"{sys.argv[2]}/facts", "w"))
PYTHON
read -r n _ <"$work/facts"
for name in bare minari; do
  expect 0 demo import "$work/$name.npz" --task hopper --out "$work/$name-ours.npz"
  prints "3 episodes, $n transitions"
  prints 'not verified: that steps repeat to the bit'
  prints 'not verified: where 3 rows lead'
  expect 0 replay hopper --data "$work/$name-ours.npz"
  prints "The simulator repeats the data within the tolerance"
done
# What was filled in is what Gymnasium's own recording has.
"$LB_PYTHON" - "$golden/parity/Hopper-v5.npz" "$work/bare-ours.npz" <<'PYTHON' || fail 'filled in wrongly'
import sys
import numpy

a, b = map(numpy.load, sys.argv[1:])
for key in ("infos/next_qpos", "infos/next_qvel", "next_observations", "observations", "actions", "rewards", "terminals"):
    assert numpy.abs(a[key].astype(float) - b[key].astype(float)).max() < 1e-4, key
assert (numpy.flatnonzero(b["terminals"] | b["timeouts"]) == numpy.flatnonzero(a["terminals"])).all()
PYTHON
expect 0 demo import "$work/unflagged.npz" --task hopper --out "$work/unflagged-ours.npz"
prints 'ends: 2 episodes end without a flag'
prints "ends: the last row, $((n - 4)), has no flag"
prints '3 episodes'
expect 1 demo import "$work/beyond.npz" --task hopper --out "$work/no.npz"
prints 'actions: 1 of 55 rows beyond the limits, which the task clips; furthest at row 7, control leg_joint: 1.5, limits [-1, 1]'
expect 1 demo import "$work/paid.npz" --task hopper --out "$work/no.npz"
prints 'returns: 3 of 3 episodes do not add up'
prints 'this simulator does not repeat the data'
expect 1 demo import "$work/dead.npz" --task hopper --out "$work/no.npz"
prints '1 end differs'
[ ! -e "$work/no.npz" ] || fail 'what is not repeated was written'
expect 0 demo import "$work/paid.npz" --task hopper --out "$work/paid-ours.npz" --unverified
expect 0 demo info "$work/paid-ours.npz"
prints '"verified":false'
expect 2 demo info "$work/bare.npz"
says 'give --task NAME'
expect 0 demo info "$work/bare.npz" --task hopper
prints 'from elsewhere, without metadata'
