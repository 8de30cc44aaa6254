#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "calib/kernels/bench.hpp"
#include "calib/kernels/device_buffer.hpp"
#include "calib/kernels/dispatch/quantise_reference.hpp"
#include "calib/kernels/dispatch/rows.hpp"
#include "calib/kernels/fill.hpp"
#include "calib/measure/random_routing.hpp"
#include "calib/measure/token_layout.hpp"

namespace moesim {
namespace {

using Index = std::size_t;
using Bf16 = __nv_bfloat16;

constexpr int kMaxSampled = 32;
constexpr int kRowAlignment = 128;  // of an expert's block, as grouped GEMMs want it

/// Tokens with a place for each of their copies.
struct RoutedTokens {
  RoutedTokens(const MeasuredCase& point, std::uint64_t seed) {
    const int experts = static_cast<int>(point.setting("experts", 256));
    copies.tokens = static_cast<int>(point.axis("rows"));
    copies.columns = static_cast<int>(point.axis("columns"));
    copies.top_k = static_cast<int>(point.setting("top_k", 8));
    layout = layout_by_expert(
        random_experts({experts, 1, 1, copies.top_k, point.setting("exponent", 0)}, copies.tokens, seed, 0),
        experts, kRowAlignment);
    position = DeviceBuffer<int>(std::span<const int>(layout.position));
    copies.position = position.data();
  }

  [[nodiscard]] Index columns() const { return static_cast<Index>(copies.columns); }
  [[nodiscard]] Index token_elements() const { return static_cast<Index>(copies.tokens) * columns(); }
  [[nodiscard]] Index row_elements() const { return static_cast<Index>(layout.offsets.back()) * columns(); }
  [[nodiscard]] Index copied_elements() const { return layout.position.size() * columns(); }
  [[nodiscard]] Index row(int token, int k) const {
    return static_cast<Index>(layout.position[static_cast<Index>(token * copies.top_k + k)]);
  }
  [[nodiscard]] int sample_step() const { return std::max(1, copies.tokens / kMaxSampled); }

  TokenLayout layout;
  DeviceBuffer<int> position;
  RowCopies copies;
};

template <class T>
std::vector<T> download_part(const DeviceBuffer<T>& buffer, Index first, Index count) {
  std::vector<T> values(count);
  check(cudaMemcpy(values.data(), buffer.data() + first, count * sizeof(T), cudaMemcpyDeviceToHost));
  return values;
}

void append_values(std::vector<double>& values, std::span<const Bf16> row) {
  for (const Bf16 x : row) values.push_back(static_cast<double>(__bfloat162float(x)));
}

/// Bytes that pass the memory when L2 is cold: what is read, and what is written beyond L2.
double memory_bytes(double read, double written, const DeviceFacts& device) {
  return read + std::max(0.0, written - device.l2_bytes);
}

class RowsBench : public Bench {
 public:
  RowsBench(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed)
      : routed_(point, seed), device_(device), tokens_(routed_.token_elements()) {}

 protected:
  [[nodiscard]] const RoutedTokens& routed() const { return routed_; }
  [[nodiscard]] const DeviceFacts& device() const { return device_; }
  [[nodiscard]] DeviceBuffer<Bf16>& tokens() { return tokens_; }
  [[nodiscard]] std::vector<Bf16> token(int t) const {
    return download_part(tokens_, static_cast<Index>(t) * routed_.columns(), routed_.columns());
  }
  [[nodiscard]] std::string sampled() const {
    return fmt::format("every {} of {} tokens", routed_.sample_step(), routed_.copies.tokens);
  }

 private:
  RoutedTokens routed_;
  DeviceFacts device_;
  DeviceBuffer<Bf16> tokens_;
};

class PermuteBench final : public RowsBench {
 public:
  PermuteBench(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed)
      : RowsBench(point, device, seed), rows_(routed().row_elements()) {
    fill_normal(tokens().data(), tokens().size(), seed, 1.0F, nullptr);
    moesim::check(cudaDeviceSynchronize());
  }

  [[nodiscard]] Work work() const override {
    const double read = 2.0 * static_cast<double>(routed().token_elements());
    return {0, memory_bytes(read, 2.0 * static_cast<double>(routed().copied_elements()), device()), 0};
  }

  CheckResult check() override {
    rows_.poison();
    launch(0, nullptr);
    std::vector<double> wanted;
    std::vector<double> found;
    for (int t = 0; t < routed().copies.tokens; t += routed().sample_step()) {
      const auto source = token(t);
      for (int k = 0; k < routed().copies.top_k; ++k) {
        append_values(wanted, source);
        append_values(found,
                      download_part(rows_, routed().row(t, k) * routed().columns(), routed().columns()));
      }
    }
    return {relative_difference(found, wanted), 0, "the tokens, " + sampled()};
  }

  void launch(int /*input_set*/, cudaStream_t stream) override {
    launch_permute(routed().copies, tokens().data(), rows_.data(), device().num_sms, stream);
  }

 private:
  DeviceBuffer<Bf16> rows_;
};

class QuantiseBench final : public RowsBench {
 public:
  QuantiseBench(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed)
      : RowsBench(point, device, seed),
        codes_(routed().row_elements()),
        scales_(codes_.size() / kQuantBlock) {
    fill_normal(tokens().data(), tokens().size(), seed, 1.0F, nullptr);
    moesim::check(cudaDeviceSynchronize());
  }

