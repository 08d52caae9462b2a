#!/bin/bash
# test_setup.sh ROOT: what tools/setup says when MUJOCO_DIR is wrong, when a package is missing, and when a fetched
# MuJoCo is damaged. Works on copies of the scripts; installs and downloads nothing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/repo" "$work/bin"
cp -r "$1/tools" "$work/repo/tools"
setup=$work/repo/tools/setup
failures=0
setup_for=  # a word, or nothing

# Stand-ins for what would change this machine or leave it: each only fails, and says so.
for name in apt-get dpkg; do
  printf '#!/bin/bash\necho "%s $*" >>"%s/calls"\nexit 1\n' "$name" "$work" >"$work/bin/$name"
done
cat >"$work/bin/python3" <<EOF
#!/bin/bash
case "\$*" in
  "-c import \${FAKE_NO_MODULE:-none}") exit 1 ;;
  "-c import numpy") [ -z "\${FAKE_NO_NUMPY:-}" ]; exit ;;
  "-m pip"*) echo "\$*" >>"$work/calls"; exit 1 ;;
esac
EOF
cat >"$work/bin/id" <<'EOF'
#!/bin/bash
echo "${FAKE_UID:-0}"
EOF
cat >"$work/bin/pkg-config" <<'EOF'
#!/bin/bash
[ "$2" != "${FAKE_ABSENT:-}" ]
EOF
for name in cc ninja gnuplot; do
  printf '#!/bin/bash\n' >"$work/bin/$name"
