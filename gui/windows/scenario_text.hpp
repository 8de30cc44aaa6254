#pragma once

#include <QTimer>
#include <QWidget>

class QLabel;
class QPlainTextEdit;

namespace moesim::gui {

class ScenarioDocument;

/// A scenario as JSON text. What is written becomes the document as soon as it is JSON.
class ScenarioText : public QWidget {
  Q_OBJECT

 public:
  /// `document` must outlive the widget.
  explicit ScenarioText(ScenarioDocument& document, QWidget* parent = nullptr);
  /// Takes what was written at once. Whether it is JSON.
  bool take();
  [[nodiscard]] QString fault() const;
  [[nodiscard]] QPlainTextEdit& editor() { return *m_editor; }

 private:
  void refresh();

  ScenarioDocument& m_document;
  QPlainTextEdit* m_editor;
  QLabel* m_fault;
  QTimer m_delay;
  bool m_takes = false;
};

}  // namespace moesim::gui
