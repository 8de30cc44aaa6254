#include "gui/views/series_list.hpp"

#include <QHeaderView>
#include <QPixmap>
#include <QStyledItemDelegate>
#include <QTimer>
#include <algorithm>

#include "gui/views/series_picture.hpp"
#include "gui/widgets/theme.hpp"

namespace moesim::gui {
namespace {

constexpr int kNameRole = Qt::UserRole;

QPixmap square(int color, int size) {
  QPixmap pixmap(size, size);
  pixmap.fill(categoryColor(color));
  return pixmap;
}

/// The frame of an empty box is a darker Window colour, which a dark theme hides: grey is seen on both.
class BoxDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

 protected:
  void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
    QStyledItemDelegate::initStyleOption(option, index);
    option->palette.setColor(QPalette::Window, QColor(Qt::gray));
  }
};

}  // namespace

SeriesList::SeriesList(QWidget* parent) : QTreeWidget(parent), m_later(new QTimer(this)) {
  setWhatsThis(tr("Curves that are shown. Space switches one, or all of a group, on or off."));
  setColumnCount(1);
  setHeaderHidden(true);
  setSelectionMode(QAbstractItemView::SingleSelection);
  setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  setUniformRowHeights(true);
  setIndentation(14);
  setItemDelegate(new BoxDelegate(this));
  header()->setStretchLastSection(true);
  m_later->setSingleShot(true);  // the box of a group changes many at once
  connect(m_later, &QTimer::timeout, this, &SeriesList::shownChanged);
  connect(this, &QTreeWidget::itemChanged, m_later, qOverload<>(&QTimer::start));
}

void SeriesList::setNames(const QStringList& names) {
  if (names == m_names) return;  // a run that goes on
  m_names = names;
  const QStringList shown = startingSeries(names);
  const QSignalBlocker blocker(this);
  clear();
  for (const QString& name : names) {
    const QString group = seriesGroup(name);
    QTreeWidgetItem* parent = topLevelItem(topLevelItemCount() - 1);
    if (!parent || parent->text(0) != group) {
      parent = new QTreeWidgetItem(this, {group});
      parent->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable |
                       Qt::ItemIsAutoTristate);
    }
    auto* item = new QTreeWidgetItem(parent, {seriesTitle(name)});
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
    item->setData(0, kNameRole, name);
    item->setData(0, Qt::DecorationRole, square(seriesColor(name, names), fontMetrics().ascent() - 2));
    item->setToolTip(0, name);
    item->setCheckState(0, shown.contains(name) ? Qt::Checked : Qt::Unchecked);
  }
  expandAll();
  fitWidth();
}

void SeriesList::fitWidth() {
  constexpr int kWidest = 300;
  setFixedWidth(std::min(kWidest, sizeHintForColumn(0) + 24));
}

QStringList SeriesList::shown() const {
  QStringList names;
  for (int group = 0; group < topLevelItemCount(); ++group) {
    const QTreeWidgetItem* parent = topLevelItem(group);
    for (int row = 0; row < parent->childCount(); ++row)
      if (parent->child(row)->checkState(0) == Qt::Checked)
        names.append(parent->child(row)->data(0, kNameRole).toString());
  }
  return names;
}

void SeriesList::setShown(const QStringList& names) {
  {
    const QSignalBlocker blocker(this);
    for (int group = 0; group < topLevelItemCount(); ++group) {
      QTreeWidgetItem* parent = topLevelItem(group);
      for (int row = 0; row < parent->childCount(); ++row) {
        QTreeWidgetItem* item = parent->child(row);
        const bool isShown = names.contains(item->data(0, kNameRole).toString());
        item->setCheckState(0, isShown ? Qt::Checked : Qt::Unchecked);
      }
    }
  }
  Q_EMIT shownChanged();
}

}  // namespace moesim::gui
