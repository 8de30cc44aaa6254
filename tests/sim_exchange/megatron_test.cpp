#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/exchange/arguments.hpp"
#include "sim/exchange/exchange.hpp"
#include "sim/exchange/megatron_flags.hpp"

namespace moesim {
namespace {

using testing::HasSubstr;

ImportChoices choices(const std::string& model) {
  ImportChoices all;
  all.model = model;
  all.cluster = "h800-2048";
  all.calibration = "h800-sxm";
  all.cluster_gpus = 2048;
  all.model_file = "a.model.json";
  return all;
}

constexpr const char* kLeast = "--micro-batch-size 1 --seq-length 4096 --global-batch-size 64 ";

Json import(const std::string& text, const std::string& model = "deepseek-v3") {
  return import_megatron(text, "args", choices(model));
}

std::string fault_of(const std::string& text, const std::string& model = "deepseek-v3") {
  try {
    import(text, model);
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}

TEST(Arguments, AreSplitAsAShellDoes) {
  Arguments all(
      "TP=${TP:-8}\nPP=4 # not --this 1\nARGS=(\n  --tp $TP --pp \"${PP}\" \\\n  --list a 'b c'\n  "
      "--flag\n)\n"
      "torchrun x.py --ep=2 --nproc_per_node 8 --tp 16 --open ${NOTHING}",
      "file");
  EXPECT_EQ(all.number("tp"), 16);  // the last counts
  EXPECT_EQ(all.number("pp"), 4);
  EXPECT_EQ(all.number("ep"), 2);
  EXPECT_EQ(all.number("nproc-per-node"), 8);
  EXPECT_EQ(all.values("list"), (std::vector<std::string>{"a", "b c"}));
  EXPECT_TRUE(all.has("flag"));
  EXPECT_FALSE(all.has("this"));
  EXPECT_EQ(all.others(), std::vector<std::string>{"open"});
  EXPECT_THROW(all.text("open"), SpecError);
  EXPECT_THROW(all.text("list"), SpecError);
  EXPECT_THROW(Arguments("--a 'b", "file"), SpecError);
}

TEST(Megatron, DefaultsAreMegatrons) {
  const Json layout = import(std::string(kLeast) + "--tensor-model-parallel-size 4")["scenario"]["layout"];
  EXPECT_EQ(layout["etp"], 4);  // as tensor parallelism
  EXPECT_EQ(layout["zero"], 0);
  EXPECT_EQ(layout["sequence_parallel"], false);
  EXPECT_EQ(layout["schedule"], "1f1b");
}

// Every argument is in exactly one list.
TEST(Megatron, NothingIsDroppedInSilence) {
  const Json read = import(std::string(kLeast) +
                           "--lr 1e-4 --bf16 --tp-comm-overlap --no-such-flag 3 --use-distributed-optimizer");
  EXPECT_EQ(read["ignored"], Json::array({"lr"}));
  EXPECT_EQ(read["unknown"], Json::array({"no-such-flag"}));
  ASSERT_EQ(read["not_modelled"].size(), 1u);
  EXPECT_EQ(read["not_modelled"][0]["name"], "tp-comm-overlap");
  EXPECT_EQ(read["understood"], Json::array({"bf16", "global-batch-size", "micro-batch-size", "seq-length",
                                             "use-distributed-optimizer"}));
  EXPECT_FALSE(megatron_ignored("no-such-flag"));
  EXPECT_FALSE(megatron_ignored("context-parallel-size"));
}

TEST(Megatron, RefusesWhatItCannotExpress) {
  const std::string least = kLeast;
  EXPECT_THAT(fault_of("--seq-length 4096"), HasSubstr("--micro-batch-size: is missing"));
  EXPECT_THAT(fault_of(least + "--num-layers 60"), HasSubstr("--num-layers: is 60, but deepseek-v3 has 61"));
  EXPECT_THAT(fault_of(least + "--context-parallel-size 2 --cp-comm-type a2a"),
              HasSubstr("--cp-comm-type: 'a2a'"));
  EXPECT_THAT(fault_of(least + "--fp16"), HasSubstr("--fp16"));
  EXPECT_THAT(fault_of(least + "--decoder-first-pipeline-num-layers 3"),
              HasSubstr("leaves 58 layers for 0 ranks"));
  EXPECT_THAT(fault_of(least + "--tensor-model-parallel-size x"),
              HasSubstr("'x' is no whole number of at least 1; digits, such as 1"));
  EXPECT_THAT(fault_of(least + "--num-layers-per-virtual-pipeline-stage 2"),
              HasSubstr("does not divide 61 layers; 1"));
  EXPECT_THAT(fault_of(least + "--pipeline-model-parallel-size 2 --num-layers-per-virtual-pipeline-stage 3"),
              HasSubstr("2 x 3 does not divide 61 layers; --pipeline-model-parallel-layout"));
  EXPECT_THAT(fault_of(least + "--recompute-granularity selective --recompute-modules shared_experts"),
              HasSubstr("shared_experts"));
}

TEST(Megatron, RecomputeActivationsIsSelective) {
  const std::string least = kLeast;
  const auto recompute = [&](const std::string& text) {
    const Json read = import(least + text);
    EXPECT_EQ(read["unknown"], Json::array());
    return read["scenario"]["layout"].value("recompute", Json());
  };
  EXPECT_EQ(recompute("--recompute-activations"), Json::array({"core_attention"}));
  EXPECT_EQ(recompute("--recompute-activations --recompute-granularity selective"),
            Json::array({"core_attention"}));
  EXPECT_EQ(recompute("--recompute-activations --recompute-modules mlp"), Json::array({"mlp"}));
  EXPECT_EQ(recompute("--recompute-modules mlp"), Json());
  EXPECT_THAT(
      fault_of(least + "--recompute-activations --recompute-granularity full"),
      HasSubstr("--recompute-activations: stands for selective, but --recompute-granularity is full"));
}

TEST(Megatron, UnknownNamesHaveTheNearest) {
  const Json read =
      import(std::string(kLeast) + "--tensor-parallel-size 4 --tp-com-overlap --no-such-flag 3");
  EXPECT_EQ(read["near"], Json({{"tensor-parallel-size", "tensor-model-parallel-size"},
                                {"tp-com-overlap", "tp-comm-overlap"}}));
  EXPECT_EQ(read["unknown"].size(), 3u);
}

std::string joined(const Json& words) {
  std::string text;
  for (const Json& word : words) text += word.get<std::string>() + ' ';
  return text;
}

// import(export(x)) = x over every combination of what arguments express.
TEST(Megatron, WhatIsExportedReadsBack) {
  int num_cases = 0;
  for (const int tp : {1, 4}) {
    for (const int zero : {0, 1, 2, 3}) {
      for (const char* schedule : {"1f1b", "interleaved_1f1b", "1f1b_overlap"}) {
        for (const char* recompute :
             {"[]", "[\"full\"]", "[\"core_attention\"]", "[\"moe\", \"rms_norm\", \"mla_up_projection\"]"}) {
          for (const char* precision : {"bf16", "fp8", "mxfp8"}) {
            Json layout = {{"tp", tp},
                           {"pp", 8},
                           {"ep", 16},
                           {"etp", 1},
                           {"cp", 2},
                           {"zero", zero},
                           {"schedule", schedule},
                           {"micro_batch", 2}};
            if (std::string(schedule) == "interleaved_1f1b") layout["vpp"] = 4;
            if (std::string(schedule) == "1f1b_overlap")
              layout["stage_layers"] = Json::array({9, 8, 8, 8, 8, 8, 8, 4});
            if (zero == 3) layout["cp_exchange"] = "all_gather";
            if (tp == 4 && zero == 0) layout["sequence_parallel"] = false;
            if (std::string(recompute) != "[]") layout["recompute"] = Json::parse(recompute);
            if (std::string(recompute) == "[\"full\"]" && zero == 1) layout["recompute_layers"] = 2;
            Json recipe = {{"sequence_length", 4096},
                           {"global_batch", 512},
                           {"precision", precision},
                           {"memory", {{"ema", "none"}}}};
            if (zero == 2) recipe["capacity_factor"] = 1.25;
            if (zero == 2 && tp == 4) recipe["capacity_padded"] = true;
            const Json scenario = {{"model", "deepseek-v3"}, {"layout", layout}, {"recipe", recipe}};
            const Json exported = export_megatron(scenario, "x");
            EXPECT_EQ(exported["not_expressed"], Json::array());
            const Json back = import(joined(exported["arguments"]));
            // As objects without order.
            EXPECT_EQ(nlohmann::json(back["scenario"]["layout"]), nlohmann::json(layout)) << exported;
            EXPECT_EQ(nlohmann::json(back["scenario"]["recipe"]), nlohmann::json(recipe)) << exported;
            EXPECT_EQ(back["unknown"], Json::array());
            ++num_cases;
          }
        }
      }
    }
  }
  EXPECT_EQ(num_cases, 288);
}

TEST(Megatron, SaysWhatNoArgumentExpresses) {
  Json scenario = Json::parse(R"({"layout": {"schedule": "1f1b", "shard": 8},
    "recipe": {"sequence_length": 1, "global_batch": 1, "precision": "fp8", "memory": {"ema": "cpu"}},
    "routing": {"mode": "stated"}})");
  std::vector<std::string> pointers;
  const Json exported = export_megatron(scenario, "x");
  for (const Json& note : exported["not_expressed"]) pointers.push_back(note["pointer"]);
  EXPECT_EQ(pointers, (std::vector<std::string>{"/recipe/memory/ema", "/layout/shard", "/routing"}));
  scenario["layout"]["schedule"] = "dualpipe";
  EXPECT_THROW(export_megatron(scenario, "x"), SpecError);
}

}  // namespace
}  // namespace moesim
