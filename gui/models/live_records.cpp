#include "gui/models/live_records.hpp"

#include <QCoreApplication>
#include <algorithm>
#include <exception>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace moesim::gui {
namespace {

/// How moesim begins the line of a span.
constexpr std::string_view kSpanHead = R"({"event": "record", "start_s":)";

QString text(const char* source) {
  return QCoreApplication::translate("LiveRecords", source);
}

/// A whole number of an event within the range of `Number`.
template <class Number>
Number whole(const Json& event, const char* key) {
  const auto value = event.at(key).get<std::int64_t>();
  if (value < std::numeric_limits<Number>::min() || value > std::numeric_limits<Number>::max())
    throw std::out_of_range(key);
  return static_cast<Number>(value);
}

}  // namespace

std::uint8_t LiveRecords::Numbers::of(const std::string& name) {
  if (const auto at = numbers.find(name); at != numbers.end()) return at->second;
  if (names.size() > std::numeric_limits<std::uint8_t>::max()) throw std::out_of_range("names");
  const auto number = static_cast<std::uint8_t>(names.size());
  names.push_back(name);
  numbers.emplace(name, number);
  return number;
}

void LiveRecords::feed(const QByteArray& bytes) {
  qsizetype begin = 0;
  for (qsizetype end = bytes.indexOf('\n'); end >= 0; end = bytes.indexOf('\n', begin)) {
    if (m_skips) {
      m_skips = false;
    } else if (m_rest.isEmpty()) {
      takeLine(bytes.constData() + begin, static_cast<std::size_t>(end - begin));
    } else {
      m_rest.append(bytes.constData() + begin, end - begin);
      takeLine(m_rest.constData(), static_cast<std::size_t>(m_rest.size()));
    }
    m_rest.clear();
    begin = end + 1;
  }
  if (m_skips) return;
  m_rest.append(bytes.constData() + begin, bytes.size() - begin);
  if (m_rest.size() <= kMaxLine) return;
  m_rest.clear();
  m_skips = true;
  breakLine(text("a line is too long"));
}

void LiveRecords::finish() {
  if (!m_rest.isEmpty()) takeLine(m_rest.constData(), static_cast<std::size_t>(m_rest.size()));
  m_rest.clear();
}

QVector<LiveEvent> LiveRecords::takeEvents() {
  return std::exchange(m_events, {});
}

void LiveRecords::takeLine(const char* line, std::size_t size) {
  const std::string_view content(line, size);
  if (content.find_first_not_of(" \t\r") == std::string_view::npos) return;
  // Reading what is left out anyhow would hold up the run.
  if (m_isLeftOut && m_spans.size() >= m_maxSpans && content.starts_with(kSpanHead)) return;
  try {
    takeEvent(parse_json(content, "events"));
  } catch (const std::exception& error) {
    breakLine(QString::fromUtf8(error.what()));
  }
}

void LiveRecords::breakLine(const QString& what) {
  if (m_numBroken++ > 0) return;
  m_events.append({LiveEvent::Kind::broken, 0, text("a line of events cannot be read: %1").arg(what), {}});
}

void LiveRecords::leaveOut(const QString& what) {
  if (std::exchange(m_isLeftOut, true)) return;
  m_events.append({LiveEvent::Kind::warning, 0, what, {}});
}

void LiveRecords::takeEvent(const Json& event) {
  const auto& kind = event.at("event").get_ref<const std::string&>();
  if (kind == "record") {
    takeRecord(event);
    m_hasNews = true;
  } else if (kind == "progress") {
    const double fraction = std::clamp(event.at("fraction").get<double>(), 0.0, 1.0);
    m_events.append({LiveEvent::Kind::progress,
                     fraction,
                     QString::fromStdString(event.value("what", std::string())),
                     {}});
  } else if (kind == "warning") {
    const QString warning = QString::fromStdString(event.at("text").get<std::string>());
    m_warnings.append(warning);
    m_events.append({LiveEvent::Kind::warning, 0, warning, {}});
  } else if (kind == "error") {
    m_hasError = true;
    m_events.append({LiveEvent::Kind::error, 0, {}, faultsOf(event.at("faults"))});
  } else if (kind == "done") {
    m_result = std::make_shared<const Json>(event.at("result"));
    m_isDone = true;
    m_hasNews = true;
    m_events.append({LiveEvent::Kind::done, 1, {}, {}});
  } else if (kind == "start") {
    const Json& scenario = event.at("scenario");
    Json result = {{"schema_version", kSchemaVersion}, {"scenario", scenario}};
    for (const char* key : {"kind", "model"})
      if (scenario.is_object() && scenario.contains(key)) result[key] = scenario[key];
    m_result = std::make_shared<const Json>(std::move(result));
    m_hasNews = true;
  } else {
    breakLine(text("no event \"%1\"").arg(QString::fromStdString(kind)));
  }
}

