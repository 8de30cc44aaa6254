#pragma once

#include <map>
#include <string_view>

#include "sim/results/record_sink.hpp"

namespace moesim {

/// Passes records on and adds up the curves POOL/nodes over the pools, sample by sample.
class NodesPeak final : public RecordSink {
 public:
  using RecordSink::add;
  explicit NodesPeak(RecordSink& next) : next_(next) {}

  void add(const Span& span) override { next_.add(span); }
  void add(std::string_view stream, const LoadRow& row) override { next_.add(stream, row); }
  void add(const Series& part) override;
  void add(const Histogram& histogram) override { next_.add(histogram); }
  /// The most nodes of all pools at one sample; 0 without curves.
  [[nodiscard]] double value() const;

 private:
  RecordSink& next_;
  std::map<double, double> nodes_;  ///< by time
};

}  // namespace moesim
