#pragma once

#include <QFont>
#include <QImage>
#include <QVector>
#include <optional>

#include "gui/models/span_scene.hpp"
#include "gui/widgets/timeline_colors.hpp"

namespace moesim::gui {

/// Where one row of a timeline is drawn, in pixels of the image.
struct TimelineStroke {
  std::size_t row = 0;  ///< of SpanTimeline::rows()
  int y = 0;
  int height = 1;
  int clipTop = 0;  ///< nothing is drawn above
  bool marksIdle = false;
};

/// A picture of a part of a timeline.
struct TimelineDrawing {
  SpanScenePtr scene;
  TimelineColors colors;
  pictures::TimeWindow window;
  int height = 1;
  QVector<TimelineStroke> strokes;
  std::optional<Span> equals;  ///< spans of its phase, micro-batch and layer are lit
  QFont font;                  ///< of texts in spans that have room for them
  double scale = 1;            ///< pixels of the image to those of the font
};

/// Draws it on several threads, of the global pool. A pixel has the colour of the span with the longest part
/// in it, paler where it is covered in part only, never as pale as what nothing touches; with a search or a
/// lit span the others step back, and a pixel with a found span is that span's. Idle time of computation is
/// tinted, with a bar in the lower half where a transfer runs.
QImage drawTimeline(const TimelineDrawing& drawing);

}  // namespace moesim::gui
