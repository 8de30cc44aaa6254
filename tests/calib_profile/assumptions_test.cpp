// What a profile does not hold degrades to assumed figures and says so.
#include "calib/profile/assumptions.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/calib_profile/small_profile.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

using test::gemm_entry;
using test::small_document;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

Json without_constants() {
  Json document = small_document({gemm_entry(1000, 1000, 1000, "20 us")});
  document["constants"] = Json::array();
  return document;
}

TEST(Assumptions, StandInForConstantsWithAWarning) {
  const CalibrationProfile profile(read_spec<ProfileFile>(without_constants(), "bare.json"), {}, "bare.json");
  EXPECT_EQ(profile.constant("gemm_efficiency").provenance, Provenance::assumed);
  EXPECT_GT(profile.small(Bytes(1)).seconds, 0);
  EXPECT_THAT(profile.warnings(), Contains(HasSubstr("gemm_efficiency")));
  EXPECT_THAT(profile.warnings(), testing::Not(Contains(HasSubstr("gqa_backward_ratio"))));
}

TEST(Assumptions, AddNothingToACompleteProfile) {
  ProfileFile file = read_spec<ProfileFile>(small_document({gemm_entry(1, 1, 1, "1 us")}), "small.json");
  const std::size_t num_constants = file.constants.size();
  EXPECT_THAT(add_assumed_constants(file), IsEmpty());
  EXPECT_EQ(file.constants.size(), num_constants);
  EXPECT_FALSE(has_source(file.sources, kAssumptionSource));
}

// The ratio of grouped-query attention is read only where it is timed.
TEST(Assumptions, FollowWhatIsTimed) {
  ProfileFile file = read_spec<ProfileFile>(
      small_document(
          {test::entry("gqa_prefill",
                       R"("axes": {"head_dim": 128, "heads": 8, "kv_heads": 8, "batch": 1, "length": 4096},
                          "time": "1 ms")")}),
      "small.json");
  EXPECT_THAT(add_assumed_constants(file), testing::ElementsAre("gqa_backward_ratio"));
}

// A profile of one measured GEMM can be loaded and asked for links: 0.74 of 200 GB/s.
TEST(Assumptions, StandInForLinksOfALoadedProfile) {
  const test::OwnFile file("bare.json");
  std::ofstream(file.path()) << without_constants().dump();
  const CalibrationProfile profile = load_profile(file.path().string());
  EXPECT_DOUBLE_EQ(profile.link_bandwidth("nvlink_usable").value(), 148e9);
  EXPECT_DOUBLE_EQ(profile.link_bandwidth("nic_usable").value(), 47.5e9);
  EXPECT_THAT(profile.warnings(), Contains(HasSubstr("nvlink_usable, nic_usable")));
}

TEST(Assumptions, AreInNoShippedProfile) {
  for (const std::string& name : profile_names()) {
    EXPECT_FALSE(has_source(load_profile(name).sources(), kAssumptionSource)) << name;
  }
}

}  // namespace
}  // namespace moesim
