#include <cmath>
#include <memory>
#include <string>

#include "base/random.hpp"
#include "calib/kernels/attention/worst_difference.hpp"
#include "calib/kernels/bench.hpp"
#include "calib/kernels/device_buffer.hpp"
#include "calib/kernels/fill.hpp"
#include "calib/kernels/mla_prefill/cudnn_attention.hpp"
#include "calib/kernels/mla_prefill/prefill_params.hpp"
#include "calib/kernels/mla_prefill/prefill_reference.hpp"
#include "calib/kernels/nan_count.hpp"

namespace moesim {
namespace {

constexpr std::size_t kNumSamples = 32;

AttentionShape shape_of(const MeasuredCase& point) {
  return {static_cast<int>(point.axis("length")), static_cast<int>(point.axis("heads")),
          static_cast<int>(point.axis("qk_dim")), static_cast<int>(point.axis("v_dim"))};
}

bool is_backward(const MeasuredCase& point) {
  return point.role == GemmRole::input_gradient;
}

/// Elements of [length, heads, columns].
std::size_t elements_of(const AttentionShape& shape, int columns) {
  return static_cast<std::size_t>(shape.length) * static_cast<std::size_t>(shape.heads) *
         static_cast<std::size_t>(columns);
}

using Rows = DeviceBuffer<__nv_bfloat16>;

/// Sampled rows of [length, heads, columns].
std::vector<double> read_rows(const Rows& rows, const AttentionShape& shape, int columns,
                              std::span<const TokenOfHead> samples) {
  std::vector<double> values;
  std::vector<__nv_bfloat16> row(static_cast<std::size_t>(columns));
  for (const TokenOfHead& at : samples) {
    const std::size_t line = static_cast<std::size_t>(at.token) * static_cast<std::size_t>(shape.heads) +
                             static_cast<std::size_t>(at.head);
    check(cudaMemcpy(row.data(), rows.data() + line * row.size(), row.size() * sizeof(row[0]),
                     cudaMemcpyDeviceToHost));
    for (const __nv_bfloat16 value : row) values.push_back(static_cast<double>(__bfloat162float(value)));
  }
  return values;
}

/// The difference that elements left as they were poisoned make.
double untouched(bool any) {
  return any ? std::nan("") : 0.0;
}

class PrefillBench : public Bench {
 public:
  PrefillBench(const MeasuredCase& point, std::uint64_t seed)
      : shape_(shape_of(point)), backward_(is_backward(point)), seed_(seed) {
    const std::size_t keys = elements_of(shape_, kPrefillKeyDim);
    const std::size_t values = elements_of(shape_, kPrefillValueDim);
    params_.length = shape_.length;
    params_.heads = shape_.heads;
    params_.scale = 1 / std::sqrt(static_cast<float>(kPrefillKeyDim));
    params_.query = fill(query_, keys, 0);
    params_.key = fill(key_, keys, 1);
    params_.value = fill(value_, values, 2);
    params_.out = (out_ = Rows(values)).data();
    params_.lse = (lse_ = DeviceBuffer<float>(elements_of(shape_, 1))).data();
    if (backward_) prepare_backward(keys, values);
    if (point.name == "cudnn") cudnn_ = std::make_unique<CudnnAttention>(shape_, params_.scale, backward_);
    moesim::check(cudaDeviceSynchronize());
  }

  /// Forward: 2 x 320 operations for each of the length^2 / 2 pairs of a head; backward 2 x 832: scores,
  /// gradients of queries and keys over 192 columns, those of weights and values over 128. Bytes are those of
  /// inputs and outputs, once.
  [[nodiscard]] Work work() const override {
    const double length = shape_.length;
    const double rows = length * shape_.heads;
    Work work;
    work.flops = rows * length *
                 (backward_ ? 3 * kPrefillKeyDim + 2 * kPrefillValueDim : kPrefillKeyDim + kPrefillValueDim);
    const double forward = rows * (2.0 * (2 * kPrefillKeyDim + 2 * kPrefillValueDim) + 4);
    work.hbm_bytes = forward + (backward_ ? rows * 2.0 * (2 * kPrefillKeyDim + 2 * kPrefillValueDim) : 0.0);
    return work;
  }

  [[nodiscard]] std::string kernel() const override { return cudnn_ ? CudnnAttention::library() : ""; }

  void launch(int /*input_set*/, cudaStream_t stream) override {
    if (cudnn_) {
      cudnn_->launch(params_, stream);
    } else if (backward_) {
      launch_prefill_backward(params_, stream);
    } else {
      launch_prefill_forward(params_, stream);
    }
  }

  CheckResult check() override { return backward_ ? check_backward() : check_forward(); }

 private:
  const __nv_bfloat16* fill(Rows& rows, std::size_t count, std::uint64_t index) {
    rows = Rows(count);
    fill_normal(rows.data(), count, 8 * seed_ + index, 1.0f, nullptr);
    return rows.data();
  }

