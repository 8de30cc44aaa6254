#include "gui/windows/shortcut_sheet.hpp"

#include <QAction>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QMenu>
#include <QMenuBar>
#include <QTableWidget>
#include <QVBoxLayout>

namespace moesim::gui {
namespace {

QString plainText(const QAction& action) {
  QString text = action.text();
  text.remove(QLatin1Char('&'));
  return text;
}

void addRow(QList<QStringList>& rows, const QAction& action, const QString& group) {
  if (action.isSeparator() || action.menu() != nullptr || action.text().isEmpty()) return;
  QStringList keys;
  for (const QKeySequence& shortcut : action.shortcuts())
    keys.append(shortcut.toString(QKeySequence::NativeText));
  rows.append({plainText(action), keys.join(QStringLiteral(", ")), group});
}

}  // namespace

QList<QStringList> shortcutRows(const QWidget& window) {
  QList<QStringList> rows;
  for (const QMenu* menu : window.findChildren<QMenu*>()) {
    if (menu->title().isEmpty() || menu->property("isListOfFiles").toBool()) continue;
    for (const QAction* action : menu->actions())
      addRow(rows, *action, QString(menu->title()).remove(QLatin1Char('&')));
  }
  return rows;
}

ShortcutSheet::ShortcutSheet(const QWidget& window, QWidget* parent) : QDialog(parent) {
  setWindowTitle(tr("Actions and shortcuts"));
  const QList<QStringList> rows = shortcutRows(window);
  auto* table = new QTableWidget(static_cast<int>(rows.size()), 3);
  table->setHorizontalHeaderLabels({tr("Action"), tr("Shortcut"), tr("Where")});
  table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  table->verticalHeader()->hide();
  for (int row = 0; row < rows.size(); ++row)
    for (int column = 0; column < 3; ++column)
      table->setItem(row, column, new QTableWidgetItem(rows[row][column]));
  table->resizeColumnsToContents();
  table->horizontalHeader()->setStretchLastSection(true);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  auto* column = new QVBoxLayout(this);
  column->addWidget(table);
  column->addWidget(buttons);
  resize(680, 560);
}

}  // namespace moesim::gui
