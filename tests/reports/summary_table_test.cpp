#include "reports/summary_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace moesim {
namespace {

using testing::HasSubstr;

const char* const kResult = R"({
  "schema_version": 1, "kind": "training",
  "scenario": {"published": [
    {"key": "gpu_hours_per_trillion_tokens", "value": 180000, "unit": "GPU-hours", "source": "a report, Table 1"},
    {"key": "days", "value": 3.7, "unit": "d", "source": "a report, Table 1"}]},
  "seed": 1, "moesim_version": "0.1.0", "model": "deepseek-v3",
  "cluster": {"name": "h800-2048", "gpus": 2048, "nodes": 256},
  "engine": {"name": "simgrid", "num_gpus": 16, "num_operations": 226560},
  "provenance": {"measured": 0, "published": 0.75, "derived": 0.25, "assumed": 0},
  "warnings": ["routing is stated"],
  "summary": {
    "step_time_s": 17.31, "tokens_per_step": 62914560, "gpu_hours_per_trillion_tokens": 171000,
    "phases_s": {"forward": 0.5, "bubble": 0.25}, "a_new_key": null,
    "memory_per_gpu_B": {"max": 74.9e9, "by_stage": [1e9, 2e9, 3e9, 4e9, 5e9]}},
  "waterfall": [{"name": "left to its own table", "seconds": 1}],
  "uncertainty": {"engine": "replay", "replays": 64, "num_inputs": 9,
    "p10": {"step_time_s": 16.9, "phases_s": {"forward": 0.4}}, "p90": {"step_time_s": 17.8, "phases_s": {"forward": 0.7}}}
})";

TEST(SummaryTable, ShowsEverythingWithUnitsBesideThePublishedFigures) {
  // 171 / 180 - 1 = -5.0 %.
  EXPECT_EQ(summary_table(Json::parse(kResult)),
            R"(training of deepseek-v3 on h800-2048 (2048 GPUs, 256 nodes)

                                                simulated     p10     p90        published   error
step time                                         17.31 s  16.9 s  17.8 s
tokens per step                                   62.91 M
GPU-hours per trillion tokens             171 K GPU-hours                  180 K GPU-hours  -5.0 %  [1]
phases of the first pipeline rank
  forward                                          500 ms  400 ms  700 ms
  bubble                                           250 ms
a new key                                            none
memory per GPU
  max                                             74.9 GB
  by stage                         1 GB, 2 GB, 3 GB, 4 GB
                                                     5 GB
days                                        not simulated                              3.7          [1]

engine     simgrid, 16 GPUs simulated, 226.6 K operations
time from  75.0 % published, 25.0 % derived
p10, p90   64 draws of 9 uncertain inputs, replay
seed       1, moesim 0.1.0
[1]        a report, Table 1
warning    routing is stated
)");
}

TEST(SummaryTable, AbsentPartsAreLeftOut) {
  EXPECT_EQ(summary_table(Json::parse(R"({"kind": "routing", "summary": {"balancedness_mean": 0.5}})")),
            "routing\n\n                   simulated\nbalancedness mean        0.5\n\n");
  EXPECT_THAT(summary_table(Json()), HasSubstr("\n"));
}

TEST(SummaryTable, OddDocumentsAreShownWithoutFault) {
  const Json odd = Json::parse(R"({"kind": 3, "model": {"name": "m"}, "cluster": [], "scenario": [1],
    "summary": {"list": [], "mixed": [1, "a"], "nested": [{"x_s": 1}], "empty": {}, "text": ""},
    "warnings": "none", "provenance": 1, "engine": "replay"})");
  const std::string text = summary_table(odd);
  for (const char* shown : {"3 of m", "mixed", "1, a", "[0]", "1 s", "empty", "replay", "\"\""}) {
    EXPECT_THAT(text, HasSubstr(shown));
  }
}

}  // namespace
}  // namespace moesim
