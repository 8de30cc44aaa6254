#include "calib/measure/measure_log.hpp"

namespace moesim {

// Typed descriptions of the parts of a log; found by argument-dependent lookup.
static const Spec<DeviceSignature>& spec_of(const DeviceSignature*) {
  using D = DeviceSignature;
  static const Spec<D> spec =
      Spec<D>("device", "What the driver says of the device.")
          .field("name", &D::name, "name", non_empty())
          .field("num_sms", &D::num_sms, "streaming multiprocessors", at_least(1))
          .field("major", &D::major, "compute capability", at_least(1))
          .field("minor", &D::minor, "its second part", at_least(0))
          .field("max_sm_clock_mhz", &D::max_sm_clock_mhz, "highest clock of the SMs", at_least(0))
          .field("memory_bandwidth_Bps", &D::memory_bandwidth, "from memory clock and bus width", at_least(0))
          .field("memory_B", &D::memory_bytes, "memory", at_least(0))
          .field("power_limit_w", &D::power_limit_w, "enforced power limit", at_least(0));
  return spec;
}

static const Spec<MeasuredCase>& spec_of(const MeasuredCase*) {
  using C = MeasuredCase;
  static const Spec<C> spec = Spec<C>("case", "What is timed.")
                                  .field("group", &C::group, "bench family", non_empty())
                                  .field("operator", &C::op, "what is timed")
                                  .field("format", &C::format, "number format of the inputs")
                                  .field("role", &C::role, "pass of training")
                                  .field("name", &C::name, "variant or part")
                                  .field("axes", &C::axes, "shape", above(0))
                                  .field("settings", &C::settings, "conditions that are no shape");
  return spec;
}

static const Spec<CheckResult>& spec_of(const CheckResult*) {
  using C = CheckResult;
  static const Spec<C> spec =
      Spec<C>("check", "How far the output lies from its reference.")
          .field("difference", &C::difference, "1 - 2 <x, y> / (|x|^2 + |y|^2); 2 stands for no number")
          .field("tolerance", &C::tolerance, "most that passes", at_least(0))
          .field("against", &C::against, "the reference");
  return spec;
}

static const Spec<Work>& spec_of(const Work*) {
  using W = Work;
  static const Spec<W> spec =
      Spec<W>("work", "What a call does at least.")
          .field("flops", &W::flops, "operations", at_least(0))
          .field("hbm_B", &W::hbm_bytes, "bytes from and to memory with cold caches", at_least(0))
          .field("link_B", &W::link_bytes, "bytes over NVLink in the busier direction", at_least(0));
  return spec;
}

const Spec<LogHeader>& spec_of(const LogHeader*) {
  using H = LogHeader;
  static const Spec<H> spec =
      Spec<H>("header", "First line of a measuring log.")
          .field("record", &H::record, "always header", non_empty())
          .field("schema_version", &H::schema_version, "version of the log format, 1", at_least(1))
          .field("moesim_version", &H::moesim_version, "version of the program", non_empty())
          .field("device", &H::device, "the GPU")
          .field("uuid", &H::uuid, "of the GPU", non_empty())
          .field("l2_B", &H::l2_bytes, "second-level cache", at_least(0))
          .field("driver", &H::driver, "kernel module, empty without NVML")
          .field("cuda_driver_version", &H::cuda_driver_version, "e.g. 13000", at_least(0))
          .field("cuda_runtime_version", &H::cuda_runtime_version, "e.g. 13000", at_least(0))
          .field("reference_clock_mhz", &H::reference_clock_mhz, "SM clock under load at the start",
                 at_least(0))
          .field("event_overhead_us", &H::event_overhead_us, "time that events show around nothing",
                 at_least(0))
          .field("empty_kernel_us", &H::empty_kernel_us, "time that events show around an empty kernel",
                 at_least(0) | optional())
          .field("empty_in_graph_us", &H::empty_in_graph_us, "time of an empty kernel in a graph",
                 at_least(0) | optional())
          .field("idle_power_w", &H::idle_power_w, "power before the run, 0 without NVML", at_least(0))
          .field("seed", &H::seed, "of order and data")
          .field("rank", &H::rank, "of this process", at_least(0))
          .field("num_ranks", &H::num_ranks, "processes that measure together", at_least(1))
          .field("date", &H::date, "day of the run, UTC", non_empty());
  return spec;
}

const Spec<LogRecord>& spec_of(const LogRecord*) {
  using R = LogRecord;
  static const Spec<R> spec =
      Spec<R>("record", "A case in one regime.")
          .field("record", &R::record, "case or anchor", non_empty())
          .field("id", &R::id, "of the case", non_empty())
          .field("case", &R::point, "what is timed")
          .field("regime", &R::regime, "how calls are timed")
          .field("status", &R::status, "how it ended")
          .field("reason", &R::reason, "why it is not measured", optional())
          .field("kernel", &R::kernel, "library and algorithm; empty: moesim's own", optional())
          .field("check", &R::check, "correctness, absent where it was not reached")
          .field("work", &R::work, "of one call")
          .field("samples_us", &R::samples_us, "raw times in order", above(0))
          .field("median_us", &R::median_us, "median", at_least(0))
          .field("p10_us", &R::p10_us, "10th percentile", at_least(0))
          .field("p90_us", &R::p90_us, "90th percentile", at_least(0))
          .field("num_samples", &R::num_samples, "samples behind the figures", at_least(0))
          .field("num_repeated", &R::num_repeated, "samples thrown away for a low clock", at_least(0))
          .field("num_low_clock", &R::num_low_clock, "samples kept though the clock was low", at_least(0))
          .field("sm_clock_before_mhz", &R::sm_clock_before_mhz, "median before a call", at_least(0))
          .field("sm_clock_after_mhz", &R::sm_clock_after_mhz, "median after a call", at_least(0))
          .field("power_w", &R::power_w, "after the last sample, 0 without NVML", at_least(0))
          .field("elapsed_s", &R::elapsed_s, "of the run", at_least(0))
          .check([](const R& r) -> std::optional<SpecIssue> {
            const bool timed = r.status == RecordStatus::measured || r.status == RecordStatus::above_peak;
            if (timed == (r.median_us > 0) && timed != r.samples_us.empty()) return std::nullopt;
            return SpecIssue{"/status", "a timed case has samples and a median, another has none",
                             "take the log as moesim-calibrate wrote it"};
          });
  return spec;
}

}  // namespace moesim
