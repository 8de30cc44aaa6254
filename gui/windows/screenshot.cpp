#include "gui/windows/screenshot.hpp"

#include <QCoreApplication>
#include <QEventLoop>
#include <QTimer>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>

#include "base/error.hpp"
#include "gui/views/view.hpp"
#include "gui/windows/main_window.hpp"
#include "gui/windows/picture_export.hpp"
#include "gui/windows/scenario_editor.hpp"

namespace moesim::gui {
namespace {

constexpr int kLongestWaitMs = 120'000;
constexpr int kPollMs = 10;

/// Runs the application until `isDone`, whether in time.
bool waitFor(const std::function<bool()>& isDone) {
  QEventLoop loop;
  QTimer poll;
  QTimer limit;
  limit.setSingleShot(true);
  QObject::connect(&limit, &QTimer::timeout, &loop, &QEventLoop::quit);
  QObject::connect(&poll, &QTimer::timeout, &loop, [&] {
    if (isDone()) loop.quit();
  });
  limit.start(kLongestWaitMs);
  poll.start(kPollMs);
  if (!isDone()) loop.exec();
  return isDone();
}

int fail(const QString& message) {
  std::fprintf(stderr, "moesim-gui: %s\n", qUtf8Printable(message));
  return static_cast<int>(ExitCode::kInvalid);
}

/// Opens the results, or the scenario in the editor. Gives what is wrong, empty where nothing is.
QString openFiles(MainWindow& window, const ScreenshotOptions& options) {
  if (options.view == QStringLiteral("scenario")) {
    if (!options.files.isEmpty()) window.editScenario(options.files.constFirst());
  } else {
    window.openTogether(options.files);
  }
  if (!waitFor([&] { return !window.isLoading(); }))
    return QCoreApplication::translate("Screenshot", "loading took too long");
  if (!window.messages().isEmpty()) return window.messages().constLast();
  return {};
}

}  // namespace

int takeScreenshot(const ScreenshotOptions& options) {
  MainWindow window;
  window.resize(options.size);
  if (options.view == QStringLiteral("window")) window.show();  // so that the first view comes to the front
  const QString trouble = openFiles(window, options);
  if (!trouble.isEmpty()) return fail(trouble);

  std::unique_ptr<QWidget> alone(window.takeContent(options.view));
  QWidget* shown = alone ? alone.get() : &window;
  shown->resize(options.size);
  shown->show();
  QCoreApplication::processEvents();
  const auto* view = qobject_cast<View*>(shown);
  const auto* editor = qobject_cast<ScenarioEditor*>(shown);
  const QList<View*> views = shown->findChildren<View*>();
  const auto isReady = [&] {
    return (view == nullptr || view->isReady()) && (editor == nullptr || editor->isReady()) &&
           std::ranges::all_of(views, [](const View* one) { return !one->isVisible() || one->isReady(); });
  };
  if (!waitFor(isReady)) return fail(QCoreApplication::translate("Screenshot", "the view took too long"));
  QCoreApplication::sendPostedEvents();  // texts that came last are laid out
  QCoreApplication::processEvents();
  const QString csv = view != nullptr ? view->csv() : editor != nullptr ? editor->csv() : QString();
  const QString fault = exportWidget(*shown, csv, options.output);
  return fault.isEmpty() ? 0 : fail(fault);
}

}  // namespace moesim::gui
