#pragma once

#include <QMetaObject>
#include <QObject>
#include <QThreadPool>
#include <QtConcurrent/QtConcurrentRun>
#include <utility>

namespace moesim::gui {

/// Runs `work` in the pool, then `take` with what it gives on the thread of `context`. A future's then()
/// calls it at once where the work is done already; this never does before the caller is back in its event
/// loop. `context` must wait for the pool before it ends; `take` is dropped with it, and where `work` throws.
template <class Work, class Take>
void runLater(QThreadPool& pool, QObject* context, Work work, Take take) {
  const auto job = [context, work = std::move(work), take = std::move(take)] {
    QMetaObject::invokeMethod(
        context, [take, result = work()] { take(result); }, Qt::QueuedConnection);
  };
  [[maybe_unused]] const auto future = QtConcurrent::run(&pool, job);
}

}  // namespace moesim::gui
