#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/results/record_sink.hpp"

namespace moesim {

/// A LoadRow that owns its tokens.
struct KeptLoad {
  std::int64_t step = 0;
  std::int16_t layer = -1;
  std::vector<std::uint32_t> tokens;
};

/// Keeps every record, in the order of arrival.
class MemorySink final : public RecordSink {
 public:
  void add(const Span& span) override { spans_.push_back(span); }
  void add(std::string_view stream, const LoadRow& row) override {
    loads_[std::string(stream)].push_back({row.step, row.layer, {row.tokens.begin(), row.tokens.end()}});
  }
  void add(const Series& part) override {
    Series& whole = series_[part.name];
    whole.name = part.name;
    whole.unit = part.unit;
    whole.time_s.insert(whole.time_s.end(), part.time_s.begin(), part.time_s.end());
    whole.value.insert(whole.value.end(), part.value.begin(), part.value.end());
  }
  void add(const Histogram& histogram) override { histograms_[histogram.name] = histogram; }

  [[nodiscard]] const std::vector<Span>& spans() const { return spans_; }
  /// By stream.
  [[nodiscard]] const std::map<std::string, std::vector<KeptLoad>>& loads() const { return loads_; }
  /// By name.
  [[nodiscard]] const std::map<std::string, Series>& series() const { return series_; }
  /// By name.
  [[nodiscard]] const std::map<std::string, Histogram>& histograms() const { return histograms_; }

 private:
  std::vector<Span> spans_;
  std::map<std::string, std::vector<KeptLoad>> loads_;
  std::map<std::string, Series> series_;
  std::map<std::string, Histogram> histograms_;
};

/// Passes every record on to several sinks, in order.
class TeeSink final : public RecordSink {
 public:
  explicit TeeSink(std::vector<RecordSink*> sinks) : sinks_(std::move(sinks)) {}
  void add(const Span& span) override {
    for (RecordSink* sink : sinks_) sink->add(span);
  }
  void add(std::string_view stream, const LoadRow& row) override {
    for (RecordSink* sink : sinks_) sink->add(stream, row);
  }
  void add(const Series& part) override {
    for (RecordSink* sink : sinks_) sink->add(part);
  }
  void add(const Histogram& histogram) override {
    for (RecordSink* sink : sinks_) sink->add(histogram);
  }

 private:
  std::vector<RecordSink*> sinks_;
};

}  // namespace moesim
