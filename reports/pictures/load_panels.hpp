#pragma once

#include "reports/pictures/canvas.hpp"
#include "reports/pictures/load_data.hpp"
#include "reports/pictures/plot_axes.hpp"

namespace moesim::pictures {

/// What the panels of one picture share.
struct LoadPanelContext {
  Canvas* canvas = nullptr;
  PlotStyle style;
  const LoadLayout* layout = nullptr;
  const LoadData* data = nullptr;
  const LoadPicture* picture = nullptr;
  const LoadPictureOptions* options = nullptr;
  ColorScale scale;
};

/// The colours from the least to the greatest load that the panels show, at least to twice the mean.
ColorScale load_scale(const LoadData& data, const LoadPictureOptions& options);

void draw_steps_panel(const LoadPanelContext& context);
void draw_layers_panel(const LoadPanelContext& context);
void draw_violation_panel(const LoadPanelContext& context);
void draw_load_bar(const LoadPanelContext& context);
/// Key figures as lines of a name and a value.
void draw_facts(const LoadPanelContext& context);

}  // namespace moesim::pictures
