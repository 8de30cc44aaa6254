#include "calib/profile/merge_profiles.hpp"

#include <gmock/gmock.h>

#include "calib/profile/entry_table.hpp"
#include "calib/profile/profile_text.hpp"
#include "calib/profile/timed_entries.hpp"
#include "tests/calib_profile/small_profile.hpp"

namespace moesim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace test;

/// A profile of the small GPU with these entries.
NamedProfile named(const std::string& path, std::initializer_list<Json> entries) {
  return {path, read_spec<ProfileFile>(small_document(entries), path)};
}

/// The same with another source and provenance.
Json of(Json entry, const std::string& source, const std::string& provenance) {
  entry["source"] = source;
  entry["provenance"] = provenance;
  return entry;
}

NamedProfile first() {
  return named("a.json", {gemm_entry(64, 1024, 1024, "10 us"), gemm_entry(128, 1024, 1024, "12 us")});
}
NamedProfile second() {
  return named("b.json", {of(gemm_entry(64, 1024, 1024, "11 us"), "trace", "measured"),
                          gemm_entry(256, 1024, 1024, "20 us")});
}

std::string merged_text(const std::vector<NamedProfile>& inputs) {
  MergeReport report;
  return profile_text(merge_profiles(inputs, "merged", report));
}

TEST(MergeProfiles, Measured_goes_before_published_before_the_shorter) {
  MergeReport report;
  const ProfileFile merged = merge_profiles({first(), second()}, "merged", report);
  ASSERT_EQ(merged.entries.size(), 3U);
  const Entry& point = merged.entries[0];
  EXPECT_DOUBLE_EQ(point.axis("m"), 64);
  EXPECT_EQ(point.source, "trace");
  EXPECT_DOUBLE_EQ(point.time->value(), 11e-6);
  EXPECT_NEAR(point.p10, 10.0 / 11, 1e-12);  // the published time
  EXPECT_EQ(point.p90, 1);
  EXPECT_THAT(report.points, ElementsAre(2, 2));
  EXPECT_EQ(report.merged, 3U);
  EXPECT_EQ(report.repeated, 1U);
  EXPECT_THAT(
      report.warnings,
      ElementsAre("gemm fp8 k=1024 m=64 n=1024: published of table is 0.909 times that of trace; the latter "
                  "stands (measured before published)"));
}

TEST(MergeProfiles, What_another_GPU_timed_is_derived) {
  Json foreign = gemm_entry(64, 1024, 1024, "9 us");
  foreign["gpu"] = "Vendor G200";
  MergeReport report;
  const ProfileFile merged = merge_profiles({named("a.json", {foreign}), first()}, "merged", report);
  EXPECT_DOUBLE_EQ(merged.entries[0].time->value(), 10e-6);
  EXPECT_THAT(report.warnings[0], HasSubstr("derived of table is 0.900 times that of table"));
}

TEST(MergeProfiles, Commutes_and_is_idempotent) {
  const std::string text = merged_text({first(), second()});
  EXPECT_EQ(text, merged_text({second(), first()}));
  const NamedProfile merged{"c.json", read_spec<ProfileFile>(parse_json(text, "c.json"), "c.json")};
  EXPECT_EQ(text, merged_text({merged, merged}));
  EXPECT_EQ(text, merged_text({merged, second()}));
  EXPECT_EQ(text, merged_text({first(), merged}));
  EXPECT_EQ(text, merged_text({first(), second(), first()}));
}

TEST(MergeProfiles, Shipped_profiles_merge_with_themselves) {
  for (const std::string& name : profile_names()) {
    const CalibrationProfile profile = load_profile(name);
    const NamedProfile input{profile.path(), profile.file()};
    MergeReport report;
    const ProfileFile merged = merge_profiles({input, input}, "", report);
    EXPECT_EQ(merged.name, name);
    EXPECT_EQ(report.merged, timed_entries(profile).size()) << name;
    const CalibrationProfile again(merged, {}, "merged");
    ASSERT_EQ(timed_entries(again).size(), timed_entries(profile).size());
    const NamedProfile twice{"twice", merged};
    MergeReport second;
    EXPECT_EQ(profile_text(merge_profiles({twice, input}, "", second)), profile_text(merged)) << name;
  }
}

TEST(MergeProfiles, Tables_with_one_head_are_joined) {
  NamedProfile a = first(), b = first();
  for (NamedProfile* input : {&a, &b}) {
    input->file.tables = tables_of(input->file.entries);
    input->file.entries.clear();
  }
  b.file.tables[0].rows = {{512, 1024, 1024, 40}, {64, 1024, 1024, 10}};
  MergeReport report;
  const ProfileFile merged = merge_profiles({a, b}, "", report);
  ASSERT_EQ(merged.tables.size(), 1U);
  EXPECT_THAT(merged.tables[0].rows,
              ElementsAre(ElementsAre(64, 1024, 1024, 10), ElementsAre(128, 1024, 1024, 12),
                          ElementsAre(512, 1024, 1024, 40)));
  EXPECT_TRUE(report.warnings.empty());
}

TEST(MergeProfiles, Names_and_descriptions_are_united) {
  NamedProfile a = first(), b = second();
  a.file.name = "x";
  b.file.name = "w";
  a.file.description = "One.";
  b.file.description = "Two.";
  b.file.held_out.push_back({"gemm_bf16", "all", 0.1, 0.2, 5});
  MergeReport report;
  const ProfileFile merged = merge_profiles({a, b}, "", report);
  EXPECT_EQ(merged.name, "w+x");
  EXPECT_EQ(merged.description, "One. Two.");
  EXPECT_TRUE(merged.held_out.empty());
  EXPECT_TRUE(report.dropped_errors);
}

std::string refusal(const NamedProfile& a, const NamedProfile& b) {
  MergeReport report;
  try {
    merge_profiles({a, b}, "", report);
    return "merged";
  } catch (const SpecError& error) {
    return error.what();
  }
}

TEST(MergeProfiles, Contradictions_name_both_files) {
  NamedProfile other = second();
  other.file.gpu.hbm_bandwidth = BytesPerSecond(2e12);
  EXPECT_EQ(refusal(first(), other),
            "b.json: /gpu/hbm_bandwidth: hbm_bandwidth of the GPU is \"2 TB/s\", in a.json \"1 TB/s\"; merge "
            "profiles of "
            "one GPU; figures of another one are carried by moesim calibration fit");
  other = second();
  other.file.constants[3].value = 0.6;
  EXPECT_THAT(refusal(first(), other),
              HasSubstr("b.json: /constants: constant 'gemm_efficiency' is 0.6 ratio, in a.json 0.5 ratio"));
  other = second();
  other.file.sources[0].title = "another table";
  EXPECT_EQ(
      refusal(first(), other),
      "b.json: /sources: source 'table' has the title 'another table', in a.json 'a table'; give different "
      "publications different ids");
  other = second();
  other.file.sources[0].date = "2025";
  EXPECT_EQ(refusal(first(), other), "merged");
}

}  // namespace
}  // namespace moesim
