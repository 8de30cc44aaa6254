#include <fmt/format.h>

#include "calib/kernels/gemm/gemm_bench.hpp"
#include "calib/kernels/grouped_gemm/cublas_grouped.hpp"
#include "calib/kernels/grouped_gemm/grouped_problem.hpp"

namespace moesim {

namespace {

std::string variant_unsupported(const MeasuredCase& point) {
  const bool accumulates = point.role == GemmRole::weight_gradient;
  if (point.name == "cublaslt_loop" || point.name == "cutlass") return "";
  if (point.name != "cublas_grouped") return fmt::format("no variant '{}'", point.name);
  return point.format == NumberFormat::bf16 && !accumulates
             ? ""
             : "cublasGemmGroupedBatchedEx multiplies BF16 into BF16";
}

std::string unsupported(const MeasuredCase& point, const DeviceFacts& device) {
  if (std::string why = variant_unsupported(point); !why.empty()) return why;
  if (std::string why =
          gemm_unsupported(point.format, point.role, grouped_library(point),
                           static_cast<int>(point.axis("n")), static_cast<int>(point.axis("k")), device);
      !why.empty())
    return why;
  if (point.setting("skew", 1) > point.axis("groups")) return "the busiest group cannot exceed the whole";
  return memory_unsupported(grouped_problem(point), device);
}

std::unique_ptr<Bench> make(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed) {
  const MakeRunner runner = [&](const GemmProblem& problem, std::span<GemmSet> sets, cudaStream_t stream) {
    if (point.name == "cutlass") return make_cutlass_runner(problem, sets, device.num_sms, stream);
    if (point.name == "cublas_grouped") return make_cublas_grouped_runner(problem, sets);
    return make_lt_runner(problem, sets, stream);
  };
  return make_gemm_bench(grouped_problem(point), runner, device, seed);
}

}  // namespace

extern const BenchFamily kGroupedGemmBench, kGroupedGemmMaskedBench;
const BenchFamily kGroupedGemmBench{
    "grouped_gemm", "expert GEMMs, the rows of all experts behind one another", unsupported, make};
const BenchFamily kGroupedGemmMaskedBench{
    "grouped_gemm_masked", "expert GEMMs of decode, rows known to the device alone", unsupported, make};

}  // namespace moesim
