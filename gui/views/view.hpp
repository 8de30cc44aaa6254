#pragma once

#include <QString>
#include <QWidget>
#include <memory>

#include "gui/models/run_document.hpp"
#include "gui/models/view_state.hpp"

namespace moesim::gui {

class EmptyStack;

/// What a dock shows of one result, or of two that are compared. Views share one ViewState and follow it.
/// What takes longer than 5 ms is done on another thread.
class View : public QWidget {
  Q_OBJECT

 public:
  /// `state` must outlive the view.
  explicit View(ViewState& state, QWidget* parent = nullptr) : QWidget(parent), m_state(state) {}

  /// `first` null: nothing is open; `second` null: nothing is compared. A document that goes on replaces the
  /// one before: what is shown stays in place.
  void setDocuments(const DocumentPtr& first, const DocumentPtr& second);
  [[nodiscard]] const DocumentPtr& first() const { return m_first; }
  [[nodiscard]] const DocumentPtr& second() const { return m_second; }

  /// What is shown as a table: a heading and rows of CSV; empty where nothing is.
  [[nodiscard]] virtual QString csv() const = 0;
  /// Whether everything that was asked for is there, so that a picture of the view is whole.
  [[nodiscard]] virtual bool isReady() const { return true; }
  /// Why there is nothing to see and what to do about it; empty where there is.
  [[nodiscard]] virtual QString emptyText() const = 0;

 Q_SIGNALS:
  /// isReady() became true.
  void ready();
  /// The user asks to open a result, e.g. by a click on a point of a sweep.
  void openRequested(const QString& path);
  /// The user asks for a scenario in the editor: of this name, with paths that begin in `folder`.
  void editRequested(const std::shared_ptr<const moesim::Json>& scenario, const QString& name,
                     const QString& folder);

 protected:
  /// The documents are other ones.
  virtual void documentsChanged() = 0;
  [[nodiscard]] ViewState& state() const { return m_state; }
  /// Fills the view with it, or with emptyText() in its place.
  EmptyStack* addContent(QWidget* content);

 private:
  ViewState& m_state;
  DocumentPtr m_first;
  DocumentPtr m_second;
};

}  // namespace moesim::gui
