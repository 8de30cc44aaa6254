#pragma once

#include <cuda_runtime_api.h>

#include <source_location>
#include <stdexcept>
#include <string>

namespace moesim {

/// A call into CUDA or one of its libraries failed. what() is "FILE:LINE: CALL: WHAT".
struct CudaError : std::runtime_error {
  CudaError(const std::string& call, const std::string& what, std::string in_file, int at_line);
  std::string file;
  int line = 0;
};

/// Throws CudaError unless `status` is cudaSuccess. A kernel launch is checked by check(cudaGetLastError()).
void check(cudaError_t status, std::source_location where = std::source_location::current());

/// Throws CudaError with the words of another library unless `fine`.
void check_call(bool fine, const std::string& call, const std::string& what,
                std::source_location where = std::source_location::current());

/// An entry point of the driver, e.g. driver_function<PFN_cuTensorMapEncodeTiled_v12000>(
/// "cuTensorMapEncodeTiled", 12000). Programs are not linked to libcuda, so that they start on machines
/// without a driver. Throws CudaError where the driver lacks it.
void* find_driver_function(const char* name, unsigned version, std::source_location where);
template <class Function>
Function driver_function(const char* name, unsigned version,
                         std::source_location where = std::source_location::current()) {
  return reinterpret_cast<Function>(find_driver_function(name, version, where));
}

}  // namespace moesim
