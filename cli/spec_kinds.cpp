#include "cli/spec_kinds.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "base/spec.hpp"
#include "calib/profile/profile_file.hpp"
#include "calib/profile/router_dynamics.hpp"
#include "calib/profile/stack.hpp"
#include "models/model_spec.hpp"
#include "sim/cluster/cluster_spec.hpp"
#include "sim/cluster/price_spec.hpp"
#include "sim/planner/sweep/grid.hpp"
#include "sim/planner/sweep/grid_file.hpp"
#include "sim/runner/scenario_kinds.hpp"
#include "sim/validation/case_file.hpp"

namespace moesim::cli {
namespace {

constexpr std::array<std::string_view, 4> kHuggingFaceKeys{"model_type", "architectures", "hidden_size",
                                                           "num_hidden_layers"};
constexpr std::array<std::string_view, 1> kDerivedClusterKeys{"base"};

template <class T>
Json read_and_write(const Json& document, const std::string& file) {
  return write_spec(read_spec<T>(document, file));
}

template <class T, int kVersion>
Json read_version_and_write(const Json& document, const std::string& file) {
  check_schema_version(document, kVersion, file);
  return read_and_write<T>(document, file);
}

Json complete_model(const Json& document, const std::string& file) {
  return write_spec(read_model(document, file));
}

Json complete_cluster(const Json& document, const std::string& file) {
  return write_spec(load_cluster(document, file, ""));
}

/// With the scenarios in full.
Json complete_grid(const Json& document, const std::string& file) {
  return SweepGrid(document, file).document();
}

constexpr std::array<SpecFileKind, 8> kOtherKinds{{
    {"cluster", "GPUs, links, power and price", description_of<ClusterSpec>, kDerivedClusterKeys,
     complete_cluster},
    {"price", "what GPUs cost", description_of<PriceSpec>, {}, read_and_write<PriceSpec>},
    {"model", "what is computed, or a Hugging Face configuration", description_of<ModelSpec>,
     kHuggingFaceKeys, complete_model},
    // Its keys are a stack's as well, which has more of them.
    {"router",
     "how a router in training moves",
     description_of<RouterDynamics>,
     {},
     read_version_and_write<RouterDynamics, kRouterDynamicsVersion>},
    {"calibration",
     "times of one GPU",
     description_of<ProfileFile>,
     {},
     read_version_and_write<ProfileFile, kProfileSchemaVersion>},
    {"stack",
     "how software puts kernels together",
     description_of<Stack>,
     {},
     read_version_and_write<Stack, kStackSchemaVersion>},
    {"grid", "scenarios that a sweep runs", description_of<SweepGridFile>, {}, complete_grid},
    {"case",
     "a scenario with published figures",
     description_of<ValidationCase>,
     {},
     read_and_write<ValidationCase>},
}};

std::string names_text() {
  std::vector<std::string_view> names;
  for (const SpecFileKind& kind : spec_file_kinds()) names.push_back(kind.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

/// The kind of scenario that the document says it is; null where it says none.
const SpecFileKind* named_by(const Json& document) {
  const auto name = document.find("kind");
  if (name == document.end() || !name->is_string()) return nullptr;
  const auto scenarios = scenario_kinds().size();  // in front of the other kinds
  for (std::size_t i = 0; i < scenarios; ++i) {
    const SpecFileKind& kind = spec_file_kinds()[i];
    if (kind.name == name->get_ref<const std::string&>()) return &kind;
  }
  return nullptr;
}

std::size_t num_known_keys(const SpecFileKind& kind, const Json& document) {
  std::size_t count = 0;
  for (const auto& [key, unused] : document.items()) {
    const bool known =
        kind.description().find(key) != nullptr || std::ranges::count(kind.other_keys, key) > 0;
    count += known ? 1 : 0;
  }
  return count;
}

}  // namespace

const std::vector<SpecFileKind>& spec_file_kinds() {
  static const std::vector<SpecFileKind> kinds = [] {
    std::vector<SpecFileKind> all;
    for (const ScenarioKind& kind : scenario_kinds()) {
      all.push_back({kind.name, kind.doc, kind.spec, {}, kind.complete});
    }
    all.insert(all.end(), kOtherKinds.begin(), kOtherKinds.end());
    return all;
  }();
  return kinds;
}

const SpecFileKind& recognise(const Json& document, const std::string& file) {
  const SpecFileKind* best = nullptr;
  std::size_t most = 0;
  if (document.is_object()) {
    if (const SpecFileKind* named = named_by(document)) return *named;
    for (const SpecFileKind& kind : spec_file_kinds()) {
      const std::size_t count = num_known_keys(kind, document);
      if (count > most) {
        best = &kind;
        most = count;
      }
    }
  }
  if (best == nullptr)
    throw SpecError(file, "", "is no input file of a known kind", "kinds: " + names_text());
  return *best;
}

const SpecFileKind& spec_file_kind(std::string_view name) {
  std::vector<std::string_view> names;
  for (const SpecFileKind& kind : spec_file_kinds()) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  const std::string near = nearest(name, std::span<const std::string_view>(names));
  throw SpecError(std::string(name), "", "is no kind of input file",
                  near.empty() ? "kinds: " + names_text() : fmt::format("did you mean '{}'?", near));
}

}  // namespace moesim::cli
