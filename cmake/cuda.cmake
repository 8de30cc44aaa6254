# The CUDA side, asked for by MOESIM_CUDA (preset `cuda`): the compiler, the libraries of the toolkit, two
# packages of headers, and functions for libraries with kernels and for bench families.

find_program(MOESIM_NVCC nvcc HINTS "$ENV{CUDA_HOME}/bin" "$ENV{CUDA_PATH}/bin" /usr/local/cuda/bin)
if(NOT MOESIM_NVCC)
  message(FATAL_ERROR "MOESIM_CUDA is on but nvcc was not found: install a CUDA toolkit (12.8 or later) and put "
    "its bin folder on PATH, or use another preset")
endif()
set(CMAKE_CUDA_COMPILER "${MOESIM_NVCC}")
set(CMAKE_CUDA_ARCHITECTURES OFF)  # moesim_cuda_library gives -gencode itself
enable_language(CUDA)
# CMake 3.25 does not know that nvcc has C++20.
set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
set(CMAKE_CUDA_STANDARD 20)
find_package(CUDAToolkit REQUIRED)

# moesim::NAME is the library LIBRARY of the toolkit with the header HEADER.
function(moesim_toolkit_library name library header)
  find_library(MOESIM_${name}_LIBRARY ${library} HINTS "${CUDAToolkit_LIBRARY_DIR}" REQUIRED)
  find_path(MOESIM_${name}_INCLUDE ${header} HINTS ${CUDAToolkit_INCLUDE_DIRS} REQUIRED)
  add_library(moesim::${name} INTERFACE IMPORTED GLOBAL)
  target_link_libraries(moesim::${name} INTERFACE "${MOESIM_${name}_LIBRARY}")
  target_include_directories(moesim::${name} SYSTEM INTERFACE "${MOESIM_${name}_INCLUDE}")
endfunction()
moesim_toolkit_library(cudnn cudnn cudnn.h)
moesim_toolkit_library(nccl nccl nccl.h)

# moesim::NAME is a package of headers that `./bootstrap cuda` unpacks.
function(moesim_header_package name header)
  set(include "${PROJECT_SOURCE_DIR}/build/cuda-packages/${name}/include")
  if(NOT EXISTS "${include}/${header}")
    message(FATAL_ERROR "${include}/${header} is missing: run ./bootstrap cuda, which fetches it")
  endif()
  add_library(moesim::${name} INTERFACE IMPORTED GLOBAL)
  target_include_directories(moesim::${name} SYSTEM INTERFACE "${include}")
endfunction()
moesim_header_package(cutlass cutlass/cutlass.h)
moesim_header_package(cudnn_frontend cudnn_frontend.h)
# Its headers hold engines that compile kernels when the program runs, whether they are used or not.
target_link_libraries(moesim::cudnn_frontend INTERFACE moesim::cudnn CUDA::nvrtc)

set(moesim_cuda_flags --expt-relaxed-constexpr -lineinfo -Xcompiler=-Wall,-Wextra)
if(MOESIM_WARNINGS_AS_ERRORS)
  list(APPEND moesim_cuda_flags -Werror=all-warnings)
endif()
if(MOESIM_PTXAS_VERBOSE)
  list(APPEND moesim_cuda_flags -Xptxas=-v)
endif()

# moesim_cuda_library(name SOURCES a.cpp b.cu... ARCHITECTURES 90a [100...] USES room... PACKAGES target...)
# A static library moesim_<name> (alias moesim::<name>) whose .cu files are compiled for each architecture
# (default 90a): 90a for kernels with wgmma, "90a 100" for those without. Registers per kernel are printed
# with -DMOESIM_PTXAS_VERBOSE=ON.
function(moesim_cuda_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;ARCHITECTURES;USES;PACKAGES")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR "moesim_cuda_library(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS} or no SOURCES")
  endif()
  if(NOT arg_ARCHITECTURES)
    set(arg_ARCHITECTURES 90a)
  endif()
  set(generate "")
  foreach(arch IN LISTS arg_ARCHITECTURES)
    list(APPEND generate "SHELL:-gencode arch=compute_${arch},code=sm_${arch}")
  endforeach()
  add_library(moesim_${name} STATIC ${arg_SOURCES})
  add_library(moesim::${name} ALIAS moesim_${name})
  target_include_directories(moesim_${name} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_compile_options(moesim_${name} PRIVATE
    "$<$<COMPILE_LANGUAGE:CUDA>:${generate};${moesim_cuda_flags}>")
  target_link_libraries(moesim_${name} PRIVATE moesim_options)
  moesim_link(moesim_${name} PUBLIC "${arg_USES}" "${arg_PACKAGES};CUDA::cudart_static;CUDA::toolkit")
endfunction()

define_property(GLOBAL PROPERTY MOESIM_BENCH_FAMILIES BRIEF_DOCS "Names of the libraries of all bench families")

# moesim_bench_family(name SOURCES ... ARCHITECTURES ... PACKAGES ...): the library of one bench family,
# moesim_calib_kernels_<name>, which the program and the tests link.
function(moesim_bench_family name)
  moesim_cuda_library(calib_kernels_${name} ${ARGN} USES calib_kernels)
  set_property(GLOBAL APPEND PROPERTY MOESIM_BENCH_FAMILIES calib_kernels_${name})
endfunction()
