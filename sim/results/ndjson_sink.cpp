#include "sim/results/ndjson_sink.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

namespace moesim {
namespace {

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump();
}

std::string json_text(const std::vector<std::string>& names, std::uint8_t index, const char* what) {
  return json_text(name_or_index(names, index, what));
}

}  // namespace

void NdjsonSink::add(const Span& span) {
  out_ << fmt::format(
      "{{\"event\": \"record\", \"start_s\": {}, \"end_s\": {}, \"gpu\": {}, \"rank\": {}, \"layer\": {}, "
      "\"microbatch\": {}, \"phase\": {}, \"lane\": {}, \"pass\": {}}}\n",
      span.start_s, span.end_s, span.gpu, span.rank, span.layer, span.microbatch,
      json_text(names_.phases, span.phase, "phase"), json_text(names_.lanes, span.lane, "lane"),
      json_text(names_.passes, span.pass, "pass"));
}

void NdjsonSink::add(std::string_view stream, const LoadRow& row) {
  out_ << fmt::format(
      "{{\"event\": \"record\", \"stream\": {}, \"step\": {}, \"layer\": {}, \"tokens\": [{}]}}\n",
      json_text(stream), row.step, row.layer, fmt::join(row.tokens, ", "));
}

void NdjsonSink::add(const Series& part) {
  out_ << fmt::format(
      "{{\"event\": \"record\", \"series\": {}, \"unit\": {}, \"time_s\": [{}], \"value\": [{}]}}\n",
      json_text(part.name), json_text(part.unit), fmt::join(part.time_s, ", "), fmt::join(part.value, ", "));
}

void NdjsonSink::add(const Histogram& histogram) {
  out_ << fmt::format(
      "{{\"event\": \"record\", \"histogram\": {}, \"unit\": {}, \"edge\": [{}], \"weight\": [{}]}}\n",
      json_text(histogram.name), json_text(histogram.unit), fmt::join(histogram.edge, ", "),
      fmt::join(histogram.weight, ", "));
}

}  // namespace moesim
