#pragma once

#include <vector>

#include "sim/results/record_sink.hpp"

namespace moesim {

/// Keeps every span, in the order of arrival.
class MemorySink final : public RecordSink {
 public:
  void add(const Span& span) override { spans_.push_back(span); }
  [[nodiscard]] const std::vector<Span>& spans() const { return spans_; }

 private:
  std::vector<Span> spans_;
};

/// Passes every span on to several sinks, in order.
class TeeSink final : public RecordSink {
 public:
  explicit TeeSink(std::vector<RecordSink*> sinks) : sinks_(std::move(sinks)) {}
  void add(const Span& span) override {
    for (RecordSink* sink : sinks_) sink->add(span);
  }

 private:
  std::vector<RecordSink*> sinks_;
};

}  // namespace moesim
