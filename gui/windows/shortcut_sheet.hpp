#pragma once

#include <QDialog>

namespace moesim::gui {

/// Every action of a window's menus and of its views with its shortcut, by menu.
class ShortcutSheet : public QDialog {
  Q_OBJECT

 public:
  explicit ShortcutSheet(const QWidget& window, QWidget* parent = nullptr);
};

/// Rows "action, shortcut, group" of what ShortcutSheet shows.
QList<QStringList> shortcutRows(const QWidget& window);

}  // namespace moesim::gui
