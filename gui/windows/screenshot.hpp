#pragma once

#include <QSize>
#include <QString>
#include <QStringList>

namespace moesim::gui {

/// What `moesim-gui --screenshot` draws.
struct ScreenshotOptions {
  QString view;       ///< a name of viewKinds(), "start", "scenario", or "window" for the whole window
  QString output;     ///< FILE.png, .svg, .pdf or .csv
  QStringList files;  ///< one result, or two that are compared; of "scenario" a scenario
  QSize size{1280, 720};
};

/// Draws a view of results without showing a window; needs an application. Gives the exit code: 3 where a
/// file cannot be read or the output cannot be written, with the reason on stderr.
int takeScreenshot(const ScreenshotOptions& options);

}  // namespace moesim::gui
