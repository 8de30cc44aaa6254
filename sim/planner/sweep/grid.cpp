#include "sim/planner/sweep/grid.hpp"

#include <algorithm>
#include <limits>
#include <unordered_set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/spec_pointer.hpp"
#include "base/spec_text.hpp"
#include "sim/planner/sweep/grid_file.hpp"
#include "sim/planner/sweep/grid_scenario.hpp"
#include "sim/runner/scenario_kinds.hpp"

namespace moesim {
namespace {

/// Runs `check`, whose faults are about a place of the scenario, as faults of `pointer` of the grid.
template <class Check>
void at_pointer(const std::string& pointer, const Check& check) {
  try {
    check();
  } catch (const SpecError& error) {
    throw SpecError(error.file, pointer, error.what_text, error.hint);
  }
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string text_of_changes(const Json& changes) {
  std::string text;
  for (const auto& [pointer, value] : changes.items()) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", pointer, text_of(value));
  }
  return text;
}

Json value_of(const RawJson& raw) {
  return parse_json(raw.text, "grid");
}

Json changes_of(const SweepGridCase& listed) {
  Json changes = Json::object();
  for (const auto& [pointer, value] : listed.set) changes[pointer] = value_of(value);
  return changes;
}

std::vector<Axis> axes_of(const SweepGridFile& grid) {
  std::vector<Axis> axes;
  for (const auto& [pointer, values] : grid.vary) {
    Axis& axis = axes.emplace_back(Axis{pointer, {}});
    for (const RawJson& value : values) axis.values.push_back(value_of(value));
  }
  if (!grid.seeds.empty()) axes.push_back({"/seed", {grid.seeds.begin(), grid.seeds.end()}});
  return axes;
}

std::int64_t counted_cases(std::uint64_t num_points, std::size_t num_outer, const std::string& file) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t count = num_points > kMost / num_outer ? kMost : num_points * num_outer;
  if (count > kMaxSweepCases) {
    throw SpecError(file, "",
                    fmt::format("{}{} cases; a sweep runs at most {}", count == kMost ? "more than " : "",
                                count, kMaxSweepCases),
                    "vary fewer places or list fewer values");
  }
  return static_cast<std::int64_t>(count);
}

}  // namespace

struct SweepGrid::State {
  struct Base {
    Json scenario;
    std::string file;
    std::string name;
  };
  struct Place {
    std::size_t outer;  ///< of the scenarios, or of the listed cases
    std::vector<std::size_t> point;
  };

  State(const Json& document, const std::string& file);
  void read_scenarios(const std::string& file);
  void check_places(const std::string& file) const;
  void check_names(const std::string& file) const;
  [[nodiscard]] Place place_of(std::int64_t index) const;
  [[nodiscard]] const Base& base_of(const Place& place) const;
  [[nodiscard]] std::string name(std::int64_t index) const;
  [[nodiscard]] Json changes(std::int64_t index) const;

  SweepGridFile grid;
  std::vector<Base> bases;
  std::vector<Axis> axes;
  std::string kind;
  std::uint64_t num_points = 1;
  std::size_t num_outer = 1;
  std::int64_t num_cases = 0;
};

SweepGrid::State::State(const Json& document, const std::string& file)
    : grid(read_spec<SweepGridFile>(document, file)), axes(axes_of(grid)) {
  num_points = moesim::num_points(axes);
  num_outer = std::max({grid.cases.size(), grid.scenarios.size(), std::size_t{1}});
  num_cases = counted_cases(num_points, num_outer, file);
  read_scenarios(file);
  check_places(file);
  check_names(file);
}

void SweepGrid::State::read_scenarios(const std::string& file) {
  const auto add = [&](const RawJson& scenario, const std::string& pointer) {
    GridScenario read = read_grid_scenario(value_of(scenario), file, pointer);
    bases.push_back({value_of(read.document), std::move(read.file), std::move(read.name)});
    const std::string own_kind(kind_of(bases.back().scenario, bases.back().file).name);
    if (!kind.empty() && own_kind != kind) {
      throw SpecError(file, pointer,
                      fmt::format("of the kind {}, those before of the kind {}", own_kind, kind),
                      "make a grid for each kind");
    }
    kind = own_kind;
  };
  if (grid.scenario) add(*grid.scenario, "/scenario");
  for (std::size_t i = 0; i < grid.scenarios.size(); ++i) {
    add(grid.scenarios[i], child_pointer("/scenarios", i));
  }
}

