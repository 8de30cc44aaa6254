#include "reports/csv.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/summary_rows.hpp"
#include "sim/results/store.hpp"

namespace moesim {
namespace {

constexpr const char* kLineEnd = "\r\n";

/// The number at a dotted path, in which list elements are indices; empty without one.
std::string number_at(const Json& tree, const std::string& key) {
  std::string pointer = "/" + key;
  std::ranges::replace(pointer, '.', '/');
  const Json::json_pointer place(pointer);
  if (!tree.contains(place) || !tree[place].is_number()) return "";
  return fmt::format("{}", tree[place].get<double>());
}

/// Writes the lines of a summary, with percentiles where the result has them.
class SummaryLines {
 public:
  explicit SummaryLines(const Json& result) {
    const auto found = result.is_object() ? result.find("uncertainty") : result.end();
    if (found != result.end()) uncertainty_ = &*found;
    text_ = uncertainty_ == nullptr ? "key,value" : "key,value,p10,p90";
    text_ += kLineEnd;
  }
  void add(const std::string& key, const std::string& value) {
    text_ += csv_field(key) + ',' + csv_field(value);
    if (uncertainty_ != nullptr) {
      for (const char* percentile : {"p10", "p90"})
        text_ += ',' + number_at((*uncertainty_)[percentile], key);
    }
    text_ += kLineEnd;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  const Json* uncertainty_ = nullptr;
  std::string text_;
};

/// A line for each object of `rows`, after one of the titles; what a row lacks is empty.
std::string rows_csv(const Json& rows, std::span<const char* const> columns) {
  std::string csv = fmt::format("{}{}", fmt::join(columns, ","), kLineEnd);
  for (const Json& row : rows) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto value = row.find(columns[i]);
      if (i > 0) csv += ',';
      if (value == row.end() || value->is_null()) continue;
      csv += value->is_number() ? fmt::format("{}", value->get<double>())
                                : csv_field(value->get_ref<const std::string&>());
    }
    csv += kLineEnd;
  }
  return csv;
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
  SummaryLines lines(result);
  const auto summary = result.is_object() ? result.find("summary") : result.end();
  if (summary == result.end()) return lines.text();
  for (const SummaryRow& row : summary_rows(*summary)) {
    if (row.is_list) {
      for (std::size_t i = 0; i < row.numbers.size(); ++i) {
        lines.add(fmt::format("{}.{}", row.key, i), fmt::format("{}", row.numbers[i]));
      }
    } else if (!row.is_group()) {
      lines.add(row.key, row.is_number() ? fmt::format("{}", row.numbers[0]) : row.text);
    }
  }
  return lines.text();
}

std::string validation_csv(const Json& document) {
  constexpr std::array kColumns{"id",       "role",      "family",         "metric", "published",
                                "unit",     "predicted", "error_fraction", "low",    "high",
                                "variants", "tolerance", "status"};
  return rows_csv(document.at("cases"), kColumns);
}

std::string sensitivity_csv(const Json& document) {
  constexpr std::array kColumns{"name",      "owner",      "unit", "provenance", "varied", "value",
                                "low_value", "high_value", "low",  "high",       "span"};
  return rows_csv(document.at("inputs"), kColumns);
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
