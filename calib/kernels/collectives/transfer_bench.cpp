#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "calib/kernels/bench.hpp"
#include "calib/kernels/collectives/token_transfer.hpp"
#include "calib/kernels/dispatch/quantise_reference.hpp"
#include "calib/kernels/fill.hpp"

namespace moesim {
namespace {

using Index = std::size_t;
using Bf16 = __nv_bfloat16;

constexpr Index kMaxSampled = 64;
constexpr double kWrong = 1;

/// Seed of the tokens of a rank.
std::uint64_t token_seed(std::uint64_t seed, int rank) {
  return seed + 7919 * (static_cast<std::uint64_t>(rank) + 1);
}

class TransferBench : public Bench {
 public:
  TransferBench(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed)
      : transfer_(transfer_shape(point), communicator_of(device), seed) {
    const double rows = std::max(transfer_.rows_sent_to_others(), transfer_.rows_from_others());
    link_bytes_ = transfer_.communicator().largest(rows) * row_bytes();
  }

  [[nodiscard]] std::string kernel() const override {
    int version = 0;
    moesim::check(ncclGetVersion(&version));
    return fmt::format("moesim over the device API of NCCL {}.{}.{}, {} SMs", version / 10000,
                       version / 100 % 100, version % 100, shape().blocks);
  }

 protected:
  [[nodiscard]] TokenTransfer& transfer() { return transfer_; }
  [[nodiscard]] const TokenTransfer& transfer() const { return transfer_; }
  [[nodiscard]] const TransferShape& shape() const { return transfer_.shape(); }
  [[nodiscard]] Index token_elements() const {
    return static_cast<Index>(shape().tokens) * static_cast<Index>(shape().format.hidden);
  }
  [[nodiscard]] double row_bytes() const { return static_cast<double>(shape().format.bytes()); }
  /// Bytes over NVLink in the busier direction of the busiest rank, so that all judge the time alike.
  [[nodiscard]] double link_bytes() const { return link_bytes_; }
  /// The worst of the ranks, so that all pass or fail together.
  CheckResult result(double difference, double tolerance, std::string against) {
    return {transfer_.communicator().largest(difference), tolerance, std::move(against)};
  }

 private:
  TokenTransfer transfer_;
  double link_bytes_ = 0;
};

/// Rows that are ready to travel, as after a kernel that quantised them.
class DispatchBench final : public TransferBench {
 public:
  DispatchBench(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed)
      : TransferBench(point, device, seed), rows_(static_cast<Index>(shape().tokens) * row_elements()) {
    const auto rank = static_cast<std::uint32_t>(transfer().communicator().rank());
    fill_pattern(rows_.data(), rows_.size(), {transfer().seed(), rank, 0}, nullptr);
    moesim::check(cudaDeviceSynchronize());
  }

  [[nodiscard]] Work work() const override { return {0, static_cast<double>(rows_.bytes()), link_bytes()}; }

  CheckResult check() override {
    auto& window = transfer().window();
    moesim::check(cudaMemsetAsync(window.local(), 0xff, window.bytes(), nullptr));
    launch(0, nullptr);
    DeviceBuffer<unsigned long long> mismatches(1);
    mismatches.fill_bytes(0);
    const DeviceBuffer<RowOrigin> origins(std::span<const RowOrigin>(transfer().origins()));
    count_row_mismatches(reinterpret_cast<const std::uint16_t*>(window.local()), row_elements(),
                         origins.data(), origins.size(), transfer().seed(), mismatches.data(), nullptr);
    const bool counted = transfer().arrived_counts() == transfer().expected_counts();
    const auto wrong = static_cast<double>(mismatches.download().front());
    const double elements = static_cast<double>(std::max<Index>(1, origins.size() * row_elements()));
    return result(counted ? wrong / elements : kWrong, 0, "every element received, and the counts");
  }

  void launch(int /*input_set*/, cudaStream_t stream) override {
    launch_dispatch_rows(transfer().window().device(), transfer().exchange(), rows_.data(), shape().blocks,
                         stream);
  }

 private:
  [[nodiscard]] Index row_elements() const { return shape().format.bytes() / sizeof(std::uint16_t); }

  DeviceBuffer<std::uint16_t> rows_;
};

/// BF16 tokens that are quantised on the way, one copy for each expert.
class LowLatencyDispatchBench final : public TransferBench {
 public:
  LowLatencyDispatchBench(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed)
      : TransferBench(point, device, seed), seed_(seed), tokens_(token_elements()) {
    fill_normal(tokens_.data(), tokens_.size(), token_seed(seed, transfer().communicator().rank()), 1.0F,
                nullptr);
    moesim::check(cudaDeviceSynchronize());
  }

