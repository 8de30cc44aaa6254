#include <gtest/gtest.h>

#include "tests/sim_serving_fleet/fleet_world.hpp"

namespace moesim::test {
namespace {

constexpr std::int64_t kGiB = std::int64_t{1} << 30;

/// Conversations of `sessions` users in turn: the same 40 blocks of 64 tokens each time, then 40 fresh
/// tokens.
OpenedWorkload conversations(int sessions, std::int64_t count) {
  OpenedWorkload opened;
  opened.has_blocks = true;
  opened.source = std::make_unique<SourceOf>([=](std::int64_t i, Request& request) {
    request.arrival_s = static_cast<double>(i) * 0.01;
    request.input_tokens = 40 * 64 + 40;
    request.output_tokens = 2;
    request.block_tokens = 64;
    for (std::uint64_t block = 0; block < 40; ++block)
      request.blocks.push_back(1000 * static_cast<std::uint64_t>(i % sessions) + block + 1);
    return i < count;
  });
  return opened;
}

FleetScenario chat(std::function<void(PrefixCacheSpec&)> set, int sessions = 5) {
  FleetScenario scenario = split_fleet({});
  scenario.open = [sessions](double) { return conversations(sessions, 2000); };
  set(scenario.pools[1].spec.prefix_cache);
  return scenario;
}

TEST(PrefixTiers, ABetterCacheLowersTtft) {
  const double none = play(chat([](PrefixCacheSpec&) {})).held.mean_ttft();
  const double gpu = play(chat([](PrefixCacheSpec& cache) { cache.gpu = true; })).held.mean_ttft();
  // 5 ms + 2,600 us without hits, 5 ms + 40 us with.
  EXPECT_NEAR(none, 7.6e-3, 2e-4);
  EXPECT_NEAR(gpu, 5.04e-3, 1e-4);
}

TEST(PrefixTiers, HostHitsGoOverPcieAndDiskHitsOverTheStorageNicToo) {
  // Only what leaves the host goes to the disk: the host holds half of the sessions of one unit.
  const auto tokens = [](double share) { return Bytes(share * 40 * 64 * 70e3); };
  const Played host = play(chat([&](PrefixCacheSpec& cache) { cache.host = Bytes(10.0 * kGiB); }));
  const Played disk = play(chat([&](PrefixCacheSpec& cache) {
    cache.host = tokens(1);
    cache.disk = Bytes(100.0 * kGiB);
    cache.storage_nic = BytesPerSecond(20e9);
  }));
  const RequestRecord& from_host = host.held.records.back();
  EXPECT_EQ(from_host.cached_host_tokens, 2560);
  // 179.2 MB at 50 GB/s before a step of 5.04 ms.
  EXPECT_NEAR(from_host.ttft_s(), 179.2e6 / 50e9 + 5.04e-3, 1e-5);
  const RequestRecord& from_disk = disk.held.records.back();
  EXPECT_EQ(from_disk.cached_disk_tokens, 2560);
  EXPECT_NEAR(from_disk.ttft_s(), 179.2e6 / 20e9 + 179.2e6 / 50e9 + 5.04e-3, 1e-5);
}

TEST(PrefixTiers, StatedHitsLieOnDisk) {
  FleetScenario scenario = split_fleet({.rate = 10, .input = 1000, .output = 2, .count = 100, .cached = 600});
  EXPECT_EQ(play(scenario).held.records[5].cached_disk_tokens, 0);
  scenario.pools[1].spec.prefix_cache.disk = Bytes(1e12);
  EXPECT_EQ(play(scenario).held.records[5].cached_disk_tokens, 600);
}

TEST(PrefixTiers, RoutingByCacheFindsMore) {
  FleetScenario scenario = chat([](PrefixCacheSpec& cache) { cache.gpu = true; }, 501);
  scenario.pools[1].spec.units = 4;
  const auto hits = [](const RequestRecord& record) { return static_cast<double>(record.cached_gpu_tokens); };
  scenario.policy.arrival_routing = ArrivalRouting::round_robin;
  const double turns = play(scenario).held.mean(hits);
  scenario.policy.arrival_routing = ArrivalRouting::kv_aware;
  const double aware = play(scenario).held.mean(hits);
  EXPECT_EQ(turns, 0);  // 501 sessions over 4 units: each comes to every unit once
  EXPECT_GT(aware, 0.7 * 2560);
}

}  // namespace
}  // namespace moesim::test
