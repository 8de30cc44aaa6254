#include "sim/network/counted_traffic.hpp"

#include <stdexcept>

namespace moesim {

DispatchTraffic counted_traffic(const TrafficMatrix& matrix, Bytes bytes_per_copy) {
  if (matrix.mode() != DispatchMode::normal) {
    throw std::invalid_argument("flows of a dispatch are those of normal mode");
  }
  const auto copies = matrix.copies();
  const auto node_copies = matrix.node_copies();
  return {matrix.num_gpus(), matrix.gpus_per_node(), std::vector<double>(copies.begin(), copies.end()),
          std::vector<double>(node_copies.begin(), node_copies.end()), bytes_per_copy};
}

}  // namespace moesim
