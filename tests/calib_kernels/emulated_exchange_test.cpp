// The exchange kernels as they are, for ranks that are threads of this process.
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "calib/kernels/collectives/device_exchange.hpp"
#include "calib/kernels/collectives/pattern_bits.hpp"
#include "calib/kernels/dispatch/quantise_reference.hpp"
#include "calib/measure/random_routing.hpp"

namespace moesim {
namespace {

using Index = std::size_t;

struct ExchangeCase {
  int ranks, blocks, tokens, top_k, hidden;
  bool low_latency, fp8;
  double exponent;
};

class EmulatedExchange : public testing::TestWithParam<ExchangeCase> {
 protected:
  static constexpr int kExperts = 64;
  static constexpr char kMark = 0x5b;

  EmulatedExchange() {
    for (int b = 0; b < shape.blocks; ++b) barriers.push_back(std::make_unique<std::barrier<>>(shape.ranks));
    for (int r = 0; r < shape.ranks; ++r) {
      memory.emplace_back(counts_offset + sizeof(int) * num_counts(), kMark);
      const auto experts = random_experts({kExperts, 1, 1, shape.top_k, shape.exponent}, shape.tokens, 3, r);
      const auto make = shape.low_latency ? targets_by_expert : targets_by_rank;
      targets.push_back(make(experts, shape.top_k, kExperts, shape.ranks, r));
      counts.push_back(shape.low_latency ? tokens_per_expert(experts, kExperts) : targets.back().rows_to);
    }
    for (auto& bytes : memory) window.of_rank.push_back(bytes.data());
  }

  [[nodiscard]] int counts_per_rank() const { return shape.low_latency ? kExperts / shape.ranks : 1; }
  [[nodiscard]] Index num_counts() const { return static_cast<Index>(counts_per_rank() * shape.ranks); }
  [[nodiscard]] TokenExchange exchange(int rank) {
    const auto r = static_cast<Index>(rank);
    return {&window,          targets[r].targets.data(),
            counts[r].data(), counts_per_rank(),
            counts_offset,    shape.tokens,
            shape.top_k,      format};
  }
  /// Runs `launch(comm, rank)` on every rank at once.
  template <class Launch>
  void on_every_rank(const Launch& launch) {
    std::vector<std::thread> ranks;
    for (int r = 0; r < shape.ranks; ++r) {
      ranks.emplace_back([&, r] {
        emulation::run_at_once = true;
        launch(ncclDevComm{r, shape.ranks, &barriers}, r);
      });
    }
    for (auto& rank : ranks) rank.join();
  }
  [[nodiscard]] std::vector<__nv_bfloat16> tokens_of(int rank) const {
    std::vector<__nv_bfloat16> tokens;
    const PatternKey key{9, static_cast<std::uint32_t>(rank), 0};
    for (Index i = 0; i < static_cast<Index>(shape.tokens * shape.hidden); ++i)
      tokens.push_back(__float2bfloat16(static_cast<float>(pattern_element(key, i)) / 9000.0F - 3.5F));
    return tokens;
  }
  /// The row that a token of a rank becomes.
  [[nodiscard]] std::vector<char> row_of(int rank, Index token, const std::vector<char>& rows,
                                         const std::vector<__nv_bfloat16>& tokens) const {
    std::vector<char> row(format.bytes());
    if (!shape.low_latency) {
      std::memcpy(row.data(), rows.data() + token * row.size(), row.size());
      return row;
    }
    const auto width = static_cast<Index>(shape.hidden);
    const auto quantised = quantise_reference(std::span(tokens).subspan(token * width, width));
    const std::uint32_t header[4] = {static_cast<std::uint32_t>(token), static_cast<std::uint32_t>(rank), 0,
                                     0};
    std::memcpy(row.data(), quantised.codes.data(), width);
    std::memcpy(row.data() + format.scale_offset(), quantised.scales.data(),
                quantised.scales.size() * sizeof(float));
    std::memcpy(row.data() + format.header_offset(), header, sizeof(header));
    return row;
  }