  [[nodiscard]] Work work() const override { return {0, static_cast<double>(tokens_.bytes()), link_bytes()}; }

  CheckResult check() override {
    auto& window = transfer().window();
    moesim::check(cudaMemsetAsync(window.local(), 0xff, window.bytes(), nullptr));
    launch(0, nullptr);
    moesim::check(cudaDeviceSynchronize());
    bool same = transfer().arrived_counts() == transfer().expected_counts();
    std::vector<double> original;
    std::vector<double> found;
    const auto& origins = transfer().origins();
    const Index step = std::max<Index>(1, origins.size() / kMaxSampled);
    int source = -1;
    std::vector<Bf16> tokens;
    for (Index i = 0; i < origins.size(); i += step) {
      if (origins[i].source != source) tokens = tokens_of(source = origins[i].source);
      const auto width = static_cast<Index>(shape().format.hidden);
      const auto token = std::span(tokens).subspan(static_cast<Index>(origins[i].token) * width, width);
      same = is_quantised(origins[i], token, found) && same;
      for (const Bf16 x : token) original.push_back(static_cast<double>(__bfloat162float(x)));
    }
    const double difference = relative_difference(found, original);
    return result(same ? difference : kWrong, 1e-3,
                  fmt::format("the tokens, and exactly the host's rounding, every {} of {} rows", step,
                              origins.size()));
  }

  void launch(int /*input_set*/, cudaStream_t stream) override {
    launch_dispatch_quantised(transfer().window().device(), transfer().exchange(), tokens_.data(),
                              shape().blocks, stream);
  }

 private:
  /// The tokens of another rank, made from its seed.
  [[nodiscard]] std::vector<Bf16> tokens_of(int rank) const {
    DeviceBuffer<Bf16> tokens(token_elements());
    fill_normal(tokens.data(), tokens.size(), token_seed(seed_, rank), 1.0F, nullptr);
    return tokens.download();
  }

  /// Whether a row holds the token exactly as the host quantises it; appends its values.
  bool is_quantised(const RowOrigin& origin, std::span<const Bf16> token, std::vector<double>& values) {
    const RowFormat& format = shape().format;
    std::vector<std::uint8_t> row(format.bytes());
    moesim::check(cudaMemcpy(row.data(),
                             transfer().window().local() + static_cast<Index>(origin.row) * row.size(),
                             row.size(), cudaMemcpyDeviceToHost));
    QuantisedRow found;
    found.codes.assign(row.begin(), row.begin() + format.hidden);
    found.scales.resize(static_cast<Index>(format.hidden) / 128);
    std::memcpy(found.scales.data(), row.data() + format.scale_offset(), found.scales.size() * sizeof(float));
    std::array<std::uint32_t, 4> header{};
    std::memcpy(header.data(), row.data() + format.header_offset(), sizeof(header));
    const QuantisedRow wanted = quantise_reference(token);
    const auto decoded = dequantised(found.codes, found.scales);
    values.insert(values.end(), decoded.begin(), decoded.end());
    return found.scales == wanted.scales && decoded == dequantised(wanted.codes, wanted.scales) &&
           header[0] == static_cast<std::uint32_t>(origin.token) &&
           header[1] == static_cast<std::uint32_t>(origin.source);
  }

  std::uint64_t seed_;
  DeviceBuffer<Bf16> tokens_;
};

class CombineBench final : public TransferBench {
 public:
  CombineBench(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed)
      : TransferBench(point, device, seed), sums_(token_elements()) {
    auto* rows = reinterpret_cast<Bf16*>(transfer().window().local());
    fill_row_values(rows, shape().num_rows(), shape().format.hidden, transfer().seed(),
                    transfer().communicator().rank(), nullptr);
    if (shape().low_latency) {
      weights_ = DeviceBuffer<float>(transfer().targets().size());
      fill_uniform(weights_.data(), weights_.size(), seed, 0.0F, 1.0F, nullptr);
    }
    moesim::check(cudaDeviceSynchronize());
    transfer().communicator().barrier();
  }

  [[nodiscard]] Work work() const override {
    return {0, static_cast<double>(transfer().origins().size()) * row_bytes(), link_bytes()};
  }

