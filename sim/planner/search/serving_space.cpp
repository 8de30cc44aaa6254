#include "sim/planner/search/serving_space.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/spec.hpp"
#include "models/model_spec.hpp"
#include "sim/serving/serving_scenario.hpp"

namespace moesim {
namespace {

constexpr std::string_view kShare = "/@prefill_share";
constexpr std::string_view kPools = "/deployment/";
constexpr std::array<std::string_view, 3> kRoles{"prefill", "decode", "colocated"};

std::string role_of(const Json& pool) {
  return pool.value("role", std::string("colocated"));
}

std::vector<std::string> pools_of(const Json& scenario, std::string_view role) {
  std::vector<std::string> names;
  for (const auto& [name, pool] : scenario.at("deployment").items()) {
    if (role_of(pool) == role) names.push_back(name);
  }
  return names;
}

/// The places in the scenario that a pointer means; none for a role that no pool has.
std::vector<std::string> places_of(const std::string& pointer, const Json& scenario,
                                   const std::string& file) {
  if (!pointer.starts_with(kPools) || pointer.size() <= kPools.size() || pointer[kPools.size()] != '@')
    return {pointer};
  const std::size_t end = std::min(pointer.find('/', kPools.size()), pointer.size());
  const std::string role = pointer.substr(kPools.size() + 1, end - kPools.size() - 1);
  if (std::ranges::find(kRoles, role) == kRoles.end()) {
    throw SpecError(file, pointer, fmt::format("no role \"{}\"", role),
                    fmt::format("roles: {}", fmt::join(kRoles, ", ")));
  }
  std::vector<std::string> places;
  for (const std::string& pool : pools_of(scenario, role))
    places.push_back(child_pointer("/deployment", pool) + pointer.substr(end));
  return places;
}

std::string only_pool(const Json& scenario, std::string_view role, const std::string& file) {
  const std::vector<std::string> names = pools_of(scenario, role);
  if (names.size() > 1) {
    throw SpecError(file, "/deployment", fmt::format("{} pools of the role {}", names.size(), role),
                    "leave --gpus out and vary the units of each, or have one pool of a role");
  }
  return names.empty() ? "" : names.front();
}

void set(Json& scenario, ServingPoint& point, const std::string& pointer, const Json& value) {
  try {
    scenario[Json::json_pointer(pointer)] = value;
  } catch (const Json::exception&) {
    throw SpecError("", pointer, "leads through something that is no object", "name a key of the scenario");
  }
  const auto found = std::ranges::find(point.pointers, pointer);
  if (found != point.pointers.end()) {
    point.values[static_cast<std::size_t>(found - point.pointers.begin())] = value;
    return;
  }
  point.pointers.push_back(pointer);
  point.values.push_back(value);
}

/// N of "+N"; -1 for another text.
int extra_slots(const std::string& text) {
  if (text.size() < 2 || text.size() > 4 || text[0] != '+') return -1;
  if (!std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; })) return -1;
  return std::stoi(text.substr(1));
}

/// Redundant experts with which each of `ep` groups has the fewest slots that hold all experts, and `extra`.
int redundant_experts(int experts, int ep, int extra) {
  if (ep <= 1 || experts == 0) return 0;
  return ((experts + ep - 1) / ep + extra) * ep - experts;
}

int gpus_of(const Json& scenario, const std::string& pool) {
  return scenario.at("deployment").at(pool).at("layout").value("gpus", 8);
}

}  // namespace

ServingSpace::ServingSpace(const Json& scenario, std::string file, std::span<const Axis> axes,
                           std::optional<int> gpus, bool lenient)
    : base_{scenario}, file_(std::move(file)), gpus_(gpus) {
  const Json schema = schema_of<ServingScenario>();
  for (const Axis& axis : axes) {
    if (axis.values.empty())
      throw SpecError(file_, axis.pointer, "an axis without values", "give at least one");
    std::vector<std::string> places = places_of(axis.pointer, scenario, file_);
    const bool share = axis.pointer == kShare;
    const bool applies = share ? gpus_ && !pools_of(scenario, "prefill").empty() : !places.empty();
    if (!applies && !lenient) {
      throw SpecError(file_, axis.pointer, share ? "no GPUs to share out" : "no pool has this role",
                      share ? "give --gpus, and have a prefill pool" : "name a pool, or leave the axis out");
    }
    if (!applies) continue;
    if (!share) {
      for (const std::string& place : places) check_axis({place, {}}, scenario, schema, file_);
    }
    axes_.push_back(axis);
    pointers_.push_back(share ? std::vector<std::string>{} : std::move(places));
  }
  num_experts_ = load_model(scenario.at("model").get<std::string>(), file_, "/model").num_experts;
  if (!gpus_) return;
  pools_.prefill = only_pool(scenario, "prefill", file_);
  const std::string decode = only_pool(scenario, "decode", file_);
  const std::string colocated = only_pool(scenario, "colocated", file_);
  if (!colocated.empty() && !(decode.empty() && pools_.prefill.empty())) {
    throw SpecError(file_, "/deployment", "colocated pools beside others share no GPUs by themselves",
                    "leave --gpus out and vary the units of each");
  }
  pools_.generating = colocated.empty() ? decode : colocated;
}

