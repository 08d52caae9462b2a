"""Writes bfgs_scipy.npz: what scipy.optimize.minimize(method="BFGS") does on functions that test_bfgs.c minimises too.

Needs NumPy and SciPy; run as `python make_bfgs_scipy.py` in this folder. The stored file names the versions used.
"""

import numpy as np
import scipy
import scipy.optimize


def quaternion(a):
    angle = np.linalg.norm(a, axis=1, keepdims=True)
    v = np.where(angle < 1e-4, a / 2, a / np.maximum(angle, 1e-300) * np.sin(angle))
    return v, np.sqrt(1 - np.sum(v**2, axis=1))


def helicopter_loss(data):
    """The published one-step loss on the transitions of helicopter_2023_fit.npz, as a function of theta (20)."""
    x, u, y = data["x"], np.clip(data["u"], -100, 100), data["next"]
    v, p, w, a = x[:, :3], x[:, 3:6], x[:, 6:9], x[:, 9:]
    q, s = quaternion(a)
    z = np.zeros(len(x))
    cross = np.stack([z, -q[:, 2], q[:, 1], q[:, 2], z, -q[:, 0], -q[:, 1], q[:, 0], z], 1).reshape(-1, 3, 3)
    R = (s**2 - np.sum(q**2, 1))[:, None, None] * np.eye(3)
    R = R + 2 * q[:, :, None] * q[:, None, :] + 2 * s[:, None, None] * cross
    c = np.einsum("nji,nj->ni", R, v)
    r, t = quaternion(0.05 * w)
    product = s[:, None] * r + t[:, None] * q + np.cross(q, r)
    n = np.linalg.norm(product, axis=1)
    angle = 2 * np.arcsin(n)
    a_next = a + product * np.where(angle < 1e-6, 0, angle / np.maximum(n, 1e-300))[:, None]
    fixed = np.sum((a_next - y[:, 9:]) ** 2, 1) + np.sum((p + 0.05 * v - y[:, 3:6]) ** 2, 1)

    def loss(th):
        f = np.stack([th[13] * c[:, 0], th[14] + th[15] * c[:, 1], th[16] + th[17] * c[:, 2] + th[18] * u[:, 3]], 1)
        force = np.einsum("nij,nj->ni", R, f) + np.array([0, 0, th[0] * th[19]])
        torque = np.stack([th[4 + 3 * i] + th[5 + 3 * i] * w[:, i] + th[6 + 3 * i] * u[:, i] for i in range(3)], 1)
        v_error = v + 0.05 * force / th[0] - y[:, :3]
        w_error = w + 0.05 * torque / th[1:4] - y[:, 6:9]
        return np.mean(np.sum(v_error**2, 1) + np.sum(w_error**2, 1) + fixed)

    return loss


def rosenbrock(x):
    return float(np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))


def record(out, name, f, x0, gtol):
    values, points = [], []

    def keep(x):
        points.append(np.array(x))
        values.append(f(x))

    r = scipy.optimize.minimize(f, x0, method="BFGS", options={"gtol": gtol}, callback=keep)
    out[name + "_x0"] = x0
    out[name + "_values"] = np.array(values)
    out[name + "_points"] = np.array(points)
    out[name + "_evaluations"] = np.array(float(r.nfev))
    print(name, r.nit, r.nfev, r.fun, r.message)


def main():
    data = np.load("helicopter_2023_fit.npz")
    loss = helicopter_loss(data)
    assert np.allclose([loss(theta) for theta in data["loss_params"]], data["loss"], rtol=1e-13, atol=0)
    out = {"versions": np.array(f"NumPy {np.__version__}, SciPy {scipy.__version__}")}
    record(out, "helicopter", loss, data["nominal"], 1e-3)
    rng = np.random.default_rng(0)
    for i in range(4):
        record(out, f"restart{i}", loss, data["nominal"] + 0.1 * rng.standard_normal(20), 1e-3)
    record(out, "rosenbrock2", rosenbrock, np.array([-1.2, 1.0]), 1e-5)
    record(out, "rosenbrock7", rosenbrock, np.array([-1.2, 1.0, -1.2, 1.0, 0.5, 2.0, -1.0]), 1e-5)
    np.savez_compressed("bfgs_scipy.npz", **out)


if __name__ == "__main__":
    main()
