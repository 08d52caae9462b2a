#!/bin/bash
# The container of docs/cluster.md: what stands under %post of its recipe is run on a bare Debian 12 (debootstrap, chroot),
# as Apptainer and Docker run it, on a copy of the sources in /src. The program that it installs then runs as a user who
# may not write to it, with the environment of the recipe. Not tested here: Apptainer and Docker themselves.
set -euo pipefail
repository=${LB_REPOSITORY:?the source folder}
skip() {
  echo "SKIPPED: the container of docs/cluster.md is not tested here: $1" >&2
  exit 77
}
[ "$(id -u)" = 0 ] || skip "debootstrap and chroot need root"
command -v debootstrap >/dev/null || skip "there is no debootstrap (Debian: debootstrap)"
unshare --mount --pid --fork true 2>/dev/null || skip "there are no namespaces"
recipe=$(sed -n '/^Bootstrap: docker/,/^```/p' "$repository/docs/cluster.md")
part() { sed -n "/^%$1/,/^\(%\|\`\`\`\)/{/^%/d;/^\`\`\`/d;s/^    //p}" <<<"$recipe"; }
[ "$(part files)" = 'lazybench /src/lazybench' ] || { echo "FAILED: %files is: $(part files)" >&2; exit 1; }
part post | grep -q 'cmake --install' || { echo "FAILED: no %post in docs/cluster.md" >&2; exit 1; }
# shellcheck disable=SC2016
use='
bench run helicopter-hover-2023 --algo lamps-2023 --set iterations=2 --quiet --out /tmp/run
bench slurm control --preset quick --out /tmp/shared --program "apptainer exec $PWD/lazybench.sif bench"
grep -q "apptainer exec" /tmp/shared/slurm/1/tasks/*
for script in /tmp/shared/slurm/1/*.sh; do bash -n "$script"; done'
quoted=$(printf '%q' "$(part post)") environment=$(part environment)
"$repository/tools/prove-bare-debian" --worktree \
  "mkdir -p /src && cp -a \"\$PWD\" /src/lazybench && cd / && sh -e -c $quoted" \
  "cd /tmp && su -s /bin/sh nobody -c $(printf '%q' "set -e; PATH=/usr/local/bin:\$PATH; $environment$use")"
