#pragma once

#include <QString>

namespace moesim::gui {

/// The program that simulates: the one that was set, else `moesim` beside this executable, else in PATH;
/// empty where there is none.
QString moesimProgram();
/// Takes this program from now on; empty: looks for it again.
void setMoesimProgram(const QString& path);
/// What to say where there is none.
QString missingProgramText();

}  // namespace moesim::gui
