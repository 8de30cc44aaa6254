# Programs go to bin/, the data they search to share/moesim/ with the same relative paths as in the source tree.
# What belongs to one program is a component of its name.
include(GNUInstallDirs)

# Folders of shipped data. A folder that is not there yet is passed over; tests/package holds the list against
# the files of the rooms.
set(moesim_data_folders
  calib/profiles
  calib/routers
  calib/stacks
  models/catalog
  sim/cluster/catalog
  sim/cluster/prices
  workloads/scenarios
  workloads/spaces
  workloads/traces)
foreach(dir IN LISTS moesim_data_folders)
  if(IS_DIRECTORY "${PROJECT_SOURCE_DIR}/${dir}")
    install(DIRECTORY "${dir}/" DESTINATION "${CMAKE_INSTALL_DATADIR}/moesim/${dir}" COMPONENT moesim
      PATTERN "CMakeLists.txt" EXCLUDE)
  endif()
endforeach()

foreach(program IN LISTS moesim_programs)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT ${program})
    install(FILES "${PROJECT_BINARY_DIR}/man/${program}.1.gz" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1"
      COMPONENT ${program})
  endif()
endforeach()
if(TARGET moesim)
  install(FILES "${PROJECT_BINARY_DIR}/cli/moesim.bash" RENAME moesim
    DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" COMPONENT moesim)
  install(FILES "${PROJECT_BINARY_DIR}/cli/moesim.zsh" RENAME _moesim
    DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions" COMPONENT moesim)
endif()
if(TARGET moesim-gui)
  install(FILES cmake/package/moesim-gui.desktop DESTINATION "${CMAKE_INSTALL_DATADIR}/applications"
    COMPONENT moesim-gui)
endif()
# A Debian system holds the licence, so no package does.
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/moesim" COMPONENT license)
