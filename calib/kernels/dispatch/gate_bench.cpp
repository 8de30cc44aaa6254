#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "calib/kernels/bench.hpp"
#include "calib/kernels/device_buffer.hpp"
#include "calib/kernels/dispatch/gate.hpp"
#include "calib/kernels/dispatch/layout.hpp"
#include "calib/kernels/fill.hpp"
#include "calib/measure/random_routing.hpp"
#include "calib/measure/token_layout.hpp"

namespace moesim {
namespace {

constexpr int kMaxSampled = 64;
/// Choices that FP64 decides by less may fall otherwise in FP32.
constexpr double kClearMargin = 1e-5;

int tokens_of(const MeasuredCase& point) {
  return static_cast<int>(point.axis("rows"));
}

GateShape gate_shape(const MeasuredCase& point) {
  return {static_cast<int>(point.axis("columns")), static_cast<int>(point.setting("groups", 8)),
          static_cast<int>(point.setting("kept_groups", 4)), static_cast<int>(point.setting("top_k", 8)),
          2.5};
}

LayoutShape layout_shape(const MeasuredCase& point) {
  LayoutShape shape;
  shape.tokens = tokens_of(point);
  shape.experts = static_cast<int>(point.axis("columns"));
  shape.top_k = static_cast<int>(point.setting("top_k", 8));
  shape.ranks = static_cast<int>(point.setting("ranks", 8));
  return shape;
}

class GateBench final : public Bench {
 public:
  GateBench(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed)
      : shape_(gate_shape(point)),
        tokens_(tokens_of(point)),
        num_sms_(device.num_sms),
        logits_(static_cast<std::size_t>(tokens_) * static_cast<std::size_t>(shape_.experts)),
        bias_(static_cast<std::size_t>(shape_.experts)),
        experts_(static_cast<std::size_t>(tokens_) * static_cast<std::size_t>(shape_.top_k)),
        weights_(experts_.size()) {
    fill_normal(logits_.data(), logits_.size(), seed, 1.0F, nullptr);
    // A wide bias makes some experts far more popular than others.
    fill_normal(bias_.data(), bias_.size(), seed + 1, static_cast<float>(point.setting("bias_sigma", 0.05)),
                nullptr);
    check(cudaDeviceSynchronize());
  }

  [[nodiscard]] Work work() const override {
    return {0, static_cast<double>(logits_.bytes() + bias_.bytes()), 0};
  }

  CheckResult check() override {
    experts_.poison();
    weights_.poison();
    launch(0, nullptr);
    const auto logits = logits_.download();
    const auto bias = bias_.download();
    const auto experts = experts_.download();
    const auto weights = weights_.download();
    std::vector<double> found;
    std::vector<double> wanted;
    const int step = std::max(1, tokens_ / kMaxSampled);
    int unclear = 0;
    for (int t = 0; t < tokens_; t += step) {
      const auto width = static_cast<std::size_t>(shape_.experts);
      const auto row = std::span(logits).subspan(static_cast<std::size_t>(t) * width, width);
      const GateChoice choice = gate_reference(shape_, row, bias);
      if (choice.margin < kClearMargin) {
        ++unclear;
        continue;
      }
      append(choice, t, experts, weights, wanted, found);
    }
    const bool enough = unclear * 4 <= (tokens_ + step - 1) / step;
    return {enough ? relative_difference(found, wanted) : 1, 1e-9,
            fmt::format("FP64, every {} of {} tokens, {} too close to call", step, tokens_, unclear)};
  }

  void launch(int /*input_set*/, cudaStream_t stream) override {
    launch_gate(shape_, logits_.data(), bias_.data(), tokens_, experts_.data(), weights_.data(), num_sms_,
                stream);
  }

 private:
  static void check(cudaError_t status) { moesim::check(status); }

