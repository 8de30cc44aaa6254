#include "gui/models/moesim_program.hpp"

#include <QCoreApplication>
#include <QStandardPaths>

namespace moesim::gui {
namespace {

QString& chosenProgram() {
  static QString program;
  return program;
}

}  // namespace

QString moesimProgram() {
  if (!chosenProgram().isEmpty()) return chosenProgram();
  const QString name = QStringLiteral("moesim");
  const QString beside = QStandardPaths::findExecutable(name, {QCoreApplication::applicationDirPath()});
  return beside.isEmpty() ? QStandardPaths::findExecutable(name) : beside;
}

void setMoesimProgram(const QString& path) {
  chosenProgram() = path;
}

QString missingProgramText() {
  return QCoreApplication::translate("moesim",
                                     "the program moesim was not found beside moesim-gui or in PATH; install "
                                     "it, or build it with ./bootstrap");
}

}  // namespace moesim::gui
