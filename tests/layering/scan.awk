# Scans the includes of src against the lb_room lines of src/CMakeLists.txt.
#   awk -f scan.awk src/CMakeLists.txt src/*/*.c src/*/*.h        (from the folder that holds src)
# Says `file:line: what is wrong` for each breach, and exits 1 if there was one. The rules:
#   - a room uses only rooms declared above it: so the rooms form no cycle;
#   - a file includes only headers of its own room and of the rooms that its lb_room line names, as "room/file.h";
#   - a third-party header is included only by a room that links its library; MuJoCo's by phys and view alone.
# Assumes that an include stands on a line of its own, which clang-format sees to.

BEGIN {
  library["mujoco"] = "mujoco"
  library["cjson"] = library["cJSON.h"] = "PkgConfig::cjson"
  library["zlib.h"] = "ZLIB::ZLIB"
  library["sha2.h"] = library["md5.h"] = library["sha1.h"] = "PkgConfig::md"
  library["cblas.h"] = library["f77blas.h"] = library["lapack.h"] = library["lapacke.h"] = "PkgConfig::openblas"
  library["cminpack.h"] = library["cminpack-1"] = library["minpack.h"] = "PkgConfig::cminpack"
  library["GLFW"] = "PkgConfig::glfw3"
  library["EGL"] = "PkgConfig::egl"
}

function complain(what) {
  printf "%s:%d: %s\n", FILENAME, FNR, what
  breaches++
}

# One lb_room(...) call, its line breaks already blanks.
function declare(call,    words, n, i, room, list) {
  sub(/^.*lb_room\(/, "", call)
  sub(/\).*$/, "", call)
  n = split(call, words, /[ \t]+/)
  room = words[1]
  for (i = 2; i <= n; i++) {
    if (words[i] == "USES" || words[i] == "LINKS") {
      list = words[i]
    } else if (list == "USES") {
      if (!(words[i] in rooms)) complain("room " room " uses " words[i] ", which is not declared above it")
      uses[room, words[i]] = 1
    } else if (list == "LINKS") {
      links[room, words[i]] = 1
      if (words[i] == "mujoco" && room != "phys" && room != "view")
        complain("room " room " links MuJoCo; only phys and view may")
    }
  }
  if (room in rooms) complain("room " room " is declared twice")
  rooms[room] = 1
}

function room_of(path,    parts) {
  sub(/^.*src\//, "", path)
  split(path, parts, "/")
  return parts[1]
}

FNR == 1 { room = room_of(FILENAME) }

FILENAME ~ /CMakeLists\.txt$/ {
  sub(/#.*/, "")
  if (call != "" || /lb_room\(/) {
    call = call " " $0
    if (/\)/) {
      declare(call)
      call = ""
    }
  }
  next
}

FNR == 1 && !(room in rooms) { complain("no lb_room line declares the room " room) }

/^[ \t]*#[ \t]*include[ \t]*"/ {
  split($0, quoted, "\"")
  split(quoted[2], path, "/")
  if (quoted[2] == "lb_version.h" || quoted[2] == "lb_page.h") next  # made by the build
  if (index(quoted[2], "/") == 0)
    complain("\"" quoted[2] "\": include from the src root, as \"" room "/" quoted[2] "\"")
  else if (path[1] != room && !((room, path[1]) in uses))
    complain("room " room " includes \"" quoted[2] "\", but its lb_room line does not use " path[1])
}

/^[ \t]*#[ \t]*include[ \t]*</ {
  name = $0
  sub(/^[^<]*</, "", name)
  sub(/>.*/, "", name)
  split(name, path, "/")
  if (path[1] == "mujoco" && room != "phys" && room != "view")
    complain("<" name "> outside src/phys and src/view")
  else if (path[1] in library && !((room, library[path[1]]) in links))
    complain("<" name ">, but the room " room " does not link " library[path[1]])
}

END {
  if (breaches) exit 1
}
