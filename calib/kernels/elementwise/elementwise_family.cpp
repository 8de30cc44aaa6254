#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "base/error.hpp"
#include "calib/kernels/bench.hpp"
#include "calib/kernels/device_buffer.hpp"
#include "calib/kernels/elementwise/elementwise_kernels.hpp"
#include "calib/kernels/elementwise/reference.hpp"
#include "calib/kernels/fill.hpp"

namespace moesim {

namespace {

enum class Kind { swiglu, rms_norm, rope, quantize };

constexpr std::size_t kCheckedRows = 32;
constexpr std::size_t kMostInputSets = 4;

Kind kind_of(const std::string& name) {
  if (name == "swiglu") return Kind::swiglu;
  if (name == "rms_norm") return Kind::rms_norm;
  if (name == "rope") return Kind::rope;
  if (name == "quantize") return Kind::quantize;
  throw RunError("no elementwise kernel is called " + name);
}

std::vector<double> to_double(const std::vector<__nv_bfloat16>& values) {
  std::vector<double> out;
  for (const __nv_bfloat16 value : values) out.push_back(__bfloat162float(value));
  return out;
}

DeviceBuffer<float2> rotary_table() {
  std::vector<float2> table;
  for (int position = 0; position < kRotaryPositions; ++position) {
    for (int pair = 0; pair < kRotaryDims / 2; ++pair) {
      const double angle = rotary_angle(position, pair);
      table.push_back({static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))});
    }
  }
  return DeviceBuffer<float2>(std::span<const float2>(table));
}

class ElementwiseBench : public Bench {
 public:
  ElementwiseBench(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed)
      : kind_(kind_of(point.name)),
        rows_(static_cast<std::size_t>(point.axis("rows"))),
        columns_(static_cast<std::size_t>(point.axis("columns"))),
        l2_bytes_(device.l2_bytes),
        out_(rows_ * columns_),
        weight_(columns_) {
    const auto per_set = 2.0 * static_cast<double>(rows_ * in_columns());
    const auto sets = std::clamp<std::size_t>(static_cast<std::size_t>(2 * device.l2_bytes / per_set) + 1, 1,
                                              kMostInputSets);
    for (std::size_t set = 0; set < sets; ++set) {
      in_.emplace_back(rows_ * in_columns());
      fill_normal(in_.back().data(), in_.back().size(), seed + set, 1.0F, nullptr);
    }
    fill_normal(weight_.data(), weight_.size(), seed + sets, 1.0F, nullptr);
    if (kind_ == Kind::rope) table_ = rotary_table();
    if (kind_ == Kind::quantize) {
      quantized_ = DeviceBuffer<__nv_fp8_e4m3>(rows_ * columns_);
      scales_ = DeviceBuffer<float>(rows_ * columns_ / kQuantizedBlock);
    }
  }

  [[nodiscard]] Work work() const override {
    const auto elements = static_cast<double>(rows_ * columns_);
    const double written = kind_ == Kind::quantize ? elements * (1 + 4.0 / kQuantizedBlock) : 2 * elements;
    // What is written may stay in L2.
    return {0, 2.0 * static_cast<double>(rows_ * in_columns()) + std::max(0.0, written - l2_bytes_), 0};
  }
  [[nodiscard]] int num_input_sets() const override { return static_cast<int>(in_.size()); }

  void launch(int input_set, cudaStream_t stream) override {
    const __nv_bfloat16* in = in_[static_cast<std::size_t>(input_set)].data();
    switch (kind_) {
      case Kind::swiglu:
        return launch_swiglu(in, out_.data(), rows_, columns_, stream);
      case Kind::rms_norm:
        return launch_rms_norm(in, weight_.data(), out_.data(), rows_, columns_, stream);
      case Kind::rope:
        return launch_rope(in, table_.data(), out_.data(), rows_, columns_, stream);
      case Kind::quantize:
        return launch_quantize(in, quantized_.data(), scales_.data(), rows_, columns_, stream);
    }
  }

