#include "gui/models/run_document.hpp"

#include <QDir>
#include <QFileInfo>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "reports/pictures/load_result.hpp"

namespace moesim::gui {
namespace fs = std::filesystem;
namespace {

const Json kNothing = Json::object();

fs::path fsPath(const QString& path) {
  return fs::path(path.toStdString());
}

bool goesOn(const LoadProgress& progress, double fraction) {
  return !progress || progress(fraction);
}

std::shared_ptr<const Json> parsed(std::string_view text, const std::string& file) {
  return std::make_shared<const Json>(text.empty() ? kNothing : parse_json(text, file));
}

/// Every span of a record file; nothing where `progress` ended it.
std::optional<std::vector<Span>> readSpans(const StoreReader& reader, const LoadProgress& progress) {
  constexpr double kAll = std::numeric_limits<double>::infinity();
  std::vector<Span> spans;
  const std::size_t numSpans = reader.num_spans();
  spans.reserve(numSpans);
  bool on = true;
  reader.for_each_chunk(-kAll, kAll, [&](const std::vector<Span>& chunk) {
    if (!on) return;
    spans.insert(spans.end(), chunk.begin(), chunk.end());
    on = goesOn(progress,
                static_cast<double>(spans.size()) / static_cast<double>(std::max<std::size_t>(numSpans, 1)));
  });
  if (!on) return std::nullopt;
  return spans;
}

/// A result of this version. Throws SpecError.
void requireVersion(const Json& document, const std::string& file) {
  if (!document.contains("schema_version") || document["schema_version"] == kSchemaVersion) return;
  throw SpecError(file, "/schema_version", "is of another version",
                  "run it again with this version of moesim");
}

/// Runs what reads a file. Faults that do not name it are those of a damaged one. Throws SpecError, RunError.
template <class Read>
auto readWhole(const QString& path, const Read& read) {
  try {
    return read();
  } catch (const RunError& error) {
    const std::string file = path.toStdString();
    if (std::string_view(error.what()).find(file) != std::string_view::npos) throw;
    throw SpecError(file, "", std::string("is cut off or damaged: ") + error.what(),
                    "copy the whole file again, or run it again");
  }
}

std::shared_ptr<const RunDocument> loadRecords(const QString& path, const fs::path& file,
                                               const LoadProgress& progress) {
  const StoreReader reader(file);
  RunParts parts;
  parts.path = path;
  const fs::path summary = file.parent_path() / "summary.json";
  const std::string kept = reader.meta("summary");
  parts.result = kept.empty() && fs::exists(summary) ? std::make_shared<const Json>(read_json_file(summary))
                                                     : parsed(kept, file.string());
  requireVersion(*parts.result, file.string());
  parts.series = reader.series();
  std::ranges::sort(parts.series, {}, &Series::name);
  parts.histograms = reader.histograms();
  parts.names = read_span_names(reader);
  parts.loadStreams = reader.load_streams();
  // Reading is about half of the time, sorting by row the other.
  auto spans = readSpans(reader, [&](double fraction) { return goesOn(progress, 0.5 * fraction); });
  if (!spans) return nullptr;
  bool isWhole = true;
  parts.timeline = std::make_shared<const pictures::SpanTimeline>(std::move(*spans), [&](double fraction) {
    isWhole = goesOn(progress, 0.5 + 0.5 * fraction);
    return isWhole;
  });
  if (!isWhole) return nullptr;
  return std::make_shared<const RunDocument>(std::move(parts));
}

std::shared_ptr<const RunDocument> loadSweep(const QString& path, const LoadProgress& progress) {
  const SweepReader reader(fsPath(path));
  RunParts parts;
  parts.path = path;
  Json document = Json::object();
  document["kind"] = "sweep";
  for (const char* key : {"moesim_version", "kind", "axes", "grid"}) {
    const std::string text = reader.meta(key);
    const Json value = Json::parse(text, nullptr, false);
    document[std::string_view(key) == "kind" ? "of" : key] = value.is_discarded() ? Json(text) : value;
  }
  parts.result = std::make_shared<const Json>(std::move(document));
  const double total = static_cast<double>(std::max<std::int64_t>(reader.num_cases(), 1));
  bool on = true;
  reader.for_each_case([&](const SweepCase& one) {
    if (!on) return;
    SweepRun run;
    run.index = one.index;
    run.name = QString::fromUtf8(one.name.data(), static_cast<qsizetype>(one.name.size()));
    run.changes = parsed(one.changes, path.toStdString());
    if (one.state == SweepCaseState::done) run.result = parsed(one.result, path.toStdString());
    run.message = QString::fromUtf8(one.message.data(), static_cast<qsizetype>(one.message.size()));
    parts.sweep.push_back(std::move(run));
    on = goesOn(progress, static_cast<double>(parts.sweep.size()) / total);
  });
  if (!on) return nullptr;
  return std::make_shared<const RunDocument>(std::move(parts));
}

std::shared_ptr<const RunDocument> loadResult(const QString& path) {
  RunParts parts;
  parts.path = path;
  Json document = read_json_file(fsPath(path));
  if (!document.is_object() || !document.contains("schema_version") || !document.contains("kind"))
    throw SpecError(
        path.toStdString(), "", "is no result of moesim",
        "open a folder that `moesim run -o` wrote, its records.moesim or summary.json, or a sweep");
  requireVersion(document, path.toStdString());
  parts.result = std::make_shared<const Json>(std::move(document));
  return std::make_shared<const RunDocument>(std::move(parts));
}

/// What of the records is left out of pictures.
QStringList warningsOf(const RunParts& parts) {
  QStringList texts;
  for (const Series& one : parts.series) {
    const auto isNone = [](double value) { return !std::isfinite(value); };
    const auto none = std::ranges::count_if(one.value, isNone) + std::ranges::count_if(one.time_s, isNone);
    if (none > 0)
      texts.append(QStringLiteral("%1 of %2 values of the curve %3 are no finite numbers and are left out")
                       .arg(none)
                       .arg(one.value.size())
                       .arg(QString::fromStdString(one.name)));
  }
  if (const std::size_t none = parts.timeline->num_unusable(); none > 0)
    texts.append(QStringLiteral("%1 spans without usable times are left out").arg(none));
  return texts;
}

}  // namespace

RunDocument::RunDocument(RunParts parts) : m_parts(std::move(parts)) {
  if (!m_parts.result || !m_parts.result->is_object())
    m_parts.result = std::make_shared<const Json>(kNothing);
  m_loads = std::move(m_parts.loads);
  if (!m_parts.timeline) m_parts.timeline = std::make_shared<const pictures::SpanTimeline>();
  m_recordWarnings = warningsOf(m_parts);
}

std::shared_ptr<const RunDocument> RunDocument::load(const QString& path, const LoadProgress& progress) {
  const QFileInfo info(path);
  if (!info.exists())
    throw SpecError(path.toStdString(), "", "is not there", "it may have been moved or removed");
  if (info.isDir()) {
    const QDir folder(path);
    if (folder.exists(QStringLiteral("records.moesim")))
      return readWhole(path, [&] {
        return loadRecords(path, fsPath(folder.filePath(QStringLiteral("records.moesim"))), progress);
      });
    if (folder.exists(QStringLiteral("summary.json")))
      return loadResult(folder.filePath(QStringLiteral("summary.json")));
    throw SpecError(path.toStdString(), "", "is a folder without a result",
                    "open a folder that `moesim run -o` wrote");
  }
  if (info.suffix() == QStringLiteral("json")) return loadResult(path);
  if (is_sweep_file(fsPath(path))) return loadSweep(path, progress);
  return readWhole(path, [&] { return loadRecords(path, fsPath(path), progress); });
}

QString RunDocument::title() const {
  if (m_parts.path.isEmpty())
    return m_parts.title.isEmpty() ? QStringLiteral("run in progress") : m_parts.title;
  const QFileInfo info(m_parts.path);
  const QString name = info.fileName();
  const bool isInFolder = name == QStringLiteral("records.moesim") || name == QStringLiteral("summary.json");
  return isInFolder ? info.absoluteDir().dirName() : info.completeBaseName();
}

QString RunDocument::kind() const {
  const auto kind = m_parts.result->find("kind");
  if (kind == m_parts.result->end() || !kind->is_string()) return {};
  return QString::fromStdString(kind->get<std::string>());
}

const Json& RunDocument::summary() const {
  const auto summary = m_parts.result->find("summary");
  return summary != m_parts.result->end() && summary->is_object() ? *summary : kNothing;
}

QStringList RunDocument::warnings() const {
  QStringList texts;
  const auto warnings = m_parts.result->find("warnings");
  if (warnings != m_parts.result->end() && warnings->is_array())
    for (const Json& one : *warnings)
      if (one.is_string()) texts.append(QString::fromStdString(one.get<std::string>()));
  return texts + m_recordWarnings;
}

const Histogram* RunDocument::histogram(std::string_view name) const {
  const auto at = std::ranges::find(m_parts.histograms, name, &Histogram::name);
  return at == m_parts.histograms.end() ? nullptr : &*at;
}

const Series* RunDocument::series(std::string_view name) const {
  const auto at = std::ranges::find(m_parts.series, name, &Series::name);
  return at == m_parts.series.end() ? nullptr : &*at;
}

bool RunDocument::hasLoads(std::string_view stream) const {
  return std::ranges::find(m_parts.loadStreams, stream, &LoadStream::name) != m_parts.loadStreams.end();
}

std::shared_ptr<const pictures::LoadCube> RunDocument::loadsInMemory(const std::string& stream) const {
  const std::lock_guard lock(m_mutex);
  const auto at = m_loads.find(stream);
  return at == m_loads.end() ? nullptr : at->second;
}

std::shared_ptr<const pictures::LoadCube> RunDocument::loads(const std::string& stream,
                                                             const LoadProgress& progress) const {
  if (auto known = loadsInMemory(stream)) return known;
  if (!hasLoads(stream) || m_parts.path.isEmpty()) return std::make_shared<const pictures::LoadCube>();
  const StoreReader reader(pictures::record_file(fsPath(m_parts.path)));
  bool isEnded = false;
  const auto rows = [&](std::int64_t first, std::int64_t last, const auto& visit) {
    reader.for_each_load(stream, first, last, visit);
  };
  auto cube = std::make_shared<const pictures::LoadCube>(rows, [&](double fraction) {
    isEnded = !goesOn(progress, fraction);
    return !isEnded;
  });
  if (isEnded) return nullptr;
  const std::lock_guard lock(m_mutex);
  return m_loads.emplace(stream, std::move(cube)).first->second;
}

}  // namespace moesim::gui
