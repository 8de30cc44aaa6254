#include "sim/results/comparison.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace moesim {
namespace {

Json result(const char* more) {
  Json document = Json::parse(R"({"schema_version": 1, "kind": "training", "model": "m", "seed": 1,
    "cluster": {"name": "c", "gpus": 8, "nodes": 1}, "engine": {"name": "replay", "num_gpus": 2},
    "scenario": {"kind": "training", "layout": {"ep": 4, "recompute": []}, "published": [{"key": "x"}]},
    "provenance": {"published": 1}, "warnings": [], "summary": {"step_time_s": 4, "bubble_fraction": 0}})");
  document.merge_patch(Json::parse(more));
  return document;
}

Comparison compare(const std::vector<Json>& documents) {
  std::vector<ComparedResult> results;
  for (const Json& document : documents) {
    const std::string name(1, static_cast<char>('a' + results.size()));
    results.push_back({name, name + ".json", &document, nullptr});
  }
  return compare_results(results);
}

std::vector<std::string> keys_of(const Comparison& comparison, const char* section) {
  std::vector<std::string> keys;
  const ComparedSection* found = comparison.find(section);
  if (found == nullptr) return keys;
  for (const ComparedRow& row : found->rows) keys.push_back(row.key);
  return keys;
}

using Texts = std::vector<std::string>;

// (5 - 4) / 4 = 25 %, (3 - 4) / 4 = -25 %; against nothing or 0 there is no difference to tell.
TEST(Comparison, DifferencesAreRelativeToTheFirst) {
  EXPECT_DOUBLE_EQ(relative_difference(4.0, 5.0).value(), 0.25);
  EXPECT_DOUBLE_EQ(relative_difference(4.0, 3.0).value(), -0.25);
  EXPECT_DOUBLE_EQ(relative_difference(-4.0, -3.0).value(), 0.25);
  EXPECT_DOUBLE_EQ(relative_difference(0.0, 0.0).value(), 0);
  EXPECT_FALSE(relative_difference(0.0, 1.0));
  EXPECT_FALSE(relative_difference(ComparedValue(), 1.0));
  EXPECT_FALSE(relative_difference(std::string("4"), 1.0));
}

TEST(Comparison, SectionsHoldWhatTheyAreAbout) {
  const Comparison both = compare({result(R"({"summary": {"memory_per_gpu_B": {"max": 1}}})"), result("{}")});
  EXPECT_EQ(both.kind, "training");
  EXPECT_EQ(keys_of(both, "summary"), Texts{"step_time_s"});
  EXPECT_EQ(keys_of(both, "time"), Texts{"bubble_fraction"});
  EXPECT_EQ(keys_of(both, "memory"), Texts{"memory_per_gpu_B.max"});
  EXPECT_EQ(keys_of(both, "inputs"), Texts{});
  EXPECT_EQ(keys_of(both, "waterfall"), Texts{});
}

TEST(Comparison, WhatAResultLacksIsAbsentAndNoZero) {
  const Comparison both =
      compare({result("{}"), result(R"({"summary": {"bubble_fraction": null, "mfu": 0.5}})")});
  const ComparedRow& bubble = both.find("time")->rows.at(0);
  EXPECT_EQ(bubble.values[0], ComparedValue(0.0));
  EXPECT_EQ(bubble.values[1], ComparedValue());
  const ComparedRow& mfu = both.find("summary")->rows.at(1);
  EXPECT_EQ(mfu.key, "mfu");
  EXPECT_EQ(mfu.values[0], ComparedValue());
  const Json json = comparison_json(both);
  EXPECT_TRUE(json["sections"]["summary"][1]["values"][0].is_null());
  EXPECT_TRUE(json["sections"]["summary"][1]["difference_fraction"][1].is_null());
  EXPECT_EQ(json["sections"]["summary"][0]["values"].dump(), "[4,4]");
}

TEST(Comparison, InputsAreThoseThatDiffer) {
  const Comparison three =
      compare({result("{}"), result(R"({"scenario": {"layout": {"ep": 8, "recompute": ["moe", "mlp"]}}})"),
               result(R"({"scenario": {"layout": {"ep": null}, "published": []}})")});
  EXPECT_EQ(keys_of(three, "inputs"), (Texts{"/layout/ep", "/layout/recompute"}));
  const auto& rows = three.find("inputs")->rows;
  EXPECT_EQ(rows[0].values, (std::vector<ComparedValue>{4.0, 8.0, {}}));
  EXPECT_EQ(rows[1].values,
            (std::vector<ComparedValue>{std::string("none"), std::string("moe, mlp"), std::string("none")}));
}

// A later result's own keys stand where it names them.
TEST(Comparison, KeepsTheOrderOfTheDocuments) {
  const Comparison both =
      compare({result(R"({"summary": {"z": 1}})"), result(R"({"summary": {"y": 2, "z": 1}})")});
  EXPECT_EQ(keys_of(both, "summary"), (Texts{"step_time_s", "y", "z"}));
}

TEST(Comparison, MemoryItemsAreOfTheFullestRank) {
  const Json document = result("{}");
  const Json memory = Json::parse(R"({"capacity_B": 80, "ranks": [
    {"total_B": 5, "items_B": {"weights": 5}}, {"total_B": 9, "items_B": {"weights": 2, "logits": 7}}]})");
  const Comparison one = compare_results({{"a", "a", &document, &memory}, {"b", "b", &document, nullptr}});
  const auto& rows = one.find("memory")->rows;
  EXPECT_EQ(keys_of(one, "memory"), (Texts{"capacity_B", "items_B.weights", "items_B.logits"}));
  EXPECT_EQ(rows[1].values, (std::vector<ComparedValue>{2.0, {}}));
}

std::string fault_of(const Json& first, const Json& second) {
  try {
    compare({first, second});
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}

TEST(Comparison, RefusesWhatCannotStandBesideTheFirst) {
  EXPECT_EQ(fault_of(result("{}"), result(R"({"kind": "serving"})")).find("b.json: /kind: "), 0u);
  EXPECT_EQ(fault_of(result("{}"), result(R"({"schema_version": 2})")).find("b.json: /schema_version: "), 0u);
  EXPECT_EQ(fault_of(result("{}"), result(R"({"schema_version": null})")).find("b.json: /schema_version: "),
            0u);
  EXPECT_EQ(fault_of(result(R"({"kind": null})"), result("{}")).find("a.json: /kind: "), 0u);
  EXPECT_EQ(fault_of(result("{}"), Json::array()).find("b.json: is no result"), 0u);
  EXPECT_EQ(fault_of(result(R"({"summary": null})"), result("{}")).find("a.json: is no result"), 0u);
}

}  // namespace
}  // namespace moesim
