#include "gui/models/view_state.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace moesim::gui {
namespace {

constexpr qsizetype kMaxZooms = 100;

/// `range` inside of `full`, keeping its length where it fits.
TimeRange cutTo(TimeRange range, TimeRange full) {
  if (!(range.length() < full.length())) return full;
  if (range.start < full.start) return {full.start, full.start + range.length()};
  if (range.end > full.end) return {full.end - range.length(), full.end};
  return range;
}

bool isUsable(TimeRange range) {
  return std::isfinite(range.start) && std::isfinite(range.end) && range.start < range.end;
}

}  // namespace

void ViewState::setFullRange(TimeRange range) {
  if (!isUsable(range)) range = {};
  m_undo.clear();
  m_redo.clear();
  m_merges = false;
  m_fullRange = range;
  show(range);
}

void ViewState::setTimeRange(TimeRange range, bool merges) {
  if (!isUsable(range)) return;
  range = cutTo(range, m_fullRange);
  if (range == m_timeRange) return;
  if (!(merges && m_merges)) m_undo.append(m_timeRange);
  if (m_undo.size() > kMaxZooms) m_undo.removeFirst();
  m_redo.clear();
  m_merges = merges;
  show(range);
}

void ViewState::undoZoom() {
  if (m_undo.isEmpty()) return;
  m_redo.append(m_timeRange);
  m_merges = false;
  show(m_undo.takeLast());
}

void ViewState::redoZoom() {
  if (m_redo.isEmpty()) return;
  m_undo.append(m_timeRange);
  m_merges = false;
  show(m_redo.takeLast());
}

void ViewState::show(TimeRange range) {
  if (range == m_timeRange) return;
  m_timeRange = range;
  Q_EMIT timeRangeChanged();
}

void ViewState::setSelectedRange(std::optional<TimeRange> range) {
  if (range && !isUsable(*range)) range.reset();
  if (std::exchange(m_selectedRange, range) != range) Q_EMIT selectedRangeChanged();
}

void ViewState::setHoverTime(std::optional<double> time) {
  if (std::exchange(m_hoverTime, time) != time) Q_EMIT hoverTimeChanged();
}

void ViewState::setStep(std::int64_t step) {
  if (std::exchange(m_step, step) != step) Q_EMIT stepChanged();
}

void ViewState::setLayer(int layer) {
  if (std::exchange(m_layer, layer) != layer) Q_EMIT layerChanged();
}

void ViewState::setStream(const std::string& stream) {
  if (std::exchange(m_stream, stream) != stream) Q_EMIT streamChanged();
}

void ViewState::setElement(int element) {
  if (std::exchange(m_element, element) != element) Q_EMIT elementChanged();
}

void ViewState::setGpu(int gpu) {
  if (std::exchange(m_gpu, gpu) != gpu) Q_EMIT gpuChanged();
}

void ViewState::setSelectedSpan(std::optional<SelectedSpan> span) {
  if (std::exchange(m_selectedSpan, span) != span) Q_EMIT selectedSpanChanged();
}

void ViewState::setColorBy(ColorBy colorBy) {
  if (std::exchange(m_colorBy, colorBy) != colorBy) Q_EMIT colorByChanged();
}

void ViewState::setSearchText(const QString& text) {
  if (std::exchange(m_searchText, text) != text) Q_EMIT searchTextChanged();
}

void ViewState::reset() {
  setFullRange({});
  setSelectedRange({});
  setHoverTime({});
  setSelectedSpan({});
  setStep(0);
  setLayer(-1);
  setElement(-1);
  setGpu(-1);
  setSearchText({});
}

}  // namespace moesim::gui
