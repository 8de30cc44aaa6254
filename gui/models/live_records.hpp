#pragma once

#include <QByteArray>
#include <QString>
#include <QVector>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gui/models/run_document.hpp"
#include "gui/models/run_fault.hpp"

namespace moesim::gui {

/// What the events of a run say besides records.
struct LiveEvent {
  enum class Kind {
    progress,  ///< `fraction` in [0, 1], `text` is what is being done
    warning,   ///< `text`
    error,     ///< `faults`
    done,
    broken,  ///< `text`: a line that is no event
  };
  Kind kind = Kind::progress;
  double fraction = 0;
  QString text;
  QVector<RunFault> faults;
};

/// Gathers the events of `moesim run --events -` (docs/command_line.md), cut anywhere, into documents. Lines
/// that are no events are told once and counted. Used by one thread.
class LiveRecords {
 public:
  /// What is kept at most: 160 MB of spans, 256 MB of loads, and lines of 64 MB. What is beyond is left out
  /// of live documents.
  static constexpr std::size_t kMaxSpans = 4'000'000;
  static constexpr std::size_t kMaxTokens = 64'000'000;
  static constexpr qsizetype kMaxLine = 64'000'000;

  explicit LiveRecords(std::size_t maxSpans = kMaxSpans, std::size_t maxTokens = kMaxTokens)
      : m_maxSpans(maxSpans), m_maxTokens(maxTokens) {}

  void feed(const QByteArray& bytes);
  /// Takes what is left as the last line.
  void finish();
  /// The events since the last call.
  [[nodiscard]] QVector<LiveEvent> takeEvents();

  /// Of snapshots from now on, once the run is none in progress any more.
  void setTitle(const QString& title) { m_title = title; }
  /// A document of everything so far.
  [[nodiscard]] DocumentPtr snapshot();
  /// Whether records came since the last snapshot().
  [[nodiscard]] bool hasNews() const { return m_hasNews; }
  [[nodiscard]] bool isDone() const { return m_isDone; }
  [[nodiscard]] bool hasError() const { return m_hasError; }
  [[nodiscard]] std::size_t numBrokenLines() const { return m_numBroken; }
  [[nodiscard]] std::size_t numSpans() const { return m_spans.size(); }

 private:
  /// Rows of a load stream.
  struct Loads {
    std::size_t width = 0;
    std::vector<std::int64_t> steps;
    std::vector<std::int16_t> layers;
    std::vector<std::uint32_t> tokens;  // [row][width]
  };
  /// Numbers of names as they come.
  struct Numbers {
    std::vector<std::string> names;
    std::map<std::string, std::uint8_t, std::less<>> numbers;
    std::uint8_t of(const std::string& name);
  };
  void takeLine(const char* line, std::size_t size);
  void takeEvent(const Json& event);
  void takeRecord(const Json& event);
  void takeSpan(const Json& event);
  void takeLoad(const Json& event);
  void takeSeries(const Json& event);
  void takeHistogram(const Json& event);
  void breakLine(const QString& what);
  void leaveOut(const QString& what);
  [[nodiscard]] std::shared_ptr<const pictures::LoadCube> cube(const Loads& loads) const;

  std::size_t m_maxSpans;
  std::size_t m_maxTokens;
  QByteArray m_rest;  // a line that has not ended
  bool m_skips = false;
  QVector<LiveEvent> m_events;
  std::shared_ptr<const Json> m_result;
  std::vector<Span> m_spans;
  Numbers m_phases, m_lanes, m_passes;
  std::map<std::string, Loads> m_loads;
  std::size_t m_numTokens = 0;
  std::map<std::string, Series> m_series;
  std::map<std::string, Histogram> m_histograms;
  QStringList m_warnings;
  QString m_title;
  std::size_t m_numBroken = 0;
  bool m_isLeftOut = false;
  bool m_hasNews = false;
  bool m_isDone = false;
  bool m_hasError = false;
};

}  // namespace moesim::gui
