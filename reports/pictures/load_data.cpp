#include "reports/pictures/load_data.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "base/error.hpp"
#include "reports/pictures/ticks.hpp"

namespace moesim::pictures {
namespace {

/// What pixels_of() can count with.
constexpr std::int64_t kMaxColumns = 1'000'000'000'000;

/// "layers 3 to 60", "layers 3, 17, 60".
std::string layers_text(const LoadSurvey& survey) {
  std::vector<int> layers;
  for (const auto& [layer, unused] : survey.layers) layers.push_back(layer);
  if (layers.size() == 1) return fmt::format("layer {}", layers[0]);
  const bool is_range = layers.back() - layers.front() + 1 == static_cast<int>(layers.size());
  if (is_range) return fmt::format("layers {} to {}", layers.front(), layers.back());
  return fmt::format("layers {}", fmt::join(layers, ", "));
}

/// "steps 0 to 1,990, every 10th".
std::string steps_text(const LoadSurvey& survey) {
  if (survey.first_step == survey.last_step) return "step " + grouped(survey.first_step);
  const std::string range =
      fmt::format("steps {} to {}", grouped(survey.first_step), grouped(survey.last_step));
  return survey.stride == 1 ? range : fmt::format("{}, one in {}", range, grouped(survey.stride));
}

/// The rows in their order from the top, of every layer.
class RowOrder {
 public:
  RowOrder(const LoadSurvey& survey, bool sorted) {
    for (const auto& [layer, about] : survey.layers) {
      std::vector<std::size_t>& order = orders_[layer];
      order.resize(about.tokens.size());
      std::iota(order.begin(), order.end(), std::size_t{0});
      if (sorted)
        std::ranges::stable_sort(order, [&tokens = about.tokens](std::size_t one, std::size_t other) {
          return tokens[one] > tokens[other];
        });
    }
  }

  void apply(int layer, const std::vector<float>& loads, std::vector<float>& ordered) const {
    const std::vector<std::size_t>& order = orders_.at(layer);
    ordered.resize(loads.size());
    for (std::size_t i = 0; i < order.size(); ++i) ordered[i] = loads[order[i]];
  }

 private:
  std::map<int, std::vector<std::size_t>> orders_;
};

/// Reduces every row to the panels.
void reduce_steps(LoadData& data, const ReadLoads& rows, const RowOrder& order) {
  std::vector<float> loads;
  std::vector<float> ordered;
  rows(data.survey.first_step, data.survey.last_step, [&](const LoadRow& row) {
    const std::int64_t column = data.survey.column_of(row.step);
    if (data.violation) data.violation->add(column, max_violation(row.tokens));
    if (!data.steps || row.layer != data.layer) return;
    over_mean(row.tokens, loads);
    order.apply(row.layer, loads, ordered);
    data.steps->add(column, ordered);
  });
}

/// Reduces the rows of the step; whether there are any.
bool reduce_layers(LoadData& data, const ReadLoads& rows, const RowOrder& order) {
  std::vector<float> loads;
  std::vector<float> ordered;
  bool found = false;
  rows(data.step, data.step, [&](const LoadRow& row) {
    found = true;
    over_mean(row.tokens, loads);
    order.apply(row.layer, loads, ordered);
    const auto place = std::distance(data.survey.layers.begin(), data.survey.layers.find(row.layer));
    if (data.layers) data.layers->add(place, ordered);
  });
  return found;
}

MaxRaster raster_of(const Rect& area, std::int64_t num_columns, int num_rows) {
  return {static_cast<int>(area.width), static_cast<int>(area.height), num_columns, num_rows};
}

}  // namespace

LoadData load_data(const LoadPicture& picture, const LoadPictureHead& head, const ReadLoads& rows,
                   const LoadPictureOptions& options, const LoadLayout& layout) {
  LoadData data;
  data.survey = survey_loads(rows);
  const LoadSurvey& survey = data.survey;
  if (survey.num_rows == 0) {
    throw SpecError(head.source, "", fmt::format("holds no rows of {}", picture.stream),
                    "let the scenario record at least one step");
  }
  if (survey.num_columns() > kMaxColumns) {
    throw SpecError(head.source, "", "holds steps that are too far apart to be drawn",
                    "there are " + steps_text(survey));
  }
  data.layer = options.layer.value_or(survey.most_imbalanced_layer());
  data.is_chosen = options.layer.has_value();
  data.step = options.step.value_or(survey.last_step);
  if (!survey.layers.contains(data.layer)) {
    throw SpecError(head.source, "", fmt::format("holds no loads of layer {}", data.layer),
                    "there are " + layers_text(survey));
  }
  if (layout.steps.width > 0) data.steps = raster_of(layout.steps, survey.num_columns(), survey.width);
  if (layout.layers.width > 0)
    data.layers = raster_of(layout.layers, static_cast<std::int64_t>(survey.layers.size()), survey.width);
  if (layout.violation.width > 0)
    data.violation.emplace(survey.num_columns(), static_cast<int>(layout.violation.width));
  const RowOrder order(survey, options.sorted);
  if (!reduce_layers(data, rows, order)) {
    throw SpecError(head.source, "", fmt::format("holds no loads of step {}", data.step),
                    "there are " + steps_text(survey));
  }
  if (data.steps || data.violation) reduce_steps(data, rows, order);
  return data;
}

}  // namespace moesim::pictures
