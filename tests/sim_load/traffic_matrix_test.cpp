#include "sim/load/traffic_matrix.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "base/random.hpp"
#include "sim/load/expert_load.hpp"
#include "sim/load/token_spread.hpp"

namespace moesim {
namespace {

using Counts = std::vector<std::uint64_t>;
using Gpus = std::vector<std::uint16_t>;

Counts counts(std::span<const std::uint64_t> values) {
  return {values.begin(), values.end()};
}

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

// Two nodes of two GPUs. A token of GPU 0 chooses experts on GPUs 0, 1, 3, 3; one of GPU 3 on 0, 2, 2, 2.
TrafficMatrix by_hand(DispatchMode mode) {
  TrafficMatrix traffic(4, 2, mode);
  traffic.add(0, Gpus{0, 1, 3, 3});
  traffic.add(3, Gpus{0, 2, 2, 2});
  return traffic;
}

// Token 1 stays for GPU 0, takes NVLink to 1, the NIC to node 1 at GPU 2 and NVLink on to 3. Token 2 takes
// NVLink to 2 and the NIC to node 0 at GPU 1, from there NVLink to 0.
TEST(TrafficMatrix, NormalModeByHand) {
  const TrafficMatrix traffic = by_hand(DispatchMode::normal);
  EXPECT_EQ(counts(traffic.copies()), (Counts{1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0}));
  EXPECT_EQ(counts(traffic.node_copies()), (Counts{1, 1, 0, 0, 0, 0, 1, 1}));
  EXPECT_EQ(traffic.totals(), (LinkTotals{1, 4, 2}));
  const PortCopies ports = traffic.ports();
  EXPECT_EQ(ports.nic_out, (std::vector<double>{1, 0, 0, 1}));
  EXPECT_EQ(ports.nic_in, (std::vector<double>{0, 1, 1, 0}));
  EXPECT_EQ(ports.nvlink_out, (std::vector<double>{1, 1, 1, 1}));
  EXPECT_EQ(ports.nvlink_in, (std::vector<double>{1, 1, 1, 1}));
  EXPECT_EQ(traffic.nodes_per_token(), 2);
  EXPECT_EQ(traffic.gpus_per_token(), 2.5);
}

// Token 1: itself once, NVLink to 1 once, NIC to 3 twice. Token 2: NIC to 0 once, NVLink to 2 three times.
TEST(TrafficMatrix, LowLatencyModeByHand) {
  const TrafficMatrix traffic = by_hand(DispatchMode::low_latency);
  EXPECT_EQ(counts(traffic.copies()), (Counts{1, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 3, 0}));
  EXPECT_EQ(counts(traffic.node_copies()), (Counts{2, 2, 0, 0, 0, 0, 1, 3}));
  EXPECT_EQ(traffic.totals(), (LinkTotals{1, 4, 3}));
  const PortCopies ports = traffic.ports();
  EXPECT_EQ(ports.nic_out, (std::vector<double>{2, 0, 0, 1}));
  EXPECT_EQ(ports.nic_in, (std::vector<double>{1, 0, 0, 2}));
  EXPECT_EQ(ports.nvlink_out, (std::vector<double>{1, 0, 0, 3}));
  EXPECT_EQ(ports.nvlink_in, (std::vector<double>{0, 1, 3, 0}));
}

/// Tokens that choose 8 of 256 experts, `kept` of 8 gate groups first as DeepSeek-V3's gate, over `num_gpus`.
void add_random(TrafficMatrix& traffic, std::uint64_t first, std::uint64_t last, int kept_groups) {
  const int per_gpu = 256 / traffic.num_gpus();
  for (std::uint64_t token = first; token < last; ++token) {
    RandomStream random(3, stream_of("traffic_test"), token);
    std::vector<std::pair<std::uint32_t, int>> scores;
    for (int e = 0; e < 256; ++e) scores.emplace_back(random.next_u32(), e);
    std::vector<std::pair<double, int>> groups;
    for (int g = 0; g < 8; ++g) {
      std::partial_sort(scores.begin() + g * 32, scores.begin() + g * 32 + 8, scores.begin() + (g + 1) * 32,
                        std::greater{});
      groups.emplace_back(double{1} * scores[static_cast<std::size_t>(g) * 32].first +
                              scores[static_cast<std::size_t>(g) * 32 + 1].first,
                          g);
    }
    std::ranges::sort(groups, std::greater{});
    std::vector<std::pair<std::uint32_t, int>> left;
    for (int i = 0; i < kept_groups; ++i) {
      const auto first_of_group = scores.begin() + groups[static_cast<std::size_t>(i)].second * 32;
      left.insert(left.end(), first_of_group, first_of_group + 8);
    }
    std::partial_sort(left.begin(), left.begin() + 8, left.end(), std::greater{});
    Gpus chosen;
    for (int k = 0; k < 8; ++k) {
      chosen.push_back(static_cast<std::uint16_t>(left[static_cast<std::size_t>(k)].second / per_gpu));
    }
    traffic.add(static_cast<int>(token % static_cast<std::uint64_t>(traffic.num_gpus())), chosen);
  }
}

// Uniform routing reaches what token_spread expects: DeepSeek-V3 3.96 of 8 nodes. Both are samples: 6,000
// tokens with a spread of about 0.2 nodes here, 2,048 there, so 5 standard errors are about 0.03 nodes.
TEST(TrafficMatrix, UniformRoutingReachesTheExpectedPlaces) {
  TrafficMatrix limited(64, 8, DispatchMode::normal);
  add_random(limited, 0, 6000, 4);
  const ExpertSpread v3{256, 8, 8, 4, GroupScore::sum_of_two_best};
  EXPECT_NEAR(limited.nodes_per_token(), 3.96, 0.03);
  EXPECT_NEAR(limited.nodes_per_token(), expected_places(v3, 8), 0.03);
  EXPECT_NEAR(limited.gpus_per_token(), expected_places(v3, 64), 0.06);

  TrafficMatrix unlimited(32, 4, DispatchMode::normal);
  add_random(unlimited, 0, 6000, 8);
  const ExpertSpread plain{256, 8, 1, 1};
  // A token reaches 5.295 of 8 nodes, 7.267 of 32 GPUs, standard deviations about 0.9 and 0.8.
  EXPECT_NEAR(unlimited.nodes_per_token(), expected_places(plain, 8), 0.06);
  EXPECT_NEAR(unlimited.gpus_per_token(), expected_places(plain, 32), 0.055);
}

TEST(TrafficMatrix, CopiesAreConserved) {
  for (const DispatchMode mode : {DispatchMode::normal, DispatchMode::low_latency}) {
    TrafficMatrix traffic(64, 8, mode);
    add_random(traffic, 0, 500, 4);
    const PortCopies ports = traffic.ports();
    const LinkTotals totals = traffic.totals();
    EXPECT_EQ(sum(ports.nic_out), sum(ports.nic_in));
    EXPECT_EQ(sum(ports.nvlink_out), sum(ports.nvlink_in));
    const auto copies = counts(traffic.copies());
    const auto ending = std::accumulate(copies.begin(), copies.end(), std::uint64_t{0});
    if (mode == DispatchMode::low_latency) {
      EXPECT_EQ(ending, 500U * 8);  // one copy per choice
      EXPECT_EQ(totals.local + totals.nvlink + totals.nic, ending);
    } else {
      // A copy ends locally, over NVLink, or over a NIC at a gateway that needs it itself.
      EXPECT_GE(totals.local + totals.nvlink + totals.nic, ending);
      EXPECT_LE(totals.local + totals.nvlink, ending);
    }
    EXPECT_GE(max_over_mean(ports.nic_in), 1);
  }
}

TEST(TrafficMatrix, OneNodeUsesNoNic) {
  TrafficMatrix traffic(8, 8, DispatchMode::normal);
  add_random(traffic, 0, 200, 4);
  EXPECT_EQ(traffic.totals().nic, 0U);
  EXPECT_EQ(traffic.nodes_per_token(), 1);
  EXPECT_EQ(sum(traffic.ports().nic_in), 0);
}

TEST(TrafficMatrix, PartsOfThreadsAddUp) {
  TrafficMatrix whole(64, 8, DispatchMode::normal);
  TrafficMatrix part = whole;
  TrafficMatrix rest = whole;
  add_random(whole, 0, 300, 4);
  add_random(part, 0, 120, 4);
  add_random(rest, 120, 300, 4);
  part += rest;
  EXPECT_EQ(counts(part.copies()), counts(whole.copies()));
  EXPECT_EQ(counts(part.node_copies()), counts(whole.node_copies()));
  EXPECT_EQ(part.num_tokens(), 300U);
  EXPECT_THROW(part += TrafficMatrix(64, 8, DispatchMode::low_latency), std::invalid_argument);
  EXPECT_THROW(part += TrafficMatrix(64, 4, DispatchMode::normal), std::invalid_argument);
  EXPECT_THROW(part += TrafficMatrix(32, 8, DispatchMode::normal), std::invalid_argument);
}

// 40 nodes and 320 GPUs take several words of marks; a token without choices leaves none behind.
TEST(TrafficMatrix, ManyNodes) {
  TrafficMatrix traffic(640, 8, DispatchMode::normal);
  for (int repeat = 0; repeat < 2; ++repeat) {
    traffic.add(5, Gpus{639, 639, 0, 64, 130, 632});
    traffic.add(5, Gpus{});
  }
  EXPECT_EQ(traffic.copies()[5 * 640 + 639], 2U);
  EXPECT_EQ(traffic.copies()[5 * 640 + 130], 2U);
  EXPECT_EQ(traffic.node_copies()[5 * 80 + 79], 2U);
  // Node 79 at its GPU 5, nodes 8 and 16 too; GPUs 639, 632, 64, 130 and 0 are reached over NVLink.
  EXPECT_EQ(traffic.totals(), (LinkTotals{0, 10, 6}));
  EXPECT_EQ(traffic.num_tokens(), 4U);
}

TEST(TrafficMatrix, RefusesSizesThatCannotBe) {
  EXPECT_THROW(TrafficMatrix(0, 1, DispatchMode::normal), std::invalid_argument);
  EXPECT_THROW(TrafficMatrix(8, 0, DispatchMode::normal), std::invalid_argument);
  EXPECT_THROW(TrafficMatrix(8, 3, DispatchMode::normal), std::invalid_argument);
  EXPECT_THROW(TrafficMatrix(65536, 8, DispatchMode::normal), std::invalid_argument);
  EXPECT_EQ(TrafficMatrix(8, 8, DispatchMode::normal).nodes_per_token(), 0);
}

// 7168 values of one byte, 56 scales of 4 bytes, 16 bytes of header; 2 x 7168.
TEST(TrafficMatrix, BytesOfACopy) {
  EXPECT_EQ(bytes_per_copy(7168, NumberFormat::fp8, DispatchMode::normal).value(), 7392);
  EXPECT_EQ(bytes_per_copy(7168, NumberFormat::fp8, DispatchMode::low_latency).value(), 7408);
  EXPECT_EQ(bytes_per_copy(7168, NumberFormat::bf16, DispatchMode::normal).value(), 14336);
  EXPECT_EQ(bytes_per_copy(100, NumberFormat::fp8, DispatchMode::normal).value(), 104);
  EXPECT_THROW(bytes_per_copy(7168, NumberFormat::fp32, DispatchMode::normal), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
