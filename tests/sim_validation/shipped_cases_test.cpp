#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/validation/case_scenario.hpp"
#include "sim/validation/sources_in_use.hpp"
#include "sim/validation/validation.hpp"

namespace moesim {
namespace {

/// Those of training steps. What routes tokens by the million lies in a folder below, for the golden
/// transcript of the program alone.
std::vector<std::filesystem::path> cases() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator("tests/validation")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

/// The requests on the replay engine, which needs no process of its own.
std::vector<WorkerOutcome> replay_here(std::vector<WorkerRequest> requests) {
  for (WorkerRequest& request : requests) {
    Json scenario = Json::parse(request.scenario.text);
    scenario["engine"] = "replay";
    request.scenario.text = scenario.dump();
  }
  return run_requests_here(requests, run_request);
}

Json validated() {
  ValidationOptions options;
  options.run = replay_here;
  return validate(cases(), options);
}

TEST(ShippedCases, EveryFigureIsWithinItsTolerance) {
  const Json document = validated();
  for (const Json& figure : document["cases"]) EXPECT_EQ(figure["status"], "pass") << figure.dump(2);
  EXPECT_EQ(exit_code_of_validation(document), ExitCode::kDone);
  EXPECT_EQ(document["summary"]["cases"], 6);
}

TEST(ShippedCases, GiveTheSameBytesTwice) {
  EXPECT_EQ(write_json(validated()), write_json(validated()));
}

// The layer profile is a source of calibration and stack, so its check depends on leaving it out.
TEST(ShippedCases, TheLayerCheckIsNoneWithoutItsExclusion) {
  const ValidationCase layer = read_case("tests/validation/deepseek-v3-layer-profile-check.json");
  const SourceSet excluded(layer.excluded_sources.begin(), layer.excluded_sources.end());
  EXPECT_NO_THROW(require_independence(layer, scenarios_of(layer), excluded));
  EXPECT_THROW(require_independence(layer, scenarios_of(layer), {}), SpecError);
}

}  // namespace
}  // namespace moesim
