#include "calib/import/kernel_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/error.hpp"
#include "calib/import/text_file.hpp"

namespace moesim {

namespace {

std::string_view next_field(std::string_view& rest) {
  const auto comma = rest.find(',');
  const std::string_view field = rest.substr(0, comma);
  rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  return field;
}

std::size_t count_fields(std::string_view line) {
  return static_cast<std::size_t>(std::count(line.begin(), line.end(), ',')) + 1;
}

}  // namespace

KernelTable::KernelTable(const std::filesystem::path& path)
    : file_(path.string()), content_(read_text_file(file_)) {
  split();
}

void KernelTable::split() {
  std::size_t line_number = 0;
  for (std::size_t at = 0; at < content_.size();) {
    const std::size_t end = std::min(content_.find('\n', at), content_.size());
    std::string_view line = std::string_view(content_).substr(at, end - at);
    at = end + 1;
    ++line_number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const std::size_t num_fields = count_fields(line);
    if (!names_.empty() && num_fields != names_.size()) {
      throw SpecError(file_, fmt::format("line {}", line_number),
                      fmt::format("{} fields for {} columns", num_fields, names_.size()),
                      "give every column of the first line a field");
    }
    auto& into = names_.empty() ? names_ : fields_;
    if (!names_.empty()) rows_.push_back({line_number, fields_.size()});
    for (std::size_t i = 0; i < num_fields; ++i) into.push_back(next_field(line));
  }
  if (rows_.empty()) throw SpecError(file_, "", "no rows", "give a table as CSV with a line of column names");
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (std::find(names_.begin(), names_.begin() + static_cast<std::ptrdiff_t>(i), names_[i]) !=
        names_.begin() + static_cast<std::ptrdiff_t>(i))
      throw SpecError(file_, "line 1", fmt::format("a second column '{}'", names_[i]), "keep one of them");
  }
}

bool KernelTable::has_column(std::string_view name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

std::size_t KernelTable::column(std::string_view name) const {
  const auto at = std::find(names_.begin(), names_.end(), name);
  if (at == names_.end())
    throw SpecError(file_, "line 1", fmt::format("no column '{}'", name),
                    fmt::format("columns: {}", fmt::join(names_, ", ")));
  return static_cast<std::size_t>(at - names_.begin());
}

std::string_view KernelTable::text(std::size_t row, std::size_t column) const {
  return fields_[rows_[row].first_field + column];
}

double KernelTable::number(std::size_t row, std::size_t column) const {
  const std::string_view field = text(row, column);
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(value))
    throw SpecError(file_, place(row), fmt::format("'{}' of {} is no number", field, names_[column]),
                    "give a plain decimal number");
  if (value < 0)
    throw SpecError(file_, place(row), fmt::format("{} of {} is negative", field, names_[column]),
                    "leave the row out");
  return value;
}

double KernelTable::positive(std::size_t row, std::size_t column) const {
  const double value = number(row, column);
  if (value == 0)
    throw SpecError(file_, place(row), fmt::format("{} is 0", names_[column]), "leave the row out");
  return value;
}

std::string KernelTable::place(std::size_t row) const {
  return fmt::format("line {}", line(row));
}

}  // namespace moesim
