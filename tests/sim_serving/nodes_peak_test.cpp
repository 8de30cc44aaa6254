#include "sim/serving/nodes_peak.hpp"

#include <gtest/gtest.h>

namespace moesim {
namespace {

// Pools of 4 to 8 and of 18 to 36 nodes whose peaks do not coincide: 40 at the second sample.
TEST(NodesPeak, IsThatOfAllPoolsAtOnce) {
  NullSink sink;
  NodesPeak peak(sink);
  peak.add(Series{"prefill/nodes", "nodes", {0, 10, 20}, {8, 4, 4}});
  peak.add(Series{"prefill/queue", "requests", {0, 10, 20}, {1000, 1000, 1000}});
  peak.add(Series{"decode/nodes", "nodes", {0, 10}, {18, 36}});
  peak.add(Series{"decode/nodes", "nodes", {20}, {18}});
  EXPECT_DOUBLE_EQ(peak.value(), 40);
}

TEST(NodesPeak, IsNothingWithoutCurves) {
  NullSink sink;
  EXPECT_EQ(NodesPeak(sink).value(), 0);
}

}  // namespace
}  // namespace moesim
