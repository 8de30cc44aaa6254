#include "workloads/requests/request_trace.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/json.hpp"
#include "workloads/requests/trace_lines.hpp"

namespace moesim {
namespace {

constexpr std::int64_t kMooncakeBlock = 512;
constexpr double kLongest = 1e9;  ///< tokens

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells(1);
  for (char c : line) {
    if (c == ',') {
      cells.emplace_back();
    } else if (c != '"') {
      cells.back() += c;
    }
  }
  return cells;
}

double number_of(const std::string& text, const char* column, const TraceLines& lines) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(value))
    lines.fail(fmt::format("\"{}\" is no number", text), fmt::format("column {}", column));
  return value;
}

std::int64_t tokens_of(double value, const char* column, const TraceLines& lines) {
  if (value < 0 || value > kLongest || value != std::floor(value))
    lines.fail(fmt::format("{} is {}, which is no count of tokens", column, value), "0 to 10^9, whole");
  return static_cast<std::int64_t>(value);
}

/// Days since 1970-01-01 (Hinnant's civil calendar).
double days_from_civil(int year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int era = year / 400;
  const int of_era = year - era * 400;
  const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097.0 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/// "2023-11-16 18:17:03.9799600", as Azure writes it.
double azure_time(const std::string& text, const TraceLines& lines) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0;
  double second = 0;
  int read = 0;
  constexpr int kParts = 6;
  const bool whole = std::sscanf(text.c_str(), "%4d-%2d-%2d%*[ T]%2d:%2d:%lf%n", &year, &month, &day, &hour,
                                 &minute, &second, &read) == kParts &&
                     static_cast<std::size_t>(read) == text.size();
  const bool dated = month >= 1 && month <= 12 && day >= 1 && day <= 31;
  const bool timed = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 61;
  if (!whole || !dated || !timed)
    lines.fail(fmt::format("\"{}\" is no time", text), "as in 2023-11-16 18:17:03.97");
  return days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}

struct CsvLayout {
  std::size_t time = 0, input = 0, output = 0, session = SIZE_MAX, columns = 0;
  bool azure = false;
};

CsvLayout csv_layout(const std::string& titles, const TraceLines& lines) {
  const std::vector<std::string> names = split(titles);
  const auto find = [&](const char* name) {
    return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
  };
  CsvLayout layout{find("TIMESTAMP"), find("ContextTokens"), find("GeneratedTokens"),
                   SIZE_MAX,          names.size(),          true};
  if (layout.time == names.size() && layout.input == names.size())
    layout = {find("Timestamp"),  find("Request tokens"), find("Response tokens"),
              find("Session ID"), names.size(),           false};
  if (std::max({layout.time, layout.input, layout.output}) >= names.size()) {
    lines.fail("columns are missing",
               "TIMESTAMP,ContextTokens,GeneratedTokens, or Timestamp, Request tokens and Response tokens");
  }
  return layout;
}

void read_csv(TraceLines& lines, const std::string& titles, RequestTrace& trace) {
  const CsvLayout layout = csv_layout(titles, lines);
  std::map<std::string, std::int64_t> sessions;  // numbered as they appear
  std::string line;
  while (lines.next(line)) {
    if (line.empty()) continue;
    const std::vector<std::string> cells = split(line);
    if (cells.size() < layout.columns) lines.fail("columns are missing", titles);
    Request& request = trace.requests.emplace_back();
    const std::string& time = cells[layout.time];
    request.arrival_s = layout.azure ? azure_time(time, lines) : number_of(time, "Timestamp", lines);
    const char* input = layout.azure ? "ContextTokens" : "Request tokens";
    const char* output = layout.azure ? "GeneratedTokens" : "Response tokens";
    request.input_tokens = tokens_of(number_of(cells[layout.input], input, lines), input, lines);
    request.output_tokens = tokens_of(number_of(cells[layout.output], output, lines), output, lines);
    if (layout.session < cells.size())
      request.session = sessions.try_emplace(cells[layout.session], std::ssize(sessions)).first->second;
  }
}

double member(const Json& row, const char* key, const TraceLines& lines) {
  const auto found = row.find(key);
  if (found == row.end() || !found->is_number())
    lines.fail(fmt::format("no number \"{}\"", key), "Mooncake's keys");
  return found->get<double>();
}

void read_row(const std::string& line, const TraceLines& lines, RequestTrace& trace) {
  const Json row = parse_json(line, fmt::format("{}, line {}", lines.path(), lines.number()));
  if (!row.is_object()) lines.fail("no object", "one request a line");
  Request& request = trace.requests.emplace_back();
  request.arrival_s = member(row, "timestamp", lines) / 1000;
  request.input_tokens = tokens_of(member(row, "input_length", lines), "input_length", lines);
  request.output_tokens = tokens_of(member(row, "output_length", lines), "output_length", lines);
  const auto ids = row.find("hash_ids");
  if (ids == row.end() || !ids->is_array() || ids->empty()) return;
  request.block_tokens = kMooncakeBlock;
  for (const Json& id : *ids) {
    if (!id.is_number_integer()) lines.fail("hash_ids holds no whole number", "ids of blocks");
    request.blocks.push_back(static_cast<std::uint64_t>(id.get<std::int64_t>()));
  }
  trace.has_blocks = true;
}

void put_in_order(RequestTrace& trace, const std::string& path) {
  const auto earlier = [](const Request& a, const Request& b) { return a.arrival_s < b.arrival_s; };
  if (!std::ranges::is_sorted(trace.requests, earlier)) {
    trace.warnings.push_back(path + ": times go backwards; rows were put in order");
    std::ranges::stable_sort(trace.requests, earlier);
  }
  const double first = trace.requests.empty() ? 0 : trace.requests.front().arrival_s;
  std::int64_t raised = 0;
  std::int64_t id = 0;
  for (Request& request : trace.requests) {
    request.id = id++;
    request.arrival_s -= first;
    raised += request.output_tokens < 1 || request.input_tokens < 1 ? 1 : 0;
    request.output_tokens = std::max<std::int64_t>(request.output_tokens, 1);
    request.input_tokens = std::max<std::int64_t>(request.input_tokens, 1);
  }
  if (raised > 0)
    trace.warnings.push_back(fmt::format("{}: {} requests without tokens count as of 1 token", path, raised));
}

}  // namespace

RequestTrace read_request_trace(const std::string& path) {
  TraceLines lines(path);
  RequestTrace trace;
  std::string line;
  if (!lines.next(line)) throw SpecError(path, "", "is empty", "a trace has at least one request");
  if (line.starts_with('{')) {
    do {
      if (!line.empty()) read_row(line, lines, trace);
    } while (lines.next(line));
  } else {
    read_csv(lines, line, trace);
  }
  if (trace.requests.empty()) throw SpecError(path, "", "holds no request", "a trace has at least one");
  put_in_order(trace, path);
  return trace;
}

}  // namespace moesim
