# Third-party libraries, each behind a target of ours, so that a room names what it needs and no more.
find_package(PkgConfig REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(cjson REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(cminpack REQUIRED IMPORTED_TARGET cminpack)
pkg_check_modules(md REQUIRED IMPORTED_TARGET libmd)
pkg_check_modules(openblas REQUIRED IMPORTED_TARGET openblas)
pkg_check_modules(cmocka IMPORTED_TARGET cmocka)  # for the tests alone
pkg_check_modules(egl IMPORTED_TARGET egl)        # these two for the viewer alone
pkg_check_modules(glfw3 IMPORTED_TARGET glfw3)
if(egl_FOUND AND glfw3_FOUND)
  set(LB_VIEWER ON)
else()
  set(LB_VIEWER OFF)
  message(STATUS "libegl-dev or libglfw3-dev is not installed: bench view and bench render are left out, all else works")
endif()

set(MUJOCO_DIR "$ENV{MUJOCO_DIR}" CACHE PATH
  "A MuJoCo 4.0.1 (or 4.0.0) folder: a release tarball, or the mujoco package as pip or an unzipped mujoco-core lays it out")
set(lb_mujoco_dir ${MUJOCO_DIR})
if(NOT lb_mujoco_dir)
  set(lb_mujoco_dir ${CMAKE_SOURCE_DIR}/.deps/mujoco)
endif()
find_path(lb_mujoco_include mujoco/mujoco.h HINTS "${lb_mujoco_dir}/include" NO_DEFAULT_PATH NO_CACHE)
find_library(lb_mujoco_library NAMES libmujoco.so.4.0.1 libmujoco.so.4.0.0 libmujoco.so HINTS "${lb_mujoco_dir}/lib" "${lb_mujoco_dir}"
  NO_DEFAULT_PATH NO_CACHE)
if(NOT lb_mujoco_include OR NOT lb_mujoco_library)
  message(FATAL_ERROR "MuJoCo 4.0.1 not found in ${lb_mujoco_dir}. Run tools/setup, or set MUJOCO_DIR to the folder "
    "that holds include/mujoco/mujoco.h, and libmujoco.so.4.0.1 beside include/ or in lib/.")
endif()
file(STRINGS "${lb_mujoco_include}/mujoco/mujoco.h" lb_mujoco_version REGEX "^#define mjVERSION_HEADER ")
if(NOT lb_mujoco_version MATCHES " 400000[01]$")
  message(FATAL_ERROR "${lb_mujoco_include}/mujoco/mujoco.h is not of MuJoCo 4.0.1 or 4.0.0: it says '${lb_mujoco_version}', "
    "where mjVERSION_HEADER should be 4000001 or 4000000.")
endif()
add_library(mujoco SHARED IMPORTED)
set_target_properties(mujoco PROPERTIES IMPORTED_LOCATION "${lb_mujoco_library}"
  INTERFACE_INCLUDE_DIRECTORIES "${lb_mujoco_include}")
