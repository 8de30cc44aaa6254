#include "gui/widgets/flow_layout.hpp"

#include <algorithm>

namespace moesim::gui {

FlowLayout::~FlowLayout() {
  qDeleteAll(m_items);
}

QLayoutItem* FlowLayout::takeAt(int index) {
  return index >= 0 && index < m_items.size() ? m_items.takeAt(index) : nullptr;
}

int FlowLayout::heightForWidth(int width) const {
  return place({0, 0, width, 0}, false);
}

QSize FlowLayout::sizeHint() const {
  int width = 0;
  for (const QLayoutItem* item : m_items) width += item->sizeHint().width() + spacing();
  return {width, minimumSize().height()};
}

QSize FlowLayout::minimumSize() const {
  QSize size;
  for (const QLayoutItem* item : m_items) size = size.expandedTo(item->minimumSize());
  const QMargins margins = contentsMargins();
  return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom());
}

void FlowLayout::setGeometry(const QRect& rect) {
  QLayout::setGeometry(rect);
  place(rect, true);
}

/// The height that the items take.
int FlowLayout::place(const QRect& rect, bool moves) const {
  const QRect area = rect.marginsRemoved(contentsMargins());
  int x = area.x();
  int y = area.y();
  int line = 0;
  for (QLayoutItem* item : m_items) {
    if (item->isEmpty()) continue;
    const QSize size = item->sizeHint();
    if (x > area.x() && x + size.width() > area.right() + 1) {
      x = area.x();
      y += line + spacing() / 3;
      line = 0;
    }
    if (moves) item->setGeometry({QPoint(x, y), size});
    x += size.width() + spacing();
    line = std::max(line, size.height());
  }
  return y + line - rect.y() + contentsMargins().bottom();
}

}  // namespace moesim::gui
