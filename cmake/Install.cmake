# cmake --install build/release --prefix P: P/bin/bench, which runs from anywhere with what lies in P/share/lazybench
# (bench/root.h), and MuJoCo's library, which it finds in P/lib.
set_target_properties(bench PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
install(TARGETS bench RUNTIME DESTINATION bin)
file(REAL_PATH "${lb_mujoco_library}" library)
install(FILES "${library}" DESTINATION lib)

set(share share/lazybench)
install(DIRECTORY models expert_data DESTINATION ${share})
install(DIRECTORY bench/recipes bench/suites bench/experts bench/verify DESTINATION ${share}/bench
  PATTERN "*.[ch]" EXCLUDE)
install(FILES bench/usual.json DESTINATION ${share}/bench)
install(FILES LICENSE NOTICE README.md CITATION.cff DESTINATION ${share})
