#pragma once

#include <QSet>
#include <QString>
#include <QVector>
#include <cstdint>

#include "gui/models/span_scene.hpp"

namespace moesim::gui {

/// One row of a timeline on the screen.
struct TimelineLine {
  std::size_t row = 0;  ///< of SpanTimeline::rows()
  std::int32_t gpu = 0;
  QString label;
  bool isHead = false;         ///< the first of its GPU, which collapses and pins it
  bool isComputation = false;  ///< idle time is marked
  bool hasMore = false;        ///< a head whose GPU has other lanes
  bool isCollapsed = false;
  bool isPinned = false;
  int y = 0;       ///< pixels from the top of the pinned lines, or of the others
  int height = 0;  ///< with the gap below
};

/// Which rows of a timeline are shown, in what order and how high.
class TimelineRows {
 public:
  /// Sizes of lines in pixels.
  struct Sizes {
    int text = 14;      ///< height of a label: the least of a line
    int available = 0;  ///< lines grow to fill it
  };

  void setCollapsed(std::int32_t gpu, bool isCollapsed);
  void setPinned(std::int32_t gpu, bool isPinned);
  [[nodiscard]] bool isCollapsed(std::int32_t gpu) const { return m_collapsed.contains(gpu); }
  [[nodiscard]] bool isPinned(std::int32_t gpu) const { return m_pinned.contains(gpu); }
  void collapseAll(const pictures::SpanTimeline& timeline, bool areCollapsed);
  void clear();

  /// Collapses all GPUs if their lanes would not fit: for a result that is shown first.
  void fit(const SpanScene& scene, Sizes sizes);
  /// Makes the lines anew: pinned GPUs first, in the order of pinning.
  void layout(const SpanScene& scene, Sizes sizes);

  [[nodiscard]] const QVector<TimelineLine>& lines() const { return m_lines; }
  [[nodiscard]] int pinnedHeight() const { return m_pinnedHeight; }
  [[nodiscard]] int scrolledHeight() const { return m_scrolledHeight; }
  /// Index of the line at a height below the top; `scroll` is how far the lines that are not pinned have
  /// moved up. -1: none.
  [[nodiscard]] int lineAt(int y, int scroll) const;
  /// The top of a line on the screen.
  [[nodiscard]] int topOf(const TimelineLine& line, int scroll) const {
    return line.isPinned ? line.y : m_pinnedHeight + line.y - scroll;
  }

 private:
  void addGpu(const SpanScene& scene, std::size_t first, std::size_t end, bool isPinned);
  void setHeights(Sizes sizes);

  QSet<std::int32_t> m_collapsed;
  QVector<std::int32_t> m_pinned;
  QVector<TimelineLine> m_lines;
  int m_pinnedHeight = 0;
  int m_scrolledHeight = 0;
};

}  // namespace moesim::gui
