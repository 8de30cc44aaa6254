#pragma once

#include <QRgb>
#include <QString>
#include <QVector>
#include <array>

#include "gui/models/span_scene.hpp"
#include "gui/models/view_state.hpp"
#include "reports/pictures/theme.hpp"

namespace moesim::gui {

/// The colours of a timeline. Forward, backward and weight passes have each a hue, parts of a layer a shade
/// of it; micro-batches and layers lie on the sequential map.
struct TimelineColors {
  TimelineColors() = default;
  TimelineColors(const SpanScene& scene, ColorBy by, const pictures::Theme& theme);

  [[nodiscard]] QRgb of(const Span& span) const {
    if (by == ColorBy::phase) return phases[span.phase];
    return ramp(by == ColorBy::microbatch ? span.microbatch : span.layer);
  }
  /// The same of a span of `looks`; `isFar` where spans are shorter than pixels.
  [[nodiscard]] QRgb of(const SpanLooks& looks, std::size_t span, bool isFar) const {
    if (by != ColorBy::phase)
      return ramp(by == ColorBy::microbatch ? looks.microbatches[span] : looks.layers[span]);
    const QRgb pass = isFar ? passes[looks.phases[span] & 0xffU] : 0;
    return pass != 0 ? pass : phases[looks.phases[span] >> 8U];
  }
  [[nodiscard]] QRgb ramp(int value) const {
    if (value < 0 || last <= 0) return value < 0 ? other : map.front();
    const int at = value * static_cast<int>(map.size() - 1) / last;
    return map[static_cast<std::size_t>(at < 0                               ? 0
                                        : at >= static_cast<int>(map.size()) ? map.size() - 1
                                                                             : static_cast<std::size_t>(at))];
  }

  ColorBy by = ColorBy::phase;
  std::array<QRgb, 256> phases{};
  /// Of spans that are shorter than pixels when phases are coloured: those of passes show the schedule; 0 for
  /// passes without one, whose spans keep that of their phase.
  std::array<QRgb, 256> passes{};
  std::array<QRgb, 256> map{};  ///< of micro-batches or layers 0 to `last`
  bool hasPasses = false;       ///< more than one
  int last = 0;
  QRgb other = 0;       ///< of spans without a layer
  QRgb background = 0;  ///< where nothing runs
  QRgb idle = 0;        ///< where a GPU that computes at other times neither computes nor transfers
  QRgb exposed = 0;     ///< where it transfers alone
};

/// A colour and what it means.
struct TimelineLegendItem {
  QRgb color = 0;
  QString text;
};

/// Phases that the scene has, then idle and exposed time where they are marked; for micro-batches and layers
/// the first, the middle and the last number.
QVector<TimelineLegendItem> timelineLegend(const SpanScene& scene, const TimelineColors& colors);

}  // namespace moesim::gui
