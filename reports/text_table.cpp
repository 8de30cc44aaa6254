#include "reports/text_table.hpp"

#include <algorithm>

namespace moesim {
namespace {

std::string_view cell(const std::vector<std::string>& row, std::size_t column) {
  return column < row.size() ? std::string_view(row[column]) : std::string_view();
}

/// 0 for a column without text in any row.
std::size_t column_width(const TextTable& table, std::size_t column) {
  std::size_t width = 0;
  for (const auto& row : table.rows) width = std::max(width, display_width(cell(row, column)));
  return width == 0 ? 0 : std::max(width, display_width(table.columns[column].title));
}

std::vector<std::string> titles_of(const TextTable& table) {
  std::vector<std::string> titles;
  for (const TableColumn& column : table.columns) titles.push_back(column.title);
  return titles;
}

bool all_empty(const std::vector<std::string>& texts) {
  return std::ranges::all_of(texts, &std::string::empty);
}

std::string markdown_row(const std::vector<std::string>& row, std::size_t num_columns) {
  std::string line = "|";
  for (std::size_t i = 0; i < num_columns; ++i) {
    line += ' ';
    for (const char c : cell(row, i)) {
      if (c == '|') line += '\\';
      line += c;
    }
    line += " |";
  }
  return line + '\n';
}

}  // namespace

std::size_t display_width(std::string_view text) {
  const auto starts_code_point = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  return static_cast<std::size_t>(std::ranges::count_if(text, starts_code_point));
}

std::string padded(std::string_view text, std::size_t width, Align align) {
  const std::size_t own = display_width(text);
  const std::string blanks(width > own ? width - own : 0, ' ');
  return align == Align::left ? std::string(text) + blanks : blanks + std::string(text);
}

std::string plain_text(const TextTable& table) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < table.columns.size(); ++i) widths.push_back(column_width(table, i));
  std::string text;
  const auto add = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (widths[i] == 0) continue;
      if (!line.empty()) line += "  ";
      line += padded(cell(row, i), widths[i], table.columns[i].align);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  };
  const std::vector<std::string> titles = titles_of(table);
  if (!all_empty(titles)) add(titles);
  for (const auto& row : table.rows) add(row);
  return text;
}

std::string markdown(const TextTable& table) {
  const std::size_t num_columns = table.columns.size();
  std::string text = markdown_row(titles_of(table), num_columns) + '|';
  for (const TableColumn& column : table.columns) {
    text += column.align == Align::left ? "---|" : "---:|";
  }
  text += '\n';
  for (const auto& row : table.rows) text += markdown_row(row, num_columns);
  return text;
}

}  // namespace moesim
