#pragma once

#include <QStackedWidget>

class QLabel;

namespace moesim::gui {

/// Shows a widget, or a text in its place where there is nothing to see.
class EmptyStack : public QStackedWidget {
  Q_OBJECT

 public:
  /// Takes the widget.
  explicit EmptyStack(QWidget* content, QWidget* parent = nullptr);
  /// The content where `text` is empty.
  void setEmptyText(const QString& text);
  [[nodiscard]] QString emptyText() const;

 private:
  QLabel* m_label;
};

}  // namespace moesim::gui
