#pragma once

#include <QSize>
#include <QString>
#include <QWidget>

namespace moesim::gui {

/// The endings of exportWidget() as a filter of file dialogs.
QString exportFilter();

/// Draws the widget as it is shown into FILE.png, .svg or .pdf, or writes `csv` into FILE.csv; beside the
/// file and renamed. Gives what is wrong, empty where nothing is.
QString exportWidget(QWidget& widget, const QString& csv, const QString& path);

}  // namespace moesim::gui
