#include "reports/csv.hpp"

#include <array>
#include <ostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/summary_rows.hpp"
#include "sim/results/store.hpp"

namespace moesim {
namespace {

constexpr const char* kLineEnd = "\r\n";

void add_line(std::string& text, const std::string& key, const std::string& value) {
  text += csv_field(key) + ',' + csv_field(value) + kLineEnd;
}

}  // namespace

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string summary_csv(const Json& result) {
  std::string text;
  add_line(text, "key", "value");
  const auto summary = result.is_object() ? result.find("summary") : result.end();
  if (summary == result.end()) return text;
  for (const SummaryRow& row : summary_rows(*summary)) {
    if (row.is_list) {
      for (std::size_t i = 0; i < row.numbers.size(); ++i) {
        add_line(text, fmt::format("{}.{}", row.key, i), fmt::format("{}", row.numbers[i]));
      }
    } else if (!row.is_group()) {
      add_line(text, row.key, row.is_number() ? fmt::format("{}", row.numbers[0]) : row.text);
    }
  }
  return text;
}

std::string validation_csv(const Json& document) {
  constexpr std::array kColumns{"id",       "role",      "family",         "metric", "published",
                                "unit",     "predicted", "error_fraction", "low",    "high",
                                "variants", "tolerance", "status"};
  std::string csv = fmt::format("{}{}", fmt::join(kColumns, ","), kLineEnd);
  for (const Json& figure : document.at("cases")) {
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      const auto value = figure.find(kColumns[i]);
      if (i > 0) csv += ',';
      if (value == figure.end() || value->is_null()) continue;
      csv += value->is_number() ? fmt::format("{}", value->get<double>())
                                : csv_field(value->get_ref<const std::string&>());
    }
    csv += kLineEnd;
  }
  return csv;
}

CsvSink::CsvSink(std::ostream& out, SpanNames names) : out_(out), names_(std::move(names)) {
  out_ << "start_s,end_s,gpu,rank,layer,microbatch,phase,lane,pass" << kLineEnd;
}

void CsvSink::add(const Span& span) {
  out_ << fmt::format("{},{},{},{},{},{},{},{},{}{}", span.start_s, span.end_s, span.gpu, span.rank,
                      span.layer, span.microbatch,
                      csv_field(name_or_index(names_.phases, span.phase, "phase")),
                      csv_field(name_or_index(names_.lanes, span.lane, "lane")),
                      csv_field(name_or_index(names_.passes, span.pass, "pass")), kLineEnd);
}

void write_spans_csv(const StoreReader& records, std::ostream& out) {
  CsvSink sink(out, read_span_names(records));
  records.for_each_span(sink);
}

}  // namespace moesim