void LiveRecords::takeRecord(const Json& event) {
  if (event.contains("stream"))
    takeLoad(event);
  else if (event.contains("series"))
    takeSeries(event);
  else if (event.contains("histogram"))
    takeHistogram(event);
  else
    takeSpan(event);
}

void LiveRecords::takeSpan(const Json& event) {
  if (m_spans.size() >= m_maxSpans)
    return leaveOut(text("the picture of the run in progress ends at %1 spans").arg(m_maxSpans));
  Span span;
  span.start_s = event.at("start_s").get<double>();
  span.end_s = event.at("end_s").get<double>();
  span.gpu = whole<std::int32_t>(event, "gpu");
  span.rank = whole<std::int32_t>(event, "rank");
  span.layer = whole<std::int16_t>(event, "layer");
  span.microbatch = whole<std::uint16_t>(event, "microbatch");
  span.phase = m_phases.of(event.at("phase").get_ref<const std::string&>());
  span.lane = m_lanes.of(event.at("lane").get_ref<const std::string&>());
  span.pass = m_passes.of(event.at("pass").get_ref<const std::string&>());
  m_spans.push_back(span);
}

void LiveRecords::takeLoad(const Json& event) {
  const Json& tokens = event.at("tokens");
  if (m_numTokens + tokens.size() > m_maxTokens)
    return leaveOut(text("the pictures of the run in progress end at %1 loads").arg(m_maxTokens));
  const auto step = event.at("step").get<std::int64_t>();
  const auto layer = whole<std::int16_t>(event, "layer");
  const auto row = tokens.get<std::vector<std::uint32_t>>();
  Loads& loads = m_loads[event.at("stream").get<std::string>()];
  if (loads.width == 0) loads.width = row.size();
  if (row.empty() || row.size() != loads.width) throw std::runtime_error("a row of loads of another width");
  loads.steps.push_back(step);
  loads.layers.push_back(layer);
  loads.tokens.insert(loads.tokens.end(), row.begin(), row.end());
  m_numTokens += row.size();
}

void LiveRecords::takeSeries(const Json& event) {
  const auto times = event.at("time_s").get<std::vector<double>>();
  const auto values = event.at("value").get<std::vector<double>>();
  if (times.size() != values.size()) throw std::runtime_error("a curve has more times than values, or fewer");
  Series& series = m_series[event.at("series").get<std::string>()];
  series.name = event.at("series").get<std::string>();
  series.unit = event.value("unit", std::string());
  series.time_s.insert(series.time_s.end(), times.begin(), times.end());
  series.value.insert(series.value.end(), values.begin(), values.end());
}

void LiveRecords::takeHistogram(const Json& event) {
  Histogram histogram;
  histogram.name = event.at("histogram").get<std::string>();
  histogram.unit = event.value("unit", std::string());
  histogram.edge = event.at("edge").get<std::vector<double>>();
  histogram.weight = event.at("weight").get<std::vector<double>>();
  if (histogram.edge.size() != histogram.weight.size())
    throw std::runtime_error("a histogram has more edges than weights, or fewer");
  m_histograms[histogram.name] = std::move(histogram);
}

std::shared_ptr<const pictures::LoadCube> LiveRecords::cube(const Loads& loads) const {
  return std::make_shared<const pictures::LoadCube>(
      [&](std::int64_t first, std::int64_t last, const auto& visit) {
        for (std::size_t i = 0; i < loads.steps.size(); ++i) {
          if (loads.steps[i] < first || loads.steps[i] > last) continue;
          visit(LoadRow{loads.steps[i], loads.layers[i],
                        std::span(loads.tokens).subspan(i * loads.width, loads.width)});
        }
      });
}

DocumentPtr LiveRecords::snapshot() {
  m_hasNews = false;
  RunParts parts;
  parts.title = m_title;
  Json result = m_result ? *m_result : Json::object();
  if (!m_isDone) {
    Json warnings = Json::array();
    for (const QString& warning : m_warnings) warnings.push_back(warning.toStdString());
    result["warnings"] = std::move(warnings);
  }
  parts.result = std::make_shared<const Json>(std::move(result));
  for (const auto& [name, series] : m_series) parts.series.push_back(series);
  for (const auto& [name, histogram] : m_histograms) parts.histograms.push_back(histogram);
  parts.names = {m_phases.names, m_lanes.names, m_passes.names};
  parts.timeline = std::make_shared<const pictures::SpanTimeline>(m_spans);
  for (const auto& [name, loads] : m_loads) {
    parts.loadStreams.push_back({name, loads.width});
    parts.loads.emplace(name, cube(loads));
  }
  return std::make_shared<const RunDocument>(std::move(parts));
}

}  // namespace moesim::gui
