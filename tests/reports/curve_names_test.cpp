#include "reports/curve_names.hpp"

#include <gtest/gtest.h>

#include <set>

namespace moesim {
namespace {

TEST(CurveNames, PoolsAndLayersAreTakenApart) {
  const CurveName ttft = curve_name("prefill/ttft_p99");
  EXPECT_EQ(ttft.place, "prefill");
  EXPECT_EQ(ttft.key, "ttft_p99");
  EXPECT_EQ(curve_title(ttft), "TTFT");
  EXPECT_EQ(curve_label(ttft), "prefill, p99");
  EXPECT_EQ(curve_unit(ttft, "s"), MetricUnit::seconds);
  const CurveName layer = curve_name("max_violation_batch.layer_12");
  EXPECT_EQ(layer.place, "layer 12");
  EXPECT_EQ(curve_title(layer), "MaxVio");
  EXPECT_EQ(curve_label(curve_name("imbalance.rank")), "GPUs");
  EXPECT_EQ(curve_label(curve_name("balancedness")), "");
}

TEST(CurveNames, OthersAreCalledByTheirKey) {
  const CurveName odd = curve_name("a/b/odd_fraction");
  EXPECT_EQ(odd.place, "a/b");
  EXPECT_EQ(odd.kind, nullptr);
  EXPECT_EQ(curve_title(odd), "odd");
  EXPECT_EQ(curve_unit(odd, "1"), MetricUnit::fraction);
  EXPECT_EQ(curve_unit(odd, "B/s"), MetricUnit::bytes_per_second);
  EXPECT_EQ(curve_order(odd), curve_kinds().size());
  EXPECT_EQ(curve_unit(curve_name(""), ""), MetricUnit::count);
}

TEST(CurveNames, KeysAreUniqueAndTitlesStandTogether) {
  std::set<std::string_view> keys, titles, groups;
  std::string_view title, group;
  for (const CurveKind& kind : curve_kinds()) {
    EXPECT_TRUE(keys.insert(kind.key).second) << kind.key;
    if (kind.title != title) {
      EXPECT_TRUE(titles.insert(kind.title).second) << kind.title;
    }
    if (kind.group != group) {
      EXPECT_TRUE(groups.insert(kind.group).second) << kind.group;
    }
    title = kind.title;
    group = kind.group;
  }
}

}  // namespace
}  // namespace moesim
