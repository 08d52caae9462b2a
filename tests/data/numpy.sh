#!/bin/sh
# numpy.sh COMPACT_TOOL [PYTHON]: runs test_numpy.py with PYTHON, else $LB_PYTHON, else python3; 77 (skipped) without
# NumPy.
python=${2:-${LB_PYTHON:-python3}}
if ! "$python" -c 'import numpy' 2>/dev/null; then
  echo "SKIPPED: '$python' has no NumPy. Set LB_PYTHON to a Python that has it." >&2
  exit 77
fi
exec "$python" -B "$(dirname "$0")/test_numpy.py" "$1"
