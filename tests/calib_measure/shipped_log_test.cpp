// The profiles of moesim's own measurements against the logs that they are made of.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "calib/measure/measured_profile.hpp"
#include "calib/profile/entry_table.hpp"
#include "calib/profile/profile.hpp"

namespace moesim {
namespace {

class ShippedLog : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] MeasureLog log() const { return read_measure_log("calib/logs/" + GetParam() + ".ndjson"); }
  [[nodiscard]] CalibrationProfile profile() const { return load_profile(GetParam() + "-measured"); }
};

using Points = std::map<std::string, double>;  // microseconds

std::string point_name(const Entry& entry) {
  std::string text(enum_name(entry.op));
  for (const std::string_view part : {enum_name(entry.format), enum_name(entry.role), enum_name(entry.regime),
                                      std::string_view(entry.name)})
    text += "/" + std::string(part);
  for (const auto& [axis, value] : entry.axes) text += "/" + axis + "=" + std::to_string(value);
  return text;
}

Points measured_points(const std::vector<EntryTable>& tables) {
  Points points;
  for (const EntryTable& table : tables) {
    if (table.provenance != Provenance::measured) continue;
    for (const Entry& entry : entries_of(table)) points[point_name(entry)] = time_of(entry).value() * 1e6;
  }
  return points;
}

TEST_P(ShippedLog, HoldsNoFailureAndItsRawSamples) {
  const MeasureLog found = log();
  EXPECT_FALSE(found.truncated);
  EXPECT_FALSE(found.header.uuid.empty());
  int num_measured = 0;
  for (const LogRecord& record : found.records) {
    if (record.status == RecordStatus::unsupported) continue;
    ASSERT_EQ(record.status, RecordStatus::measured) << record.id;
    ASSERT_TRUE(record.check && record.check->passed()) << record.id;
    EXPECT_EQ(record.samples_us.size() >= 10, true) << record.id;
    ++num_measured;
  }
  EXPECT_GT(num_measured, 2000);
}

// Experts are thinned; all else is in the profile as the log has it, to the digits of a file.
TEST_P(ShippedLog, IsWhatTheProfileHolds) {
  const Points logged = measured_points(measured_profile(std::vector{log()}, "log").tables);
  const Points shipped = measured_points(profile().file().tables);
  EXPECT_GT(shipped.size(), 1900U);
  for (const auto& [point, time] : shipped) {
    const auto at = logged.find(point);
    ASSERT_NE(at, logged.end()) << point;
    EXPECT_NEAR(time, at->second, 1e-4 * time) << point;
  }
  for (const auto& [point, time] : logged)
    EXPECT_TRUE(shipped.contains(point) || point.starts_with("expert_mlp")) << point;
}

double time_of_point(const Points& points, const std::string& start) {
  const auto at = points.lower_bound(start);
  EXPECT_TRUE(at != points.end() && at->first.starts_with(start)) << start;
  return at == points.end() ? 0 : at->second;
}

// What constants say must be what the points say.
TEST_P(ShippedLog, GivesTheConstantsOfTheProfile) {
  const CalibrationProfile shipped = profile();
  const Points points = measured_points(shipped.file().tables);
  const std::string shape = "/heads=128.000000/length=4096.000000/qk_dim=192.000000/v_dim=128.000000";
  const auto attention = [&](const std::string& role, const std::string& regime) {
    return time_of_point(points, "attention_prefill/bf16/" + role + "/" + regime + "/" + shape);
  };
  EXPECT_NEAR(shipped.value("attention_backward_ratio"),
              attention("input_gradient", "isolated") / attention("forward", "isolated"), 0.005);
  const ResolvedConstant sustained = *shipped.sustained_rate();
  for (const char* role : {"forward", "input_gradient"}) {
    const double ratio = attention(role, "isolated") / attention(role, "sustained");
    EXPECT_GE(ratio, sustained.low - 0.005) << role;
    EXPECT_LE(ratio, sustained.high + 0.005) << role;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ShippedLog, testing::Values("h100-sxm", "h200-sxm"),
                         [](const auto& tested) { return tested.param.substr(0, 4); });

}  // namespace
}  // namespace moesim
