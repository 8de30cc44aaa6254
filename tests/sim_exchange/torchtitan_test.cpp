#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "models/model_spec.hpp"
#include "sim/exchange/exchange.hpp"
#include "sim/exchange/torchtitan_flavors.hpp"
#include "sim/exchange/torchtitan_keys.hpp"

namespace moesim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ImportChoices choices(int num_gpus) {
  ImportChoices all;
  all.cluster = "h800-2048";
  all.calibration = "h800-sxm";
  all.num_gpus = num_gpus;
  all.cluster_gpus = 2048;
  all.model_file = "a.model.json";
  return all;
}

constexpr const char* kLlama = "[model]\nname = \"llama3\"\nflavor = \"8B\"\n";

Json import(const std::string& text, int num_gpus = 64) {
  return import_torchtitan(text, "job.toml", choices(num_gpus));
}

std::string fault_of(const std::string& text, int num_gpus = 64) {
  try {
    import(text, num_gpus);
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}

std::vector<std::string> names_of(const Json& notes) {
  std::vector<std::string> names;
  for (const Json& note : notes) names.push_back(note["name"]);
  return names;
}

// Defaults of torchtitan/config/job_config.py: FSDP over all ranks, local batch 8, every second layer
// recomputed.
TEST(Torchtitan, DefaultsAreTorchtitans) {
  const Json read = import(kLlama);
  const Json& scenario = read["scenario"];
  EXPECT_EQ(scenario["model"], "llama-3.1-8b");
  EXPECT_EQ(scenario["stack"], "torchtitan");
  EXPECT_EQ(scenario["cluster"], Json({{"base", "h800-2048"}, {"num_nodes", 8}}));
  EXPECT_EQ(scenario["layout"]["zero"], 3);
  EXPECT_EQ(scenario["layout"]["micro_batch"], 8);
  EXPECT_EQ(scenario["layout"]["recompute"], Json::array({"full"}));
  EXPECT_EQ(scenario["layout"]["recompute_layers"], 16);  // 32 layers / 2
  EXPECT_EQ(scenario["recipe"]["global_batch"], 64 * 8);
  EXPECT_EQ(scenario["recipe"]["sequence_length"], 2048);
  EXPECT_EQ(names_of(read["not_modelled"]), std::vector<std::string>{"compile.enable"});
}

// Llama 3.1 405B on 512 GPUs: 2 groups of 16 that shard, TP 8, PP 2 keeps gathered weights.
TEST(Torchtitan, DegreesMultiply) {
  const Json read = import(
      "[model]\nname = \"llama3\"\nflavor = \"405B\"\n[training]\nlocal_batch_size = 4\nseq_len = 8192\n"
      "[parallelism]\ndata_parallel_replicate_degree = 2\ndata_parallel_shard_degree = -1\n"
      "tensor_parallel_degree = 8\npipeline_parallel_degree = 2\ncontext_parallel_degree = 2\n"
      "context_parallel_rotate_method = \"alltoall\"\n[activation_checkpoint]\nmode = \"full\"\n[compile]\n"
      "enable = true\n",
      512);
  const Json& layout = read["scenario"]["layout"];
  EXPECT_EQ(layout["tp"], 8);
  EXPECT_EQ(layout["shard"], 8);  // 512 / (8 x 2 x 2 x 2)
  EXPECT_EQ(layout["zero"], 2);
  EXPECT_EQ(layout["cp_exchange"], "ring");
  EXPECT_EQ(layout["micro_batch"], 1);
  EXPECT_EQ(layout["schedule"], "1f1b");
  EXPECT_EQ(layout["stage_layers"], Json::array({63, 63}));
  EXPECT_EQ(read["scenario"]["recipe"]["global_batch"], 4 * 16);
  EXPECT_EQ(read["not_modelled"], Json::array());
}

// Embedding and head count as a layer each: (32 + 2) / 8 = 4, two over, hence 5 5 4 4 4 4 4 4 less 1 at both
// ends.
TEST(Torchtitan, StagesAreCutByItsRule) {
  const Json read = import(std::string(kLlama) +
                           "[parallelism]\npipeline_parallel_degree = 4\n"
                           "pipeline_parallel_schedule = \"interleaved1f1b\"\n");
  const Json& layout = read["scenario"]["layout"];
  EXPECT_EQ(layout["vpp"], 2);
  EXPECT_EQ(layout["stage_layers"], Json::array({4, 5, 4, 4, 4, 4, 4, 3}));
  const Json points = import(std::string(kLlama) +
                             "[parallelism]\npipeline_parallel_degree = 2\n"
                             "pipeline_parallel_split_points = [\"layers.10\"]\n");
  EXPECT_EQ(points["scenario"]["layout"]["stage_layers"], Json::array({10, 22}));
}

TEST(Torchtitan, ExpertsFoldOverTensorParallelRanks) {
  const std::string model = "[model]\nname = \"deepseek_v3\"\nflavor = \"16B\"\n";
  Json layout =
      import(model +
             "[parallelism]\ntensor_parallel_degree = 4\nexpert_parallel_degree = 8\n")["scenario"]["layout"];
  EXPECT_EQ(layout["ep"], 8);
  EXPECT_EQ(layout["etp"], 1);
  layout = import(model + "[parallelism]\ntensor_parallel_degree = 4\n")["scenario"]["layout"];
  EXPECT_EQ(layout["etp"], 4);  // without expert parallelism experts are split as everything else
}

// Its DeepSeek-V3 has no multi-token prediction, so it is no model of the catalog.
TEST(Torchtitan, WritesAModelThatTheCatalogLacks) {
  const Json read = import("[model]\nname = \"deepseek_v3\"\nflavor = \"671B\"\n");
  EXPECT_EQ(read["scenario"]["model"], "a.model.json");
  const ModelSpec model = read_model(read["model"], "a.model.json");
  EXPECT_EQ(model.mtp_depth, 0);
  EXPECT_EQ(model.num_layers, 61);
}

// DeepSeek-V3 with its multi-token prediction may stand for the flavor, another model may not.
TEST(Torchtitan, IsComparedWithTheModelThatIsNamed) {
  ImportChoices named = choices(64);
  named.model = "deepseek-v3";
  named.model_file = "";
  const std::string text = "[model]\nname = \"deepseek_v3\"\nflavor = \"671B\"\n";
  const Json read = import_torchtitan(text, "job.toml", named);
  EXPECT_EQ(read["scenario"]["model"], "deepseek-v3");
  EXPECT_EQ(read["not_modelled"][0]["name"], "model.flavor");
  EXPECT_THROW(import_torchtitan(kLlama, "job.toml", named), SpecError);
}

TEST(Torchtitan, KnowsEveryFlavor) {
  for (const std::string& name : torchtitan_flavors()) {
    const std::size_t blank = name.find(' ');
    EXPECT_TRUE(torchtitan_model(name.substr(0, blank), name.substr(blank + 1))) << name;
  }
  EXPECT_FALSE(torchtitan_model("llama3", "1B"));
}

// Every key is in exactly one list; what is off needs no model.
TEST(Torchtitan, NothingIsDroppedInSilence) {
  const Json read =
      import(std::string(kLlama) +
             "converters = [\"float8\"]\n[training]\ndataset = \"c4\"\nenable_cpu_offload = true\n"
             "compile = true\n[float8]\nrecipe_name = \"rowwise\"\n"
             "enable_fsdp_float8_all_gather = false\n[optimizer]\nlr = 3e-4\n[nonsense]\nkey = 1\n");
  EXPECT_EQ(read["unknown"], Json::array({"nonsense.key"}));
  EXPECT_EQ(read["ignored"],
            Json::array({"float8.enable_fsdp_float8_all_gather", "optimizer.lr", "training.dataset"}));
  EXPECT_THAT(names_of(read["not_modelled"]),
              ElementsAre("float8.recipe_name", "training.enable_cpu_offload"));
  EXPECT_EQ(read["understood"],
            Json::array({"model.converters", "model.flavor", "model.name", "training.compile"}));
  EXPECT_EQ(read["scenario"]["recipe"]["precision"], "fp8");
  EXPECT_FALSE(torchtitan_ignored("parallelism.tensor_parallel_degree"));
}

TEST(Torchtitan, RefusesWithTheLine) {
  const std::string llama = kLlama;
  EXPECT_THAT(fault_of("[model]\nname = \"llama3\nflavor"), HasSubstr("job.toml: line 2, column"));
  EXPECT_THAT(fault_of("[model]\nname = \"llama4\"\nflavor = \"17bx16e\"\n"),
              HasSubstr("line 3, model.flavor: the sizes of llama4 '17bx16e' are not known"));
  EXPECT_THAT(
      fault_of(llama + "[parallelism]\ndata_parallel_shard_degree = 4\n"),
      HasSubstr("line 5, parallelism.data_parallel_shard_degree: the degrees multiply to 4 GPUs; there "
                "are 64"));
  EXPECT_THAT(fault_of(llama + "[parallelism]\ntensor_parallel_degree = 24\n"),
              HasSubstr("64 GPUs are no multiple of the other degrees, 24"));
  EXPECT_THAT(fault_of(llama + "[parallelism]\ntensor_parallel_degree = \"8\"\n"),
              HasSubstr("\"8\" is no whole number"));
  EXPECT_THAT(fault_of(llama + "[training]\nglobal_batch_size = 100\n"),
              HasSubstr("100 is no multiple of 8 local x 64 replicas"));
  EXPECT_THAT(fault_of(llama + "[parallelism]\npipeline_parallel_degree = 2\n"
                               "pipeline_parallel_schedule = \"LoopedBFS\"\n"),
              HasSubstr("line 6, parallelism.pipeline_parallel_schedule: 'LoopedBFS'"));
  EXPECT_THAT(fault_of(llama + "[parallelism]\npipeline_parallel_degree = 4\n"
                               "pipeline_parallel_layers_per_stage = 3\n"),
              HasSubstr("3 a stage make 12 stages of 32 layers"));
  EXPECT_THAT(
      fault_of("[model]\nname = \"qwen3\"\nflavor = \"30B-A3B\"\n[parallelism]\n"
               "tensor_parallel_degree = 4\nexpert_parallel_degree = 8\nexpert_tensor_parallel_degree = 2\n"),
      HasSubstr("expert_tensor_parallel_degree: is 2, neither 1 nor"));
  EXPECT_THAT(fault_of(llama, 12), HasSubstr("12 GPUs are no whole nodes of 8"));
}

Json scenario_with(const Json& layout, const char* precision, const char* model) {
  return {{"model", model},
          {"layout", layout},
          {"recipe",
           {{"sequence_length", 8192},
            {"global_batch", 256},
            {"precision", precision},
            {"memory", {{"ema", "none"}}}}}};
}

/// As objects without order.
void expect_same(const Json& back, const Json& scenario) {
  for (const char* key : {"layout", "recipe"})
    EXPECT_EQ(nlohmann::json(back["scenario"][key]), nlohmann::json(scenario[key])) << scenario;
  EXPECT_EQ(back["scenario"]["model"], scenario["model"]);
  EXPECT_EQ(back["unknown"], Json::array());
  EXPECT_EQ(back["not_modelled"], Json::array());
}

// import(export(x)) = x over combinations of what a configuration expresses, on 128 GPUs.
TEST(Torchtitan, WhatIsExportedReadsBack) {
  const Json stages = Json::parse(R"([[], [["1f1b", [24, 24]], ["gpipe", [20, 28]]],
      [["interleaved_1f1b", [12, 13, 12, 11]], ["zbv", [13, 12, 12, 11]], ["dualpipev", [12, 12, 12, 12]]]])");
  int num_cases = 0;
  for (const int tp : {1, 4}) {
    for (const char* recompute : {"[]", "[\"full\"]", "[\"rms_norm\", \"swiglu\"]"}) {
      for (const char* precision : {"bf16", "fp8", "mxfp8"}) {
        for (const int zero : {0, 2, 3}) {
          for (const Json& cut :
               {Json(), stages[1][0], stages[1][1], stages[2][0], stages[2][1], stages[2][2]}) {
            Json layout = {{"tp", tp},
                           {"pp", cut.is_null() ? 1 : 2},
                           {"cp", zero == 3 ? 2 : 1},
                           {"ep", 1},
                           {"etp", tp},
                           {"zero", zero},
                           {"micro_batch", 2}};
            if (zero == 3) layout["cp_exchange"] = tp == 1 ? "ring" : "all_gather";
            if (zero == 3 && tp == 4) layout["ep"] = 8, layout["etp"] = 1;
            if (zero == 2) layout["shard"] = 8;
            layout["schedule"] = cut.is_null() ? Json("1f1b") : cut[0];
            if (!cut.is_null()) layout["stage_layers"] = cut[1];
            if (layout["schedule"] == "interleaved_1f1b") layout["vpp"] = 2;
            if (std::string(recompute) != "[]") layout["recompute"] = Json::parse(recompute);
            const Json scenario = scenario_with(layout, precision, "qwen3-30b-a3b");
            const Json exported = export_torchtitan(scenario, "x", 128);
            EXPECT_EQ(exported["not_expressed"], Json::array()) << scenario;
            Json back = import(torchtitan_text(exported["config"]), 128);
            if (std::string(recompute) == "[\"rms_norm\", \"swiglu\"]") back["not_modelled"] = Json::array();
            expect_same(back, scenario);
            ++num_cases;
          }
        }
      }
    }
  }
  EXPECT_EQ(num_cases, 324);
}

TEST(Torchtitan, SaysWhatNoKeyExpresses) {
  Json scenario = scenario_with(
      Json::parse(R"({"pp": 2, "zero": 1, "schedule": "1f1b", "recompute": ["moe"], "etp": 1, "tp": 2,
                      "sequence_parallel": false})"),
      "bf16", "deepseek-v3");
  scenario["routing"] = {{"mode", "stated"}};
  std::vector<std::string> pointers;
  const Json exported = export_torchtitan(scenario, "x", 64);
  for (const Json& note : exported["not_expressed"]) pointers.push_back(note["pointer"]);
  EXPECT_THAT(pointers, ElementsAre("/model", "/layout/zero", "/layout/stage_layers",
                                    "/layout/sequence_parallel", "/layout/recompute", "/routing"));
  scenario["layout"]["schedule"] = "dualpipe";
  EXPECT_THROW(export_torchtitan(scenario, "x", 64), SpecError);
}

}  // namespace
}  // namespace moesim
