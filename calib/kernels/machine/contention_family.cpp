#include <optional>
#include <utility>

#include <fmt/format.h>

#include "calib/kernels/bench.hpp"
#include "calib/kernels/machine/persistent_copy.hpp"

namespace moesim {

namespace {

/// The family whose GEMMs are timed beside a copy and under sustained load; null where it is not built.
const BenchFamily* gemm_family() {
  return find_bench_family("gemm");
}

/// The case of that family.
MeasuredCase gemm_of(const MeasuredCase& point) {
  MeasuredCase gemm = point;
  gemm.group = "gemm";
  gemm.op = TimedOperator::gemm;
  gemm.name = "cublaslt";
  gemm.axes.erase("sms");
  return gemm;
}

class ContentionBench : public Bench {
 public:
  ContentionBench(std::unique_ptr<Bench> gemm, int num_sms, const DeviceFacts& device)
      : gemm_(std::move(gemm)) {
    if (num_sms > 0) copy_.emplace(num_sms, device);
  }

  /// Of the GEMM; the traffic of the copy comes on top.
  [[nodiscard]] Work work() const override { return gemm_->work(); }
  [[nodiscard]] std::string kernel() const override { return gemm_->kernel(); }
  CheckResult check() override { return gemm_->check(); }
  [[nodiscard]] int num_input_sets() const override { return gemm_->num_input_sets(); }
  void before_launch(int /*input_set*/, cudaStream_t stream) override {
    if (copy_) copy_->begin(stream);
  }
  void launch(int input_set, cudaStream_t stream) override { gemm_->launch(input_set, stream); }
  void after_launch(cudaStream_t stream) override {
    if (copy_) copy_->end(stream);
  }
  void confirm() override {
    if (copy_) copy_->confirm();
  }
  [[nodiscard]] bool capturable() const override { return !copy_ && gemm_->capturable(); }

 private:
  std::unique_ptr<Bench> gemm_;
  std::optional<PersistentCopy> copy_;
};

std::string unsupported(const MeasuredCase& point, const DeviceFacts& device) {
  if (gemm_family() == nullptr) return "the family gemm is not built";
  if (point.op == TimedOperator::contention && point.axis("sms") >= device.num_sms)
    return fmt::format("the device has {} SMs", device.num_sms);
  return gemm_family()->unsupported(gemm_of(point), device);
}

std::unique_ptr<Bench> make(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed) {
  const int num_sms = point.op == TimedOperator::contention ? static_cast<int>(point.axis("sms")) : 0;
  return std::make_unique<ContentionBench>(gemm_family()->make(gemm_of(point), device, seed), num_sms,
                                           device);
}

}  // namespace

extern const BenchFamily kContentionBench;
const BenchFamily kContentionBench{
    "contention", "a GEMM beside a kernel that copies memory on some SMs, and under sustained load",
    unsupported, make};

}  // namespace moesim
