#include "calib/kernels/cuda_error.hpp"

#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace moesim {

namespace {

/// The last folders of a path, so that the text does not depend on where the tree lies.
std::string in_tree(const char* path) {
  const char* found = std::strstr(path, "calib/");
  return found == nullptr ? path : found;
}

}  // namespace

CudaError::CudaError(const std::string& call, const std::string& what, std::string in_file, int at_line)
    : std::runtime_error(fmt::format("{}:{}: {}: {}", in_file, at_line, call, what)),
      file(std::move(in_file)),
      line(at_line) {}

void check(cudaError_t status, std::source_location where) {
  if (status == cudaSuccess) return;
  throw CudaError(cudaGetErrorName(status), cudaGetErrorString(status), in_tree(where.file_name()),
                  static_cast<int>(where.line()));
}

void check_call(bool fine, const std::string& call, const std::string& what, std::source_location where) {
  if (fine) return;
  throw CudaError(call, what, in_tree(where.file_name()), static_cast<int>(where.line()));
}

void* find_driver_function(const char* name, unsigned version, std::source_location where) {
  void* function = nullptr;
  cudaDriverEntryPointQueryResult found{};
  check(cudaGetDriverEntryPointByVersion(name, &function, version, cudaEnableDefault, &found), where);
  check_call(found == cudaDriverEntryPointSuccess && function != nullptr, name,
             "the driver has no such function", where);
  return function;
}

}  // namespace moesim
