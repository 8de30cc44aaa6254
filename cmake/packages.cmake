# Every outside package, found once and used as an imported target.
find_package(Threads REQUIRED)
find_package(CLI11 REQUIRED)                                          # CLI11::CLI11
find_package(fmt REQUIRED)                                            # fmt::fmt
find_package(nlohmann_json REQUIRED)                                  # nlohmann_json::nlohmann_json
if(MOESIM_SIMULATOR)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(SimGrid REQUIRED IMPORTED_TARGET GLOBAL simgrid)  # PkgConfig::SimGrid; no CMake config is shipped
  pkg_check_modules(Cairo REQUIRED IMPORTED_TARGET GLOBAL cairo)      # PkgConfig::Cairo
  find_package(Boost 1.74 REQUIRED)                                   # Boost::headers (Boost.Graph is used header-only)
  find_package(SQLite3 REQUIRED)                                      # SQLite::SQLite3
  find_package(ZLIB REQUIRED)                                         # ZLIB::ZLIB
  find_package(tomlplusplus REQUIRED)                                 # tomlplusplus::tomlplusplus
  find_package(xsimd REQUIRED)                                        # xsimd_INCLUDE_DIRS: headers alone; the target of Debian 12 links a library that it lacks
  find_package(MPI COMPONENTS CXX)                                      # MPI::MPI_CXX; moesim-mpi is left out without it
endif()
if(MOESIM_SIMULATOR AND MOESIM_GUI AND NOT MOESIM_SANITIZE)
  # Qt6::Widgets and the others; moesim-gui is left out where one of the two is missing.
  find_package(QCustomPlotQt6 QUIET)                                  # QCustomPlotQt6::QCustomPlotQt6
  if(QCustomPlotQt6_FOUND)
    find_package(Qt6 6.4 QUIET COMPONENTS Widgets Concurrent Svg PrintSupport OPTIONAL_COMPONENTS Test)
  endif()
  if(NOT TARGET Qt6::Widgets)
    message(STATUS "Qt 6 or QCustomPlot was not found: moesim-gui is not built")
  endif()
endif()
if(MOESIM_TESTS)
  find_package(GTest REQUIRED)                                        # GTest::gtest_main, GTest::gmock
  include(GoogleTest)
  # The interpreter of the system, which sees python3-jsonschema.
  find_program(MOESIM_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
endif()
if(MOESIM_BENCH)
  find_package(benchmark REQUIRED)                                    # benchmark::benchmark, benchmark::benchmark_main
endif()
