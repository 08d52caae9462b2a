# cmake --install build/release --prefix P: P/bin/bench, which runs from anywhere with what lies in P/share/lazybench
# (bench/root.h), and MuJoCo's library, which it finds in P/lib, with that library's licence and notices.
set_target_properties(bench PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
install(TARGETS bench RUNTIME DESTINATION bin)
if(LB_VIEWER)
  set_target_properties(bench-view PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
  install(TARGETS bench-view RUNTIME DESTINATION bin)
endif()
file(REAL_PATH "${lb_mujoco_library}" library)
install(FILES "${library}" DESTINATION lib)

# They lie in licences/ of what tools/setup fetches, at the top of a release tarball, and beside the package of pip.
foreach(name IN ITEMS LICENSE LICENCE NOTICE THIRD_PARTY)
  file(GLOB found "${lb_mujoco_dir}/licences/${name}*" "${lb_mujoco_dir}/${name}*"
    "${lb_mujoco_dir}/../mujoco-4.*.dist-info/licenses/${name}*"
    "${lb_mujoco_dir}/../mujoco_core-4.*.dist-info/licenses/${name}*")
  list(APPEND lb_mujoco_licences ${found})
endforeach()
list(REMOVE_DUPLICATES lb_mujoco_licences)
if(NOT lb_mujoco_licences)
  message(WARNING "${lb_mujoco_dir} holds no LICENSE of MuJoCo: what is installed from here lacks it")
endif()
install(FILES ${lb_mujoco_licences} DESTINATION share/lazybench/licences/mujoco)

set(share share/lazybench)
install(DIRECTORY models expert_data DESTINATION ${share})
install(DIRECTORY bench/recipes bench/suites bench/experts bench/verify DESTINATION ${share}/bench
  PATTERN "*.[ch]" EXCLUDE)
install(FILES LICENSE NOTICE README.md CITATION.cff DESTINATION ${share})
