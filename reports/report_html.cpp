#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "reports/page.hpp"
#include "reports/report_writers.hpp"

namespace moesim {
namespace {

constexpr std::array<std::string_view, 5> kTones{"", "soft", "up", "down", "bad"};  // by Tone

/// Columns without text in any row are left out, but for the first one.
std::vector<std::size_t> shown_columns(const ReportTable& table) {
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const bool any = std::ranges::any_of(table.rows, [&](const ReportRow& row) {
      return !row.is_group && i < row.cells.size() && !row.cells[i].text.empty();
    });
    if (any || i == 0) shown.push_back(i);
  }
  return shown;
}

std::string class_attribute(const ReportCell& cell, const TableColumn& column, bool is_first) {
  std::string classes(kTones[static_cast<std::size_t>(cell.tone)]);
  const auto add = [&](std::string_view name) {
    classes += (classes.empty() ? "" : " ") + std::string(name);
  };
  if (!is_first && column.align == Align::left) add("text");
  if (cell.heat) add("heat");
  return classes.empty() ? "" : fmt::format(" class=\"{}\"", classes);
}

std::string style_attribute(const ReportCell& cell, int depth) {
  std::string style;
  if (depth > 0) style += fmt::format("padding-left:{}em", depth);
  if (cell.heat) style += fmt::format("--heat:{:.0f}%", 100 * std::clamp(*cell.heat, 0.0, 1.0));
  return style.empty() ? "" : fmt::format(" style=\"{}\"", style);
}

std::string prose_html(std::string_view text) {
  std::string html;
  for (const ReportPassage& passage : passages_of(text)) {
    const std::string part = html_text(passage.text);
    html += passage.is_code ? "<code>" + part + "</code>" : part;
  }
  return html;
}

/// A figure stays on one line with its unit.
std::string unbroken(std::string_view text) {
  std::string whole;
  for (const char c : text) whole += c == ' ' ? "&nbsp;" : std::string(1, c);
  return whole;
}

std::string cell_html(const ReportCell& cell) {
  const std::string text = cell.number ? unbroken(html_text(cell.text)) : html_text(cell.text);
  return cell.is_code && !text.empty() ? "<code>" + text + "</code>" : text;
}

std::string row_html(const ReportTable& table, const ReportRow& row, const std::vector<std::size_t>& shown) {
  if (row.is_group) {
    return fmt::format("<tr class=\"group\"><td{} colspan=\"{}\">{}</td></tr>\n",
                       style_attribute({}, row.depth), shown.size(),
                       row.cells.empty() ? "" : cell_html(row.cells[0]));
  }
  std::string cells;
  for (const std::size_t i : shown) {
    const ReportCell cell = i < row.cells.size() ? row.cells[i] : ReportCell();
    cells += fmt::format("<td{}{}>{}</td>", class_attribute(cell, table.columns[i], i == 0),
                         style_attribute(cell, i == 0 ? row.depth : 0), cell_html(cell));
  }
  return "<tr>" + cells + "</tr>\n";
}

std::string table_html(const ReportTable& table) {
  const std::vector<std::size_t> shown = shown_columns(table);
  std::string head;
  for (const std::size_t i : shown) {
    const bool is_text = i > 0 && table.columns[i].align == Align::left;
    head += fmt::format("<th{}>{}</th>", is_text ? " class=\"text\"" : "", html_text(table.columns[i].title));
  }
  std::string rows;
  for (const ReportRow& row : table.rows) rows += row_html(table, row, shown);
  std::string html = fmt::format(
      "<div class=\"wide\"><table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n", head,
      rows);
  if (table.folded.empty()) return html;
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n", html_text(table.folded), html);
}

std::string tiles_html(const ReportTiles& tiles) {
  std::string items;
  for (const ReportTile& tile : tiles) {
    items +=
        fmt::format("<li><span>{}</span><b>{}</b>{}</li>\n", html_text(tile.label), html_text(tile.value),
                    tile.note.empty() ? "" : "<small>" + html_text(tile.note) + "</small>");
  }
  return "<ul class=\"tiles\">\n" + items + "</ul>\n";
}

struct BlockHtml {
  std::string operator()(const ReportText& text) const { return "<p>" + prose_html(text.text) + "</p>\n"; }
  std::string operator()(const ReportTable& table) const { return table_html(table); }
  std::string operator()(const ReportTiles& tiles) const { return tiles_html(tiles); }
  std::string operator()(const ReportFigure& figure) const {
    const std::string caption = html_text(figure.caption);
    return fmt::format("<figure>\n{}{}</figure>\n", figure.html,
                       caption.empty() ? "" : "<figcaption>" + caption + "</figcaption>");
  }
};

std::string section_html(const ReportSection& section) {
  std::string html = fmt::format("<section id=\"{}\">\n", html_text(section.id));
  if (!section.title.empty()) html += "<h2>" + html_text(section.title) + "</h2>\n";
  for (const ReportBlock& block : section.blocks) html += std::visit(BlockHtml(), block);
  return html + "</section>\n";
}

std::string contents_html(const Report& report) {
  std::string items;
  for (const ReportSection& section : report.sections) {
    if (section.title.empty()) continue;
    items += fmt::format("<a href=\"#{}\">{}</a>\n", html_text(section.id), html_text(section.title));
  }
  return items.empty() ? "" : "<nav>\n" + items + "</nav>\n";
}

}  // namespace

std::string report_html(const Report& report) {
  std::string body = contents_html(report);
  for (const ReportSection& section : report.sections) body += section_html(section);
  if (!report.footer.empty()) body += "<footer>" + html_text(report.footer) + "</footer>\n";
  return html_page(report.title, body);
}

}  // namespace moesim
