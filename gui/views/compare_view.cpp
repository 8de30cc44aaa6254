#include "gui/views/compare_view.hpp"

#include <QAction>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "gui/models/comparison_model.hpp"
#include "gui/widgets/empty_stack.hpp"
#include "gui/widgets/line_table.hpp"
#include "gui/widgets/table_csv.hpp"
#include "gui/widgets/theme.hpp"

namespace moesim::gui {
namespace {

constexpr double kLeastDifference = 0.001;
constexpr double kFullDifference = 0.5;  // has the last colour of the map
constexpr double kFaintest = 0.45;       // of the colour, for what differs least
constexpr int kBarWidth = 6;

/// A bar beside the number: blue for less, orange for more, the stronger the more.
class DifferenceDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    QStyledItemDelegate::paint(painter, option, index);
    const QVariant fraction = index.data(ComparisonModel::kFractionRole);
    if (!fraction.isValid() || std::abs(fraction.toDouble()) < kLeastDifference) return;
    const QRect bar(option.rect.left(), option.rect.top() + 1, kBarWidth, option.rect.height() - 2);
    painter->fillRect(bar, differenceColor(fraction.toDouble(), option.palette));
  }
};

}  // namespace

QColor differenceColor(double fraction, const QPalette& palette) {
  // Blue and vermilion on light, sky blue and orange on dark: each has a contrast of 3 to its background.
  const bool isDark = &pictureTheme(palette) == &pictures::kThemes[1];
  QColor color = categoryColor(fraction < 0 ? (isDark ? 4 : 0) : (isDark ? 1 : 5));
  const double share = std::min(1.0, std::abs(fraction) / kFullDifference);
  color.setAlphaF(static_cast<float>(kFaintest + (1 - kFaintest) * share));
  return color;
}

/// Leaves out lines whose difference is below 0.1 %, where it is asked to.
class DifferenceFilter : public QSortFilterProxyModel {
 public:
  using QSortFilterProxyModel::QSortFilterProxyModel;
  void setOnlyDifferences(bool isOn) {
    m_isOn = isOn;
    invalidateFilter();
  }

 protected:
  [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override {
    if (!m_isOn) return true;
    const QVariant fraction =
        sourceModel()->index(row, ComparisonModel::kDifference, parent).data(ComparisonModel::kFractionRole);
    return !fraction.isValid() || std::abs(fraction.toDouble()) >= kLeastDifference;
  }

 private:
  bool m_isOn = false;
};

CompareView::CompareView(ViewState& state, QWidget* parent)
    : View(state, parent),
      m_model(new ComparisonModel(this)),
      m_filter(new DifferenceFilter(this)),
      m_table(makeLineTable(m_filter)) {
  m_filter->setSourceModel(m_model);
  m_table->setItemDelegateForColumn(ComparisonModel::kDifference, new DifferenceDelegate(m_table));
  m_stack = new EmptyStack(m_table);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins({});
  layout->addWidget(m_stack);

  auto* onlyDifferences = new QAction(tr("Only what differs"), this);
  onlyDifferences->setCheckable(true);
  onlyDifferences->setShortcut(QKeySequence(tr("Ctrl+D")));
  connect(onlyDifferences, &QAction::toggled, this,
          [this](bool isOn) { m_filter->setOnlyDifferences(isOn); });
  addAction(onlyDifferences);
  documentsChanged();
}

void CompareView::documentsChanged() {
  m_model->setDocuments(first(), second());
  m_table->resizeColumnsToContents();
  m_stack->setEmptyText(emptyText());
}

QString CompareView::csv() const {
  return tableCsv(*m_filter);
}

QString CompareView::emptyText() const {
  if (!first()) return tr("No result is open.\nOpen two of them and choose the second at \"compared with\".");
  if (!second()) return tr("One result is open.\nOpen another and choose it at \"compared with\" above.");
  if (!m_model->fault().isEmpty()) return tr("These two cannot be compared.\n%1").arg(m_model->fault());
  if (m_model->rowCount() == 0) return tr("The two results have no figures.");
  return {};
}

}  // namespace moesim::gui
