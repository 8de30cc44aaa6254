#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/quantity.hpp"
#include "base/spec.hpp"

namespace moesim {

enum class NetworkKind {
  rail_optimised,   ///< one two-layer fat tree; the GPUs of one index share the leaves of their rail
  multi_plane_ft2,  ///< one two-layer fat tree for each GPU index
};

template <>
struct EnumNames<NetworkKind> {
  static constexpr std::array<std::pair<NetworkKind, std::string_view>, 2> table{
      {{NetworkKind::rail_optimised, "rail_optimised"}, {NetworkKind::multi_plane_ft2, "multi_plane_ft2"}}};
};

/// NVLink of one GPU into the NVSwitch of its node.
struct NvlinkSpec {
  BytesPerSecond bandwidth{};  ///< per GPU and direction, usable
  Seconds latency{};
};

/// One NIC per GPU.
struct NicSpec {
  BytesPerSecond bandwidth{};         ///< per GPU and direction, of the wire
  double efficiency = 0.95;           ///< usable share: 47.5 of 50 GB/s (derived from DeepEP on H800)
  Seconds latency{};                  ///< of every route through the network, across leaves or not
  double efficiency_uncertainty = 0;  ///< plus or minus, for intervals of results

  [[nodiscard]] BytesPerSecond usable() const { return bandwidth * efficiency; }
};

struct NetworkSpec {
  NetworkKind kind = NetworkKind::multi_plane_ft2;
  int switch_radix = 64;  ///< ports of a switch; a leaf uses half of them downwards
};

/// Electrical power; every default is assumed.
struct PowerSpec {
  Watts gpu_idle{85.0};
  Watts gpu_peak{700.0};
  Watts node_other{2400.0};  ///< CPUs, memory, fans, NVSwitches of one node
  Watts network_port{32.0};  ///< one 400 Gb/s port with its optics
  double pue = 1.2;          ///< facility power over equipment power
};

/// Equal nodes of GPUs behind an NVSwitch, joined by one NIC per GPU.
struct ClusterSpec {
  std::string name;
  std::string gpu;     ///< names the calibration's GPU
  Bytes gpu_memory{};  ///< what the driver shows to a process
  int gpus_per_node = 8;
  int num_nodes = 0;
  NvlinkSpec nvlink;
  NicSpec nic;
  NetworkSpec network;
  double gpu_speed_sigma = 0.015;  ///< relative spread of sustained GPU speed (assumed: 1 to 2 %)
  double operator_jitter = 0.02;   ///< relative spread of one phase of a layer on one GPU (assumed: 1 to 3 %)
  double gpu_speed_sigma_uncertainty = 0;  ///< plus or minus, for intervals of results
  double operator_jitter_uncertainty = 0;
  DollarsPerSecond gpu_price{};  ///< of one GPU, power included; not read where there is a price
  std::optional<RawJson> price;  ///< for price_of(); a whole one behind load_cluster(). Absent: gpu_price
  PowerSpec power;

  [[nodiscard]] int num_gpus() const { return gpus_per_node * num_nodes; }
};

const Spec<NvlinkSpec>& spec_of(const NvlinkSpec*);
const Spec<NicSpec>& spec_of(const NicSpec*);
const Spec<NetworkSpec>& spec_of(const NetworkSpec*);
const Spec<PowerSpec>& spec_of(const PowerSpec*);
const Spec<ClusterSpec>& spec_of(const ClusterSpec*);

/// The most nodes that a two-layer tree of switches with `radix` ports joins.
int max_nodes(NetworkKind kind, int radix, int gpus_per_node);

/// Names of the shipped clusters, sorted.
std::vector<std::string> cluster_names();

/// The cluster that a scenario names: a catalog name, a path ending in .json (relative to `file`), an object
/// {"base": name, ...} that replaces keys of another cluster, or a whole inline object.
/// `pointer` is the value's place in `file`. Throws SpecError; an unknown name is answered with the nearest.
ClusterSpec load_cluster(const Json& value, const std::string& file, const std::string& pointer = "/cluster");
/// The same for a name or a path relative to the working directory.
ClusterSpec load_cluster(std::string_view name_or_path);

}  // namespace moesim
