#include "sim/results/ndjson_sink.hpp"

#include <fmt/format.h>

#include <ostream>

namespace moesim {

void NdjsonSink::add(const Span& span) {
  out_ << fmt::format(
      "{{\"event\": \"record\", \"start_s\": {}, \"end_s\": {}, \"gpu\": {}, \"rank\": {}, \"layer\": {}, "
      "\"microbatch\": {}, \"phase\": {}, \"lane\": {}, \"pass\": {}}}\n",
      span.start_s, span.end_s, span.gpu, span.rank, span.layer, span.microbatch, span.phase, span.lane,
      span.pass);
}

}  // namespace moesim
