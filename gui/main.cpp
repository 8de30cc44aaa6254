#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "base/error.hpp"
#include "gui/arguments.hpp"
#include "gui/manual.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/windows/main_window.hpp"
#include "gui/windows/screenshot.hpp"

namespace moesim::gui {
namespace {

/// Without a display Qt ends the process; its reason is told in one line.
void tellMessages(QtMsgType type, const QMessageLogContext& /*context*/, const QString& text) {
  if (type == QtFatalMsg && text.contains(QStringLiteral("platform plugin"))) {
    const QString display = qEnvironmentVariable("DISPLAY", QStringLiteral("not set"));
    std::fprintf(
        stderr,
        "moesim-gui: no display can be opened (DISPLAY is %s); start it in a desktop session, or with ssh "
        "-X\nWithout a display, --screenshot draws a view into a file.\n",
        qUtf8Printable(display));
    std::_Exit(static_cast<int>(ExitCode::kRunFailed));
  }
  if (type == QtFatalMsg) {
    std::fprintf(stderr, "moesim-gui: %s\n", qUtf8Printable(text));
    std::_Exit(static_cast<int>(ExitCode::kRunFailed));
  }
  if (type == QtCriticalMsg) std::fprintf(stderr, "moesim-gui: %s\n", qUtf8Printable(text));
}

QStringList wordsOf(int argc, char** argv) {
  QStringList words;
  for (int i = 1; i < argc; ++i) words.append(QString::fromLocal8Bit(argv[i]));
  return words;
}

/// What needs no application; nothing where a window is to be shown.
std::optional<ExitCode> answer(const Arguments& arguments) {
  if (!arguments.fault.isEmpty()) {
    std::fprintf(stderr, "moesim-gui: %s\n", qUtf8Printable(arguments.fault));
    return ExitCode::kUsage;
  }
  if (arguments.wantsHelp)
    std::fputs(qUtf8Printable(helpText()), stdout);
  else if (arguments.wantsManual)
    std::fputs(manualPage(MOESIM_VERSION).c_str(), stdout);
  else if (arguments.wantsVersion)
    std::puts("moesim-gui " MOESIM_VERSION);
  else
    return std::nullopt;
  return ExitCode::kDone;
}

QString schemeName(const Arguments& arguments) {
  if (!arguments.theme.isEmpty()) return arguments.theme;
  if (!arguments.screenshotView.isEmpty()) return QStringLiteral("light");
  return QSettings().value(QStringLiteral("colors")).toString();
}

}  // namespace
}  // namespace moesim::gui

int main(int argc, char** argv) {
  using namespace moesim::gui;
  const Arguments arguments = parseArguments(wordsOf(argc, argv));
  if (const auto code = answer(arguments)) return static_cast<int>(*code);

  qInstallMessageHandler(tellMessages);
  const bool isScreenshot = !arguments.screenshotView.isEmpty();
  if (isScreenshot) qputenv("QT_QPA_PLATFORM", "offscreen");
  int numWords = 1;
  const QApplication application(numWords, argv);
  std::optional<QTemporaryDir> settings;  // a picture depends on none of the user's and leaves none
  if (isScreenshot) {
    settings.emplace();
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settings->path());
  }
  QApplication::setOrganizationName(QStringLiteral("moesim"));
  QApplication::setApplicationName(QStringLiteral("moesim-gui"));
  QApplication::setApplicationVersion(QStringLiteral(MOESIM_VERSION));
  setColorScheme(colorSchemeOf(schemeName(arguments)));
  if (isScreenshot)
    return takeScreenshot(
        {arguments.screenshotView, arguments.screenshotFile, arguments.files, arguments.size});

  MainWindow window;
  window.show();
  window.openTogether(arguments.files);
  return QApplication::exec();
}
