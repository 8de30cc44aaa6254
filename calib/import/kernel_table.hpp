#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace moesim {

/// A table of measured kernels: CSV text, perhaps compressed by gzip. The first line names the columns;
/// fields hold no quotes and no commas.
class KernelTable {
 public:
  /// Reads the file. Throws SpecError, with the line as its place, for a missing or damaged file, a column
  /// that is named twice, a line with another number of fields than the first.
  explicit KernelTable(const std::filesystem::path& path);

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] std::size_t num_rows() const { return rows_.size(); }
  [[nodiscard]] bool has_column(std::string_view name) const;
  /// Throws SpecError that names the columns there are.
  [[nodiscard]] std::size_t column(std::string_view name) const;

  [[nodiscard]] std::string_view text(std::size_t row, std::size_t column) const;
  /// A finite number of at least 0. Throws SpecError with the row's line.
  [[nodiscard]] double number(std::size_t row, std::size_t column) const;
  /// The same above 0.
  [[nodiscard]] double positive(std::size_t row, std::size_t column) const;
  /// Line of a row in the file; the first line of a file is 1.
  [[nodiscard]] std::size_t line(std::size_t row) const { return rows_[row].line; }
  /// The place of a row as errors and reports name it: "line 12".
  [[nodiscard]] std::string place(std::size_t row) const;

 private:
  struct Row {
    std::size_t line;
    std::size_t first_field;
  };
  void split();

  std::string file_;
  std::string content_;
  std::vector<std::string_view> names_;
  std::vector<std::string_view> fields_;  ///< [num_rows, num_columns]
  std::vector<Row> rows_;
};

}  // namespace moesim
