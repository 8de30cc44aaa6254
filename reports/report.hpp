#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reports/metric.hpp"
#include "reports/text_table.hpp"

/// A report as data, built once and written as HTML, Markdown or CSV (report_writers.hpp).
namespace moesim {

/// How a cell is meant.
enum class Tone { plain, soft, up, down, bad };

/// One cell of a table: what a reader sees, and its number for programs.
struct ReportCell {
  std::string text;
  std::optional<double> number{};  ///< SI; of what is a figure
  Tone tone = Tone::plain;
  std::optional<double> heat{};  ///< 0 to 1: how deep the cell is coloured
  bool is_code = false;          ///< a pointer, name or value as it stands in a file
};

/// A figure for readers and programs.
ReportCell number_cell(double value, MetricUnit unit);
/// The same, or nothing.
ReportCell number_cell(const std::optional<double>& value, MetricUnit unit);
ReportCell code_cell(std::string text);

struct ReportRow {
  std::vector<ReportCell> cells;  ///< may be fewer than the columns
  int depth = 0;                  ///< of its first cell among groups
  bool is_group = false;          ///< the first cell stands for those below it
  std::string key{};              ///< what programs call it; the first cell where empty
};

struct ReportTable {
  std::string name;  ///< for programs, one of its own within the section
  std::vector<TableColumn> columns;
  std::vector<ReportRow> rows;
  std::string folded{};  ///< not empty: shown on demand, behind this line
};

/// A picture as HTML, which Markdown and CSV leave out.
struct ReportFigure {
  std::string caption;  ///< may be empty
  std::string html;
};

struct ReportText {
  std::string text;  ///< between backquotes: code
};

struct ReportPassage {
  std::string_view text;  ///< of the text that it is part of
  bool is_code = false;
};
/// A text by its backquotes; one without a partner stands for itself.
std::vector<ReportPassage> passages_of(std::string_view text);

/// Figures that come first, large.
struct ReportTile {
  std::string label;
  std::string value;
  std::string note{};
};
using ReportTiles = std::vector<ReportTile>;

using ReportBlock = std::variant<ReportText, ReportTable, ReportFigure, ReportTiles>;

struct ReportSection {
  std::string id;  ///< of its own in the report
  std::string title;
  std::vector<ReportBlock> blocks;

  [[nodiscard]] bool empty() const { return blocks.empty(); }
  void add_text(std::string text) { blocks.emplace_back(ReportText{std::move(text)}); }
  /// Nothing for an empty picture.
  void add_figure(std::string caption, std::string html);
  /// Nothing for a table without rows.
  void add_table(ReportTable table);
};

struct Report {
  std::string title;
  std::vector<ReportSection> sections;
  std::string footer;
};

}  // namespace moesim