  ExchangeCase shape = GetParam();
  RowFormat format{shape.hidden, shape.fp8};
  Index num_rows = static_cast<Index>((shape.low_latency ? kExperts : shape.ranks) * shape.tokens);
  Index counts_offset = (num_rows * format.bytes() + 127) / 128 * 128;
  std::vector<std::vector<char>> memory;
  EmulatedWindow window;
  EmulatedBarriers barriers;
  std::vector<CopyTargets> targets;
  std::vector<std::vector<int>> counts;
};

class EmulatedDispatch : public EmulatedExchange {};

TEST_P(EmulatedDispatch, EveryByteArrivesAndNothingElseIsWritten) {
  std::vector<std::vector<char>> rows;
  std::vector<std::vector<__nv_bfloat16>> tokens;
  for (int r = 0; r < shape.ranks; ++r) {
    tokens.push_back(tokens_of(r));
    rows.emplace_back(static_cast<Index>(shape.tokens) * format.bytes());
    for (Index i = 0; i < rows.back().size(); ++i)
      rows.back()[i] = static_cast<char>(pattern_element({5, static_cast<std::uint32_t>(r), 0}, i));
  }
  auto wanted = memory;
  for (int s = 0; s < shape.ranks; ++s) {
    const auto source = static_cast<Index>(s);
    for (Index i = 0; i < targets[source].targets.size(); ++i) {
      const CopyTarget target = targets[source].targets[i];
      if (target.rank < 0) continue;
      const auto row = row_of(s, i / static_cast<Index>(shape.top_k), rows[source], tokens[source]);
      std::memcpy(
          wanted[static_cast<Index>(target.rank)].data() + static_cast<Index>(target.row) * row.size(),
          row.data(), row.size());
    }
    for (int i = 0; i < shape.ranks * counts_per_rank(); ++i) {
      const auto slot = static_cast<Index>(i % counts_per_rank() * shape.ranks + s);
      std::memcpy(
          wanted[static_cast<Index>(i / counts_per_rank())].data() + counts_offset + slot * sizeof(int),
          &counts[source][static_cast<Index>(i)], sizeof(int));
    }
  }
  on_every_rank([&](const ncclDevComm& comm, int r) {
    const auto rank = static_cast<Index>(r);
    if (shape.low_latency) {
      launch_dispatch_quantised(comm, exchange(r), tokens[rank].data(), shape.blocks, nullptr);
    } else {
      launch_dispatch_rows(comm, exchange(r), rows[rank].data(), shape.blocks, nullptr);
    }
  });
  for (Index r = 0; r < memory.size(); ++r) EXPECT_TRUE(memory[r] == wanted[r]) << "rank " << r;
}
INSTANTIATE_TEST_SUITE_P(Cases, EmulatedDispatch,
                         testing::Values(ExchangeCase{1, 2, 5, 8, 512, false, true, 0},
                                         ExchangeCase{4, 2, 9, 8, 1024, false, true, 1},
                                         ExchangeCase{4, 3, 9, 6, 1024, false, false, 0.5},
                                         ExchangeCase{4, 2, 5, 8, 1024, true, true, 0.8},
                                         ExchangeCase{1, 1, 3, 8, 512, true, true, 0}));

class EmulatedCombine : public EmulatedExchange {};

TEST_P(EmulatedCombine, EveryTokenIsTheSumOfItsRows) {
  for (int r = 0; r < shape.ranks; ++r) {
    auto* values = reinterpret_cast<__nv_bfloat16*>(memory[static_cast<Index>(r)].data());
    for (Index row = 0; row < num_rows; ++row)
      for (int c = 0; c < shape.hidden; ++c)
        values[row * static_cast<Index>(shape.hidden) + static_cast<Index>(c)] =
            __float2bfloat16(row_value(3, r, static_cast<int>(row), c));
  }
  std::vector<float> weights(static_cast<Index>(shape.tokens * shape.top_k));
  std::iota(weights.begin(), weights.end(), 1.0F);
  std::vector<std::vector<__nv_bfloat16>> sums(memory.size());
  on_every_rank([&](const ncclDevComm& comm, int r) {
    auto& own = sums[static_cast<Index>(r)];
    own.resize(static_cast<Index>(shape.tokens * shape.hidden));
    launch_combine(comm, exchange(r), shape.low_latency ? weights.data() : nullptr, own.data(), shape.blocks,
                   nullptr);
  });
  for (Index r = 0; r < memory.size(); ++r) {
    for (int t = 0; t < shape.tokens; ++t) {
      for (int c = 0; c < shape.hidden; ++c) {
        double sum = 0;
        for (int i = t * shape.top_k; i < (t + 1) * shape.top_k; ++i) {
          const CopyTarget target = targets[r].targets[static_cast<Index>(i)];
          if (target.rank < 0) break;
          sum += (shape.low_latency ? double{weights[static_cast<Index>(i)]} : 1.0) *
                 double{row_value(3, target.rank, target.row, c)};
        }
        const Index at = static_cast<Index>(t * shape.hidden + c);
        ASSERT_NEAR(double{__bfloat162float(sums[r][at])}, sum, std::abs(sum) / 256 + 1e-3) << r << " " << t;
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Cases, EmulatedCombine,
                         testing::Values(ExchangeCase{1, 2, 5, 8, 512, false, false, 0},
                                         ExchangeCase{4, 2, 9, 6, 1024, false, false, 0.5},
                                         ExchangeCase{8, 1, 3, 8, 512, true, false, 0}));

}  // namespace
}  // namespace moesim