  /// The weights of a token as [experts], 0 for what is not chosen.
  void append(const GateChoice& choice, int token, std::span<const int> experts,
              std::span<const float> weights, std::vector<double>& wanted, std::vector<double>& found) const {
    const std::size_t start = found.size();
    const auto width = static_cast<std::size_t>(shape_.experts);
    wanted.resize(start + width);
    found.resize(start + width);
    for (std::size_t k = 0; k < choice.experts.size(); ++k) {
      const std::size_t at = static_cast<std::size_t>(token) * choice.experts.size() + k;
      wanted[start + static_cast<std::size_t>(choice.experts[k])] = choice.weights[k];
      const bool in_range = experts[at] >= 0 && experts[at] < shape_.experts;
      found[start + (in_range ? static_cast<std::size_t>(experts[at]) : 0)] +=
          static_cast<double>(weights[at]);
    }
  }

  GateShape shape_;
  int tokens_;
  int num_sms_;
  DeviceBuffer<float> logits_;
  DeviceBuffer<float> bias_;
  DeviceBuffer<int> experts_;
  DeviceBuffer<float> weights_;
};

class CountBench final : public Bench {
 public:
  CountBench(const MeasuredCase& point, std::uint64_t seed)
      : shape_(layout_shape(point)),
        experts_(random_experts({shape_.experts, 1, 1, shape_.top_k, point.setting("exponent", 0)},
                                shape_.tokens, seed, 0)),
        chosen_(std::span<const int>(experts_)),
        tile_counts_(static_cast<std::size_t>(shape_.experts) * static_cast<std::size_t>(shape_.num_tiles())),
        counts_(static_cast<std::size_t>(shape_.experts)),
        offsets_(static_cast<std::size_t>(shape_.experts) + 1),
        tokens_to_rank_(static_cast<std::size_t>(shape_.ranks)),
        position_(experts_.size()) {}

  [[nodiscard]] Work work() const override { return {0, static_cast<double>(chosen_.bytes()), 0}; }

  CheckResult check() override {
    for (auto* buffer : {&tile_counts_, &counts_, &offsets_, &tokens_to_rank_, &position_}) buffer->poison();
    launch(0, nullptr);
    const TokenLayout wanted = layout_by_expert(experts_, shape_.experts, shape_.alignment);
    const bool equal =
        counts_.download() == wanted.counts && offsets_.download() == wanted.offsets &&
        position_.download() == wanted.position &&
        tokens_to_rank_.download() == tokens_per_rank(experts_, shape_.top_k, shape_.experts, shape_.ranks);
    return {equal ? 0.0 : 1.0, 0, "the layout made on the host, every number"};
  }

  void launch(int /*input_set*/, cudaStream_t stream) override {
    launch_layout(shape_,
                  {chosen_.data(), tile_counts_.data(), counts_.data(), offsets_.data(),
                   tokens_to_rank_.data(), position_.data()},
                  stream);
  }

 private:
  LayoutShape shape_;
  std::vector<int> experts_;
  DeviceBuffer<int> chosen_;
  DeviceBuffer<int> tile_counts_;
  DeviceBuffer<int> counts_;
  DeviceBuffer<int> offsets_;
  DeviceBuffer<int> tokens_to_rank_;
  DeviceBuffer<int> position_;
};

std::string unsupported(const MeasuredCase& point, const DeviceFacts& /*device*/) {
  const char* refusal =
      point.name == "count" ? layout_refusal(layout_shape(point)) : gate_refusal(gate_shape(point));
  return refusal ? refusal : "";
}

std::unique_ptr<Bench> make(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed) {
  if (point.name == "count") return std::make_unique<CountBench>(point, seed);
  return std::make_unique<GateBench>(point, device, seed);
}

}  // namespace

extern const BenchFamily kGateBench;
const BenchFamily kGateBench{"gate", "the gate of DeepSeek-V3, and tokens counted and placed by expert",
                             unsupported, make};

}  // namespace moesim
