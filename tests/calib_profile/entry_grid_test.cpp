// Tables of points along an axis.
#include "calib/profile/entry_grid.hpp"

#include <gtest/gtest.h>

#include "calib/profile/entry_table.hpp"

namespace moesim {
namespace {

Entry gemm(double m, double n, double microseconds, const std::string& kernel, double p90) {
  Entry entry;
  entry.op = TimedOperator::gemm;
  entry.axes = {{"m", m}, {"n", n}, {"k", 512}};
  entry.time = Seconds(microseconds * 1e-6);
  entry.gpu = "G100";
  entry.kernel = kernel;
  entry.source = "tables";
  entry.p90 = p90;
  return entry;
}

EntryTable small_grid() {
  const std::vector points{gemm(1, 256, 3, "a", 1.1), gemm(64, 256, 4.12345, "b", 1.3),
                           gemm(1, 512, 5, "a", 1.2)};
  return grids_of(points, "m").at(0);
}

TEST(EntryGrid, HasAColumnForEachValue) {
  const EntryTable table = small_grid();
  EXPECT_EQ(table.columns, (std::vector<std::string>{"n", "k", "m=1", "m=64", "p90"}));
  EXPECT_EQ(table.kernel, "a, b");
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0], (std::vector<double>{256, 512, 3, 4.123, 1.3}));
  EXPECT_EQ(table.rows[1], (std::vector<double>{512, 512, 5, 0, 1.2}));
  EXPECT_FALSE(find_table_fault(table));
}

TEST(EntryGrid, GivesItsPointsBack) {
  const auto entries = entries_of(small_grid());
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[1].axis("m"), 64);
  EXPECT_NEAR(entries[1].time->value(), 4.123e-6, 1e-15);
  EXPECT_EQ(entries[2].axis("n"), 512);
}

TEST(EntryGrid, IsRefusedWithTheReason) {
  const auto fault = [](auto change) {
    EntryTable table = small_grid();
    change(table);
    const auto found = find_table_fault(table);
    return found ? found->pointer + ": " + found->what : "";
  };
  EXPECT_EQ(fault([](EntryTable& t) { t.columns[3] = "m=1"; }), "/columns: no columns of a grid of gemm");
  EXPECT_EQ(fault([](EntryTable& t) { t.columns[3] = "m=x"; }), "/columns: no columns of a grid of gemm");
  EXPECT_EQ(fault([](EntryTable& t) { t.columns[3] = "q=64"; }), "/columns: no columns of a grid of gemm");
  EXPECT_EQ(fault([](EntryTable& t) { t.columns[0] = "p"; }), "/columns: no columns of a grid of gemm");
  EXPECT_EQ(fault([](EntryTable& t) { t.rows[1].pop_back(); }), "/rows/1: 4 numbers for 5 columns");
  EXPECT_EQ(fault([](EntryTable& t) { t.rows[1][2] = 0; }), "/rows/1: no time");
  EXPECT_EQ(fault([](EntryTable& t) { t.rows[0][2] = -3; }), "/rows/0/2: must be above 0, got -3");
  EXPECT_EQ(fault([](EntryTable& t) { t.rows[0][0] = 0; }), "/rows/0/0: must be above 0, got 0");
}

}  // namespace
}  // namespace moesim
