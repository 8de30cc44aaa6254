#include "sim/cluster/topology_json.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "sim/cluster/topology.hpp"

namespace moesim {

Json topology_json(const ClusterSpec& cluster) {
  const Topology topology(cluster);
  return {{"kind", std::string(enum_name(cluster.network.kind))},
          {"gpus", topology.num_gpus()},
          {"nodes", topology.num_nodes()},
          {"switches", topology.num_switches()},
          {"switch_cables", topology.num_switch_cables()}};
}

}  // namespace moesim
