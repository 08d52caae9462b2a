#!/bin/sh
# relative-paths.sh COMMAND...: runs a compiler from the build folder with the paths of sources as ../.., see Toolchain.cmake.
root=$(cd ../.. && pwd)
for word; do
  shift
  case $word in
    "$root"/*) word=../..${word#"$root"} ;;
    "-I$root"/*) word=-I../..${word#"-I$root"} ;;
  esac
  set -- "$@" "$word"
done
exec "$@"
