#include "sim/serving/deployment/pool_spec.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace moesim {
namespace {

PoolSpec read(std::string_view text) {
  return read_spec<PoolSpec>(parse_json(text, "pool"), "pool");
}

/// The place of the first fault.
std::string fault_of(std::string_view text) {
  try {
    read(text);
  } catch (const SpecError& error) {
    return error.pointer;
  }
  return "none";
}

TEST(PoolSpec, DefaultsReadBackAsTheyAreWritten) {
  const PoolSpec pool = read(R"({"layout": {"gpus": 8}})");
  EXPECT_EQ(pool.role, PoolRole::colocated);
  EXPECT_EQ(pool.layout.attention_ranks(), 8);
  EXPECT_EQ(pool.layout.expert_tp(), 8);
  EXPECT_EQ(pool.batching.token_budget, 8192);
  const Json written = write_spec(pool);
  EXPECT_EQ(write_json(write_spec(read_spec<PoolSpec>(written, "pool"))), write_json(written));
}

TEST(PoolSpec, GroupsAreWhole) {
  EXPECT_EQ(fault_of(R"({"layout": {"gpus": 8, "tp": 3}})"), "/layout/tp");
  EXPECT_EQ(fault_of(R"({"layout": {"gpus": 8, "ep": 16}})"), "/layout/ep");
  EXPECT_EQ(fault_of(R"({"layout": {"gpus": 8, "redundant_experts": 8}})"), "/layout/redundant_experts");
  EXPECT_EQ(fault_of(R"({"layout": {"gpus": 8, "tp": 2, "ep": 4}})"), "none");
}

TEST(PoolSpec, NothingServesWithoutUnits) {
  EXPECT_EQ(fault_of(R"({"units": 0, "layout": {"gpus": 8}})"), "/units");
  EXPECT_EQ(fault_of(R"({"layout": {"gpus": 0}})"), "/layout/gpus");
  EXPECT_EQ(fault_of(R"({"layout": {"gpus": 8}, "kv_tokens": 0})"), "/kv_tokens");
  EXPECT_EQ(fault_of(R"({"layout": {"gpus": 8}, "batching": {"max_batch": 0}})"), "/batching/max_batch");
}

TEST(PoolSpec, AcceptancesAreChancesOnePerDraft) {
  const auto with = [](const std::string& speculation) {
    return fault_of(R"({"layout": {"gpus": 8}, "speculation": )" + speculation + "}");
  };
  EXPECT_EQ(with(R"({"drafts": 2, "acceptance": [0.9, 1.1]})"), "/speculation/acceptance/1");
  EXPECT_EQ(with(R"({"drafts": 2, "acceptance": [-0.1, 0.5]})"), "/speculation/acceptance/0");
  EXPECT_EQ(with(R"({"drafts": 2, "acceptance": [0.9, 0.8, 0.7]})"), "/speculation/acceptance");
  EXPECT_EQ(with(R"({"drafts": 2})"), "/speculation/acceptance");
  EXPECT_EQ(with(R"({"drafts": 2, "acceptance": [0.9]})"), "none");
}

TEST(PoolSpec, ScalingNamesWhatItHolds) {
  const auto with = [](const std::string& scaling) {
    return fault_of(R"({"layout": {"gpus": 8}, "scaling": )" + scaling + "}");
  };
  EXPECT_EQ(with(R"({"policy": "target"})"), "/scaling/policy");
  EXPECT_EQ(with(R"({"policy": "target", "utilisation": 1.5})"), "/scaling/utilisation");
  EXPECT_EQ(with(R"({"policy": "schedule"})"), "/scaling/schedule");
  EXPECT_EQ(with(R"({"policy": "schedule", "schedule": [{"from": "8 h", "units": 2},
                     {"from": "1 h", "units": 1}]})"),
            "/scaling/schedule");
  EXPECT_EQ(with(R"({"policy": "target", "utilisation": 0.5, "min_units": 2})"), "/units");
  EXPECT_EQ(with(R"({"policy": "target", "utilisation": 0.5, "min_units": 3, "max_units": 2})"),
            "/scaling/min_units");
}

TEST(PoolSpec, PrefillPoolsDraftNothing) {
  EXPECT_EQ(fault_of(R"({"role": "prefill", "layout": {"gpus": 8},
                         "speculation": {"drafts": 1, "acceptance": [0.9]}})"),
            "/speculation/drafts");
}

}  // namespace
}  // namespace moesim
