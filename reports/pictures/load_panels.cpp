#include "reports/pictures/load_panels.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "reports/pictures/curve_plot.hpp"
#include "reports/pictures/heat_map.hpp"

namespace moesim::pictures {
namespace {

/// A scale reaches to twice the mean at least, so that noise does not look like imbalance.
constexpr double kLeastEnd = 2;
/// The load over the mean above which an automatic scale is logarithmic; in LoadScale's help.
constexpr double kLogarithmicFrom = 8;
/// A logarithmic scale begins at a tenth of the mean, or as far below it as it reaches above.
constexpr double kLeastOverMean = 10;

/// Steps run along x: a column is centred on its step.
PlotAxis step_axis(const LoadPanelContext& context, const Rect& area, bool with_title) {
  const LoadSurvey& survey = context.data->survey;
  const double half = static_cast<double>(survey.stride) / 2;
  const double last = static_cast<double>(survey.step_of(survey.num_columns() - 1));
  PlotAxis axis{static_cast<double>(survey.first_step) - half, last + half, false, {}, {}};
  const int count = std::max(2, static_cast<int>(area.width / (90 * context.style.unit)));
  axis.ticks = linear_ticks(static_cast<double>(survey.first_step), last, count, true);
  if (with_title)
    axis.title =
        survey.stride == 1 ? "step" : fmt::format("step (one in {} recorded)", grouped(survey.stride));
  return axis;
}

/// Rows run downwards.
PlotAxis row_axis(const LoadPanelContext& context, const Rect& area) {
  const int width = context.data->survey.width;
  PlotAxis axis{-0.5, width - 0.5, false, std::string(context.picture->noun), {}};
  if (context.options->sorted) axis.title += ", heaviest first";
  const int count = std::max(2, static_cast<int>(area.height / (40 * context.style.unit)));
  axis.ticks = linear_ticks(0, width - 1, count, true);
  return axis;
}

PlotAxis layer_axis(const LoadPanelContext& context, const Rect& area) {
  const auto& layers = context.data->survey.layers;
  PlotAxis axis{-0.5, static_cast<double>(layers.size()) - 0.5, false, "layer", {}};
  const auto count = static_cast<std::size_t>(std::max(1.0, area.width / (34 * context.style.unit)));
  const std::size_t every = (layers.size() + count - 1) / count;
  std::size_t place = 0;
  for (const auto& [layer, unused] : layers) {
    if (place % every == 0)
      axis.ticks.push_back({static_cast<double>(place), layer < 0 ? "all" : std::to_string(layer)});
    ++place;
  }
  return axis;
}

void draw_map(const LoadPanelContext& context, const Rect& area, const MaxRaster& raster) {
  draw_heat_map(*context.canvas, *context.style.theme, static_cast<int>(area.x), static_cast<int>(area.y),
                raster, sequential_map(), context.scale);
}

std::string layer_text(int layer) {
  return layer < 0 ? "All layers" : fmt::format("Layer {}", layer);
}

}  // namespace

ColorScale load_scale(const LoadData& data, const LoadPictureOptions& options) {
  double most = data.steps || data.layers ? 0 : data.survey.hottest.over_mean;
  for (const auto* raster : {&data.steps, &data.layers}) {
    if (*raster) most = std::max<double>(most, *std::ranges::max_element((*raster)->pixels()));
  }
  const double high = options.most.value_or(std::max(kLeastEnd, most));
  const bool is_wide = options.scale == LoadScale::automatic && std::min(most, high) > kLogarithmicFrom;
  const bool logarithmic = options.scale == LoadScale::logarithmic || is_wide;
  return {logarithmic ? 1 / std::min(high, kLeastOverMean) : 0, high, logarithmic};
}

void draw_steps_panel(const LoadPanelContext& context) {
  const Rect& area = context.layout->steps;
  const LoadData& data = *context.data;
  draw_map(context, area, *data.steps);
  const bool has_curve = context.layout->violation.width > 0;
  draw_axes(*context.canvas, context.style, area, step_axis(context, area, !has_curve),
            row_axis(context, area), false);
  const bool is_worst = !data.is_chosen && data.survey.layers.size() > 1;
  draw_plot_title(*context.canvas, context.style, area,
                  layer_text(data.layer) + (is_worst ? ", the most imbalanced, over steps" : " over steps"));
}

void draw_layers_panel(const LoadPanelContext& context) {
  const Rect& area = context.layout->layers;
  draw_map(context, area, *context.data->layers);
  PlotAxis rows = row_axis(context, area);
  if (context.layout->steps.width > 0) {  // which has the same rows at its left
    rows.title.clear();
    for (Tick& tick : rows.ticks) tick.label.clear();
  }
  draw_axes(*context.canvas, context.style, area, layer_axis(context, area), rows, false);
  draw_plot_title(
      *context.canvas, context.style, area,
      fmt::format("{} at step {}", context.data->survey.layers.contains(-1) ? "All layers" : "Layers",
                  grouped(context.data->step)));
}

void draw_load_bar(const LoadPanelContext& context) {
  draw_color_bar(*context.canvas, context.style, context.layout->bar, sequential_map(), context.scale,
                 fmt::format("tokens of {} {} / mean", context.picture->noun == "expert" ? "an" : "a",
                             context.picture->noun),
                 {context.scale.logarithmic, context.options->most.has_value()});
}

void draw_violation_panel(const LoadPanelContext& context) {
  const Rect& area = context.layout->violation;
  const BinnedCurve& curve = *context.data->violation;
  const PlotAxis x = step_axis(context, area, true);
  const PlotAxis y = curve_axis(curve, context.scale.logarithmic,
                                std::max(2, static_cast<int>(area.height / (44 * context.style.unit))));
  draw_grid(*context.canvas, context.style, area, x, y);
  draw_curve(*context.canvas, context.style, area, curve, y);
  draw_axes(*context.canvas, context.style, area, x, y, true);
  const std::size_t num_layers = context.data->survey.layers.size();
  draw_plot_title(*context.canvas, context.style, area,
                  num_layers == 1 ? "MaxVio of a step"
                                  : fmt::format("MaxVio of a step: mean and range of {} layers", num_layers));
}

}  // namespace moesim::pictures
