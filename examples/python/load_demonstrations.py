"""load_demonstrations.py FILE.npz: episodes, transitions and returns of a recording."""
import json
import sys

import numpy

data = numpy.load(sys.argv[1])
ends = numpy.flatnonzero(data["terminals"] | data["timeouts"])
starts = numpy.concatenate(([0], ends[:-1] + 1))
returns = numpy.add.reduceat(data["rewards"].astype("float64"), starts)
print(json.loads(str(data["metadata"]))["task"], len(data["actions"]), "transitions")
for start, end, total in zip(starts, ends, returns):
    print(end + 1 - start, "steps, return", float(total))
