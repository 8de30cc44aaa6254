#pragma once

#include <array>
#include <atomic>
#include <memory>

#include "gui/models/span_scene.hpp"
#include "gui/models/span_totals_model.hpp"
#include "gui/views/view.hpp"

class QComboBox;
class QLabel;
class QLineEdit;
class QSplitter;
class QTableView;
class QThreadPool;
class QTimer;

namespace moesim::gui {

class EmptyStack;
class TimelineLegend;
class TimelineWidget;

/// When what runs on which GPU: the timeline of a result, or of two below each other over the same time, with
/// totals of the selected range.
class TimelineView : public View {
  Q_OBJECT

 public:
  explicit TimelineView(ViewState& state, QWidget* parent = nullptr);
  ~TimelineView() override;

  /// Totals where a range is selected, else the spans that are shown, cut at kMostCsvSpans.
  [[nodiscard]] QString csv() const override;
  [[nodiscard]] bool isReady() const override;
  [[nodiscard]] QString emptyText() const override;
  [[nodiscard]] const TimelineWidget& timeline(int document) const {
    return *m_widgets[static_cast<std::size_t>(document)];
  }

  static constexpr std::size_t kMostCsvSpans = 100'000;

 protected:
  void documentsChanged() override;

 private:
  using Scenes = std::array<SpanScenePtr, 2>;
  struct Sums;

  void addActions();
  void addTools(QLayout* layout);
  QAction* addAction(const QString& text, const QKeySequence& shortcut, void (TimelineView::*act)());
  [[nodiscard]] TimelineWidget& current() const;
  void zoomIn();
  void zoomOut();
  void panLeft();
  void panRight();
  void zoomToSelection();
  void toggleCollapsed();
  void toggleAllCollapsed();
  void togglePinned();
  void colorByNext();
  void search();

  [[nodiscard]] bool hasSpans(const DocumentPtr& document) const;
  void makeScenes();
  void takeScenes(const Scenes& scenes);
  void makeTotals();
  void takeTotals(const Sums& sums);
  void showLegend();
  void alignLabels();
  void tellIfReady();

  std::array<TimelineWidget*, 2> m_widgets{};
  Scenes m_scenes;
  QLineEdit* m_search = nullptr;
  QComboBox* m_colorBy = nullptr;
  TimelineLegend* m_legend = nullptr;
  QSplitter* m_splitter = nullptr;
  QLabel* m_summary = nullptr;
  QTableView* m_table = nullptr;
  SpanTotalsModel* m_totals = nullptr;
  EmptyStack* m_stack = nullptr;
  QTimer* m_searchDelay = nullptr;
  QTimer* m_totalsDelay = nullptr;
  std::unique_ptr<QThreadPool> m_pool;
  std::shared_ptr<std::atomic<int>> m_sceneRound = std::make_shared<std::atomic<int>>(0);
  std::shared_ptr<std::atomic<int>> m_totalsRound = std::make_shared<std::atomic<int>>(0);
  bool m_isMakingScenes = false;
  bool m_isMakingTotals = false;
};

}  // namespace moesim::gui
