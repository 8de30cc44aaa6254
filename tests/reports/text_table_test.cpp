#include "reports/text_table.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

TEST(TextTable, AlignsByCodePointsAndLeavesOutEmptyColumns) {
  const TextTable table{{{"name"}, {"no text"}, {"unit"}, {"time", Align::right}, {""}},
                        {{"α", "", "x", "1 µs"}, {"longer", "", "", "10 ms"}}};
  EXPECT_EQ(plain_text(table),
            "name    unit   time\n"
            "α       x      1 µs\n"
            "longer        10 ms\n");
}

TEST(TextTable, WithoutTitles) {
  EXPECT_EQ(plain_text({{{""}, {""}}, {{"a", "b"}, {"ccc", "d"}}}), "a    b\nccc  d\n");
}

TEST(TextTable, Markdown) {
  EXPECT_EQ(markdown({{{"case"}, {"error", Align::right}}, {{"a|b", "+1 %"}, {"c"}}}),
            "| case | error |\n|---|---:|\n| a\\|b | +1 % |\n| c |  |\n");
}

}  // namespace
}  // namespace moesim
