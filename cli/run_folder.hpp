#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "base/interrupt.hpp"
#include "reports/chrome_trace.hpp"
#include "sim/results/record_sink.hpp"
#include "sim/results/store.hpp"

namespace moesim::cli {

/// A folder that is there while something is written into it. What it made of the path is removed again
/// unless keep() is called.
class NewFolder {
 public:
  /// Throws OutputError where the folder cannot be made or is a file.
  explicit NewFolder(const std::filesystem::path& path);
  ~NewFolder();
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  void keep() { made_.clear(); }

 private:
  std::vector<std::filesystem::path> made_;  ///< outermost first
  std::vector<std::unique_ptr<RemovedOnInterrupt>> removed_on_interrupt_;
};

/// What `moesim run -o DIR` writes: summary.json, records.moesim and trace.json. Each file appears when it is
/// whole; without commit() nothing remains, the folder included.
class RunFolder final : public RecordSink {
 public:
  /// Throws OutputError.
  explicit RunFolder(const std::filesystem::path& path);

  /// What the numbers of spans mean, before the first one.
  void set_span_names(const SpanNames& names);
  void add(const Span& span) override;
  void add(std::string_view stream, const LoadRow& row) override { records_.add(stream, row); }
  void add(const Series& part) override { records_.add(part); }
  void add(const Histogram& histogram) override { records_.add(histogram); }
  /// Ends all files. `summary` is the text of summary.json.
  void commit(const std::string& summary);
  /// Spans that the trace left out, as it keeps the first kMaxTraceSpans.
  [[nodiscard]] std::size_t num_left_out() const { return num_spans_ - num_traced_; }

  /// What the folder holds.
  static constexpr std::array<std::string_view, 3> kFiles{"summary.json", "records.moesim", "trace.json"};
  /// About 50 MB of trace.
  static constexpr std::size_t kMaxTraceSpans = 300'000;

 private:
  NewFolder folder_;
  AtomicFile summary_;
  AtomicFile trace_file_;
  StoreWriter records_;
  ChromeTraceSink trace_;
  std::size_t num_spans_ = 0;
  std::size_t num_traced_ = 0;
};

}  // namespace moesim::cli
