#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/spec.hpp"
#include "sim/plan/layout.hpp"

namespace moesim {

enum class EngineKind : std::uint8_t { simgrid, replay };

template <>
struct EnumNames<EngineKind> {
  static constexpr std::array<std::pair<EngineKind, std::string_view>, 2> table{
      {{EngineKind::simgrid, "simgrid"}, {EngineKind::replay, "replay"}}};
};

inline constexpr int kScenarioVersion = 1;

/// What scenarios of every kind share. A kind derives from it and adds its payload.
struct ScenarioHeader {
  int schema_version = kScenarioVersion;
  std::string kind;
  std::string model;        ///< catalog name, or path of a configuration
  RawJson cluster;          ///< for load_cluster
  std::string calibration;  ///< profile name or path
  std::string stack;        ///< stack name or path
  Layout layout;
  EngineKind engine = EngineKind::simgrid;
  std::uint64_t seed = 1;
};

/// The keys in front of a kind's payload: schema_version, kind, model, cluster, calibration, stack, layout.
template <class T>
Spec<T>& add_scenario_head(Spec<T>& spec, const std::string& kind) {
  return spec
      .field("schema_version", &ScenarioHeader::schema_version, "version of this format",
             between(kScenarioVersion, kScenarioVersion))
      .field("kind", &ScenarioHeader::kind, "what is simulated", choices({kind}))
      .field("model", &ScenarioHeader::model, "catalog name or configuration file", non_empty())
      .field("cluster", &ScenarioHeader::cluster, "catalog name, {\"base\": name, ...} or a whole cluster")
      .field("calibration", &ScenarioHeader::calibration, "profile of the GPU", non_empty())
      .field("stack", &ScenarioHeader::stack, "software stack", non_empty())
      .field("layout", &ScenarioHeader::layout, "how ranks are arranged");
}

/// The keys behind a kind's payload: engine, seed.
template <class T>
Spec<T>& add_scenario_tail(Spec<T>& spec) {
  return spec.field("engine", &ScenarioHeader::engine, "what replays the operations", optional())
      .field("seed", &ScenarioHeader::seed, "of everything random", optional());
}

}  // namespace moesim