  [[nodiscard]] Work work() const override {
    const double read = 2.0 * static_cast<double>(routed().token_elements());
    const double written = (1 + 4.0 / kQuantBlock) * static_cast<double>(routed().copied_elements());
    return {0, memory_bytes(read, written, device()), 0};
  }

  CheckResult check() override {
    codes_.poison();
    scales_.poison();
    launch(0, nullptr);
    std::vector<double> original;
    std::vector<double> wanted;
    std::vector<double> found;
    for (int t = 0; t < routed().copies.tokens; t += routed().sample_step()) {
      const auto source = token(t);
      const QuantisedRow reference = quantise_reference(source);
      for (int k = 0; k < routed().copies.top_k; ++k) {
        append_values(original, source);
        append(wanted, dequantised(reference.codes, reference.scales));
        append(found, found_row(routed().row(t, k)));
      }
    }
    // The format alone costs 3e-4; against the same rounding on the host nothing is lost.
    const bool same = relative_difference(found, wanted) <= 1e-9;
    return {same ? relative_difference(found, original) : 1, 1e-3,
            "the tokens, and exactly the host's rounding, " + sampled()};
  }

  void launch(int /*input_set*/, cudaStream_t stream) override {
    launch_quantise_permute(routed().copies, tokens().data(), codes_.data(), scales_.data(), device().num_sms,
                            stream);
  }

 private:
  static void append(std::vector<double>& all, const std::vector<double>& part) {
    all.insert(all.end(), part.begin(), part.end());
  }
  [[nodiscard]] std::vector<double> found_row(Index row) const {
    const Index blocks = routed().columns() / kQuantBlock;
    return dequantised(download_part(codes_, row * routed().columns(), routed().columns()),
                       download_part(scales_, row * blocks, blocks));
  }

  DeviceBuffer<std::uint8_t> codes_;
  DeviceBuffer<float> scales_;
};

class UnpermuteBench final : public RowsBench {
 public:
  UnpermuteBench(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed)
      : RowsBench(point, device, seed),
        rows_(routed().row_elements()),
        weights_(routed().layout.position.size()) {
    fill_normal(rows_.data(), rows_.size(), seed, 1.0F, nullptr);
    fill_uniform(weights_.data(), weights_.size(), seed + 1, 0.0F, 1.0F, nullptr);
    moesim::check(cudaDeviceSynchronize());
  }

  [[nodiscard]] Work work() const override {
    const double written = 2.0 * static_cast<double>(routed().token_elements());
    return {0, memory_bytes(2.0 * static_cast<double>(routed().copied_elements()), written, device()), 0};
  }

  CheckResult check() override {
    tokens().poison();
    launch(0, nullptr);
    const auto weights = weights_.download();
    std::vector<double> wanted;
    std::vector<double> found;
    for (int t = 0; t < routed().copies.tokens; t += routed().sample_step()) {
      append_values(found, token(t));
      const std::size_t start = wanted.size();
      wanted.resize(found.size());
      for (int k = 0; k < routed().copies.top_k; ++k) {
        const auto row = download_part(rows_, routed().row(t, k) * routed().columns(), routed().columns());
        const double weight = static_cast<double>(weights[static_cast<Index>(t * routed().copies.top_k + k)]);
        for (Index c = 0; c < row.size(); ++c)
          wanted[start + c] += weight * static_cast<double>(__bfloat162float(row[c]));
      }
    }
    return {relative_difference(found, wanted), 1e-5, "FP64, " + sampled()};
  }

  void launch(int /*input_set*/, cudaStream_t stream) override {
    launch_unpermute(routed().copies, rows_.data(), weights_.data(), tokens().data(), device().num_sms,
                     stream);
  }

 private:
  DeviceBuffer<Bf16> rows_;
  DeviceBuffer<float> weights_;
};

std::string unsupported(const MeasuredCase& point, const DeviceFacts& device) {
  if (static_cast<int>(point.axis("columns")) % kQuantBlock != 0) return "columns must be a multiple of 128";
  const double rows =
      point.axis("rows") * point.setting("top_k", 8) + kRowAlignment * point.setting("experts", 256);
  if (2 * rows * point.axis("columns") > 0.7 * device.memory_bytes)
    return "its rows do not fit into the memory";
  return "";
}

template <class Kind>
std::unique_ptr<Bench> make(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed) {
  return std::make_unique<Kind>(point, device, seed);
}

}  // namespace

extern const BenchFamily kPermuteBench;
extern const BenchFamily kUnpermuteBench;
extern const BenchFamily kQuantiseDispatchBench;
const BenchFamily kPermuteBench{"permute", "tokens packed by expert", unsupported, make<PermuteBench>};
const BenchFamily kUnpermuteBench{"unpermute", "the weighted sum of the rows of each token", unsupported,
                                  make<UnpermuteBench>};
const BenchFamily kQuantiseDispatchBench{"quantise_dispatch", "tokens quantised to FP8 and packed by expert",
                                         unsupported, make<QuantiseBench>};

}  // namespace moesim
