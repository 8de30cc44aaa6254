#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/results/record_sink.hpp"

namespace moesim {

/// Version of record files and of summaries; SQLite's user_version.
inline constexpr int kSchemaVersion = 1;
/// SQLite's application_id: "MOES".
inline constexpr int kStoreApplicationId = 0x4D4F4553;

/// A stream of load rows in a record file.
struct LoadStream {
  std::string name;
  std::size_t width = 0;  ///< numbers of a row
};

/// Writes a record file, one SQLite database (docs/formats.md). It is made beside `path` and renamed by
/// commit(); without commit() nothing remains. Throws OutputError where the folder cannot be written.
class StoreWriter final : public RecordSink {
 public:
  explicit StoreWriter(std::filesystem::path path);
  ~StoreWriter() override;
  StoreWriter(const StoreWriter&) = delete;
  StoreWriter& operator=(const StoreWriter&) = delete;

  void add(const Span& span) override;
  void add(std::string_view stream, const LoadRow& row) override;
  void add(const Series& part) override;
  void add(const Histogram& histogram) override;
  void set_meta(std::string_view key, std::string_view value);
  void commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Reads a record file. Throws RunError for a file that is no record file or of another schema version.
class StoreReader {
 public:
  explicit StoreReader(const std::filesystem::path& path);
  ~StoreReader();
  StoreReader(const StoreReader&) = delete;
  StoreReader& operator=(const StoreReader&) = delete;

  /// Empty where the key is absent.
  [[nodiscard]] std::string meta(std::string_view key) const;
  [[nodiscard]] std::vector<Series> series() const;
  /// Sorted by name; none where the file was written without.
  [[nodiscard]] std::vector<Histogram> histograms() const;
  [[nodiscard]] std::size_t num_spans() const;
  /// Calls `visit` with the spans of each chunk that meets [t_min, t_max], in the order written.
  void for_each_chunk(double t_min, double t_max,
                      const std::function<void(const std::vector<Span>&)>& visit) const;
  /// Gives every span to `sink`, in the order written.
  void for_each_span(RecordSink& sink) const {
    constexpr double kAll = std::numeric_limits<double>::infinity();
    for_each_chunk(-kAll, kAll, [&](const std::vector<Span>& spans) {
      for (const Span& span : spans) sink.add(span);
    });
  }

  /// Sorted by name.
  [[nodiscard]] std::vector<LoadStream> load_streams() const;
  /// Calls `visit` with the rows of the stream from first_step to last_step, both included, in the order
  /// written. What a row points to lives for the call. Throws RunError for a damaged chunk.
  void for_each_load(std::string_view stream, std::int64_t first_step, std::int64_t last_step,
                     const std::function<void(const LoadRow&)>& visit) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace moesim
