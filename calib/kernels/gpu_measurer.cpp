#include "calib/kernels/gpu_measurer.hpp"

#include <ctime>
#include <thread>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/error.hpp"
#include "calib/kernels/rank_group.hpp"

namespace moesim {

namespace {

const BenchFamily& family_of(const MeasuredCase& point) {
  if (const BenchFamily* family = find_bench_family(point.group)) return *family;
  throw RunError(fmt::format("no bench family '{}'", point.group));
}

class PreparedBench : public PreparedCase {
 public:
  PreparedBench(std::unique_ptr<Bench> bench, Timer& timer) : bench_(std::move(bench)), timer_(timer) {}

  [[nodiscard]] Work work() const override { return bench_->work(); }
  [[nodiscard]] std::string kernel() const override { return bench_->kernel(); }
  CheckResult check() override {
    CheckResult result = bench_->check();
    moesim::check(cudaDeviceSynchronize());
    return result;
  }
  [[nodiscard]] bool can(TimingRegime regime) const override {
    return regime != TimingRegime::graph || bench_->capturable();
  }
  void begin(TimingRegime regime) override {
    regime_ = regime;
    timer_.warm_up(*bench_);
    if (regime == TimingRegime::graph) timer_.capture(*bench_);
  }
  Sample take() override {
    switch (regime_) {
      case TimingRegime::cold:
        return timer_.cold(*bench_);
      case TimingRegime::graph:
        return timer_.graph(*bench_);
      case TimingRegime::sustained:
        return timer_.sustained(*bench_);
    }
    return {};
  }

 private:
  std::unique_ptr<Bench> bench_;
  Timer& timer_;
  TimingRegime regime_ = TimingRegime::cold;
};

}  // namespace

GpuMeasurer::GpuMeasurer(const DeviceFacts& device, std::uint64_t seed)
    : device_(device), seed_(seed), nvml_(device.uuid), timer_(device) {}

std::string GpuMeasurer::unsupported(const MeasuredCase& point) {
  return family_of(point).unsupported(point, device_);
}

std::unique_ptr<PreparedCase> GpuMeasurer::prepare(const MeasuredCase& point) {
  auto bench = family_of(point).make(point, device_, seed_);
  check(cudaDeviceSynchronize());
  return std::make_unique<PreparedBench>(std::move(bench), timer_);
}

Seconds GpuMeasurer::now() {
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  RankGroup* ranks = device_.ranks;
  return Seconds(ranks == nullptr || lost_ ? elapsed.count() : ranks->largest(elapsed.count()));
}

void GpuMeasurer::rest(Seconds time) {
  std::this_thread::sleep_for(std::chrono::duration<double>(time.value()));
}

RecordStatus GpuMeasurer::worst_of_ranks(RecordStatus own) {
  RankGroup* ranks = device_.ranks;
  if (ranks == nullptr || (own == RecordStatus::failed && is_lost())) return own;
  return static_cast<RecordStatus>(static_cast<int>(ranks->worst(static_cast<double>(own))));
}

bool GpuMeasurer::is_lost() {
  (void)cudaGetLastError();
  lost_ = cudaDeviceSynchronize() != cudaSuccess;
  return lost_;
}

LogHeader GpuMeasurer::header() {
  LogHeader header;
  header.moesim_version = MOESIM_VERSION;
  header.device = {device_.name,         device_.num_sms,          device_.major,
                   device_.minor,        device_.max_sm_clock_mhz, device_.peak_memory_bandwidth,
                   device_.memory_bytes, nvml_.power_limit_w()};
  header.uuid = device_.uuid;
  header.l2_bytes = device_.l2_bytes;
  header.driver = nvml_.driver();
  header.cuda_driver_version = device_.driver_version;
  header.cuda_runtime_version = device_.runtime_version;
  header.idle_power_w = nvml_.power_w();
  header.reference_clock_mhz = timer_.reference_clock_mhz();
  header.event_overhead_us = timer_.event_overhead().value() * 1e6;
  header.empty_kernel_us = timer_.empty_kernel().value() * 1e6;
  header.empty_in_graph_us = timer_.empty_kernel_in_graph().value() * 1e6;
  header.seed = seed_;
  if (device_.ranks != nullptr) {
    header.rank = device_.ranks->rank();
    header.num_ranks = device_.ranks->size();
    // Ranks must agree on which samples to repeat.
    header.reference_clock_mhz = -device_.ranks->largest(-header.reference_clock_mhz);
  }
  header.date = fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)));
  return header;
}

}  // namespace moesim
