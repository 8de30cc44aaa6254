#include "calib/kernels/gemm/gemm_bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "calib/kernels/gemm/fastest.hpp"
#include "calib/kernels/gemm/lt_gemm.hpp"

namespace moesim {

namespace {

constexpr double kMaxSets = 4;

std::vector<GemmSet> make_sets(const GemmProblem& problem, const DeviceFacts& device, std::uint64_t seed,
                               cudaStream_t stream) {
  const double wanted = std::ceil(2 * device.l2_bytes / problem.set_bytes());
  std::vector<GemmSet> sets;
  for (int i = 0; i < static_cast<int>(std::clamp(wanted, 1.0, kMaxSets)); ++i)
    sets.emplace_back(problem, seed + 4 * static_cast<std::uint64_t>(i), stream);
  return sets;
}

class GemmBench final : public Bench {
 public:
  GemmBench(GemmProblem problem, const MakeRunner& make, const DeviceFacts& device, std::uint64_t seed)
      : problem_(std::move(problem)),
        l2_bytes_(device.l2_bytes),
        sets_(make_sets(problem_, device, seed, stream_.get())),
        runner_(make(problem_, sets_, stream_.get())),
        capturable_(can_capture([this](cudaStream_t on) { launch(0, on); }, stream_.get())) {
    moesim::check(cudaStreamSynchronize(stream_.get()));
  }

  [[nodiscard]] Work work() const override { return problem_.work(l2_bytes_); }
  [[nodiscard]] std::string kernel() const override { return runner_->kernel(); }
  [[nodiscard]] int num_input_sets() const override { return static_cast<int>(sets_.size()); }
  [[nodiscard]] bool capturable() const override { return capturable_; }
  void launch(int input_set, cudaStream_t stream) override {
    runner_->launch(static_cast<std::size_t>(input_set), stream);
  }
  CheckResult check() override {
    return check_gemm(problem_, sets_.front(), *runner_, 0, capturable_, stream_.get());
  }

 private:
  BenchStream stream_;
  GemmProblem problem_;
  double l2_bytes_;
  std::vector<GemmSet> sets_;
  std::unique_ptr<GemmRunner> runner_;
  bool capturable_;
};

}  // namespace

std::unique_ptr<Bench> make_gemm_bench(GemmProblem problem, const MakeRunner& make, const DeviceFacts& device,
                                       std::uint64_t seed) {
  return std::make_unique<GemmBench>(std::move(problem), make, device, seed);
}

std::string gemm_unsupported(NumberFormat format, GemmRole role, GemmLibrary library, int n, int k,
                             const DeviceFacts& device) {
  if (format != NumberFormat::bf16 && format != NumberFormat::fp8)
    return fmt::format("no GEMM in {}", enum_name(format));
  const bool fp8 = format == NumberFormat::fp8;
  if (library == GemmLibrary::cutlass && (!fp8 || role == GemmRole::weight_gradient))
    return "the CUTLASS kernel multiplies FP8 into BF16";
  if (fp8 && device.major != 9) return "FP8 with scales of 1x128 and 128x128 needs compute capability 9.0";
  const int least = fp8 ? 16 : 8;
  const bool fits = n % least == 0 && (role == GemmRole::weight_gradient || k % least == 0);
  return fits ? "" : fmt::format("n and k must be multiples of {}", least);
}

std::string memory_unsupported(const GemmProblem& problem, const DeviceFacts& device) {
  const double needed = problem.set_bytes() + LtContext::kWorkspaceBytes + 1e9;
  return needed < device.memory_bytes ? "" : fmt::format("needs {:.1f} GB of memory", needed * 1e-9);
}

}  // namespace moesim
