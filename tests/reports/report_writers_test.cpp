#include "reports/report_writers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace moesim {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A section with every kind of block.
Report report() {
  ReportSection section{"part", "A & B", {}};
  section.blocks.emplace_back(ReportTiles{{"step", "4 s", "published 5 s"}});
  section.add_text("1 < 2 * 3");
  section.add_figure("caption", "<svg></svg>");
  ReportTable table{"t", {{"what"}, {"value", Align::right}, {"never", Align::right}}, {}};
  table.rows.push_back({{{"group"}}, 0, true, "g"});
  table.rows.push_back({{{"time, all"}, number_cell(0.25, MetricUnit::seconds)}, 1, false, "g.time_s"});
  table.rows.push_back({{{"name"}, code_cell("a|b,\"c\"")}});
  section.add_table(std::move(table));
  return {"Title <1>", {section}, "foot"};
}

TEST(ReportWriters, CsvHasEveryCellByItsKeys) {
  EXPECT_EQ(report_csv(report()),
            "section,table,row,column,value\r\n"
            "part,t,g.time_s,value,0.25\r\n"
            "part,t,name,value,\"a|b,\"\"c\"\"\"\r\n");
}

TEST(ReportWriters, HtmlEscapesAndLeavesOutEmptyColumns) {
  const std::string html = report_html(report());
  EXPECT_THAT(html, HasSubstr("<h1>Title &lt;1&gt;</h1>"));
  EXPECT_THAT(html, HasSubstr("<a href=\"#part\">A &amp; B</a>"));
  EXPECT_THAT(html, HasSubstr("<p>1 &lt; 2 * 3</p>"));
  EXPECT_THAT(html, HasSubstr("<figcaption>caption</figcaption>"));
  EXPECT_THAT(html, HasSubstr("<td>250&nbsp;ms</td>"));
  EXPECT_THAT(html, Not(HasSubstr("never")));
}

TEST(ReportWriters, MarkdownHasTextsAndTablesWithoutPictures) {
  const std::string text = report_markdown(report());
  EXPECT_THAT(text, HasSubstr("# Title &lt;1>\n"));
  EXPECT_THAT(text, HasSubstr("- step: **4 s** (published 5 s)\n"));
  EXPECT_THAT(text, HasSubstr("1 &lt; 2 \\* 3"));
  EXPECT_THAT(text, HasSubstr("a\\|b"));
  EXPECT_THAT(text, Not(HasSubstr("svg")));
}

TEST(ReportWriters, PassagesBetweenBackquotesAreCode) {
  Report report{"t", {{"s", "s", {}}}, ""};
  report.sections[0].add_text("give `--a<b>` and `c_d`, not ` alone");
  EXPECT_THAT(report_html(report),
              HasSubstr("<p>give <code>--a&lt;b&gt;</code> and <code>c_d</code>, not ` alone</p>"));
  EXPECT_THAT(report_markdown(report), HasSubstr("give `--a<b>` and `c_d`, not \\` alone\n"));
}

TEST(ReportSection, EmptyTablesAndPicturesAreNoBlocks) {
  ReportSection section;
  section.add_figure("caption", "");
  section.add_table({"t", {{"what"}}, {}});
  EXPECT_TRUE(section.empty());
}

}  // namespace
}  // namespace moesim
