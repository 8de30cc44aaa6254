#include "sim/cluster/cluster_spec.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace moesim {
namespace {

using namespace literals;

ClusterSpec load(const std::string& text) {
  return load_cluster(parse_json(text, "case.json"), "case.json");
}

SpecError error_of(const std::string& text) {
  try {
    load(text);
  } catch (const SpecError& error) {
    return error;
  }
  ADD_FAILURE() << text;
  return SpecError("", "", "", "");
}

TEST(ClusterCatalog, HasTheClusterOfDeepSeekV3) {
  const ClusterSpec cluster = load_cluster("h800-2048");
  EXPECT_EQ(cluster.num_gpus(), 2048);
  EXPECT_EQ(cluster.nvlink.bandwidth, 160_GBps);
  EXPECT_DOUBLE_EQ(cluster.nic.usable().value(), 47.5e9);
  EXPECT_DOUBLE_EQ(cluster.gpu_memory / 1_GiB, 79.6);
  EXPECT_DOUBLE_EQ((cluster.gpu_price * 1_h).value(), 2.0);
}

TEST(ClusterCatalog, EveryEntryIsNamedAsItsFile) {
  for (const std::string& name : cluster_names()) EXPECT_EQ(load_cluster(name).name, name);
}

// Sizes, and NVLink as NCCL uses it: an all-gather of 512 MB runs at 335 of 450 GB/s on 8 H100s or H200s and
// at 564 of 900 GB/s on 4 GB200s.
TEST(ClusterCatalog, HasTheClustersOfOtherGpus) {
  const struct {
    const char* name;
    int num_gpus;
    int gpus_per_node;
    BytesPerSecond nvlink;
  } clusters[] = {{"h100-128", 128, 8, 335_GBps},   {"h100-256", 256, 8, 335_GBps},
                  {"h100-512", 512, 8, 335_GBps},   {"h100-1024", 1024, 8, 335_GBps},
                  {"h100-8192", 8192, 8, 335_GBps}, {"h100-16384", 16384, 8, 335_GBps},
                  {"h200-256", 256, 8, 335_GBps},   {"gb200-nvl72", 576, 72, 564_GBps},
                  {"h800-4096", 4096, 8, 160_GBps}, {"b200-64", 64, 8, 564_GBps},
                  {"h20-128", 128, 8, 335_GBps}};
  for (const auto& one : clusters) {
    const ClusterSpec cluster = load_cluster(one.name);
    EXPECT_EQ(cluster.num_gpus(), one.num_gpus) << one.name;
    EXPECT_EQ(cluster.gpus_per_node, one.gpus_per_node) << one.name;
    EXPECT_EQ(cluster.nvlink.bandwidth, one.nvlink) << one.name;
    EXPECT_LE(cluster.num_nodes,
              max_nodes(cluster.network.kind, cluster.network.switch_radix, cluster.gpus_per_node));
  }
}

// 24,576 GPUs are 3,072 nodes: more than 64-port switches join in two layers (2,048), fewer than 128-port
// ones.
TEST(LoadCluster, GrowsWithItsSwitches) {
  EXPECT_EQ(error_of(R"({"base": "h100-16384", "num_nodes": 3072})").hint, "raise network.switch_radix");
  const ClusterSpec large =
      load(R"({"base": "h100-16384", "num_nodes": 3072, "network": {"switch_radix": 128}})");
  EXPECT_EQ(large.name, "h100-24576");
}

TEST(LoadCluster, ReplacesKeysOfABase) {
  const ClusterSpec cluster =
      load(R"({"base": "h800-2048", "num_nodes": 16, "nic": {"bandwidth": "200 Gb/s"}})");
  EXPECT_EQ(cluster.name, "h800-128");
  EXPECT_EQ(cluster.num_gpus(), 128);
  EXPECT_DOUBLE_EQ(cluster.nic.usable().value(), 23.75e9);
  EXPECT_DOUBLE_EQ(cluster.nic.latency / 1_us, 3.7);
}

TEST(LoadCluster, ReadsAnInlineObject) {
  const ClusterSpec original = load_cluster("h800-2048");
  const ClusterSpec again = load(write_spec_text(original));
  EXPECT_EQ(write_spec_text(again), write_spec_text(original));
}

TEST(LoadCluster, NamesTheNearestOfAnUnknownCluster) {
  const SpecError error = error_of(R"("h80-2048")");
  EXPECT_EQ(error.pointer, "/cluster");
  EXPECT_EQ(error.hint, "did you mean \"h800-2048\"?");
}

TEST(LoadCluster, RefusesWhatCannotBe) {
  EXPECT_EQ(error_of(R"({"base": "h800-2048", "num_nodes": 0})").pointer, "/cluster/num_nodes");
  EXPECT_EQ(error_of(R"({"base": "h800-2048", "num_node": 4})").pointer, "/cluster/num_node");
  EXPECT_EQ(error_of(R"({"base": "h800-2048", "nic": {"bandwidth": 50}})").pointer, "/cluster/nic/bandwidth");
  EXPECT_EQ(error_of(R"({"base": "h800-2048", "nic": null})").pointer, "/cluster/nic");
  EXPECT_EQ(error_of(R"({"base": 3})").pointer, "/cluster/base");
  EXPECT_EQ(error_of("7").pointer, "/cluster");
}

TEST(LoadCluster, RefusesMoreNodesThanTwoLayersJoin) {
  // 64 ports: a leaf joins 32 nodes of a rail; one tree of 64 leaves has 8 per rail, a plane has 64.
  EXPECT_EQ(max_nodes(NetworkKind::rail_optimised, 64, 8), 256);
  EXPECT_EQ(max_nodes(NetworkKind::multi_plane_ft2, 64, 8), 2048);
  const SpecError rails =
      error_of(R"({"base": "h800-2048", "num_nodes": 257, "network": {"kind": "rail_optimised"}})");
  EXPECT_EQ(rails.pointer, "/cluster/num_nodes");
  EXPECT_EQ(rails.hint, "set network.kind to \"multi_plane_ft2\"");
  EXPECT_EQ(error_of(R"({"base": "h800-2048", "num_nodes": 2049})").hint, "raise network.switch_radix");
}

}  // namespace
}  // namespace moesim
