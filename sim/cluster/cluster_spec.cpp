#include "sim/cluster/cluster_spec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

namespace moesim {

const Spec<NvlinkSpec>& spec_of(const NvlinkSpec*) {
  static const Spec<NvlinkSpec> spec =
      Spec<NvlinkSpec>("nvlink", "NVLink of one GPU.")
          .field("bandwidth", &NvlinkSpec::bandwidth, "usable, per GPU and direction",
                 above(0) | example("160 GB/s"))
          .field("latency", &NvlinkSpec::latency, "between two GPUs of a node", example("3.33 us"));
  return spec;
}

const Spec<NicSpec>& spec_of(const NicSpec*) {
  static const Spec<NicSpec> spec =
      Spec<NicSpec>("nic", "The NIC of one GPU.")
          .field("bandwidth", &NicSpec::bandwidth, "of the wire, per GPU and direction",
                 above(0) | example("400 Gb/s"))
          .field("efficiency", &NicSpec::efficiency, "usable share of the bandwidth",
                 above(0) | at_most(1) | optional())
          .field("efficiency_uncertainty", &NicSpec::efficiency_uncertainty,
                 "plus or minus, for intervals of results", between(0, 0.5) | optional())
          .field("latency", &NicSpec::latency, "of every route through the network", example("3.7 us"));
  return spec;
}

const Spec<NetworkSpec>& spec_of(const NetworkSpec*) {
  static const Spec<NetworkSpec> spec =
      Spec<NetworkSpec>("network", "The network between nodes: two layers of equal switches.")
          .field("kind", &NetworkSpec::kind,
                 "one tree with a rail per GPU index, or one tree (plane) per GPU index")
          .field("switch_radix", &NetworkSpec::switch_radix, "ports of a switch, even",
                 between(2, 4096) | optional())
          .check([](const NetworkSpec& network) -> std::optional<SpecIssue> {
            if (network.switch_radix % 2 == 0) return {};
            return SpecIssue{"/switch_radix", fmt::format("{} is odd", network.switch_radix),
                             "half of a leaf's ports go down and half up"};
          });
  return spec;
}

const Spec<PowerSpec>& spec_of(const PowerSpec*) {
  static const Spec<PowerSpec> spec =
      Spec<PowerSpec>("power", "Electrical power; the defaults are assumed.")
          .field("gpu_idle", &PowerSpec::gpu_idle, "of one GPU without work", optional())
          .field("gpu_peak", &PowerSpec::gpu_peak, "cap of one GPU", optional())
          .field("node_other", &PowerSpec::node_other, "of a node without its GPUs and ports", optional())
          .field("network_port", &PowerSpec::network_port, "of one switch or NIC port", optional())
          .field("pue", &PowerSpec::pue, "facility power over equipment power", at_least(1) | optional());
  return spec;
}

int max_nodes(NetworkKind kind, int radix, int gpus_per_node) {
  const int leaves = kind == NetworkKind::multi_plane_ft2 ? radix : radix / gpus_per_node;
  const std::int64_t nodes = std::int64_t{leaves} * (radix / 2);
  return static_cast<int>(std::min<std::int64_t>(nodes, std::numeric_limits<int>::max()));
}

namespace {

std::optional<SpecIssue> check_network_size(const ClusterSpec& cluster) {
  const int radix = cluster.network.switch_radix;
  const int most = max_nodes(cluster.network.kind, radix, cluster.gpus_per_node);
  if (cluster.num_nodes <= most) return {};
  const bool planes_help =
      cluster.network.kind == NetworkKind::rail_optimised &&
      cluster.num_nodes <= max_nodes(NetworkKind::multi_plane_ft2, radix, cluster.gpus_per_node);
  return SpecIssue{
      "/num_nodes",
      fmt::format("{} nodes; two layers of {}-port switches join at most {}", cluster.num_nodes, radix, most),
      planes_help ? "set network.kind to \"multi_plane_ft2\"" : "raise network.switch_radix"};
}

}  // namespace

const Spec<ClusterSpec>& spec_of(const ClusterSpec*) {
  static const Spec<ClusterSpec> spec =
      Spec<ClusterSpec>("cluster", "Equal nodes of GPUs behind an NVSwitch, joined by one NIC per GPU.")
          .field("name", &ClusterSpec::name, "shown in results", non_empty())
          .field("gpu", &ClusterSpec::gpu, "GPU of the calibration", non_empty() | example("h800-sxm"))
          .field("gpu_memory", &ClusterSpec::gpu_memory, "visible to a process",
                 above(0) | example("79.6 GiB"))
          .field("gpus_per_node", &ClusterSpec::gpus_per_node, "GPUs (and NICs) of a node",
                 between(1, 1024) | optional())
          .field("num_nodes", &ClusterSpec::num_nodes, "nodes", between(1, 1'000'000))
          .field("nvlink", &ClusterSpec::nvlink, "inside a node")
          .field("nic", &ClusterSpec::nic, "between nodes")
          .field("network", &ClusterSpec::network, "switches")
          .field("gpu_speed_sigma", &ClusterSpec::gpu_speed_sigma,
                 "relative spread of sustained GPU speed (assumed)", between(0, 0.2) | optional())
          .field("gpu_speed_sigma_uncertainty", &ClusterSpec::gpu_speed_sigma_uncertainty,
                 "plus or minus, for intervals of results", between(0, 0.2) | optional())
          .field("operator_jitter", &ClusterSpec::operator_jitter,
                 "relative spread of one phase of a layer on one GPU (assumed)", between(0, 0.2) | optional())
          .field("operator_jitter_uncertainty", &ClusterSpec::operator_jitter_uncertainty,
                 "plus or minus, for intervals of results", between(0, 0.2) | optional())
          .field("gpu_price", &ClusterSpec::gpu_price, "of one GPU", example("2 $/h") | optional())
          .field("price", &ClusterSpec::price, "name, file or object of a price, instead of gpu_price",
                 optional())
          .field("power", &ClusterSpec::power, "electrical power", optional())
          .check(check_network_size);
  return spec;
}

}  // namespace moesim
