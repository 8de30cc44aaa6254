#include "workloads/recorded_routing/expert_counts_csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "base/error.hpp"
#include "workloads/recorded_routing/expert_counts.hpp"
#include "workloads/recorded_routing/recording_file.hpp"

namespace moesim {
namespace {

constexpr std::size_t kMaxLineBytes = 4096;
constexpr std::size_t kMaxCells = std::size_t{1} << 24;  // counts of one step: 128 MiB
constexpr std::int64_t kMaxCount = std::int64_t{1} << 53;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (;;) {
    const auto comma = line.find(',');
    fields.push_back(trimmed(line.substr(0, comma)));
    if (comma == line.npos) return fields;
    line.remove_prefix(comma + 1);
  }
}

/// At most 60 characters of a text of the file, without what a terminal could obey.
std::string shown(std::string_view text) {
  std::string result(text.substr(0, 60));
  for (char& c : result) {
    if (c < ' ' || c > '~') c = '?';
  }
  return result;
}

}  // namespace

const std::vector<ExpertCountsCsv::Column>& ExpertCountsCsv::all_columns() {
  static const std::vector<Column> columns{{"step", &Row::step, kMaxCount},
                                           {"layer", &Row::layer, kMaxLayer},
                                           {"expert", &Row::expert, kMaxExperts - 1},
                                           {"tokens", &Row::tokens, kMaxCount}};
  return columns;
}

ExpertCountsCsv::ExpertCountsCsv(const std::filesystem::path& path, int num_experts)
    : file_(path.string()), in_(open_recording(path).stream), num_experts_(num_experts) {
  read_header();
  ahead_ = read_row();
  if (!ahead_) fail("no rows", "give one row for each layer and expert");
}

void ExpertCountsCsv::fail(const std::string& what, const std::string& hint) const {
  throw SpecError(file_, fmt::format("line {}", line_number_), what, hint);
}

/// The next line that is not blank; false at the end.
bool ExpertCountsCsv::read_line() {
  std::array<char, kMaxLineBytes> buffer;
  do {
    ++line_number_;
    in_.getline(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    if (in_.bad()) fail("cannot be read on", "check the file system");
    const auto length = static_cast<std::size_t>(in_.gcount());
    if (in_.fail() && length + 1 >= buffer.size()) {
      fail(fmt::format("a line of {} characters or more", kMaxLineBytes), "give one row a line");
    }
    if (in_.fail()) return false;
    line_.assign(buffer.data(), in_.eof() ? length : length - 1);
    if (line_.ends_with('\r')) line_.pop_back();
  } while (trimmed(line_).empty());
  return true;
}

void ExpertCountsCsv::read_header() {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (!read_line()) fail("empty", "begin with the line step,layer,expert,tokens");
  if (line_.starts_with(kByteOrderMark)) line_.erase(0, kByteOrderMark.size());
  std::vector<std::string_view> names;
  for (const Column& column : all_columns()) names.push_back(column.name);
  for (const std::string_view name : fields_of(line_)) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) {
      const std::string near = nearest(name, names);
      fail(fmt::format("unknown column '{}'", shown(name)),
           near.empty() ? "begin with a line of the columns step, layer, expert, tokens"
                        : fmt::format("did you mean '{}'?", near));
    }
    const Column* column = &all_columns()[static_cast<std::size_t>(at - names.begin())];
    if (std::find(columns_.begin(), columns_.end(), column) != columns_.end()) {
      fail(fmt::format("two columns '{}'", name), "keep one of the two");
    }
    columns_.push_back(column);
  }
  for (const Column& column : all_columns()) {
    if (column.name == "step" || std::find(columns_.begin(), columns_.end(), &column) != columns_.end())
      continue;
    fail(fmt::format("no column '{}'", column.name), "begin with the line step,layer,expert,tokens");
  }
}

std::int64_t ExpertCountsCsv::number(std::string_view text, const Column& column) const {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) {
    fail(fmt::format("{} '{}' is no whole number", column.name, shown(text)),
         "write digits alone, without quotes");
  }
  if (error == std::errc() && value < 0) {
    fail(fmt::format("{} {} is negative", column.name, value), "counts and numbers start at 0");
  }
  std::int64_t max = column.max;
  if (column.value == &Row::expert && num_experts_ != 0) max = num_experts_ - 1;
  if (error != std::errc() || value > max) {
    fail(fmt::format("{} {} is above {}", column.name, shown(text), max), "check the row");
  }
  return value;
}

std::optional<ExpertCountsCsv::Row> ExpertCountsCsv::read_row() {
  if (!read_line()) return std::nullopt;
  const auto fields = fields_of(line_);
  if (fields.size() != columns_.size()) {
    fail(fmt::format("{} fields in a row of {} columns", fields.size(), columns_.size()),
         "a file that was cut off ends so; get it whole");
  }
  Row row;
  for (std::size_t i = 0; i < fields.size(); ++i) row.*columns_[i]->value = number(fields[i], *columns_[i]);
  return row;
}

/// Counts that no row has given are -1 until the step is finished.
void ExpertCountsCsv::put(const Row& row, Step& step) {
  std::vector<std::int64_t>& layer = step.layers[static_cast<int>(row.layer)];
  const auto expert = static_cast<std::size_t>(row.expert);
  if (expert >= layer.size()) {
    cells_ += expert + 1 - layer.size();
    if (cells_ > kMaxCells) fail(fmt::format("more than {} counts in a step", kMaxCells), "split the file");
    layer.resize(expert + 1, -1);
  }
  if (layer[expert] >= 0) {
    fail(fmt::format("a second row of layer {}, expert {}", row.layer, row.expert), "keep one of the two");
  }
  layer[expert] = row.tokens;
}

void ExpertCountsCsv::finish(Step& step) {
  auto width = static_cast<std::size_t>(num_experts_);
  std::vector<int> layers;
  for (const auto& layer : step.layers) {
    width = std::max(width, layer.second.size());
    layers.push_back(layer.first);
  }
  if (width * layers.size() > kMaxCells) {
    fail(fmt::format("more than {} counts in a step", kMaxCells), "split the file");
  }
  if (layers_.empty()) layers_ = layers;
  if (layers != layers_) {
    fail(fmt::format("step {} has not the layers of the first step", step.step),
         "give every step the same layers");
  }
  for (auto& layer : step.layers) {
    layer.second.resize(width, -1);
    std::replace(layer.second.begin(), layer.second.end(), std::int64_t{-1}, std::int64_t{0});
  }
}

std::optional<ExpertCountsCsv::Step> ExpertCountsCsv::next() {
  if (!ahead_) return std::nullopt;
  Step step;
  step.step = ahead_->step;
  cells_ = 0;
  while (ahead_ && ahead_->step == step.step) {
    put(*ahead_, step);
    ahead_ = read_row();
  }
  if (ahead_ && ahead_->step < step.step) {
    fail(fmt::format("step {} after step {}", ahead_->step, step.step), "sort the rows by step");
  }
  finish(step);
  return step;
}

}  // namespace moesim
