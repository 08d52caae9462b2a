"""Records Gymnasium's v5 MuJoCo environments into <task>.npz for tests/algo/test_parity.c; the layout is that of README.md.

Needs gymnasium[mujoco] 1.4.0 and mujoco 4.0.0, whose versions the files name. Run `python record.py` in this folder; the
same versions give the same numbers. Three episodes a task: full-scale noise, slow smooth actions, and small ones, which
for the pendulums are added to a feedback that balances them.
"""

import json
import platform

import gymnasium
import mujoco
import numpy as np

# The most steps of an episode; a chaotic task repeats elsewhere to rounding only so long.
STEPS = {"Hopper-v5": 200, "Walker2d-v5": 200, "HalfCheetah-v5": 40, "Ant-v5": 60, "Humanoid-v5": 200,
         "InvertedPendulum-v5": 100, "InvertedDoublePendulum-v5": 100, "Swimmer-v5": 40, "Reacher-v5": 50}
KINDS = ("noise", "smooth", "small")


def forward_x(name, model, data):
    """The coordinate whose change the forward reward divides by the step's time, as the environment would read it now."""
    if name.startswith("Ant"):
        return data.xpos[1, 0]
    if name.startswith("Humanoid"):
        return np.dot(model.body_mass, data.xipos[:, 0]) / model.body_mass.sum()
    return data.qpos[0] if name.startswith(("Hopper", "Walker2d", "HalfCheetah", "Swimmer")) else np.nan


def from_state(env, qpos, qvel, action):
    """One step from a simulation that knows qpos and qvel alone."""
    mujoco.mj_resetData(env.model, env.data)
    env.set_state(qpos, qvel)
    observation, reward, terminated, _, _ = env.step(action)
    return observation, reward, terminated, env.data.qpos.copy(), env.data.qvel.copy()


def balance(env):
    """K (nu, nq + nv) of the feedback -K x that holds a pendulum upright, by the Riccati recursion."""
    nq, n, width = env.model.nq, env.model.nq + env.model.nv, 1e-5

    def f(x, u):
        return np.concatenate(from_state(env, x[:nq], x[nq:], u)[3:])

    zero, a = np.zeros(n), np.zeros(1)
    A = np.array([(f(e, a) - f(-e, a)) / (2 * width) for e in width * np.eye(n)]).T
    B = ((f(zero, a + width) - f(zero, a - width)) / (2 * width))[:, None]
    P = np.eye(n)
    for _ in range(2000):
        K = np.linalg.solve(np.eye(1) + B.T @ P @ B, B.T @ P @ A)
        P = np.eye(n) + A.T @ P @ (A - B @ K)
    return K


def actions(rng, kind, steps, bound):
    noise = rng.uniform(-1, 1, (steps, len(bound)))
    smooth = np.empty_like(noise)
    level = rng.standard_normal(len(bound))
    for t in range(steps):
        smooth[t] = level
        level = 0.9 * level + np.sqrt(1 - 0.9**2) * rng.standard_normal(len(bound))
    return bound * {"noise": noise, "smooth": np.clip(smooth, -1, 1), "small": 0.15 * np.clip(smooth, -1, 1)}[kind]


def record(name, seed):
    env, alone = gymnasium.make(name), gymnasium.make(name).unwrapped
    model, bound = env.unwrapped.model, env.action_space.high.astype(float)
    gain = balance(alone) if name.startswith("Inverted") else None
    rows, episodes = {}, []

    def put(**values):
        for key, value in values.items():
            rows.setdefault(key.replace("__", "/"), []).append(np.array(value))

    for e, kind in enumerate(KINDS):
        rng = np.random.default_rng([seed, e])
        plan = actions(rng, kind, STEPS[name], bound)
        observation, _ = env.reset(seed=seed + e)
        episodes.append({"kind": kind, "reset_seed": seed + e})
        for t in range(STEPS[name]):
            data = env.unwrapped.data
            qpos, qvel = data.qpos.copy(), data.qvel.copy()
            action = plan[t]
            if gain is not None and kind == "small":
                action = np.clip(0.1 * action - gain @ np.concatenate([qpos, qvel]), -bound, bound)
            put(observations=observation, actions=action, infos__qpos=qpos, infos__qvel=qvel, infos__episode=e,
                infos__qacc_warmstart=data.qacc_warmstart.copy(), infos__track_x=forward_x(name, model, data))
            observation, reward, terminated, truncated, _ = env.step(action)
            put(rewards=reward, next_observations=observation, terminals=terminated,
                infos__next_qpos=data.qpos.copy(), infos__next_qvel=data.qvel.copy())
            cold = from_state(alone, qpos, qvel, action)
            put(restart_observations=cold[0], restart_rewards=cold[1], restart_terminals=cold[2],
                infos__restart_next_qpos=cold[3], infos__restart_next_qvel=cold[4])
            last = terminated or truncated or t + 1 == STEPS[name]
            put(timeouts=last and not terminated)
            if last:
                break
    metadata = {"task": name, "seed": seed, "episodes": episodes, "gymnasium": gymnasium.__version__,
                "mujoco": mujoco.__version__, "numpy": np.__version__, "machine": platform.machine()}
    arrays = {key: np.array(values) for key, values in rows.items()}
    np.savez_compressed(f"{name}.npz", metadata=np.array(json.dumps(metadata)), **arrays)
    print(name, len(arrays["rewards"]), "steps,", int(arrays["terminals"].sum()), "ends")


if __name__ == "__main__":
    for number, task in enumerate(STEPS):
        record(task, 100 * (number + 1))