done
cat >"$work/bin/cmake" <<'EOF'
#!/bin/bash
echo "cmake version ${FAKE_CMAKE:-3.25.1}"
EOF
chmod +x "$work"/bin/*
export PATH=$work/bin:$PATH
unset MUJOCO_DIR LB_PYTHON

# expect WHAT STATUS PATTERN [VARIABLE=VALUE...]: tools/setup must end with STATUS and say PATTERN.
expect() {
  local what=$1 status=$2 pattern=$3 said got=0
  shift 3
  said=$(env "$@" "$setup" ${setup_for:+"$setup_for"} 2>&1) || got=$?
  if [ "$got" != "$status" ] || ! grep -qE -- "$pattern" <<<"$said"; then
    printf '%s: wanted exit status %s and "%s", got %s and: %s\n' "$what" "$status" "$pattern" "$got" "$said"
    failures=$((failures + 1))
  fi
}

make_mujoco() {
  mkdir -p "$1/include/mujoco" "$1/lib"
  echo "#define mjVERSION_HEADER $2" >"$1/include/mujoco/mujoco.h"
  touch "$1/lib/libmujoco.so.4.0.1"
}

expect "a MUJOCO_DIR that does not exist" 2 'no include/mujoco/mujoco.h there' MUJOCO_DIR="$work/none"
make_mujoco "$work/old" 3003000
expect "an older MuJoCo" 2 'mjVERSION_HEADER is 3003000, where MuJoCo 4.0.1 has 4000001' MUJOCO_DIR="$work/old"
make_mujoco "$work/good" 4000001
expect "a MuJoCo 4.0.1" 0 '' MUJOCO_DIR="$work/good"
make_mujoco "$work/same" 4000000
expect "a MuJoCo 4.0.0" 0 '' MUJOCO_DIR="$work/same"
rm -f "$work/good/lib/libmujoco.so.4.0.1" "$work/repo/.deps/checked"
expect "a MuJoCo without its library" 2 'no libmujoco.so there, neither in lib/ nor beside' MUJOCO_DIR="$work/good"
rmdir "$work/good/lib"
touch "$work/good/libmujoco.so.4.0.1"
expect "a MuJoCo as pip lays it out" 0 '^$' MUJOCO_DIR="$work/good"
rm "$work/repo/.deps/checked"

# Only what is to be done demands something.
expect "no pip, MuJoCo there" 0 '^$' MUJOCO_DIR="$work/good" FAKE_UID=1000 FAKE_NO_MODULE=pip
rm "$work/repo/.deps/checked"
expect "no cmocka, no tests asked for" 0 '^$' MUJOCO_DIR="$work/good" FAKE_UID=1000 FAKE_ABSENT=cmocka
mv "$work/bin/gnuplot" "$work/gnuplot"
if ! command -v gnuplot >/dev/null; then
  rm "$work/repo/.deps/checked"
  expect "no gnuplot" 0 '^$' MUJOCO_DIR="$work/good" FAKE_UID=1000
fi
mv "$work/gnuplot" "$work/bin/gnuplot"
rm "$work/repo/.deps/checked"
expect "no pip, MuJoCo to be fetched" 2 'install -y --no-install-recommends python3-pip$' FAKE_UID=1000 FAKE_NO_MODULE=pip
expect "an old CMake" 2 'cmake is CMake 3.22.6; 3.25 or newer is needed: ' MUJOCO_DIR="$work/good" FAKE_CMAKE=3.22.6
# A machine that has no CMake yet: everything but that, by links that nothing writes through.
mkdir "$work/others"
find /usr/bin ! -type d ! -name cmake -exec ln -s -t "$work/others" {} +
mv "$work/bin/cmake" "$work/cmake"
expect "no CMake, not root" 2 'install -y --no-install-recommends cmake$' PATH="$work/bin:$work/others" \
  MUJOCO_DIR="$work/good" FAKE_UID=1000
mv "$work/cmake" "$work/bin/cmake"
expect "a CMake of two digits" 0 '^$' MUJOCO_DIR="$work/good" FAKE_CMAKE=4.0.2
setup_for="test"
expect "no cmocka, for the tests" 2 'install -y --no-install-recommends libcmocka-dev$' MUJOCO_DIR="$work/good" \
  FAKE_UID=1000 FAKE_ABSENT=cmocka LB_PYTHON=python3
expect "no venv, no Python with NumPy" 2 'install -y --no-install-recommends python3-venv$' MUJOCO_DIR="$work/good" \
  FAKE_UID=1000 FAKE_NO_MODULE=ensurepip FAKE_NO_NUMPY=yes
expect "no venv, a Python with NumPy named" 0 '^$' MUJOCO_DIR="$work/good" FAKE_UID=1000 FAKE_NO_MODULE=ensurepip \
  LB_PYTHON=python3
setup_for=
[ ! -e "$work/calls" ] || { echo "not root, but it called: $(cat "$work/calls")"; failures=$((failures + 1)); }

expect "a missing package, not root" 2 'sudo apt-get update && .*install -y --no-install-recommends libcminpack-dev$' \
  FAKE_UID=1000 FAKE_ABSENT=cminpack
[ ! -e "$work/calls" ] || { echo "not root, but it called: $(cat "$work/calls")"; failures=$((failures + 1)); }
expect "apt-get that fails" 1 'apt-get install: failed' FAKE_ABSENT=cminpack
grep -q 'apt-get .*install.* libcminpack-dev' "$work/calls" ||
  { echo "root, but it did not call apt-get install"; failures=$((failures + 1)); }

rm -f "$work/calls"
make_mujoco "$work/repo/.deps/mujoco" 4000001
(cd "$work/repo/.deps/mujoco" && find include lib -type f -print0 | xargs -0 sha256sum >SHA256SUMS)
expect "a whole fetched MuJoCo" 0 ''
[ ! -e "$work/calls" ] ||
  { echo "nothing was missing, but it called: $(cat "$work/calls")"; failures=$((failures + 1)); }
rm "$work/repo/.deps/checked"
echo damage >>"$work/repo/.deps/mujoco/lib/libmujoco.so.4.0.1"
expect "a damaged MuJoCo, and no network" 1 'could not download mujoco-core 4.0.1'
grep -q 'pip .*mujoco-core==4.0.1' "$work/calls" || { echo "it did not fetch anew"; failures=$((failures + 1)); }

exit $((failures > 0))
