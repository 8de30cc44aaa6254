#include "sim/results/span_names.hpp"

#include "sim/runner/scenario_kinds.hpp"
#include "sim/schedule/op_graph.hpp"

namespace moesim {
namespace {

template <class Enum>
std::vector<std::string> names_of(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.emplace_back(to_string(static_cast<Enum>(i)));
  return names;
}

}  // namespace

SpanNames span_names() {
  return {names_of<Phase>(kNumPhases), names_of<Lane>(kNumLanes), names_of<PassKind>(kNumPassKinds)};
}

}  // namespace moesim
