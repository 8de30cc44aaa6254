#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calib/kernels/device_facts.hpp"
#include "calib/measure/measured_case.hpp"

namespace moesim {

/// The difference of two arrays of the same size; NaN where either holds one, 0 where both are all zero.
double relative_difference(std::span<const double> x, std::span<const double> y);
/// The larger of two differences; NaN where either is.
double worse(double a, double b);
/// The worst relative_difference() of parts of the same number and sizes: what is wrong in a small one must
/// not drown in the others. 0 where there is none.
double worst_difference(const std::vector<std::vector<double>>& x, const std::vector<std::vector<double>>& y);

/// One case ready to be timed on the current device: buffers are filled, plans are made.
/// Construction throws CudaError where the device cannot (memory), UnsupportedCase where a library says that
/// it has no algorithm.
class Bench {
 public:
  Bench() = default;
  virtual ~Bench();
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  [[nodiscard]] virtual Work work() const = 0;
  /// Library, release and algorithm behind launch(), e.g. "cublasLt 13.1.0 algorithm 66"; empty for a kernel
  /// of moesim.
  [[nodiscard]] virtual std::string kernel() const { return ""; }
  /// One call on poisoned outputs against an FP64 or FP32 reference on a sampled block.
  virtual CheckResult check() = 0;
  /// Input sets, rotated in the cold regime.
  [[nodiscard]] virtual int num_input_sets() const { return 1; }
  /// One call, asynchronous. `input_set` lies in [0, num_input_sets()). Allocates nothing, waits for nothing.
  virtual void launch(int input_set, cudaStream_t stream) = 0;
  /// Calls that one launch() makes; the time and work() are those of one.
  [[nodiscard]] virtual int calls_per_launch() const { return 1; }
  /// Asynchronous work before and after a timed call that the time leaves out (cold regime only).
  virtual void before_launch(int /*input_set*/, cudaStream_t /*stream*/) {}
  virtual void after_launch(cudaStream_t /*stream*/) {}
  /// Called when the work of a cold sample is done. Throws RunError where what surrounds the call was not as
  /// the case says.
  virtual void confirm() {}
  /// Whether launch() may be captured into a CUDA graph.
  [[nodiscard]] virtual bool capturable() const { return true; }
  /// Whether L2 is flushed before a call in the cold regime.
  [[nodiscard]] virtual bool flushes_l2() const { return true; }
};

/// A kind of bench: one row of the table in bench_table.cpp, one folder.
struct BenchFamily {
  std::string_view group;  ///< as in MeasuredCase::group
  std::string_view doc;    ///< one line for `moesim-calibrate list`
  /// Why the device cannot run the case; empty where it can.
  std::string (*unsupported)(const MeasuredCase& point, const DeviceFacts& device);
  std::unique_ptr<Bench> (*make)(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed);
};

/// Every family, in the order of the suite.
std::span<const BenchFamily* const> bench_families();
/// Null where there is none.
const BenchFamily* find_bench_family(std::string_view group);

}  // namespace moesim
