#pragma once

#include <QSize>
#include <QString>
#include <QStringList>
#include <span>

namespace moesim::gui {

/// One option of the program.
struct ArgumentRow {
  const char* name;   ///< "--size"
  const char* value;  ///< "WxH"; empty: it takes none
  const char* doc;
};
/// In the order of help.
std::span<const ArgumentRow> argumentRows();
/// What --screenshot takes besides the views.
std::span<const ArgumentRow> pageRows();

/// What the command line asks for.
struct Arguments {
  QStringList files;
  QString screenshotView;  ///< empty: a window
  QString screenshotFile;
  QSize size{1280, 720};
  QString theme;  ///< "light", "dark" or empty
  bool wantsHelp = false;
  bool wantsManual = false;
  bool wantsVersion = false;
  QString fault;  ///< what is wrong; empty where nothing is
};

/// `words` without the program's name.
Arguments parseArguments(const QStringList& words);

/// The text of --help.
QString helpText();

}  // namespace moesim::gui
