#include "sim/planner/search/training_space.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"
#include "sim/plan/plan_checks.hpp"
#include "sim/training/known_work.hpp"
#include "sim/training/unmodelled.hpp"

namespace moesim {
namespace {

constexpr std::string_view kLayout = "/layout/";
constexpr std::uint64_t kMostBases = 256;

bool is_of_layout(const Axis& axis) {
  return axis.pointer.starts_with(kLayout) && axis.pointer.find('/', kLayout.size()) == std::string::npos;
}

/// Earlier stages one layer more where they do not share evenly.
std::vector<int> even_layers(int num_layers, const ScheduleShape& pipeline) {
  const int stages = num_stages(pipeline);
  std::vector<int> layers(static_cast<std::size_t>(stages), num_layers / stages);
  for (int s = 0; s < num_layers % stages; ++s) ++layers[static_cast<std::size_t>(s)];
  return layers;
}

/// Keys that mean nothing go to their defaults, so that layouts which are alike have one text.
Layout canonical(Layout layout) {
  const Layout defaults;
  if (layout.tp == 1) layout.sequence_parallel = defaults.sequence_parallel;
  if (!takes_vpp(layout.schedule)) layout.vpp = defaults.vpp;
  if (layout.cp == 1) layout.cp_exchange = defaults.cp_exchange;
  std::ranges::sort(layout.recompute);
  return layout;
}

}  // namespace

struct TrainingSpace::Base {
  Json document;  ///< the complete scenario
  TrainingParts parts;
  std::string text;  ///< without layout
  std::shared_ptr<KnownWork> known_work = std::make_shared<KnownWork>();
};

TrainingSpace::~TrainingSpace() = default;

TrainingSpace::TrainingSpace(Json scenario, std::string file, std::vector<Axis> axes,
                             const SourceSet& excluded)
    : scenario_{std::move(scenario)}, file_(std::move(file)), axes_(std::move(axes)) {
  Json schema;
  write_schema(description_of<TrainingScenario>(), schema);
  for (const Axis& axis : axes_) check_axis(axis, scenario_.front(), schema, "--vary");
  num_points_ = moesim::num_points(axes_);
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    if (!is_of_layout(axes_[i])) outer_.push_back(i);
  }
  load_bases(excluded);
}

void TrainingSpace::load_bases(const SourceSet& excluded) {
  std::vector<Axis> outer;
  for (const std::size_t i : outer_) outer.push_back(axes_[i]);
  const std::uint64_t bases = moesim::num_points(outer);
  if (bases > kMostBases) {
    throw SpecError(file_, "", fmt::format("{} combinations of values outside /layout", bases),
                    fmt::format("vary fewer: at most {}, or sweep them", kMostBases));
  }
  const auto load = [&](const Json& document) {
    const auto read = read_spec<TrainingScenario>(document, file_);
    auto base =
        std::make_unique<Base>(Base{write_spec(read), load_training_parts(read, file_, excluded), {}});
    Json rest = base->document;
    rest.erase("layout");
    base->text = rest.dump();
    base->parts.scenario.gpus = GpuDetail::representative;
    base->parts.scenario.engine = EngineKind::replay;
    bases_.push_back(std::move(base));
  };
  for (std::uint64_t i = 0; i < bases; ++i)
    load(scenario_at(scenario_.front(), file_, outer, point_at(outer, i)));
  load(scenario_.front());
}

std::size_t TrainingSpace::base_of(std::span<const std::size_t> point) const {
  std::size_t base = 0;
  for (const std::size_t i : outer_) base = base * axes_[i].values.size() + point[i];
  return base;
}

TrainingPoint TrainingSpace::at(std::uint64_t index) const {
  TrainingPoint out;
  if (index == kOwnPoint) {
    out.base = bases_.size() - 1;
    out.layout = canonical(bases_.back()->parts.scenario.layout);
  } else {
    const std::vector<std::size_t> point = point_at(axes_, index);
    out.base = base_of(point);
    const Base& base = *bases_[out.base];
    Json layout = base.document["layout"];
    bool even = false;
    for (std::size_t i = 0; i < axes_.size(); ++i) {
      if (!is_of_layout(axes_[i])) continue;
      const std::string key = axes_[i].pointer.substr(kLayout.size());
      const Json& value = axes_[i].values[point[i]];
      if (key == "stage_layers") even = value == "even";
      layout[key] = key == "stage_layers" && even ? Json::array() : value;
    }
    out.layout = canonical(read_spec<Layout>(layout, file_, "/layout"));
    if (even) out.layout.stage_layers = even_layers(base.parts.input.model.num_layers, out.layout.pipeline());
  }
  const Json written = write_spec(out.layout);
  out.text = written.dump() + bases_[out.base]->text;
  return out;
}

Json TrainingSpace::changes(std::uint64_t index) const {
  if (index == kOwnPoint) return Json::object();
  return changes_at(axes_, point_at(axes_, index));
}

Json TrainingSpace::scenario_of(std::uint64_t index) const {
  const TrainingPoint point = at(index);
  Json document = bases_[point.base]->document;
  document["layout"] = write_spec(point.layout);
  return document;
}

std::string TrainingSpace::violation(const TrainingPoint& point) const {
  const TrainingParts& parts = bases_[point.base]->parts;
  TrainingScenario scenario = parts.scenario;
  scenario.layout = point.layout;
  if (const auto found = find_unmodelled(scenario, parts.input.cluster, parts.stack); !found.empty())
    return found.front().pointer;
  PlanInput input = parts.input;
  input.layout = point.layout;
  const auto found = find_layout_violations(input);
  return found.empty() ? std::string() : found.front().pointer;
}

std::unique_ptr<TrainingInputs> TrainingSpace::inputs_of(const TrainingPoint& point) const {
  const TrainingParts& parts = bases_[point.base]->parts;
  TrainingScenario scenario = parts.scenario;
  scenario.layout = point.layout;
  PlanInput input = parts.input;
  input.layout = point.layout;
  return std::make_unique<TrainingInputs>(make_training(scenario, std::move(input), parts.profile,
                                                        parts.stack, MemoryCheck::skipped,
                                                        bases_[point.base]->known_work));
}

Json TrainingSpace::axes_json() const {
  Json out = Json::object();
  for (const Axis& axis : axes_) out[axis.pointer] = axis.values;
  return out;
}

}  // namespace moesim
