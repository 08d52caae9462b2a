#!/bin/bash
# Plants one breach of the layering at a time in a small tree, and fails unless scan.sh, stems.sh, kinds.sh, names.sh or
# readme.sh names each of them, and all accept the tree without any.
# Dollars and backquotes in single quotes are meant as they are.
# shellcheck disable=SC2016
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

plant_clean() {
  rm -rf "${tree:?}"/{src,bench,tests}
  mkdir -p "$tree"/src/{base,io,phys,task,algo} "$tree"/{bench/viewer,tests/io}
  printf '%s\n' 'lb_room(base)' 'lb_room(io USES base LINKS ZLIB::ZLIB)' \
    'lb_room(phys USES base' '  LINKS mujoco)' 'lb_room(task USES base io phys)' 'lb_room(algo USES base)' >"$tree/src/CMakeLists.txt"
  printf '#include <stdio.h>\n' >"$tree/src/base/text.h"
  printf '    {.name = "%s",\n' linear sac >"$tree/src/algo/registry.c"
  printf '#include <zlib.h>\n#include "base/text.h"\n#include "io/npz.h"\n' >"$tree/src/io/npz.c"
  printf '#include "base/text.h"\n' >"$tree/src/io/npz.h"
  printf '#include <mujoco/mujoco.h>\n' >"$tree/src/phys/sim.c"
  printf '#include "phys/sim.h"\n#include "io/npz.h"\n' >"$tree/src/task/task.c"
}

# expect WHAT PATTERN [SCRIPT [AT-LEAST]]: SCRIPT (scan.sh) must fail with a line that holds PATTERN.
expect() {
  local said
  if said=$("$here/${3:-scan.sh}" "$tree" ${4:+"$4"} 2>&1) || ! grep -qF -- "$2" <<<"$said"; then
    echo "not detected: $1 (wanted a line with '$2'); the scanner said: ${said:-nothing}"
    failures=$((failures + 1))
  fi
  plant_clean
}

plant_clean
for script in scan stems kinds; do
  "$here/$script.sh" "$tree" || { echo "$script.sh refused a clean tree"; failures=$((failures + 1)); }
done
"$here/names.sh" "$tree" 0 || { echo "names.sh refused a clean tree"; failures=$((failures + 1)); }

echo '#include "phys/sim.h"' >>"$tree/src/base/text.h"
expect "an include upward" 'src/base/text.h:2: room base includes "phys/sim.h"'
echo '  #  include "io/npz.h"  // why' >>"$tree/src/phys/sim.c"
expect "an include of a room that is not named" 'src/phys/sim.c:2: room phys includes "io/npz.h"'
echo '#include "../base/text.h"' >>"$tree/src/io/npz.c"
expect "a relative include" 'room io includes "../base/text.h"'
echo '#include "npz.h"' >>"$tree/src/io/npz.c"
expect "an include without its room" 'include from the src root'
echo '#include <mujoco/mjdata.h>' >>"$tree/src/task/task.c"
expect "MuJoCo outside phys" 'src/task/task.c:3: <mujoco/mjdata.h> outside src/phys'
echo '#include <zlib.h>' >>"$tree/src/task/task.c"
expect "a library that the room does not link" 'the room task does not link ZLIB::ZLIB'
sed -i 's/lb_room(base)/lb_room(base USES task)/' "$tree/src/CMakeLists.txt"
expect "a cycle of rooms" 'room base uses task, which is not declared above it'
sed -i 's/lb_room(task USES/lb_room(task LINKS mujoco USES/' "$tree/src/CMakeLists.txt"
expect "a room that links MuJoCo" 'room task links MuJoCo'
mkdir "$tree/src/loft" && echo '#include "base/text.h"' >"$tree/src/loft/a.c"
expect "a folder that is no room" 'no lb_room line declares the room loft'
touch "$tree/src/task/sim.h"
expect "two rooms with one name" 'sim: src/phys/sim.c src/task/sim.h' stems.sh
touch "$tree/bench/viewer/task.c"
expect "a name of src in bench" 'task: bench/viewer/task.c src/task/task.c' stems.sh
touch "$tree/tests/io/npz.c"
expect "a name of src in tests" 'npz: src/io/npz.c src/io/npz.h tests/io/npz.c' stems.sh
echo 'if (planner->iteration == LB_ITERATION_STEP) return;' >"$tree/src/io/npz.c"
expect "a kind of iteration asked for" 'src/io/npz.c:1:if (planner->iteration' kinds.sh
echo 'return strcmp(r->planner.kind->name, "sac") == 0;' >"$tree/bench/viewer/view.c"
expect "a planner asked for by name" 'bench/viewer/view.c:1:return strcmp' kinds.sh
: >"$tree/src/algo/registry.c"
expect "a registry without names" 'no names of kinds found' kinds.sh

echo 'The text is `lb_text` of `base/text.h`; see `io/npz.c`, `io/gone.c` and `lb_gone`.' >"$tree/src/README.md"
expect "a file that the README names and nobody has" 'there is no io/gone.c' readme.sh
echo '`lb_gone` is in `io/npz.c`.' >"$tree/src/README.md"
expect "a function that the README names and nobody has" 'there is no lb_gone' readme.sh
echo 'a line of `find_all` in `io/npz.c`' >"$tree/src/README.md"
expect "a name that is not in its file" 'there is no find_all in io/npz.c' readme.sh

# share FIRST SECOND NAME: both headers give NAME, FIRST in src/base/text.h, SECOND in src/task/terms.h.
share() {
  printf '%b\n' "$1" >>"$tree/src/base/text.h"
  printf '%b\n' "$2" >"$tree/src/task/terms.h"
  expect "a name given twice" "$3: src/base/text.h src/task/terms.h" names.sh 0
}
share 'typedef struct lb_text {\n  int n;\n} lb_text;' 'typedef enum lb_text { LB_A } lb_text;' lb_text
share 'struct lb_text {\n  int n;\n};' 'typedef double lb_text;' lb_text
share 'void lb_text_add(int n);' 'typedef struct lb_text_add {\n  int n;\n} lb_text_add;' lb_text_add
share 'static inline const char* lb_plural(int n,' 'char* lb_plural(void);' lb_plural
share 'typedef int (*lb_step)(void* self);' 'double lb_step(double x);' lb_step
share 'enum { LB_MOST = 3, LB_LEAST = 1 };' 'typedef enum lb_size {\n  LB_SMALL,  // LB_NONE\n  LB_LEAST\n} lb_size;' LB_LEAST
share '#define LB_TAKE(n) (n)' 'enum { LB_TAKE };' LB_TAKE
names=$("$here/names.sh" "$tree" 1 || true)
grep -q '^0 names found' <<<"$names" || { echo "names.sh took a tree without names: $names"; failures=$((failures + 1)); }

exit $((failures > 0))
