#include <fmt/format.h>

#include "calib/kernels/gemm/gemm_bench.hpp"

namespace moesim {

namespace {

GemmLibrary library_of(const MeasuredCase& point) {
  return point.name == "cutlass" ? GemmLibrary::cutlass : GemmLibrary::cublas;
}

GemmProblem problem_of(const MeasuredCase& point) {
  const GemmSize size{static_cast<int>(point.axis("m")), static_cast<int>(point.axis("n")),
                      static_cast<int>(point.axis("k"))};
  return make_gemm_problem(point.format, point.role, library_of(point), {&size, 1});
}

std::string unsupported(const MeasuredCase& point, const DeviceFacts& device) {
  if (point.name != "cublaslt" && point.name != "cutlass") return fmt::format("no variant '{}'", point.name);
  const std::string why =
      gemm_unsupported(point.format, point.role, library_of(point), static_cast<int>(point.axis("n")),
                       static_cast<int>(point.axis("k")), device);
  return why.empty() ? memory_unsupported(problem_of(point), device) : why;
}

std::unique_ptr<Bench> make(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed) {
  const MakeRunner lt = make_lt_runner;
  const MakeRunner cutlass = [&](const GemmProblem& problem, std::span<GemmSet> sets, cudaStream_t stream) {
    return make_cutlass_runner(problem, sets, device.num_sms, stream);
  };
  const bool is_lt = library_of(point) == GemmLibrary::cublas;
  return make_gemm_bench(problem_of(point), is_lt ? lt : cutlass, device, seed);
}

}  // namespace

extern const BenchFamily kGemmBench;
const BenchFamily kGemmBench{"gemm", "dense GEMMs in BF16 and FP8 through cuBLASLt and CUTLASS", unsupported,
                             make};

}  // namespace moesim
