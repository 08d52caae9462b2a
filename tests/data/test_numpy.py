"""Compact recordings as NumPy sees them: names, types, shapes, checksum, and what the double integrator of
tests/support/toy.h gives when it is stepped here from the keyframes."""
import hashlib
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

A, B, S = np.array([[1, 0.1], [0, 1]]), np.array([0, 0.1]), np.array([0.01, 0.05])
N, HORIZON, EVERY = 110, 20, 6
EPISODES = -(-N // HORIZON)


def read(folder, room, next_room):
    path = os.path.join(folder, "toy.npz")
    subprocess.run([sys.argv[1], path, str(room), str(next_room)], check=True)
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def check_types(z, observations):
    f4, f8, i8, b1 = np.float32, np.float64, np.int64, np.bool_
    keys = sum(-(-min(HORIZON, N - e * HORIZON) // EVERY) for e in range(EPISODES))
    expected = {
        "actions": (f4, (N, 1)), "rewards": (f8, (N,)), "terminals": (b1, (N,)), "timeouts": (b1, (N,)),
        "infos/qpos": (f4, (N, 1)), "infos/qvel": (f4, (N, 1)), "infos/noise": (f4, (N, 2)),
        "infos/final_qpos": (f8, (EPISODES, 1)), "infos/final_qvel": (f8, (EPISODES, 1)),
        "keyframes/row": (i8, (keys,)), "keyframes/qpos": (f8, (keys, 1)), "keyframes/qvel": (f8, (keys, 1)),
    } | observations
    found = {name: (a.dtype.type, a.shape) for name, a in z.items() if name != "metadata"}
    assert found == expected, (found, expected)


def check_checksum(z, card):
    lines = ""
    for name, a in z.items():
        if name != "metadata":
            sizes = " ".join(str(n) for n in a.shape)
            lines += f"{name} {a.dtype.str} {sizes} {hashlib.sha256(a.tobytes()).hexdigest()}\n"
    assert hashlib.sha256(lines.encode()).hexdigest() == card["sha256"]


def check_episodes(z, card):
    ends = np.flatnonzero(z["terminals"] | z["timeouts"])
    assert not z["terminals"].any()
    assert ends.tolist() == [HORIZON * (e + 1) - 1 for e in range(EPISODES - 1)] + [N - 1]
    assert card["episodes"] == EPISODES and card["transitions"] == N and card["last_episode_cut"] is True
    assert card["format"] == 2 and card["task"] == "toy" and card["provenance"] == {"gain": [1.5, 1.8]}
    rows = [r for e in range(EPISODES) for r in range(e * HORIZON, min(N, (e + 1) * HORIZON), EVERY)]
    assert z["keyframes/row"].tolist() == rows
    assert card["keyframes"] == len(rows) and card["keyframe_every"] == EVERY
    return ends


def check_dynamics(z, ends):
    """From each keyframe to the next: states, rewards, controls. NumPy's sums are not ours to the last bit."""
    rows, worst = z["keyframes/row"], 0.0
    exact = np.hstack((z["keyframes/qpos"], z["keyframes/qvel"]))
    final = np.hstack((z["infos/final_qpos"], z["infos/final_qvel"]))
    states = np.hstack((z["infos/qpos"], z["infos/qvel"]))
    u, noise = z["actions"].astype(float)[:, 0], z["infos/noise"].astype(float)
    for k, first in enumerate(rows):
        x, e = exact[k], int(np.searchsorted(ends, first))
        last = min(ends[e], rows[k + 1] - 1 if k + 1 < len(rows) else N)
        for i in range(first, last + 1):
            assert abs(x.astype(np.float32) - states[i]).max() <= np.spacing(abs(states[i])).max()
            assert np.float32(-1.5 * x[0] - 1.8 * x[1]) == z["actions"][i, 0] or abs(u[i] + 1.5 * x[0] + 1.8 * x[1]) < 1e-6
            assert abs(-0.5 * (x @ x + u[i] ** 2) - z["rewards"][i]) < 1e-12
            x = A @ x + B * u[i] + S * noise[i]
        want = final[e] if last == ends[e] else exact[k + 1]
        worst = max(worst, abs(x - want).max())
    assert worst < 1e-14, worst
    assert (states[rows] == exact.astype(np.float32)).all()
    return states, final


def main():
    pair, f4 = (np.float32, (N, 2)), np.float32
    with tempfile.TemporaryDirectory() as folder:
        layouts = (
            (10**6, 10**6, {"observations": pair, "next_observations": pair}),
            (10**6, 0, {"observations": pair, "infos/final_observations": (f4, (EPISODES, 2))}),
            (0, 10**6, {"infos/observation_columns": (np.int64, (2,))}),
        )
        for room, next_room, observations in layouts:
            z = read(folder, room, next_room)
            card = json.loads(str(z["metadata"]))
            check_types(z, observations)
            check_checksum(z, card)
            ends = check_episodes(z, card)
            states, final = check_dynamics(z, ends)
            inner = np.setdiff1d(np.arange(N), ends)
            if room == 0:
                assert card["observations"] == "state columns"
                assert z["infos/observation_columns"].tolist() == [0, 1]
                continue
            assert card["observations"] == "stored" and (z["observations"] == states).all()  # the toy observes its state
            if next_room:
                assert (z["next_observations"][inner] == z["observations"][inner + 1]).all()
                assert (z["next_observations"][ends] == final.astype(f4)).all()
            else:
                assert (z["infos/final_observations"] == final.astype(f4)).all()
    print("NumPy agrees")


main()