  CheckResult check() override {
    sums_.poison();
    launch(0, nullptr);
    const auto sums = sums_.download();
    const auto weights = weights_.download();
    const auto width = static_cast<Index>(shape().format.hidden);
    std::vector<double> wanted;
    std::vector<double> found;
    const Index step = std::max<Index>(1, static_cast<Index>(shape().tokens) / kMaxSampled);
    for (Index t = 0; t < static_cast<Index>(shape().tokens); t += step) {
      for (Index c = 0; c < width; ++c) {
        found.push_back(static_cast<double>(__bfloat162float(sums[t * width + c])));
        wanted.push_back(sum_of(t, static_cast<int>(c), weights));
      }
    }
    return result(relative_difference(found, wanted), 1e-5,
                  fmt::format("FP64, every {} of {} tokens", step, shape().tokens));
  }

  void launch(int /*input_set*/, cudaStream_t stream) override {
    launch_combine(transfer().window().device(), transfer().exchange(), weights_.data(), sums_.data(),
                   shape().blocks, stream);
  }

 private:
  [[nodiscard]] double sum_of(Index token, int column, const std::vector<float>& weights) const {
    const auto top_k = static_cast<Index>(shape().top_k);
    double sum = 0;
    for (Index i = token * top_k; i < (token + 1) * top_k; ++i) {
      const CopyTarget target = transfer().targets()[i];
      if (target.rank < 0) break;
      const double value = static_cast<double>(row_value(transfer().seed(), target.rank, target.row, column));
      sum += (weights.empty() ? 1.0 : static_cast<double>(weights[i])) * value;
    }
    return sum;
  }

  DeviceBuffer<Bf16> sums_;
  DeviceBuffer<float> weights_;  // empty in normal mode
};

/// What the kernels cannot do with the case on any device; empty where they can.
std::string refusal(const MeasuredCase& point) {
  const TransferShape shape = transfer_shape(point);
  if (shape.format.hidden % 512 != 0) return "hidden must be a multiple of 512";
  if (shape.experts % shape.ranks != 0) return "every rank must hold equally many experts";
  if (shape.top_k > shape.experts) return "there are fewer experts than a token chooses";
  if (shape.blocks < 1 || shape.blocks > kMaxExchangeBlocks)
    return fmt::format("takes 1 to {} SMs", kMaxExchangeBlocks);
  if (point.op == TimedOperator::dispatch_low_latency && !shape.format.fp8) return "low latency sends FP8";
  return "";
}

std::string unsupported(const MeasuredCase& point, const DeviceFacts& device) {
  const TransferShape shape = transfer_shape(point);
  const std::string fault = refusal(point);
  if (!fault.empty()) return fault;
  if (shape.ranks != ranks_of(device))
    return fmt::format("takes {} ranks, there are {}", shape.ranks, ranks_of(device));
  if (shape.blocks > device.num_sms) return "takes more SMs than there are";
  if (static_cast<double>(shape.num_rows()) * static_cast<double>(shape.format.bytes()) >
      0.7 * device.memory_bytes)
    return "its rows do not fit into the memory";
  Communicator& communicator = communicator_of(device);
  const int reached = communicator.num_load_store_ranks();
  if (!communicator.device_api_refusal().empty())
    return "NCCL's device API refuses: " + communicator.device_api_refusal();
  if (reached < shape.ranks)
    return fmt::format("only {} ranks reach each other's memory over NVLink", reached);
  return "";
}

std::unique_ptr<Bench> make_dispatch(const MeasuredCase& point, const DeviceFacts& device,
                                     std::uint64_t seed) {
  if (point.op == TimedOperator::dispatch_low_latency)
    return std::make_unique<LowLatencyDispatchBench>(point, device, seed);
  return std::make_unique<DispatchBench>(point, device, seed);
}

std::unique_ptr<Bench> make_combine(const MeasuredCase& point, const DeviceFacts& device,
                                    std::uint64_t seed) {
  return std::make_unique<CombineBench>(point, device, seed);
}

}  // namespace

extern const BenchFamily kDispatchBench;
extern const BenchFamily kCombineBench;
const BenchFamily kDispatchBench{"dispatch",
                                 "tokens sent to the ranks of their experts by own kernels over NVLink",
                                 unsupported, make_dispatch};
const BenchFamily kCombineBench{"combine", "the sums of the experts' rows fetched by own kernels over NVLink",
                                unsupported, make_combine};

}  // namespace moesim
