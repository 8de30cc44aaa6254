#include <algorithm>

#include "gui/widgets/plot_canvas.hpp"

namespace moesim::gui {
namespace {

constexpr int kIconWidth = 22;
constexpr int kItemSpacing = 14;

}  // namespace

/// As many as the picture wants and the width has room for.
int PlotCanvas::columnsThatFit() const {
  const int most = std::max(1, width() / (40 * QFontMetrics(font()).averageCharWidth()));
  return std::clamp(std::min(m_picture.columns, static_cast<int>(m_picture.panels.size())), 1, most);
}

/// Axes of a column begin and end at one x, those of a row at one y.
void PlotCanvas::alignPanels() {
  QVector<QCPMarginGroup*> columns;
  QVector<QCPMarginGroup*> rows;
  for (int i = 0; i < m_panels.size(); ++i) {
    const int row = i / m_columns;
    if (row == 0) columns.append(new QCPMarginGroup(this));
    if (row == rows.size()) rows.append(new QCPMarginGroup(this));
    m_panels[i].rect->setMarginGroup(QCP::msLeft | QCP::msRight, columns[i % m_columns]);
    if (m_columns > 1) m_panels[i].rect->setMarginGroup(QCP::msBottom, rows[row]);
  }
}

/// Title and legend at the left of the line above the axes, not spread over the width.
void PlotCanvas::addHead(int index, Panel& panel) {
  const int row = index / m_columns;
  const int column = index % m_columns;
  auto* head = new QCPLayoutGrid;
  head->setColumnSpacing(0);
  if (const QString& title = m_picture.panels[index].title; !title.isEmpty()) {
    QFont bold = font();
    bold.setBold(true);
    auto* text = new QCPTextElement(this, title, bold);
    text->setTextColor(palette().color(QPalette::Text));
    text->setTextFlags(Qt::AlignLeft | Qt::AlignTop);
    text->setMargins(QMargins(10, 4, 4, 4));
    head->addElement(0, 0, text);
  } else {
    head->addElement(0, 0, new QCPLayoutElement);
  }
  head->addElement(0, 1, panel.legend);
  head->addElement(0, 2, new QCPLayoutElement);
  head->setColumnStretchFactor(0, 0.001);
  head->setColumnStretchFactor(1, 0.001);
  plotLayout()->addElement(2 * row, column, head);
  plotLayout()->addElement(2 * row + 1, column, panel.rect);
  plotLayout()->setRowStretchFactor(2 * row, 0.001);
  plotLayout()->setRowSpacing(0);
}

void PlotCanvas::arrangeLegends() {
  const QFontMetrics metrics(font());
  for (Panel& panel : m_panels) {
    QVector<QCPPlottableLegendItem*> items;
    int widest = 1;
    for (int i = 0; i < panel.legend->itemCount(); ++i) {
      auto* item = qobject_cast<QCPPlottableLegendItem*>(panel.legend->item(i));
      if (!item) continue;
      items.append(item);
      widest = std::max(widest, metrics.horizontalAdvance(item->plottable()->name()) + kIconWidth);
    }
    const int title = panel.title.isEmpty() ? 0 : 2 * metrics.horizontalAdvance(panel.title);
    const int room = std::max(80, width() / m_columns - 40 - title);
    widest = std::min(widest, room);
    for (QCPPlottableLegendItem* item : items) {
      item->setFont(font());
      item->setTextColor(palette().color(QPalette::Text));
      item->setMargins(QMargins(0, 0, 0, 3));  // letters reach below the rectangle that is asked for
    }
    panel.legend->setIconSize(kIconWidth - 4, std::max(8, metrics.height() - 4));
    panel.legend->setColumnSpacing(kItemSpacing);
    panel.legend->setRowSpacing(0);
    panel.legend->setWrap(std::max(1, room / (widest + kItemSpacing)));
    panel.legend->setFillOrder(QCPLayoutGrid::foColumnsFirst, true);
    panel.legend->setVisible(panel.legend->itemCount() > 0);
  }
  sharePanels();
}

/// The same height for the axes of every row: those with the texts of x have room for them besides.
void PlotCanvas::sharePanels() {
  const auto count = static_cast<int>(m_panels.size());
  if (count < 2) return;
  const int rows = (count + m_columns - 1) / m_columns;
  const int withTexts = count % m_columns == 0 || rows == 1 ? 1 : 2;
  const double texts = 2.0 * QFontMetrics(font()).height() + 14;
  const double height = std::max(1.0, (this->height() - withTexts * texts) / rows);
  for (int row = rows - withTexts; row < rows; ++row)
    plotLayout()->setRowStretchFactor(2 * row + 1, (height + texts) / height);
}

}  // namespace moesim::gui
