#!/usr/bin/env python3
"""many_runs.py SUITE-FOLDER N OUT: makes OUT/<suite> of N runs out of the real ones of a suite's folder.

Every row gets more seeds, each a copy of a real run under another seed, with the checksums of what it holds.
Checkpoints and networks, which neither `bench report` nor `bench status` reads, are said to be left out, as
tools/publish does.
"""

import hashlib
import json
import os
import sys


def real_runs(folder):
    """The seeds' folders of every row, "TASK/ALGO": [path, ...]."""
    rows = {}
    for task in sorted(os.listdir(folder)):
        for algo in sorted(os.listdir(os.path.join(folder, task))) if os.path.isdir(os.path.join(folder, task)) else []:
            row = os.path.join(folder, task, algo)
            seeds = [os.path.join(row, s) for s in sorted(os.listdir(row)) if s.startswith("seed-")] if os.path.isdir(row) else []
            seeds = [s for s in seeds if os.path.exists(os.path.join(s, "done.json"))]
            if seeds:
                rows[os.path.join(task, algo)] = seeds
    return rows


def read(path):
    with open(path, "rb") as file:
        return file.read()


def load(run):
    """What a copy is made of: the logs as they are, the configuration and the record to be changed."""
    kept = {name: read(os.path.join(run, name)) for name in ("metrics.jsonl", "timing.jsonl", "environment.json")}
    return kept, json.loads(read(os.path.join(run, "config.json"))), json.loads(read(os.path.join(run, "done.json")))


def write_copy(into, seed, kept, config, done):
    os.makedirs(into)
    config = json.dumps(dict(config, seed=seed), separators=(",", ":")).encode()
    files = {}
    for name, entry in done.get("files", {}).items():
        if name == "config.json":
            entry = {"bytes": len(config), "sha256": hashlib.sha256(config).hexdigest()}
        elif name not in kept:
            entry = dict(entry, left_out=True)
        files[name] = entry
    done = json.dumps(dict(done, files=files), separators=(",", ":")).encode()
    for name, content in {**kept, "config.json": config, "done.json": done}.items():
        with open(os.path.join(into, name), "wb") as file:
            file.write(content)


def main(folder, n, out):
    rows = real_runs(folder)
    if not rows:
        sys.exit(f"{folder}: holds no runs that are done")
    seeds = -(-n // len(rows))
    into = os.path.join(out, os.path.basename(os.path.normpath(folder)))
    os.makedirs(into)
    suite = json.loads(read(os.path.join(folder, "suite.json")))
    with open(os.path.join(into, "suite.json"), "w") as file:
        json.dump(dict(suite, seeds=list(range(seeds))), file, separators=(",", ":"))
    made = 0
    for row, real in rows.items():
        runs = [load(run) for run in real]
        for seed in range(seeds):
            if made < n:
                write_copy(os.path.join(into, row, f"seed-{seed}"), seed, *runs[seed % len(runs)])
                made += 1
    print(f"{made} runs in {into}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
