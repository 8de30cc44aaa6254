#include <fmt/format.h>

#include "reports/report_writers.hpp"

namespace moesim {
namespace {

/// As Markdown: no markup and no line break of its own.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '\n' || c == '\r') {
      out += ' ';
    } else {
      if (c == '*' || c == '_' || c == '`' || c == '[' || c == ']' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

std::string prose(std::string_view text) {
  std::string out;
  for (const ReportPassage& passage : passages_of(text))
    out += passage.is_code ? fmt::format("`{}`", passage.text) : plain(passage.text);
  return out;
}

/// Depth as spaces that Markdown keeps.
std::string indent(int depth) {
  std::string out;
  for (int i = 0; i < depth; ++i) out += "&emsp;";
  return out;
}

std::string table_markdown(const ReportTable& table) {
  TextTable text;
  for (const TableColumn& column : table.columns) text.columns.push_back({plain(column.title), column.align});
  for (const ReportRow& row : table.rows) {
    std::vector<std::string>& cells = text.rows.emplace_back();
    for (const ReportCell& cell : row.cells) cells.push_back(plain(cell.text));
    if (!cells.empty()) cells[0] = indent(row.depth) + cells[0];
  }
  const std::string title = table.folded.empty() ? "" : plain(table.folded) + "\n\n";
  return title + markdown(text);
}

struct BlockMarkdown {
  std::string operator()(const ReportText& text) const { return prose(text.text) + "\n\n"; }
  std::string operator()(const ReportTable& table) const { return table_markdown(table) + "\n"; }
  std::string operator()(const ReportFigure&) const { return ""; }
  std::string operator()(const ReportTiles& tiles) const {
    std::string text;
    for (const ReportTile& tile : tiles) {
      text += fmt::format("- {}: **{}**{}\n", plain(tile.label), plain(tile.value),
                          tile.note.empty() ? "" : " (" + plain(tile.note) + ")");
    }
    return text + "\n";
  }
};

}  // namespace

std::string report_markdown(const Report& report) {
  std::string text = "# " + plain(report.title) + "\n\n";
  for (const ReportSection& section : report.sections) {
    std::string body;
    for (const ReportBlock& block : section.blocks) body += std::visit(BlockMarkdown(), block);
    if (body.empty()) continue;
    if (!section.title.empty()) text += "## " + plain(section.title) + "\n\n";
    text += body;
  }
  return text + plain(report.footer) + "\n";
}

}  // namespace moesim
