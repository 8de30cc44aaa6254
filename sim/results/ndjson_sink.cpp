#include "sim/results/ndjson_sink.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

namespace moesim {
namespace {

std::string quoted(const std::vector<std::string>& names, std::uint8_t index, const char* what) {
  return nlohmann::json(name_or_index(names, index, what)).dump();
}

}  // namespace

void NdjsonSink::add(const Span& span) {
  out_ << fmt::format(
      "{{\"event\": \"record\", \"start_s\": {}, \"end_s\": {}, \"gpu\": {}, \"rank\": {}, \"layer\": {}, "
      "\"microbatch\": {}, \"phase\": {}, \"lane\": {}, \"pass\": {}}}\n",
      span.start_s, span.end_s, span.gpu, span.rank, span.layer, span.microbatch,
      quoted(names_.phases, span.phase, "phase"), quoted(names_.lanes, span.lane, "lane"),
      quoted(names_.passes, span.pass, "pass"));
}

}  // namespace moesim
