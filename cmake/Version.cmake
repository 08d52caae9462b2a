# Writes OUTPUT with the version, the commit and the numerics of SOURCE, and touches it only when they changed.
#
# The numerics are a checksum of the sources that decide a run's numbers: all rooms of src but those of the report (suite,
# stats, plot, doc, report) and the viewer, and but what only names and prints numbers, says how long a run will take, locks
# folders, reads what a run left, or makes and checks tasks. Lines of comment, blank lines and indentation do not count, so that
# two programs of the same numerics compute the same, whatever else their commits changed.
execute_process(COMMAND git -C "${SOURCE}" describe --always --dirty --exclude=* --abbrev=12
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
  set(commit "unknown")
endif()

file(GLOB_RECURSE sources RELATIVE "${SOURCE}/src" "${SOURCE}/src/*.c" "${SOURCE}/src/*.h")
list(FILTER sources EXCLUDE REGEX "^base/format|^core/metric|^io/run_read|^base/cores|^io/json_schema|^io/lock|^io/heartbeat|^suite/|^stats/|^plot/|^doc/|^report/|^view/|^algo/forecast|^algo/policy_open|^algo/run_record|^algo/recipe_schema|^phys/outline|^task/draft|^task/grammar|^task/check")
list(SORT sources)
set(all "")
foreach(source IN LISTS sources)
  file(READ "${SOURCE}/src/${source}" text)
  string(REGEX REPLACE "\n[ \t]+" "\n" text "\n${text}")
  string(REGEX REPLACE "\n//[^\n]*" "" text "${text}")
  string(REGEX REPLACE "\n\n+" "\n" text "${text}")
  string(APPEND all "${source}\n${text}\n")
endforeach()
string(SHA256 numerics "${all}")
string(SUBSTRING "${numerics}" 0 16 numerics)

file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT
"#ifndef LB_VERSION_H_
#define LB_VERSION_H_
#define LB_VERSION \"${VERSION}\"
#define LB_COMMIT \"${commit}\"
#define LB_NUMERICS \"${numerics}\"
#endif
" @ONLY)
