#include <gtest/gtest.h>

#include <QApplication>
#include <QStandardPaths>

/// Widgets need an application; its windows are drawn into memory, and settings are kept apart from the
/// user's.
int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  QStandardPaths::setTestModeEnabled(true);
  testing::InitGoogleTest(&argc, argv);
  const QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("moesim-gui-test"));
  return RUN_ALL_TESTS();
}
