#pragma once

#include <QObject>
#include <QVector>
#include <cstdint>
#include <optional>
#include <string>

namespace moesim::gui {

/// Seconds from the start of the result, or steps where its kind has no time.
struct TimeRange {
  double start = 0;
  double end = 1;  ///< above start
  bool operator==(const TimeRange&) const = default;
  [[nodiscard]] double length() const { return end - start; }
};

/// One span of a timeline that was chosen.
struct SelectedSpan {
  int document = 0;      ///< 0: the first result, 1: the one it is compared with
  std::size_t span = 0;  ///< index into its timeline().spans()
  bool operator==(const SelectedSpan&) const = default;
};

/// How spans of timelines are coloured.
enum class ColorBy { phase, microbatch, layer };

/// What every view of a window shows and selects: one object links them all, also two results that are
/// compared. Setters signal changes alone. Lives on the GUI thread.
class ViewState : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;

  /// The time that fits everything; views that show time are zoomed to it where no zoom is set.
  [[nodiscard]] TimeRange fullRange() const { return m_fullRange; }
  /// Forgets the zooms.
  void setFullRange(TimeRange range);
  [[nodiscard]] TimeRange timeRange() const { return m_timeRange; }
  /// A zoom that undoZoom() goes back from; cut to the full range. Dragging and wheels give `merges`: then
  /// the zoom replaces the one before it, if that merged as well.
  void setTimeRange(TimeRange range, bool merges = false);
  void fit() { setTimeRange(m_fullRange); }
  [[nodiscard]] bool canUndoZoom() const { return !m_undo.isEmpty(); }
  [[nodiscard]] bool canRedoZoom() const { return !m_redo.isEmpty(); }
  void undoZoom();
  void redoZoom();

  /// The part of time that is selected for totals; nothing: none.
  [[nodiscard]] std::optional<TimeRange> selectedRange() const { return m_selectedRange; }
  void setSelectedRange(std::optional<TimeRange> range);
  /// Where the mouse is, for a line in every view over time.
  [[nodiscard]] std::optional<double> hoverTime() const { return m_hoverTime; }
  void setHoverTime(std::optional<double> time);

  /// Training step or decode iteration of load pictures.
  [[nodiscard]] std::int64_t step() const { return m_step; }
  void setStep(std::int64_t step);
  /// Model layer; -1: none.
  [[nodiscard]] int layer() const { return m_layer; }
  void setLayer(int layer);
  /// The load stream that is shown: "expert_load", "gpu_load", ...
  [[nodiscard]] const std::string& stream() const { return m_stream; }
  void setStream(const std::string& stream);
  /// Index in the stream: the expert, slot, GPU or node; -1: none.
  [[nodiscard]] int element() const { return m_element; }
  void setElement(int element);
  /// GPU; -1: none.
  [[nodiscard]] int gpu() const { return m_gpu; }
  void setGpu(int gpu);

  [[nodiscard]] std::optional<SelectedSpan> selectedSpan() const { return m_selectedSpan; }
  void setSelectedSpan(std::optional<SelectedSpan> span);
  [[nodiscard]] ColorBy colorBy() const { return m_colorBy; }
  void setColorBy(ColorBy colorBy);
  /// Filters rows and lights spans by name; empty: none.
  [[nodiscard]] const QString& searchText() const { return m_searchText; }
  void setSearchText(const QString& text);

  /// Forgets zooms and selections, as for another result.
  void reset();

 Q_SIGNALS:
  void timeRangeChanged();
  void selectedRangeChanged();
  void hoverTimeChanged();
  void stepChanged();
  void layerChanged();
  void streamChanged();
  void elementChanged();
  void gpuChanged();
  void selectedSpanChanged();
  void colorByChanged();
  void searchTextChanged();

 private:
  void show(TimeRange range);

  TimeRange m_fullRange;
  TimeRange m_timeRange;
  QVector<TimeRange> m_undo;
  QVector<TimeRange> m_redo;
  bool m_merges = false;  // the last zoom did
  std::optional<TimeRange> m_selectedRange;
  std::optional<double> m_hoverTime;
  std::int64_t m_step = 0;
  int m_layer = -1;
  std::string m_stream = "expert_load";
  int m_element = -1;
  int m_gpu = -1;
  std::optional<SelectedSpan> m_selectedSpan;
  ColorBy m_colorBy = ColorBy::phase;
  QString m_searchText;
};

}  // namespace moesim::gui
