"""Reference values for tests/stats/test_scores.c, by rliable (Agarwal et al. 2021), the authors' own library.

Run: python make_rliable.py (needs rliable, with the arch, numpy and scipy that it brings; arch 7 wants pandas < 3).
Intervals are random: each is the mean of REPEATS runs of rliable with RESAMPLES resamples, beside the standard
deviation of one such run, from which the test takes its tolerance.
"""
import importlib.metadata
import json

import numpy as np
from rliable import library, metrics

REPEATS, RESAMPLES = 20, 2000

rng = np.random.default_rng(20230301)
x = rng.normal([0.9, 0.5, 0.2], [0.2, 0.3, 0.1], (10, 3))
y = rng.normal([0.7, 0.6, 0.2], [0.1, 0.3, 0.1], (8, 3))
y[:2, 2] = x[:2, 2]  # ties
tau = np.linspace(0, 1.2, 13)


def repeated(run):
    """Mean over the repeats of the two ends, and the standard deviation of one."""
    ends = []
    for repeat in range(REPEATS):
        np.random.seed(1000 + repeat)  # the stratified bootstrap draws from the global generator
        ends.append(run())
    return np.mean(ends, axis=0), np.std(ends, axis=0, ddof=1)


def iqm_interval():
    iqm = lambda scores: np.array([metrics.aggregate_iqm(scores)])
    return library.get_interval_estimates({"x": x}, iqm, reps=RESAMPLES)[1]["x"][:, 0]


def improvement_interval():
    improvement = lambda a, b: np.array([metrics.probability_of_improvement(a, b)])
    return library.get_interval_estimates({"xy": [x, y]}, improvement, reps=RESAMPLES)[1]["xy"][:, 0]


def profile_interval():
    return library.create_performance_profile({"x": x}, tau, reps=RESAMPLES)[1]["x"]


iqm, iqm_sd = repeated(iqm_interval)
improvement, improvement_sd = repeated(improvement_interval)
profile, profile_sd = repeated(profile_interval)
versions = {name: importlib.metadata.version(name) for name in ("rliable", "arch", "numpy", "scipy")}
np.savez(
    "rliable.npz",
    x=x.T.copy(), y=y.T.copy(), tau=tau,  # a row a task
    iqm=np.array([metrics.aggregate_iqm(x)]), iqm_interval=iqm, iqm_interval_sd=iqm_sd,
    improvement=np.array([metrics.probability_of_improvement(x, y), metrics.probability_of_improvement(y, x)]),
    improvement_interval=improvement, improvement_interval_sd=improvement_sd,
    profile=library.score_distributions(x, tau), profile_interval=profile, profile_interval_sd=profile_sd,
    resamples=np.array([RESAMPLES]),
    metadata=json.dumps(versions),
)
print(versions, iqm, iqm_sd, improvement, improvement_sd, profile_sd.max())