  void prepare_backward(std::size_t keys, std::size_t values) {
    params_.out_gradient = fill(out_gradient_, values, 3);
    params_.delta = (delta_ = DeviceBuffer<float>(elements_of(shape_, 1))).data();
    params_.query_gradient = (query_gradient_ = Rows(keys)).data();
    params_.key_gradient = (key_gradient_ = Rows(keys)).data();
    params_.value_gradient = (value_gradient_ = Rows(values)).data();
    launch_prefill_forward(params_, nullptr);
  }

  /// The first and last tokens, others at random.
  std::vector<int> sample_tokens(RandomStream& random) const {
    std::vector<int> tokens{0, shape_.length - 1, shape_.length / 2};
    while (tokens.size() < kNumSamples)
      tokens.push_back(static_cast<int>(random.below(static_cast<std::uint64_t>(shape_.length))));
    return tokens;
  }

  CheckResult check_forward() {
    RandomStream random(seed_, stream_of("prefill_samples"));
    std::vector<TokenOfHead> samples;
    for (const int token : sample_tokens(random))
      samples.push_back({static_cast<int>(random.below(static_cast<std::uint64_t>(shape_.heads))), token});
    out_.poison();
    lse_.poison();
    launch(0, nullptr);
    const ForwardReference reference = reference_forward(params_, samples);
    std::vector<double> lse;
    const std::vector<float> all = lse_.download();
    for (const TokenOfHead& at : samples)
      lse.push_back(static_cast<double>(
          all[static_cast<std::size_t>(at.head) * static_cast<std::size_t>(shape_.length) +
              static_cast<std::size_t>(at.token)]));
    const double difference = worst_difference(
        {relative_difference(read_rows(out_, shape_, kPrefillValueDim, samples), reference.out),
         relative_difference(lse, reference.lse), untouched(has_nan(out_) || has_nan(lse_))});
    return {difference, 1e-5,
            "FP64, " + std::to_string(samples.size()) + " queries and their log-sum-exp, no NaN anywhere"};
  }

  CheckResult check_backward() {
    RandomStream random(seed_, stream_of("prefill_samples"));
    const int head = static_cast<int>(random.below(static_cast<std::uint64_t>(shape_.heads)));
    const std::vector<int> tokens = sample_tokens(random);
    std::vector<TokenOfHead> samples;
    for (const int token : tokens) samples.push_back({head, token});
    delta_.poison();
    query_gradient_.poison();
    key_gradient_.poison();
    value_gradient_.poison();
    launch(0, nullptr);
    const BackwardReference reference = reference_backward(params_, head, tokens);
    const auto differ = [&](const Rows& rows, int columns, const std::vector<double>& expected) {
      return relative_difference(read_rows(rows, shape_, columns, samples), expected);
    };
    const double difference = worst_difference(
        {differ(query_gradient_, kPrefillKeyDim, reference.query),
         differ(key_gradient_, kPrefillKeyDim, reference.key),
         differ(value_gradient_, kPrefillValueDim, reference.value),
         untouched(has_nan(query_gradient_) || has_nan(key_gradient_) || has_nan(value_gradient_))});
    return {difference, 1e-5,
            "FP64, gradients of " + std::to_string(tokens.size()) + " tokens of a head, no NaN anywhere"};
  }

  AttentionShape shape_;
  bool backward_;
  std::uint64_t seed_;
  PrefillParams params_;
  Rows query_, key_, value_, out_, out_gradient_, query_gradient_, key_gradient_, value_gradient_;
  DeviceBuffer<float> lse_, delta_;
  std::unique_ptr<CudnnAttention> cudnn_;
};

std::string unsupported(const MeasuredCase& point, const DeviceFacts& device) {
  const AttentionShape shape = shape_of(point);
  if (point.name != "cudnn" && point.name != "mma") return "no variant '" + point.name + "': cudnn, mma";
  if (point.role == GemmRole::weight_gradient) return "roles are forward and input_gradient";
  if (shape.key_dim != kPrefillKeyDim || shape.value_dim != kPrefillValueDim)
    return "the kernels have heads of 192 (keys) and 128 (values)";
  if (device.major != 9 && device.major != 10) return "built for compute capability 9.0 and 10.x";
  if (shape.length < 1 || shape.heads < 1) return "heads and length must be positive";
  // The score of one token has no gradient: there is nothing to hold rounding errors against.
  if (is_backward(point) && shape.length < 2) return "backward needs two tokens";
  const double bytes = static_cast<double>(elements_of(shape, 4 * kPrefillKeyDim + 4 * kPrefillValueDim)) * 2;
  if (2 * bytes > 0.9 * device.memory_bytes) return "the tensors do not fit into memory";
  return point.name == "cudnn" ? CudnnAttention::unsupported(shape, is_backward(point)) : "";
}

std::unique_ptr<Bench> make(const MeasuredCase& point, const DeviceFacts& /*device*/, std::uint64_t seed) {
  return std::make_unique<PrefillBench>(point, seed);
}

}  // namespace

extern const BenchFamily kMlaPrefillBench;
const BenchFamily kMlaPrefillBench{
    "mla_prefill", "causal attention of prompts with heads of 192 and 128, forward and backward", unsupported,
    make};

}  // namespace moesim
