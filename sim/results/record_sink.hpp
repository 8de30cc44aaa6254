#pragma once

#include <cstdint>

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

/// Takes records as they come. Implementations stream: memory, column chunks (SQLite), NDJSON, null.
/// Called from one thread.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void add(const Span& span) = 0;
};

class NullSink final : public RecordSink {
 public:
  void add(const Span&) override {}
};

}  // namespace moesim
