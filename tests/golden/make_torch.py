"""Writes torch_nets.npz and torch_sac.npz: what PyTorch makes of the same weights, data and noise as our tests.

Everything is computed in double precision by autograd and torch.optim.Adam; the stored inputs are exact in single
precision, so that both of our builds start from the same numbers. Needs PyTorch and NumPy; run as
`python make_torch.py` in this folder. The stored files name the versions used.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
VERSIONS = f"torch {torch.__version__}, numpy {np.__version__}"


def single(shape, scale, rng):
    return torch.tensor(rng.normal(size=shape).astype(np.float32).astype(np.float64) * scale).float().double()


def make_layers(members, sizes, rng):
    return [
        (single((members, o, i), 0.5 / math.sqrt(i), rng).requires_grad_(), single((members, o), 0.1, rng).requires_grad_())
        for i, o in zip(sizes[:-1], sizes[1:])
    ]


def forward(layers, x, f):
    """x (n, in) -> (members, n, out)."""
    h = x.expand(layers[0][0].shape[0], *x.shape)
    for i, (w, b) in enumerate(layers):
        h = torch.einsum("mni,moi->mno", h, w) + b[:, None, :]
        if i + 1 < len(layers):
            h = f(h)
    return h


def store_layers(out, prefix, layers):
    for i, (w, b) in enumerate(layers):
        out[f"{prefix}w{i}"] = w.detach().numpy().copy()
        out[f"{prefix}b{i}"] = b.detach().numpy().copy()


def trajectory(out, name, f, nll, decay, rng):
    """100 Adam steps on four batches in turn."""
    layers = make_layers(2, [5, 16, 16, 6], rng)
    x, y = single((4, 24, 5), 1, rng), single((4, 24, 3 if nll else 6), 1, rng)
    store_layers(out, f"{name}_start_", layers)
    out[f"{name}_x"], out[f"{name}_y"] = x.numpy(), y.numpy()
    adam = torch.optim.Adam([p for layer in layers for p in layer], lr=1e-2, eps=1e-8, weight_decay=decay)
    losses = []
    for step in range(100):
        p, t = forward(layers, x[step % 4], f), y[step % 4]
        if nll:
            mean, lv = p[..., :3], p[..., 3:]
            lv = 0.5 - F.softplus(0.5 - lv)
            lv = -10 + F.softplus(lv + 10)
            each = ((mean - t) ** 2 * torch.exp(-lv) + lv).mean((1, 2))
        else:
            each = ((p - t) ** 2).mean((1, 2))
        adam.zero_grad()
        each.sum().backward()
        adam.step()
        losses.append(each.detach().numpy().copy())
    store_layers(out, f"{name}_end_", layers)
    out[f"{name}_loss"] = np.array(losses)


def sac(out, rng):
    """20 updates of soft actor-critic with given noise; targets follow at every second update."""
    nobs, nact, n, updates = 4, 2, 24, 20
    gamma, tau, rate, entropy = 0.97, 0.05, 3e-3, -2.0
    actor, critics = make_layers(1, [nobs, 16, 16, 2 * nact], rng), make_layers(2, [nobs + nact, 16, 16, 1], rng)
    targets = [tuple(p.detach().clone() for p in layer) for layer in critics]
    log_alpha = torch.tensor(math.log(0.2), requires_grad=True)
    for name, layers in [("actor", actor), ("critics", critics)]:
        store_layers(out, f"{name}_start_", layers)
    data = single((updates, n, 2 * nobs + nact + 2), 1, rng)
    data[..., nobs : nobs + nact] = torch.tanh(data[..., nobs : nobs + nact]).float().double()
    data[..., nobs + nact + 1] = (data[..., nobs + nact + 1] > 1).double()
    states = single((updates, n, nobs), 1, rng)
    noise = single((updates, 2, n, nact), 1, rng)
    adams = [
        torch.optim.Adam(p, lr=rate)
        for p in ([p for l in critics for p in l], [p for l in actor for p in l], [log_alpha])
    ]

    def sample(s, e):
        head = forward(actor, s, F.relu)[0]
        mean, log_std = head[:, :nact], head[:, nact:].clamp(-20, 2)
        u = mean + log_std.exp() * e
        normal = -0.5 * e**2 - log_std - 0.5 * math.log(2 * math.pi)
        a = torch.tanh(u)
        return a, (normal - 2 * (math.log(2) - u - F.softplus(-2 * u))).sum(1)

    report = []
    for step in range(updates):
        s, a = data[step, :, :nobs], data[step, :, nobs : nobs + nact]
        r, done = data[step, :, nobs + nact], data[step, :, nobs + nact + 1]
        s_next = data[step, :, nobs + nact + 2 :]
        alpha = log_alpha.exp().detach()
        with torch.no_grad():
            a_next, logp = sample(s_next, noise[step, 0])
            q = forward(targets, torch.cat([s_next, a_next], 1), F.relu)[..., 0].min(0).values
            y = r + gamma * (1 - done) * (q - alpha * logp)
        critic_loss = ((forward(critics, torch.cat([s, a], 1), F.relu)[..., 0] - y) ** 2).mean(1).sum()
        adams[0].zero_grad()
        critic_loss.backward()
        adams[0].step()
        if step % 2 == 1:
            for target, source in zip(targets, critics):
                for t, p in zip(target, source):
                    t += tau * (p.detach() - t)
        # In the second half the actor learns on states of its own.
        own = states[step] if step >= updates // 2 else s
        a_pi, logp = sample(own, noise[step, 1])
        q = forward(critics, torch.cat([own, a_pi], 1), F.relu)[..., 0].min(0).values
        actor_loss = (alpha * logp - q).mean()
        adams[1].zero_grad()
        actor_loss.backward()
        adams[1].step()
        adams[2].zero_grad()
        (-log_alpha * (logp.detach().mean() + entropy)).backward()
        adams[2].step()
        report.append([critic_loss.item(), actor_loss.item(), q.mean().item(), logp.mean().item(), log_alpha.exp().item()])
    for name, layers in [("actor", actor), ("critics", critics), ("targets", targets)]:
        store_layers(out, f"{name}_end_", layers)
    out["data"], out["states"], out["noise"] = data.numpy(), states.numpy(), noise.numpy()
    out["report"] = np.array(report)


def main():
    out = {"versions": np.array(VERSIONS)}
    rng = np.random.default_rng(20)
    trajectory(out, "silu_nll", F.silu, True, 1e-2, rng)
    trajectory(out, "relu_squared", F.relu, False, 0.0, rng)
    trajectory(out, "tanh_squared", torch.tanh, False, 1e-3, rng)
    np.savez_compressed("torch_nets.npz", **out)
    out = {"versions": np.array(VERSIONS)}
    sac(out, np.random.default_rng(21))
    np.savez_compressed("torch_sac.npz", **out)


if __name__ == "__main__":
    main()
