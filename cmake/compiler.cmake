# Language level, warnings and the floating-point rules that make results the
# same bytes on every x86-64 machine.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

# Linked by every target of the project.
add_library(moesim_options INTERFACE)
# No contraction to FMA, no -march, no fast-math: see docs on determinism.
target_compile_options(moesim_options INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off;-Wall;-Wextra;-Wpedantic;-Wconversion>")
if(MOESIM_WARNINGS_AS_ERRORS)
  target_compile_options(moesim_options INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:-Werror>")
endif()

if(MOESIM_SANITIZE)
  target_compile_options(moesim_options INTERFACE
    -fsanitize=${MOESIM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(moesim_options INTERFACE -fsanitize=${MOESIM_SANITIZE})
  if(MOESIM_SANITIZE MATCHES "thread")
    target_compile_options(moesim_options INTERFACE -Wno-tsan)
  endif()
endif()

# The code of the tests itself is checked once and not measured: under sanitizers, which make optimisation dear,
# it is compiled without any.
add_library(moesim_test_options INTERFACE)
if(MOESIM_SANITIZE)
  target_compile_options(moesim_test_options INTERFACE -O0)
endif()
