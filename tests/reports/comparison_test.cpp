#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "reports/bars.hpp"
#include "reports/comparison_page.hpp"
#include "reports/comparison_table.hpp"
#include "reports/page.hpp"

namespace moesim {
namespace {

using testing::HasSubstr;
using testing::Not;

Comparison example() {
  Comparison both;
  both.kind = "training";
  both.names = {"first", "<second>"};
  both.sections = {{"summary", "summary", true, {{"step_time_s", {10.0, 12.0}}, {"mfu", {0.4, {}}}}},
                   {"time",
                    "where time goes",
                    true,
                    {{"phases_mean_s.forward", {4.0, 4.0}}, {"phases_mean_s.bubble", {1.0, 2.0}}}},
                   {"inputs",
                    "inputs that differ",
                    false,
                    {{"/layout/ep", {64.0, 32.0}}, {"/model", {std::string("a,b"), {}}}}}};
  both.warnings = {{}, {"a & b"}};
  return both;
}

TEST(ComparisonTable, PutsResultsSideBySide) {
  EXPECT_EQ(comparison_table(example()),
            "A  first\n"
            "B  <second>\n"
            "\n"
            "                                         A     B      to A\n"
            "\n"
            "summary\n"
            "  step time                           10 s  12 s   +20.0 %\n"
            "  MFU                               40.0 %     -\n"
            "\n"
            "where time goes\n"
            "  phases, mean over pipeline ranks\n"
            "    forward                            4 s   4 s         =\n"
            "    bubble                             1 s   2 s  +100.0 %\n"
            "\n"
            "inputs that differ\n"
            "  /layout/ep                            64    32\n"
            "  /model                               a,b     -\n"
            "\n"
            "warning of B: a & b\n");
}

TEST(ComparisonTable, LettersGoOnBehindZ) {
  EXPECT_EQ(result_letter(0), "A");
  EXPECT_EQ(result_letter(25), "Z");
  EXPECT_EQ(result_letter(26), "AA");
}

TEST(ComparisonCsv, LeavesWhatIsLackingEmpty) {
  EXPECT_EQ(comparison_csv(example()),
            "section,key,first,<second>,<second> difference_fraction\r\n"
            "summary,step_time_s,10,12,0.2\r\n"
            "summary,mfu,0.4,,\r\n"
            "time,phases_mean_s.forward,4,4,0\r\n"
            "time,phases_mean_s.bubble,1,2,1\r\n"
            "inputs,/layout/ep,64,32,\r\n"
            "inputs,/model,\"a,b\",,\r\n");
}

TEST(ComparisonPage, NeedsNothingElseAndEscapesTexts) {
  const std::string page = comparison_page(example());
  EXPECT_THAT(page, HasSubstr("&lt;second&gt;"));
  EXPECT_THAT(page, Not(HasSubstr("<second>")));
  EXPECT_THAT(page, HasSubstr("a &amp; b"));
  EXPECT_THAT(page, HasSubstr("<td class=\"up\">+20.0 %</td>"));
  EXPECT_THAT(page, HasSubstr("<td class=\"absent\">-</td>"));
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(page, HasSubstr("@media print"));
  for (const char* outside : {"http:", "https:", "src=", "href=", "@import", "<script"})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
}

// 1000 - 40 - 110 = 850 units stand for the longest bar, 10 s: 4 s are 340.
TEST(StackedBars, PartsAreAsLongAsTheirValue) {
  const std::string picture =
      stacked_bars({"a", "b"}, {{"A", {4, 6}, 0}, {"B", {4, -1}, 0}}, MetricUnit::seconds);
  const std::regex widths("<rect x=\"([0-9.]+)\" y=\"[0-9.]+\" width=\"([0-9.]+)\"");
  std::vector<std::string> found;
  for (auto at = std::sregex_iterator(picture.begin(), picture.end(), widths); at != std::sregex_iterator();
       ++at)
    found.push_back((*at)[1].str() + " " + (*at)[2].str());
  EXPECT_EQ(found, (std::vector<std::string>{"40.00 300.00", "340.00 450.00", "40.00 300.00"}));
  EXPECT_EQ(stacked_bars({"a"}, {{"A", {0}, 0}}, MetricUnit::seconds), "");
  EXPECT_EQ(column_rows({"A"}, {{}}, MetricUnit::bytes), "");
}

TEST(Page, EscapesEveryMark) {
  EXPECT_EQ(html_text("<a href=\"x\" b='y'>&"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
}

}  // namespace
}  // namespace moesim
