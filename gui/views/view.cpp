#include "gui/views/view.hpp"

#include <QVBoxLayout>

#include "gui/widgets/empty_stack.hpp"

namespace moesim::gui {

void View::setDocuments(const DocumentPtr& first, const DocumentPtr& second) {
  if (first == m_first && second == m_second) return;
  m_first = first;
  m_second = second;
  documentsChanged();
}

EmptyStack* View::addContent(QWidget* content) {
  auto* stack = new EmptyStack(content);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins({});
  layout->addWidget(stack);
  return stack;
}

}  // namespace moesim::gui
