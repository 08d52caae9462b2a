"""read_curves.py curves.csv: the last return, or cost, of each row, averaged over its seeds."""
import csv
import sys

last = {}
for line in csv.DictReader(open(sys.argv[1], newline="")):
    value = line.get("return") or line.get("cost")
    if value:
        last[line["task"], line["algo"], line["seed"]] = float(value)  # lines of a run are in the order of iterations
rows = {}
for (task, algo, _), value in last.items():
    rows.setdefault((task, algo), []).append(value)
for (task, algo), values in rows.items():
    print(task, algo, sum(values) / len(values), f"({len(values)} seeds)")
