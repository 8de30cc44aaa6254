#include "sim/routing_run/recorded_steps.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <numeric>

#include "sim/results/memory_sink.hpp"
#include "sim/routing_run/routing_run.hpp"
#include "tests/own_file.hpp"
#include "tests/sim_routing_run/small_scenario.hpp"

namespace moesim {
namespace {

constexpr std::int64_t kTokens = 16;  // a step
constexpr int kLayers = 2;
constexpr int kTopK = 6;

/// Token t chooses experts t + 10 layer, t + 10 layer + 1, ... of 64.
void write_ids(const std::filesystem::path& path, std::int64_t tokens) {
  std::vector<std::uint16_t> ids;
  for (std::int64_t token = 0; token < tokens; ++token) {
    for (int layer = 0; layer < kLayers; ++layer) {
      for (int k = 0; k < kTopK; ++k)
        ids.push_back(static_cast<std::uint16_t>((token + 10 * layer + k) % 64));
    }
  }
  ExpertIdsShape shape;
  shape.num_layers = kLayers;
  shape.top_k = kTopK;
  ExpertIdsWriter writer(path, shape, tokens);
  writer.add(ids);
  writer.commit();
}

RoutingScenario recorded(const char* key, const std::filesystem::path& path, const char* changes = "{}") {
  Json document = test::small_document(R"({"affinity": null, "batch": null})");
  document["batch"] = {{"tokens", kTokens}, {"steps", 3}, {"measured_steps", 3}};
  document["recorded"] = {{key, path.string()}};
  document.merge_patch(Json::parse(changes));
  return read_spec<RoutingScenario>(document, test::kFile);
}

Json summary_of(const RoutingScenario& scenario, RecordSink& sink) {
  const RoutingInputs inputs = load_routing(scenario, test::kFile);
  return run_routing(inputs, {2, {}}, sink).account.summary();
}

// Experts 0 to 20 of the first layer and first step: expert e is chosen by tokens e - 5 to e, of 0 to 15.
TEST(RecordedSteps, IdsAreCountedStepByStep) {
  const test::OwnFile file("ids.npy");
  write_ids(file.path(), 3 * kTokens);
  MemorySink records;
  const Json summary =
      summary_of(recorded("ids", file.path(), R"({"record": {"traffic_every": 1}})"), records);
  const std::vector<KeptLoad>& rows = records.loads().at("expert_load");
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_EQ(rows[0].layer, 1);
  EXPECT_EQ(rows[0].tokens[0], 1u);
  EXPECT_EQ(rows[0].tokens[5], 6u);
  EXPECT_EQ(rows[0].tokens[20], 1u);
  EXPECT_EQ(rows[1].layer, 2);
  EXPECT_EQ(rows[1].tokens[10], 1u);
  EXPECT_EQ(rows[2].step, 1);
  EXPECT_EQ(rows[2].tokens[16], 1u);
  EXPECT_DOUBLE_EQ(summary["max_violation_batch"].get<double>(), 6 / (96.0 / 64) - 1);
  EXPECT_EQ(summary["traffic"]["nodes_per_token"], 1);
}

TEST(RecordedSteps, LayersOfAnotherNumberAreTheKeysFault) {
  const test::OwnFile file("layers.npy");
  write_ids(file.path(), kTokens);
  NullSink sink;
  try {
    summary_of(recorded("ids", file.path(), R"({"recorded": {"layers": 3}})"), sink);
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_EQ(error.file, test::kFile);
    EXPECT_EQ(error.pointer, "/recorded/layers");
    EXPECT_NE(error.what_text.find("has 2"), std::string::npos) << error.what_text;
  }
}

TEST(RecordedSteps, ARecordingThatEndsIsTold) {
  const test::OwnFile file("short.npy");
  write_ids(file.path(), 2 * kTokens + 3);
  NullSink sink;
  try {
    summary_of(recorded("ids", file.path()), sink);
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_EQ(error.pointer, "/batch/steps");
    EXPECT_NE(error.what_text.find("ends after 2 steps"), std::string::npos);
  }
}

TEST(RecordedSteps, CountsAreStepsAsTheyStand) {
  const test::OwnFile file("counts.csv");
  {
    std::ofstream out(file.path());
    out << "step,layer,expert,tokens\n";
    for (int step = 0; step < 3; ++step) {
      for (int expert = 0; expert < 64; ++expert)
        out << step << ",7," << expert << ',' << (expert == 0 ? 12 + step : 6) << '\n';
    }
  }
  MemorySink records;
  const Json summary = summary_of(recorded("counts", file.path()), records);
  EXPECT_EQ(records.loads().at("expert_load")[1].layer, 7);
  EXPECT_EQ(records.loads().at("expert_load")[1].tokens[0], 13u);
  EXPECT_EQ(summary["layers"], 1);
  EXPECT_EQ(summary["tokens_per_step"], (63 * 6 + 13) / 6);
}

/// Counts of the steps of one layer: 6 tokens of each expert but in the step `empty`.
void write_counts(const std::filesystem::path& path, int layer, int empty = -1) {
  std::ofstream out(path);
  out << "step,layer,expert,tokens\n";
  for (int step = 0; step < 3; ++step) {
    for (int expert = 0; expert < 64; ++expert)
      out << step << ',' << layer << ',' << expert << ',' << (step == empty ? 0 : 6) << '\n';
  }
}

// 64 experts with 6 tokens each, of 6 choices a token, in 3 steps.
TEST(RecordedSteps, TokensOfCountsAreThoseOfTheFile) {
  const test::OwnFile file("tokens.csv");
  write_counts(file.path(), 7);
  const RoutingInputs inputs = load_routing(recorded("counts", file.path()), test::kFile);
  NullSink sink;
  EXPECT_EQ(run_routing(inputs, {1, {}}, sink).num_tokens, 3u * 64u);
}

/// The fault of a run of these counts.
SpecError fault_of(const std::filesystem::path& path) {
  NullSink sink;
  try {
    summary_of(recorded("counts", path), sink);
  } catch (const SpecError& error) {
    return error;
  }
  ADD_FAILURE() << path << " runs";
  return {"", "", "", ""};
}

// Layer 0 of the model is dense, 27 the last one.
TEST(RecordedSteps, CountsAreOfLayersWithExperts) {
  for (const int layer : {0, 28}) {
    const test::OwnFile file("layers.csv");
    write_counts(file.path(), layer);
    const SpecError error = fault_of(file.path());
    EXPECT_EQ(error.file, file.path());
    EXPECT_EQ(error.pointer, "step 0, layer " + std::to_string(layer));
    EXPECT_EQ(error.hint, "layers 1 to 27");
  }
  const test::OwnFile json("layers.json");
  {
    Json document{{"schema_version", 1}, {"num_experts", 64}};
    document["steps"] = {{{"step", 5}, {"layers", {{"0", std::vector<int>(64, 1)}}}}};
    std::ofstream(json.path()) << document;
  }
  EXPECT_EQ(fault_of(json.path()).pointer, "step 5, layer 0");
}

TEST(RecordedSteps, CountsWithoutTokensAreRefused) {
  const test::OwnFile file("empty.csv");
  write_counts(file.path(), 7, 2);
  const SpecError error = fault_of(file.path());
  EXPECT_EQ(error.pointer, "step 2, layer 7");
  EXPECT_EQ(error.what_text, "no expert got a token");
}

TEST(RecordedSteps, NothingElseMovesThem) {
  const test::OwnFile file("moved.npy");
  write_ids(file.path(), kTokens);
  const char* changes =
      R"({"routing": {"losses": {"expert": 1}, "dynamics": "functional"}, "affinity": {"drift": 0.1},
    "batch": {"layers": 1}})";
  std::vector<std::string> pointers;
  for (const auto& v : plan_routing(recorded("ids", file.path(), changes), test::kFile).violations)
    pointers.push_back(v.pointer);
  EXPECT_EQ(pointers, (std::vector<std::string>{"/routing", "/affinity", "/batch/layers"}));
}

}  // namespace
}  // namespace moesim
