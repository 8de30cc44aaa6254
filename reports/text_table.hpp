#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace moesim {

enum class Align { left, right };

struct TableColumn {
  std::string title;
  Align align = Align::left;
};

/// Cells as UTF-8 texts of one line. A row may be shorter than the columns; what it lacks is empty.
struct TextTable {
  std::vector<TableColumn> columns;
  std::vector<std::vector<std::string>> rows;
};

/// Code points of a UTF-8 text: its columns on a terminal, for texts without wide or combining characters.
std::size_t display_width(std::string_view text);

/// `text` filled up with blanks to `width` columns.
std::string padded(std::string_view text, std::size_t width, Align align);

/// Aligned columns two blanks apart, no blanks at line ends, each line ending in a newline. A column
/// without text in any row is left out, and so is the line of titles where all are empty.
std::string plain_text(const TextTable& table);

/// A GitHub table; | within cells is escaped.
std::string markdown(const TextTable& table);

}  // namespace moesim
