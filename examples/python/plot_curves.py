"""plot_curves.py curves.csv OUT.png: a report's curves read into pandas, and drawn: a panel a task, mean and standard
error over seeds. Prints the means at the last evaluation."""
import sys

import matplotlib

matplotlib.use("Agg")  # no display needed
import matplotlib.pyplot as plt
import pandas

runs = pandas.read_csv(sys.argv[1])
value = "return" if "return" in runs and runs["return"].notna().any() else "cost"
curves = runs.dropna(subset=[value]).groupby(["task", "algo", "iteration"])[value].agg(["mean", "sem"])
tasks = curves.index.unique("task")
figure, panels = plt.subplots(1, len(tasks), squeeze=False, figsize=(5 * len(tasks), 4), layout="constrained")
for panel, task in zip(panels[0], tasks):
    for algo, curve in curves.loc[task].groupby("algo"):
        x, mean, sem = curve.index.get_level_values("iteration"), curve["mean"], curve["sem"].fillna(0)
        (line,) = panel.plot(x, mean, marker=".", label=algo)
        panel.fill_between(x, mean - sem, mean + sem, color=line.get_color(), alpha=0.2)
    panel.set(title=task, xlabel="iteration", ylabel=value)
    panel.legend()
figure.savefig(sys.argv[2], dpi=100)
for (task, algo), last in curves.groupby(["task", "algo"])["mean"].last().items():
    print(task, algo, last)
