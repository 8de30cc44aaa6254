#include "gui/widgets/timeline_rows.hpp"

#include <algorithm>
#include <utility>

#include "gui/models/span_text.hpp"

namespace moesim::gui {
namespace {

constexpr int kComputationWeight = 2;  ///< of the room that is left
constexpr int kMostText = 4;           ///< a line is at most so many labels high

/// Rows [first, end) of each GPU.
QVector<std::pair<std::size_t, std::size_t>> gpusOf(const pictures::SpanTimeline& timeline) {
  QVector<std::pair<std::size_t, std::size_t>> gpus;
  const auto rows = timeline.rows();
  for (std::size_t first = 0, end = 0; first < rows.size(); first = end) {
    while (end < rows.size() && rows[end].gpu == rows[first].gpu) ++end;
    gpus.append({first, end});
  }
  return gpus;
}

}  // namespace

void TimelineRows::setCollapsed(std::int32_t gpu, bool isCollapsed) {
  if (isCollapsed)
    m_collapsed.insert(gpu);
  else
    m_collapsed.remove(gpu);
}

void TimelineRows::setPinned(std::int32_t gpu, bool isPinned) {
  m_pinned.removeAll(gpu);
  if (isPinned) m_pinned.append(gpu);
}

void TimelineRows::collapseAll(const pictures::SpanTimeline& timeline, bool areCollapsed) {
  m_collapsed.clear();
  if (!areCollapsed) return;
  for (const auto& row : timeline.rows()) m_collapsed.insert(row.gpu);
}

void TimelineRows::clear() {
  m_collapsed.clear();
  m_pinned.clear();
  m_lines.clear();
  m_pinnedHeight = m_scrolledHeight = 0;
}

void TimelineRows::fit(const SpanScene& scene, Sizes sizes) {
  m_collapsed.clear();
  if (static_cast<std::int64_t>(scene.timeline().rows().size()) * sizes.text > sizes.available)
    collapseAll(scene.timeline(), true);
}

void TimelineRows::addGpu(const SpanScene& scene, std::size_t first, std::size_t end, bool isPinned) {
  const SpanNames& names = scene.document->names();
  const auto rows = scene.timeline().rows();
  const bool isCollapsed = m_collapsed.contains(rows[first].gpu);
  for (std::size_t row = first; row < (isCollapsed ? first + 1 : end); ++row) {
    TimelineLine line;
    line.row = row;
    line.gpu = rows[row].gpu;
    line.isHead = row == first;
    line.label =
        line.isHead ? gpuText(names, rows[row].gpu, rows[row].rank) : laneText(names, rows[row].lane);
    line.isComputation = scene.computation == rows[row].lane;
    line.hasMore = line.isHead && end - first > 1;
    line.isCollapsed = isCollapsed;
    line.isPinned = isPinned;
    m_lines.append(line);
  }
}

void TimelineRows::layout(const SpanScene& scene, Sizes sizes) {
  m_lines.clear();
  const auto gpus = gpusOf(scene.timeline());
  const auto rows = scene.timeline().rows();
  const auto isShown = [&](std::size_t row) { return scene.query.matchesRow(rows[row]); };
  for (const std::int32_t pinned : m_pinned)
    for (const auto& [first, end] : gpus)
      if (rows[first].gpu == pinned) addGpu(scene, first, end, true);
  for (const auto& [first, end] : gpus)
    if (!m_pinned.contains(rows[first].gpu) && isShown(first)) addGpu(scene, first, end, false);
  setHeights(sizes);
}

void TimelineRows::setHeights(Sizes sizes) {
  int weights = 0;
  for (const TimelineLine& line : m_lines) weights += line.isComputation ? kComputationWeight : 1;
  const auto least = static_cast<std::int64_t>(m_lines.size()) * sizes.text;
  const auto left = static_cast<int>(std::max<std::int64_t>(sizes.available - least, 0));
  m_pinnedHeight = m_scrolledHeight = 0;
  for (TimelineLine& line : m_lines) {
    const int weight = line.isComputation ? kComputationWeight : 1;
    line.height =
        std::min(sizes.text + left * weight / std::max(weights, 1), kMostText * weight * sizes.text);
    int& top = line.isPinned ? m_pinnedHeight : m_scrolledHeight;
    line.y = top;
    top += line.height;
  }
}

int TimelineRows::lineAt(int y, int scroll) const {
  for (int i = 0; i < m_lines.size(); ++i) {
    const TimelineLine& line = m_lines[i];
    if (!line.isPinned && y < m_pinnedHeight) continue;
    const int top = topOf(line, scroll);
    if (y >= top && y < top + line.height) return i;
  }
  return -1;
}

}  // namespace moesim::gui
