# lb_test(TARGET NAME SOURCE... [LABEL fast|slow] [LINKS library...] [TIMEOUT seconds])
# One cmocka executable and its ctest entry. NAME is what ctest shows, <room>.<file>.
function(lb_test target name)
  cmake_parse_arguments(test "" "LABEL;TIMEOUT" "LINKS" ${ARGN})
  if(NOT test_LABEL)
    set(test_LABEL fast)
  endif()
  add_executable(${target} ${test_UNPARSED_ARGUMENTS})
  # The rooms keep machine code beside their LTO code (Toolchain.cmake), so that a test links in no time.
  set_target_properties(${target} PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
  target_link_options(${target} PRIVATE ${LB_NO_LTO_LINK} -Wl,--as-needed)
  target_compile_definitions(${target} PRIVATE LB_SOURCE_DIR="${LB_SOURCE_TEXT}")
  target_link_libraries(${target} PRIVATE lb_flags ${test_LINKS} PkgConfig::cmocka m)
  add_test(NAME ${name} COMMAND ${target})
  lb_test_properties(${name} LABEL ${test_LABEL} TIMEOUT "${test_TIMEOUT}")
endfunction()

# lb_test_properties(NAME [LABEL fast|slow] [TIMEOUT seconds]): the environment that every test runs in.
function(lb_test_properties name)
  cmake_parse_arguments(test "" "LABEL;TIMEOUT" "" ${ARGN})
  if(NOT test_LABEL)
    set(test_LABEL fast)
  endif()
  if(NOT test_TIMEOUT)
    set(test_TIMEOUT 300)
    if(test_LABEL STREQUAL "slow")
      set(test_TIMEOUT 3600)
    endif()
  endif()
  # The sanitizers must end a test, not only speak.
  set(environment OPENBLAS_NUM_THREADS=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
    ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1
    TSAN_OPTIONS=halt_on_error=1:suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp)
  if(TARGET bench)
    list(APPEND environment LB_BENCH=$<TARGET_FILE:bench>)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS ${test_LABEL} TIMEOUT ${test_TIMEOUT} ENVIRONMENT "${environment}")
endfunction()
