#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace moesim {

/// One operation on one GPU. Times in seconds from the start of the step.
struct Span {
  double start_s = 0;
  double end_s = 0;
  std::int32_t gpu = 0;     ///< index of the GPU
  std::int32_t rank = 0;    ///< pipeline rank
  std::int16_t layer = -1;  ///< model layer, -1 where none applies
  std::uint16_t microbatch = 0;
  std::uint8_t phase = 0;  ///< value of Phase
  std::uint8_t lane = 0;   ///< value of Lane
  std::uint8_t pass = 0;   ///< value of PassKind
};

/// How the chosen tokens of one layer's batch fall: by expert, slot, GPU, node or pair of GPUs, as the name
/// of its stream says ("expert_load", "gpu_load", ...). All rows of a stream have one width.
struct LoadRow {
  std::int64_t step = 0;                  ///< training step or decode iteration, from 0
  std::int16_t layer = -1;                ///< model layer, -1 where none applies
  std::span<const std::uint32_t> tokens;  ///< [width of the stream]
};

/// A curve of one result over time, or over steps where the kind has no time.
struct Series {
  std::string name;
  std::string unit;
  std::vector<double> time_s;  ///< seconds; results of the kind "routing": the number of the step
  std::vector<double> value;   ///< as many
};

/// How values of one result are distributed, in bounded size.
struct Histogram {
  std::string name;
  std::string unit;
  std::vector<double> edge;    ///< ascending, from the least to the greatest value
  std::vector<double> weight;  ///< as many: [i] lies between edges i - 1 and i, [0] is 0
};

/// Takes records as they come. Implementations stream: memory, column chunks (SQLite), NDJSON, null.
/// Called from one thread. A sink ignores what it has no form for.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void add(const Span& span) = 0;
  /// What `row` points to need not outlive the call.
  virtual void add(std::string_view /*stream*/, const LoadRow& /*row*/) {}
  /// The points of a name that was given before follow those, so a long curve may come in parts.
  virtual void add(const Series& /*part*/) {}
  /// One of a name.
  virtual void add(const Histogram& /*histogram*/) {}
};

class NullSink final : public RecordSink {
 public:
  using RecordSink::add;
  void add(const Span&) override {}
};

}  // namespace moesim
