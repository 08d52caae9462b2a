# Compiler flags of our own code. No -ffast-math: NaN must stay visible, and sums must keep their order.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# A program is linked beside its place and moved there: one that runs keeps the file that it was started from, and none
# is ever started half written.
set(CMAKE_C_LINK_EXECUTABLE
  "<CMAKE_C_COMPILER> <FLAGS> <CMAKE_C_LINK_FLAGS> <LINK_FLAGS> <OBJECTS> -o <TARGET>.new <LINK_LIBRARIES>"
  "mv -f <TARGET>.new <TARGET>")

# ninja misreads the list of headers that a file depends on where a name in it has a character such as & in it, and would
# build the file anew each time: in such a folder the compiler sees paths from the build folder.
if(NOT CMAKE_SOURCE_DIR MATCHES "^[-A-Za-z0-9_./ ]*$" AND EXISTS "${CMAKE_BINARY_DIR}/../../cmake/relative-paths.sh")
  set_property(GLOBAL PROPERTY RULE_LAUNCH_COMPILE "../../cmake/relative-paths.sh")
endif()

# LB_SOURCE_DIR as a C string, whatever characters the path is made of.
string(REPLACE "\\" "\\\\" LB_SOURCE_TEXT "${CMAKE_SOURCE_DIR}")
string(REPLACE "\"" "\\\"" LB_SOURCE_TEXT "${LB_SOURCE_TEXT}")

add_library(lb_flags INTERFACE)
target_compile_definitions(lb_flags INTERFACE _GNU_SOURCE)
target_compile_options(lb_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror=implicit-function-declaration -Werror=int-conversion
  -Werror=incompatible-pointer-types -fno-math-errno -fno-trapping-math)
if(LB_WERROR)
  target_compile_options(lb_flags INTERFACE -Werror)
endif()
if(LB_NATIVE)
  target_compile_options(lb_flags INTERFACE -march=native)
endif()
if(LB_FUZZ)
  target_compile_options(lb_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(LB_SANITIZE)
  target_compile_options(lb_flags INTERFACE -fsanitize=${LB_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(lb_flags INTERFACE -fsanitize=${LB_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CMAKE_C_FLAGS_RELEASE "-O3")
  include(CheckIPOSupported)
  check_ipo_supported(RESULT lb_ipo OUTPUT lb_ipo_why LANGUAGES C)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${lb_ipo})
  # Machine code beside the LTO code: `bench` links with LTO, the many test programs link without it.
  if(lb_ipo AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
    list(REMOVE_ITEM CMAKE_C_COMPILE_OPTIONS_IPO -fno-fat-lto-objects)
    list(APPEND CMAKE_C_COMPILE_OPTIONS_IPO -ffat-lto-objects)
    set(LB_NO_LTO_LINK -fno-lto)
  endif()
endif()