std::uint64_t ServingSpace::num_points() const {
  return moesim::num_points(axes_);
}

ServingPoint ServingSpace::at(std::uint64_t index) const {
  ServingPoint point;
  point.index = index;
  Json scenario = base_.front();
  double share = -1;
  const std::vector<std::size_t> chosen = point_at(axes_, index);
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    const Json& value = axes_[i].values[chosen[i]];
    if (pointers_[i].empty()) share = value.is_number() ? value.get<double>() : -1;
    for (const std::string& pointer : pointers_[i]) set(scenario, point, pointer, value);
  }
  set_layouts(scenario, point);
  if (gpus_ && point.reason.empty()) set_units(scenario, share < 0 ? own_share() : share, point);
  return point;
}

void ServingSpace::set_layouts(Json& scenario, ServingPoint& point) const {
  for (auto& [name, pool] : scenario["deployment"].items()) {
    if (!pool.contains("layout") || !pool["layout"].is_object()) continue;
    Json& layout = pool["layout"];
    const std::string at = child_pointer("/deployment", name) + "/layout";
    if (layout.contains("ep") && layout["ep"] == "gpus")
      set(scenario, point, at + "/ep", layout.value("gpus", Json(8)));
    if (!layout.contains("redundant_experts") || !layout["redundant_experts"].is_string()) continue;
    const int extra = extra_slots(layout["redundant_experts"].get<std::string>());
    if (extra < 0 || !layout.value("ep", Json(1)).is_number_integer()) continue;  // the schema refuses it
    set(scenario, point, at + "/redundant_experts",
        redundant_experts(num_experts_, layout.value("ep", 1), extra));
  }
}

double ServingSpace::own_share() const {
  if (pools_.prefill.empty()) return 0;
  const auto of = [&](const std::string& pool) {
    return static_cast<double>(gpus_of(base_.front(), pool)) *
           base_.front().at("deployment").at(pool).value("units", 1);
  };
  return pools_.generating.empty() ? 1 : of(pools_.prefill) / (of(pools_.prefill) + of(pools_.generating));
}

void ServingSpace::set_units(Json& scenario, double share, ServingPoint& point) const {
  int left = *gpus_;
  const auto give = [&](const std::string& pool, int units) {
    const std::string at = child_pointer("/deployment", pool);
    left -= units * gpus_of(scenario, pool);
    if (scenario["deployment"][pool].contains("scaling"))
      set(scenario, point, at + "/scaling", Json{{"policy", "fixed"}});
    set(scenario, point, at + "/units", units);
  };
  if (!pools_.prefill.empty()) {
    const double unit = gpus_of(scenario, pools_.prefill);
    give(pools_.prefill, std::max(1, static_cast<int>(std::lround(share * *gpus_ / unit))));
  }
  if (!pools_.generating.empty())
    give(pools_.generating, std::max(0, left) / gpus_of(scenario, pools_.generating));
  const bool none =
      !pools_.generating.empty() && scenario["deployment"][pools_.generating].value("units", 0) < 1;
  if (left < 0 || none) point.reason = "no room for a unit of every pool";
}

Json ServingSpace::scenario_of(const ServingPoint& point) const {
  Json scenario = base_.front();
  for (std::size_t i = 0; i < point.pointers.size(); ++i)
    scenario[Json::json_pointer(point.pointers[i])] = point.values[i];
  return scenario;
}

Json ServingSpace::axes_json() const {
  Json out = Json::object();
  for (const Axis& axis : axes_) out[axis.pointer] = axis.values;
  return out;
}

}  // namespace moesim
