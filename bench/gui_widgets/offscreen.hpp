#pragma once

#include <QApplication>

namespace moesim::gui {

/// Widgets need an application; its windows are drawn into memory. Made at the first call.
inline void startOffscreen() {
  static int count = 1;
  static char name[] = "bench";
  static char* arguments[] = {name, nullptr};
  if (QCoreApplication::instance() != nullptr) return;
  qputenv("QT_QPA_PLATFORM", "offscreen");
  static const QApplication application(count, arguments);
}

}  // namespace moesim::gui