void SweepGrid::State::check_places(const std::string& file) const {
  const Base& base = bases.front();
  Json schema;
  write_schema(kind_of(base.scenario, base.file).spec(), schema);
  for (const Axis& axis : axes) {
    const bool is_seeds = &axis == &axes.back() && !grid.seeds.empty();
    at_pointer(is_seeds ? "/seeds" : child_pointer("/vary", axis.pointer),
               [&] { check_axis(axis, base.scenario, schema, file); });
  }
  for (std::size_t i = 0; i < grid.cases.size(); ++i) {
    Json changed = base.scenario;
    const Json own = changes_of(grid.cases[i]);
    for (const auto& [pointer, value] : own.items()) {
      const auto set = [&, &place = pointer, &to = value] {
        set_value_at_pointer(changed, schema, file, place, to);
      };
      at_pointer(child_pointer(child_pointer("/cases", i) + "/set", pointer), set);
    }
  }
}

void SweepGrid::State::check_names(const std::string& file) const {
  const bool listed = !grid.cases.empty();
  std::unordered_set<std::string> names;
  for (std::size_t i = 0; i < num_outer; ++i) {
    const std::string own = name(static_cast<std::int64_t>(i * num_points));
    if (names.insert(own).second) continue;
    throw SpecError(file, child_pointer(listed ? "/cases" : "/scenarios", i),
                    fmt::format("a second '{}'", shown_text(own)),
                    listed ? "give it a \"name\" of its own, or leave it out" : "leave it out");
  }
}

SweepGrid::State::Place SweepGrid::State::place_of(std::int64_t index) const {
  const auto number = static_cast<std::uint64_t>(index);
  return {static_cast<std::size_t>(number / num_points), point_at(axes, number % num_points)};
}

const SweepGrid::State::Base& SweepGrid::State::base_of(const Place& place) const {
  return grid.scenarios.empty() ? bases.front() : bases[place.outer];
}

std::string SweepGrid::State::name(std::int64_t index) const {
  const Place place = place_of(index);
  Json changes = changes_at(axes, place.point);
  for (const Axis& axis : axes) {
    if (axis.values.size() == 1) changes.erase(axis.pointer);  // tells no case from another
  }
  const std::string varied = text_of_changes(changes);
  std::string own;
  if (!grid.scenarios.empty()) own = base_of(place).name;
  if (!grid.cases.empty()) {
    const SweepGridCase& listed = grid.cases[place.outer];
    own = listed.name.empty() ? text_of_changes(changes_of(listed)) : listed.name;
  }
  const std::string whole = own + (own.empty() || varied.empty() ? "" : " ") + varied;
  return whole.empty() ? base_of(place).name : whole;
}

Json SweepGrid::State::changes(std::int64_t index) const {
  const Place place = place_of(index);
  Json all = grid.cases.empty() ? Json::object() : changes_of(grid.cases[place.outer]);
  all.update(changes_at(axes, place.point));
  return all;
}

SweepGrid::SweepGrid(const Json& document, const std::string& file)
    : state_(std::make_unique<const State>(document, file)) {}

SweepGrid::~SweepGrid() = default;

std::int64_t SweepGrid::num_cases() const {
  return state_->num_cases;
}

const std::string& SweepGrid::kind() const {
  return state_->kind;
}

const std::vector<Axis>& SweepGrid::axes() const {
  return state_->axes;
}

Json SweepGrid::document() const {
  Json document = write_spec(state_->grid);
  const std::vector<State::Base>& bases = state_->bases;
  if (document.contains("scenario")) document["scenario"] = bases.front().scenario;
  for (std::size_t i = 0; i < state_->grid.scenarios.size(); ++i)
    document["scenarios"][i] = bases[i].scenario;
  return document;
}

std::string SweepGrid::name(std::int64_t index) const {
  return state_->name(index);
}

Json SweepGrid::changes(std::int64_t index) const {
  return state_->changes(index);
}

WorkerRequest SweepGrid::request(std::int64_t index) const {
  static const Json kAnything = Json::object();
  const State::Base& base = state_->base_of(state_->place_of(index));
  Json scenario = base.scenario;
  const Json all = changes(index);
  for (const auto& [pointer, value] : all.items()) {
    set_value_at_pointer(scenario, kAnything, base.file, pointer, value);
  }
  WorkerRequest request;
  request.id = std::to_string(index);
  request.file = base.file;
  request.scenario.text = scenario.dump();
  return request;
}

}  // namespace moesim
