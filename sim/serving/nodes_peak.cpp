#include "sim/serving/nodes_peak.hpp"

#include <algorithm>

namespace moesim {

void NodesPeak::add(const Series& part) {
  next_.add(part);
  if (!part.name.ends_with("/nodes")) return;
  for (std::size_t i = 0; i < part.time_s.size(); ++i) nodes_[part.time_s[i]] += part.value[i];
}

double NodesPeak::value() const {
  double most = 0;
  for (const auto& [time_s, nodes] : nodes_) most = std::max(most, nodes);
  return most;
}

}  // namespace moesim
