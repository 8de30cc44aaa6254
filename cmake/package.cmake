# Debian packages of what is installed, one for each program whose target exists: `cpack` in a build folder, or
# ./bootstrap package. See docs/install.md.
if(NOT TARGET moesim)
  return()
endif()
find_program(MOESIM_GZIP gzip REQUIRED)
set(MOESIM_PACKAGE_CONTACT "moesim maintainers <maintainers@moesim.invalid>" CACHE STRING
  "Maintainer of the Debian packages: name and mail address")
set(package_version "${PROJECT_VERSION}-1")
set(package_files "${PROJECT_BINARY_DIR}/package")

# moesim_gzip(from to): the same bytes at every call.
function(moesim_gzip from to)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${from}")
  execute_process(COMMAND "${MOESIM_GZIP}" -9nc "${from}" OUTPUT_FILE "${to}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()
moesim_gzip("${PROJECT_SOURCE_DIR}/CHANGELOG.md" "${package_files}.changelog.gz")

set(CPACK_COMPONENTS_ALL "")
# moesim_package(program COPYRIGHT file SUMMARY text BODY text DEPENDS text RECOMMENDS text): the package of a
# program and its component, with the libraries that dpkg-shlibdeps finds besides DEPENDS. BODY is one line of
# less than 80 columns or several.
macro(moesim_package program)
  set(package_name "${program}")  # for configure_file, which sees no argument of a macro
  cmake_parse_arguments(package "" "COPYRIGHT;SUMMARY;BODY;DEPENDS;RECOMMENDS" "" ${ARGN})
  if(TARGET ${package_name})
    string(TOUPPER "${package_name}" component)
    list(APPEND CPACK_COMPONENTS_ALL ${package_name})
    set(CPACK_DEBIAN_${component}_PACKAGE_NAME ${package_name})
    set(CPACK_DEBIAN_${component}_DESCRIPTION "${package_SUMMARY}\n${package_BODY}")
    set(CPACK_DEBIAN_${component}_PACKAGE_DEPENDS "${package_DEPENDS}")
    set(CPACK_DEBIAN_${component}_PACKAGE_RECOMMENDS "${package_RECOMMENDS}")
    configure_file(cmake/package/changelog.in "${package_files}/${package_name}/changelog.Debian" @ONLY)
    moesim_gzip("${package_files}/${package_name}/changelog.Debian"
      "${package_files}/${package_name}/changelog.Debian.gz")
    set(doc "${CMAKE_INSTALL_DATADIR}/doc/${package_name}")
    # These belong to packages alone: `cmake --install` of everything leaves them out.
    install(FILES "${PROJECT_SOURCE_DIR}/cmake/package/${package_COPYRIGHT}" RENAME copyright
      DESTINATION "${doc}" COMPONENT ${package_name} EXCLUDE_FROM_ALL)
    install(FILES "${package_files}/${package_name}/changelog.Debian.gz"
      DESTINATION "${doc}" COMPONENT ${package_name} EXCLUDE_FROM_ALL)
    install(FILES "${package_files}.changelog.gz" RENAME changelog.gz
      DESTINATION "${doc}" COMPONENT ${package_name} EXCLUDE_FROM_ALL)
  endif()
endmacro()

moesim_package(moesim
  COPYRIGHT moesim.copyright
  SUMMARY "simulator of mixture-of-experts training and serving on GPU clusters"
  BODY "How fast and how dear a training run or a serving fleet of a\nmixture-of-experts model would be, which parallelism layout is best, and how\nload spreads over experts, GPUs and links, before anyone rents a GPU.\n\nThis package holds the program, its models, clusters, calibration, scenarios\nand prices."
  DEPENDS "fonts-dejavu-core")
moesim_package(moesim-mpi
  COPYRIGHT moesim.copyright
  SUMMARY "sweeps of moesim on many machines, through MPI"
  BODY "Runs the cases of a grid of scenarios on every machine of an MPI job, started\nby mpirun or srun, into one sweep file: the same as moesim sweep writes on one\nmachine."
  DEPENDS "moesim (= ${package_version})"
  RECOMMENDS "openmpi-bin | slurm-client")
moesim_package(moesim-gui
  COPYRIGHT moesim-gui.copyright
  SUMMARY "windows for scenarios and results of moesim"
  BODY "Edits scenarios, runs them and shows time, memory, experts and links of\nresults."
  DEPENDS "moesim (= ${package_version})")

set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGE_CONTACT "${MOESIM_PACKAGE_CONTACT}")
set(CPACK_PACKAGE_VENDOR moesim)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
# Empty, or it would stand before the description of every package.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
include(CPack)
