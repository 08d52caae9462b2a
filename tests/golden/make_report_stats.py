"""Reference values for tests/stats/test_stats.c, by SciPy. Run: python make_report_stats.py (needs numpy and scipy)."""
import numpy as np
import scipy
from scipy import special, stats

rng = np.random.default_rng(20230300)
a = rng.normal(53, 0.7, 10)
b = a - rng.normal(0.4, 0.5, 10)
d = a - b
x = rng.lognormal(0, 1, 23)
t_df = np.array([1, 2, 4, 9, 29, 200.0])
t_p = np.array([0.6, 0.9, 0.975, 0.995, 0.9999])
beta_x = np.array([1e-6, 0.1, 0.35, 0.5, 0.9, 0.999])
beta_ab = np.array([[0.5, 0.5], [4.5, 0.5], [2, 3], [30, 0.5], [100, 70]])
np.savez(
    "report_stats.npz",
    a=a, b=b, x=x,
    t_df=t_df, t_p=t_p, t_quantile=stats.t.ppf(t_p[None, :], t_df[:, None]),
    beta_x=beta_x, beta_ab=beta_ab, beta=special.betainc(beta_ab[:, :1], beta_ab[:, 1:], beta_x[None, :]),
    interval=np.array(stats.t.interval(0.95, 9, d.mean(), stats.sem(d))),
    t_test=np.array(stats.ttest_rel(a, b).pvalue).reshape(1),
    sign_test=np.array(stats.binomtest(int((d > 0).sum()), len(d)).pvalue).reshape(1),
    wilcoxon=np.array(stats.wilcoxon(d, method="exact").pvalue).reshape(1),
    iqm=np.array(stats.trim_mean(x, 0.25)).reshape(1),
    quantile_p=np.array([0, 0.025, 0.25, 0.5, 0.9, 1]),
    quantile=np.quantile(x, [0, 0.025, 0.25, 0.5, 0.9, 1]),
    metadata=f'{{"numpy": "{np.__version__}", "scipy": "{scipy.__version__}"}}',
)
