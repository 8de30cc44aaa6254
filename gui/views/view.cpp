#include "gui/views/view.hpp"

namespace moesim::gui {

void View::setDocuments(const DocumentPtr& first, const DocumentPtr& second) {
  if (first == m_first && second == m_second) return;
  m_first = first;
  m_second = second;
  documentsChanged();
}

}  // namespace moesim::gui
