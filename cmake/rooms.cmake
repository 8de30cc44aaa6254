# A room is one static library moesim_<name> (alias moesim::<name>), at most one
# test executable moesim_<name>_tests and at most one benchmark.

define_property(GLOBAL PROPERTY MOESIM_ROOMS BRIEF_DOCS "Names of the libraries of all rooms")

# Links `target` (with `scope`) to the rooms and packages that it names. A room that is not there
# ends the configuration: its tests would be missing from a green build.
function(moesim_link target scope rooms packages)
  foreach(room IN LISTS rooms)
    if(TARGET moesim::${room})
      target_link_libraries(${target} ${scope} moesim::${room})
    else()
      message(FATAL_ERROR "${target} uses the room ${room}, which is not built")
    endif()
  endforeach()
  if(packages)
    target_link_libraries(${target} ${scope} ${packages})
  endif()
endfunction()

# moesim_library(name SOURCES a.cpp... USES room... PACKAGES imported::target...)
# Without SOURCES the library is header-only.
function(moesim_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES;PACKAGES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "moesim_library(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  set(scope PUBLIC)
  if(arg_SOURCES)
    add_library(moesim_${name} STATIC ${arg_SOURCES})
    target_link_libraries(moesim_${name} PRIVATE moesim_options)
  else()
    set(scope INTERFACE)
    add_library(moesim_${name} INTERFACE)
  endif()
  add_library(moesim::${name} ALIAS moesim_${name})
  target_include_directories(moesim_${name} ${scope} "${PROJECT_SOURCE_DIR}")
  moesim_link(moesim_${name} ${scope} "${arg_USES}" "${arg_PACKAGES}")
  set_property(GLOBAL APPEND PROPERTY MOESIM_ROOMS ${name})
  set_property(GLOBAL PROPERTY MOESIM_ROOM_DIR_${name} "${CMAKE_CURRENT_SOURCE_DIR}")
endfunction()

# moesim_qt_library(name SOURCES a.cpp... USES room... PACKAGES imported::target...): a room of Qt objects.
function(moesim_qt_library name)
  moesim_library(${name} ${ARGN})
  set_target_properties(moesim_${name} PROPERTIES AUTOMOC ON)
  # Q_SIGNALS and Q_EMIT: the short words are names elsewhere.
  target_compile_definitions(moesim_${name} PUBLIC QT_NO_KEYWORDS)
endfunction()

# moesim_executable(name SOURCES main.cpp... USES room... PACKAGES imported::target...)
# A program that is installed prints its manual page with --man; the target moesim_programs builds all of them.
function(moesim_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES;PACKAGES")
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE moesim_options)
  moesim_link(${name} PRIVATE "${arg_USES}" "${arg_PACKAGES}")
  if(name IN_LIST moesim_programs)
    add_dependencies(moesim_programs ${name})
    file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/man")
    set(page "${PROJECT_BINARY_DIR}/man/${name}.1")
    add_custom_command(TARGET ${name} POST_BUILD
      COMMAND ${name} --man > "${page}"
      COMMAND gzip -9nfk "${page}"
      VERBATIM)
  endif()
endfunction()

# What nearly every test includes, precompiled once for all of them where MOESIM_PRECOMPILE asks for it.
function(moesim_precompile_for_tests target)
  if(NOT MOESIM_PRECOMPILE)
    return()
  endif()
  # Their definitions must be alike for all that share the headers.
  set(packages fmt::fmt nlohmann_json::nlohmann_json)
  target_link_libraries(${target} PRIVATE ${packages})
  if(NOT TARGET moesim_test_headers)
    file(WRITE "${PROJECT_BINARY_DIR}/test_headers.cpp" "")
    add_library(moesim_test_headers OBJECT "${PROJECT_BINARY_DIR}/test_headers.cpp")
    target_link_libraries(moesim_test_headers PRIVATE moesim_options moesim_test_options GTest::gtest GTest::gmock
      ${packages})
    target_precompile_headers(moesim_test_headers PRIVATE <gtest/gtest.h> <nlohmann/json.hpp> <fmt/format.h>)
  endif()
  target_precompile_headers(${target} REUSE_FROM moesim_test_headers)
endfunction()

# moesim_test(name SOURCES a_test.cpp... USES room... PACKAGES ... LABELS sanitize)
# Tests run in the root of the source tree and carry the label <name> beside those given.
# The sanitizer presets build only the tests that carry the label `sanitize`.
function(moesim_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES;PACKAGES;LABELS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "moesim_test(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "moesim_test(${name}): no SOURCES")
  endif()
  if(MOESIM_SANITIZE AND NOT "sanitize" IN_LIST arg_LABELS)
    return()
  endif()
  set(target moesim_${name}_tests)
  moesim_executable(${target} SOURCES ${arg_SOURCES} USES ${arg_USES}
    PACKAGES ${arg_PACKAGES} moesim_test_options GTest::gtest_main GTest::gmock)
  if(NOT Qt6::Widgets IN_LIST arg_PACKAGES)  # which needs -fPIC, and then other precompiled headers
    moesim_precompile_for_tests(${target})
  endif()
  add_dependencies(moesim_tests ${target})
  gtest_discover_tests(${target}
    TEST_PREFIX "${name}."
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    DISCOVERY_TIMEOUT 120
    PROPERTIES TIMEOUT 600)
  # gtest_discover_tests passes on no list, so the labels are set by a file that ctest reads after it.
  set(labels "${CMAKE_CURRENT_BINARY_DIR}/${target}_labels.cmake")
  file(WRITE "${labels}"
    "set_tests_properties(\${${target}_TESTS} PROPERTIES LABELS \"${name};${arg_LABELS}\")\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${labels}")
endfunction()

# moesim_qt_test(name SOURCES ... USES room... PACKAGES ...): tests that run without a display.
function(moesim_qt_test name)
  if(NOT TARGET Qt6::Test)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES;PACKAGES")
  moesim_test(${name} SOURCES "${PROJECT_SOURCE_DIR}/tests/gui/qt_main.cpp" ${arg_SOURCES} USES ${arg_USES}
    PACKAGES ${arg_PACKAGES} Qt6::Widgets Qt6::Test)
endfunction()

# moesim_bench(name SOURCES a_bench.cpp... USES room... PACKAGES ...)
function(moesim_bench name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES;PACKAGES")
  moesim_executable(moesim_${name}_bench SOURCES ${arg_SOURCES} USES ${arg_USES}
    PACKAGES ${arg_PACKAGES} benchmark::benchmark benchmark::benchmark_main)
endfunction()
