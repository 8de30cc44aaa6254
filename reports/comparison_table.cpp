#include "reports/comparison_table.hpp"

#include <fmt/format.h>

#include "reports/comparison_rows.hpp"
#include "reports/csv.hpp"
#include "reports/metric.hpp"
#include "reports/text_table.hpp"

namespace moesim {
namespace {

constexpr std::size_t kMostCharacters = 24;
constexpr const char* kAbsent = "-";

/// The first characters of a UTF-8 text, with "..." where some are left out.
std::string cut(const std::string& text, std::size_t most) {
  if (display_width(text) <= most) return text;
  std::string kept;
  std::size_t width = 0;
  for (const char c : text) {
    const bool starts_character = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    if (starts_character && ++width > most - 3) break;
    kept += c;
  }
  return kept + "...";
}

/// Inputs are shown as they are written.
std::string number_text(const ComparedRow& row, double number) {
  if (row.key.starts_with('/')) return fmt::format("{}", number);
  return metric_text(number, unit_of_key(row.key));
}

std::vector<std::string> cells_of(const ComparedSection& section, const ComparedRow& row, std::string label) {
  std::vector<std::string> cells{std::move(label)};
  for (std::size_t i = 0; i < row.values.size(); ++i) {
    cells.push_back(compared_text(section, row, i, kMostCharacters));
    if (i > 0) cells.push_back(difference_text(section, row, i));
  }
  return cells;
}

std::vector<TableColumn> columns_of(const Comparison& comparison) {
  std::vector<TableColumn> columns{{""}};
  for (std::size_t i = 0; i < comparison.names.size(); ++i) {
    columns.push_back({result_letter(i), Align::right});
    if (i > 0) columns.push_back({"to A", Align::right});
  }
  return columns;
}

std::string warnings_text(const Comparison& comparison) {
  std::string text;
  for (std::size_t i = 0; i < comparison.warnings.size(); ++i) {
    for (const std::string& warning : comparison.warnings[i])
      text += fmt::format("warning of {}: {}\n", result_letter(i), warning);
  }
  return text.empty() ? text : '\n' + text;
}

std::string csv_number(double number) {
  return fmt::format("{}", number);
}

}  // namespace

std::string compared_text(const ComparedSection&, const ComparedRow& row, std::size_t result,
                          std::size_t most_characters) {
  const ComparedValue& value = row.values[result];
  if (const auto* number = std::get_if<double>(&value)) return number_text(row, *number);
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? kAbsent : cut(*text, most_characters);
}

std::string difference_text(const ComparedSection& section, const ComparedRow& row, std::size_t result) {
  if (!section.shows_difference) return "";
  const auto difference = relative_difference(row.values[0], row.values[result]);
  if (!difference) return "";
  return *difference == 0 ? "=" : signed_percent(*difference);
}

std::string result_letter(std::size_t result) {
  constexpr std::size_t kLetters = 26;
  std::string letter(1, static_cast<char>('A' + result % kLetters));
  return result < kLetters ? letter : result_letter(result / kLetters - 1) + letter;
}

std::string comparison_table(const Comparison& comparison) {
  std::string text;
  for (std::size_t i = 0; i < comparison.names.size(); ++i)
    text += fmt::format("{}  {}\n", result_letter(i), comparison.names[i]);
  TextTable table{columns_of(comparison), {}};
  for (const ComparedSection& section : comparison.sections) {
    table.rows.emplace_back();
    table.rows.push_back({std::string(section.title)});
    for (const ComparisonLine& line : comparison_lines(section)) {
      std::string label = std::string(2 * (line.depth + 1), ' ') + line.label;
      table.rows.push_back(line.row == nullptr ? std::vector{std::move(label)}
                                               : cells_of(section, *line.row, std::move(label)));
    }
  }
  return text + '\n' + plain_text(table) + warnings_text(comparison);
}

std::string comparison_csv(const Comparison& comparison) {
  constexpr const char* kLineEnd = "\r\n";
  std::string text = "section,key";
  for (const std::string& name : comparison.names) text += ',' + csv_field(name);
  for (std::size_t i = 1; i < comparison.names.size(); ++i)
    text += ',' + csv_field(comparison.names[i] + " difference_fraction");
  text += kLineEnd;
  for (const ComparedSection& section : comparison.sections) {
    for (const ComparedRow& row : section.rows) {
      text += csv_field(section.name) + ',' + csv_field(row.key);
      for (const ComparedValue& value : row.values) {
        const auto* number = std::get_if<double>(&value);
        const auto* word = std::get_if<std::string>(&value);
        text += ',' + (number != nullptr ? csv_number(*number) : word != nullptr ? csv_field(*word) : "");
      }
      for (std::size_t i = 1; i < row.values.size(); ++i) {
        const auto difference = relative_difference(row.values[0], row.values[i]);
        text += ',' + (section.shows_difference && difference ? csv_number(*difference) : std::string());
      }
      text += kLineEnd;
    }
  }
  return text;
}

}  // namespace moesim
