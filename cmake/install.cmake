# The program goes to bin/, the data it searches to share/moesim/ with the same
# relative paths as in the source tree.
include(GNUInstallDirs)
if(TARGET moesim)
  install(TARGETS moesim RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  install(FILES "${PROJECT_BINARY_DIR}/cli/moesim.bash" RENAME moesim
    DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
endif()
foreach(dir models/catalog calib/profiles calib/routers calib/stacks workloads/scenarios workloads/spaces workloads/traces sim/cluster/catalog)
  if(IS_DIRECTORY "${PROJECT_SOURCE_DIR}/${dir}")
    install(DIRECTORY "${dir}/" DESTINATION "${CMAKE_INSTALL_DATADIR}/moesim/${dir}"
      PATTERN "CMakeLists.txt" EXCLUDE)
  endif()
endforeach()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/moesim")
