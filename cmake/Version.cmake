# Writes OUTPUT with the version and the commit of SOURCE, and touches it only when they changed.
execute_process(COMMAND git -C "${SOURCE}" describe --always --dirty --exclude=* --abbrev=12
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
  set(commit "unknown")
endif()
file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT
"#ifndef LB_VERSION_H_
#define LB_VERSION_H_
#define LB_VERSION \"${VERSION}\"
#define LB_COMMIT \"${commit}\"
#endif
" @ONLY)