  CheckResult check() override {
    out_.poison();
    quantized_.poison();
    scales_.poison();
    launch(0, nullptr);
    moesim::check(cudaDeviceSynchronize());
    std::vector<double> found;
    std::vector<double> expected;
    const std::size_t checked = std::min(rows_, kCheckedRows);
    for (std::size_t i = 0; i < checked; ++i) {
      const std::size_t row =
          checked == 1 ? 0 : i * (rows_ - 1) / (checked - 1);  // first and last among them
      const auto some_found = found_row(row);
      const auto some_expected = expected_row(row);
      found.insert(found.end(), some_found.begin(), some_found.end());
      expected.insert(expected.end(), some_expected.begin(), some_expected.end());
    }
    return {relative_difference(found, expected), kind_ == Kind::quantize ? 1e-3 : 1e-5,
            fmt::format("FP64, {} rows", checked)};
  }

 private:
  [[nodiscard]] std::size_t in_columns() const { return kind_ == Kind::swiglu ? 2 * columns_ : columns_; }

  template <class T>
  [[nodiscard]] static std::vector<T> part(const DeviceBuffer<T>& buffer, std::size_t first,
                                           std::size_t count) {
    std::vector<T> values(count);
    moesim::check(
        cudaMemcpy(values.data(), buffer.data() + first, count * sizeof(T), cudaMemcpyDeviceToHost));
    return values;
  }
  [[nodiscard]] std::vector<double> in_row(std::size_t row) const {
    return to_double(part(in_.front(), row * in_columns(), in_columns()));
  }

  /// The row of the output; quantised numbers times their scales.
  [[nodiscard]] std::vector<double> found_row(std::size_t row) const {
    if (kind_ != Kind::quantize) return to_double(part(out_, row * columns_, columns_));
    const auto bytes = part(quantized_, row * columns_, columns_);
    const std::size_t blocks = columns_ / kQuantizedBlock;
    const auto scales = part(scales_, row * blocks, blocks);
    std::vector<double> out;
    for (std::size_t c = 0; c < columns_; ++c)
      out.push_back(static_cast<double>(static_cast<float>(bytes[c])) * scales[c / kQuantizedBlock]);
    return out;
  }

  /// A quantised row is held against what went in.
  [[nodiscard]] std::vector<double> expected_row(std::size_t row) const {
    const std::vector<double> in = in_row(row);
    switch (kind_) {
      case Kind::swiglu:
        return swiglu_reference(in);
      case Kind::rms_norm:
        return rms_norm_reference(in, to_double(weight_.download()));
      case Kind::rope:
        return rope_reference(in, static_cast<int>(row % kRotaryPositions));
      case Kind::quantize:
        return in;
    }
    return in;
  }

  Kind kind_;
  std::size_t rows_;
  std::size_t columns_;
  double l2_bytes_;
  std::vector<DeviceBuffer<__nv_bfloat16>> in_;
  DeviceBuffer<__nv_bfloat16> out_;
  DeviceBuffer<__nv_bfloat16> weight_;
  DeviceBuffer<float2> table_;
  DeviceBuffer<__nv_fp8_e4m3> quantized_;
  DeviceBuffer<float> scales_;
};

std::string unsupported(const MeasuredCase& point, const DeviceFacts& device) {
  const auto columns = static_cast<std::size_t>(point.axis("columns"));
  const Kind kind = kind_of(point.name);
  const std::size_t multiple = kind == Kind::rope       ? kRotaryDims
                               : kind == Kind::quantize ? kQuantizedBlock
                                                        : 8;
  if (columns % multiple != 0) return fmt::format("columns must be a multiple of {}", multiple);
  if (kind == Kind::rms_norm && columns > kMostNormColumns)
    return fmt::format("at most {} columns", kMostNormColumns);
  if (20 * point.axis("rows") * point.axis("columns") > device.memory_bytes)
    return "the buffers do not fit into the memory";
  return "";
}

std::unique_ptr<Bench> make(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed) {
  return std::make_unique<ElementwiseBench>(point, device, seed);
}

}  // namespace

extern const BenchFamily kElementwiseBench;
const BenchFamily kElementwiseBench{
    "elementwise", "SwiGLU, RMSNorm, rotary embedding and quantisation to FP8 in blocks of 128", unsupported,
    make};

}  // namespace moesim
