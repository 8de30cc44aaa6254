#include <fmt/format.h>

#include "calib/kernels/expert_mlp/expert_mlp_bench.hpp"
#include "calib/kernels/gemm/gemm_bench.hpp"

namespace moesim {

namespace {

ExpertMlpProblem problem_of(const MeasuredCase& point, std::uint64_t seed) {
  const bool fp8 = point.format == NumberFormat::fp8;
  return make_expert_mlp_problem(point.format, fp8 ? GemmLibrary::cutlass : GemmLibrary::cublas,
                                 static_cast<int>(point.axis("hidden")),
                                 static_cast<int>(point.axis("inter")), expert_rows(point), seed);
}

std::string shape_unsupported(const MeasuredCase& point) {
  const int hidden = static_cast<int>(point.axis("hidden"));
  const int inter = static_cast<int>(point.axis("inter"));
  if (hidden % kScaleBlock != 0 || inter % kScaleBlock != 0)
    return "hidden and inter must be multiples of 128";
  if (static_cast<int>(point.axis("rows")) % static_cast<int>(point.axis("experts")) != 0)
    return "rows must be a multiple of experts";
  if (!point.axes.contains("max_rows")) return "";
  const double fullest = point.axis("max_rows");
  const bool fits = fullest <= point.axis("rows") && fullest >= point.axis("rows") / point.axis("experts");
  return fits ? "" : "max_rows must lie between the mean and all rows";
}

std::string unsupported(const MeasuredCase& point, const DeviceFacts& device) {
  const std::string wanted = point.format == NumberFormat::fp8 ? "cutlass" : "cublas_grouped";
  if (point.name != wanted) return fmt::format("no variant '{}'", point.name);
  if (std::string why = shape_unsupported(point); !why.empty()) return why;
  const ExpertMlpProblem problem = problem_of(point, 0);
  if (std::string why = gemm_unsupported(point.format, GemmRole::forward, problem.gate_up.library,
                                         problem.hidden, problem.inter, device);
      !why.empty())
    return why;
  const double bytes = 1.5 * (problem.gate_up.set_bytes() + problem.down.set_bytes()) + 1e9;
  return bytes < device.memory_bytes ? "" : fmt::format("needs {:.1f} GB of memory", bytes * 1e-9);
}

std::unique_ptr<Bench> make(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed) {
  return make_expert_mlp_bench(problem_of(point, seed), device, seed);
}

}  // namespace

extern const BenchFamily kExpertMlpBench;
const BenchFamily kExpertMlpBench{"expert_mlp", "routed experts: packing, both GEMMs and SwiGLU between them",
                                  unsupported, make};

}  // namespace moesim
