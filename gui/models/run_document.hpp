#pragma once

#include <QMetaType>
#include <QString>
#include <QStringList>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "reports/pictures/load_cube.hpp"
#include "reports/pictures/span_timeline.hpp"
#include "sim/results/record_sink.hpp"
#include "sim/results/span_names.hpp"
#include "sim/results/store.hpp"
#include "sim/results/sweep_reader.hpp"

namespace moesim::gui {

/// Gets how far loading is, in [0, 1], on the thread that loads; false ends it.
using LoadProgress = std::function<bool(double fraction)>;

/// One case of a sweep that has ended.
struct SweepRun {
  std::int64_t index = 0;  ///< place in the grid
  QString name;
  std::shared_ptr<const Json> changes;  ///< {pointer: value}
  std::shared_ptr<const Json> result;   ///< result document; null where it failed
  QString message;                      ///< of one that failed
};

/// What a document is made of. A member without a value is empty, never null.
struct RunParts {
  QString path;                        ///< as it was opened; empty for a run in progress
  QString title;                       ///< of one without a path; empty: "run in progress"
  std::shared_ptr<const Json> result;  ///< result document, {} where there is none
  std::vector<Series> series;          ///< sorted by name
  std::vector<Histogram> histograms;   ///< sorted by name
  SpanNames names;                     ///< of phases, lanes and passes
  std::shared_ptr<const pictures::SpanTimeline> timeline;
  std::vector<LoadStream> loadStreams;                                     ///< sorted by name
  std::map<std::string, std::shared_ptr<const pictures::LoadCube>> loads;  ///< those in memory already
  std::vector<SweepRun> sweep;
};

/// An opened result, immutable. Shared between threads.
class RunDocument {
 public:
  explicit RunDocument(RunParts parts);

  /// Opens a folder of `moesim run -o`, a record file, a result document (JSON) of any kind or a sweep file.
  /// Null where `progress` ended it. Throws SpecError, RunError (damaged, of another version).
  static std::shared_ptr<const RunDocument> load(const QString& path, const LoadProgress& progress = {});

  [[nodiscard]] const QString& path() const { return m_parts.path; }
  /// For tabs and legends: the last part of the path.
  [[nodiscard]] QString title() const;
  /// "training", "routing", "serving", "search", "capacity", "sweep", ...; empty where nothing says it.
  [[nodiscard]] QString kind() const;
  [[nodiscard]] const Json& result() const { return *m_parts.result; }
  /// result()["summary"], {} without one.
  [[nodiscard]] const Json& summary() const;
  /// Of the result, then what of its records cannot be drawn.
  [[nodiscard]] QStringList warnings() const;
  [[nodiscard]] const std::vector<Series>& series() const { return m_parts.series; }
  /// Null where there is no such histogram.
  [[nodiscard]] const Histogram* histogram(std::string_view name) const;
  /// Null where there is no such series.
  [[nodiscard]] const Series* series(std::string_view name) const;
  [[nodiscard]] const SpanNames& names() const { return m_parts.names; }
  [[nodiscard]] const pictures::SpanTimeline& timeline() const { return *m_parts.timeline; }
  [[nodiscard]] const std::vector<LoadStream>& loadStreams() const { return m_parts.loadStreams; }
  [[nodiscard]] bool hasLoads(std::string_view stream) const;
  /// The rows of a stream, read at the first call: not on the GUI thread. Null where `progress` ended it, an
  /// empty cube where there is no such stream. Throws RunError where the file is gone or damaged.
  [[nodiscard]] std::shared_ptr<const pictures::LoadCube> loads(const std::string& stream,
                                                                const LoadProgress& progress = {}) const;
  /// The rows if loads() has read them, else null. Callable on the GUI thread.
  [[nodiscard]] std::shared_ptr<const pictures::LoadCube> loadsInMemory(const std::string& stream) const;
  [[nodiscard]] const std::vector<SweepRun>& sweep() const { return m_parts.sweep; }

 private:
  RunParts m_parts;
  QStringList m_recordWarnings;
  mutable std::mutex m_mutex;  // of m_loads
  mutable std::map<std::string, std::shared_ptr<const pictures::LoadCube>> m_loads;
};

using DocumentPtr = std::shared_ptr<const RunDocument>;

}  // namespace moesim::gui

Q_DECLARE_METATYPE(moesim::gui::DocumentPtr)
