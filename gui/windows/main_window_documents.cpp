#include <QComboBox>
#include <algorithm>

#include "gui/views/view.hpp"
#include "gui/windows/main_window.hpp"

namespace moesim::gui {
namespace {

/// What time is for views over time: seconds of spans, else of series.
TimeRange rangeOf(const RunDocument& document) {
  TimeRange range{0, 0};
  if (!document.timeline().spans().empty())
    range = {document.timeline().start_s(), document.timeline().end_s()};
  for (const Series& one : document.series()) {
    if (one.time_s.empty()) continue;
    const auto [least, most] = std::ranges::minmax(one.time_s);
    range = {std::min(range.start, least), std::max(range.end, most)};
  }
  return range;
}

}  // namespace

void MainWindow::open(const QString& path) {
  if (!m_loader.isBusy()) showMessage({});
  m_loader.load(path);
}

void MainWindow::openTogether(const QStringList& paths) {
  if (paths.size() == 2) m_pair = paths;
  for (const QString& path : paths) open(path);
}

void MainWindow::comparePair() {
  if (m_pair.size() != 2) return;
  const int first = m_documents.rowOf(m_pair[0]);
  const int second = m_documents.rowOf(m_pair[1]);
  if (first < 0 || second < 0) return;
  m_pair.clear();
  showDocument(first);
  compareWith(second);
}

void MainWindow::addDocument(const DocumentPtr& document) {
  const int row = m_documents.add(document);
  const bool isKnown = m_secondBox->count() == m_documents.rowCount() + 1;
  if (!isKnown) m_secondBox->addItem(document->title());
  m_secondBox->setItemText(row + 1, document->title());
  if (!isKnown && m_secondBox->currentIndex() == 0) m_firstBox->setCurrentIndex(row);
  showDocuments();
}

void MainWindow::reload() {
  const DocumentPtr document = m_documents.document(m_firstBox->currentIndex());
  if (document && !document->path().isEmpty()) open(document->path());
}

void MainWindow::closeDocument() {
  removeDocument(m_firstBox->currentIndex());
}

void MainWindow::removeDocument(int row) {
  if (row < 0 || row >= m_documents.rowCount()) return;
  if (m_secondBox->currentIndex() == row + 1) m_secondBox->setCurrentIndex(0);
  m_secondBox->removeItem(row + 1);
  m_documents.remove(row);
  if (m_documents.rowCount() == 0) {
    m_state.reset();
    setWindowTitle(QStringLiteral("moesim"));
  }
  showDocuments();
}

void MainWindow::showDocument(int row) {
  m_firstBox->setCurrentIndex(row);
  showDocuments();
}

void MainWindow::compareWith(int row) {
  if (row >= m_documents.rowCount()) return;
  if (row >= 0 && m_firstBox->currentIndex() == row && m_documents.rowCount() > 1)
    m_firstBox->setCurrentIndex(row == 0 ? 1 : 0);
  m_secondBox->setCurrentIndex(row + 1);
  showDocuments();
}

void MainWindow::showDocuments() {
  const DocumentPtr first = m_documents.document(m_firstBox->currentIndex());
  const DocumentPtr second = m_documents.document(m_secondBox->currentIndex() - 1);
  if (first) {
    TimeRange range = rangeOf(*first);
    if (second) {
      const TimeRange other = rangeOf(*second);
      range = {std::min(range.start, other.start), std::max(range.end, other.end)};
    }
    if (range.start < range.end && range != m_state.fullRange()) m_state.setFullRange(range);
    setWindowTitle(QStringLiteral("%1 - moesim").arg(first->title()));
  }
  for (View* view : m_views) view->setDocuments(first, second == first ? nullptr : second);
}

}  // namespace moesim::gui
