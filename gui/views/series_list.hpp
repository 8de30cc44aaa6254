#pragma once

#include <QStringList>
#include <QTreeWidget>

class QTimer;

namespace moesim::gui {

/// The curves of a result below their groups, each with its colour and a box that shows or hides it; the box
/// of a group does so for all in it.
class SeriesList : public QTreeWidget {
  Q_OBJECT

 public:
  explicit SeriesList(QWidget* parent = nullptr);
  /// Other names start with those of startingSeries(); the same ones keep what is chosen.
  void setNames(const QStringList& names);
  [[nodiscard]] bool isEmpty() const { return m_names.isEmpty(); }
  [[nodiscard]] QStringList shown() const;
  void setShown(const QStringList& names);
  [[nodiscard]] QSize sizeHint() const override { return {width(), QTreeWidget::sizeHint().height()}; }

 Q_SIGNALS:
  void shownChanged();

 private:
  void fitWidth();

  QStringList m_names;
  QTimer* m_later;
};

}  // namespace moesim::gui
