#include "gui/widgets/empty_stack.hpp"

#include <QLabel>

namespace moesim::gui {

EmptyStack::EmptyStack(QWidget* content, QWidget* parent)
    : QStackedWidget(parent), m_label(new QLabel(this)) {
  m_label->setAlignment(Qt::AlignCenter);
  m_label->setWordWrap(true);
  m_label->setMargin(24);
  m_label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  addWidget(content);
  addWidget(m_label);
}

void EmptyStack::setEmptyText(const QString& text) {
  m_label->setText(text);
  setCurrentIndex(text.isEmpty() ? 0 : 1);
}

QString EmptyStack::emptyText() const {
  return currentIndex() == 0 ? QString() : m_label->text();
}

}  // namespace moesim::gui
