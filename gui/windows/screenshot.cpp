#include "gui/windows/screenshot.hpp"

#include <QCoreApplication>
#include <QEventLoop>
#include <QTimer>
#include <cstdio>
#include <functional>
#include <memory>

#include "base/error.hpp"
#include "gui/views/view.hpp"
#include "gui/windows/main_window.hpp"
#include "gui/windows/picture_export.hpp"

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

}  // namespace

int takeScreenshot(const ScreenshotOptions& options) {
  MainWindow window;
  window.resize(options.size);
  for (const QString& file : options.files) window.open(file);
  if (!waitFor([&] { return !window.isLoading(); }))
    return fail(QCoreApplication::translate("Screenshot", "loading took too long"));
  if (!window.messages().isEmpty()) return fail(window.messages().constLast());
  if (options.files.size() > 1) window.compareWith(1);

  QWidget* shown = &window;
  QString csv;
  std::unique_ptr<QWidget> alone;  // the view outside of its dock
  if (View* view = window.view(options.view)) {
    view->setParent(nullptr);
    alone.reset(view);
    view->resize(options.size);
    view->show();
    QCoreApplication::processEvents();
    if (!waitFor([view] { return view->isReady(); }))
      return fail(QCoreApplication::translate("Screenshot", "the view took too long"));
    csv = view->csv();
    shown = view;
  } else {
    window.show();
  }
  QCoreApplication::processEvents();
  const QString fault = exportWidget(*shown, csv, options.output);
  return fault.isEmpty() ? 0 : fail(fault);
}

}  // namespace moesim::gui
