#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "models/model_spec.hpp"
#include "sim/exchange/arguments.hpp"
#include "sim/exchange/exchange.hpp"
#include "sim/exchange/megatron_stages.hpp"

namespace moesim {
namespace {

using testing::HasSubstr;

Json import(const std::string& text, const std::string& model = "", int num_gpus = 0) {
  ImportChoices choices;
  choices.model = model;
  choices.cluster = "h800-2048";
  choices.calibration = "h800-sxm";
  choices.cluster_gpus = 2048;
  choices.num_gpus = num_gpus;
  choices.model_file = "mine.model.json";
  return import_megatron("--micro-batch-size 1 --seq-length 4096 --global-batch-size 64 " + text, "mine.sh",
                         choices);
}

std::string fault_of(const std::string& text, const std::string& model = "", int num_gpus = 0) {
  try {
    import(text, model, num_gpus);
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}

// Sizes of the published configurations, as an argument list has them.
constexpr const char* kMixtral =
    "--num-layers 32 --hidden-size 4096 --ffn-hidden-size 14336 --num-attention-heads 32 "
    "--group-query-attention "
    "--num-query-groups 8 --num-experts 8 --moe-router-topk 2 --swiglu --disable-bias-linear "
    "--untie-embeddings-and-output-weights ";
constexpr const char* kDeepSeekV3 =
    "--num-layers 61 --hidden-size 7168 --ffn-hidden-size 18432 --num-attention-heads 128 --kv-channels 128 "
    "--multi-latent-attention --q-lora-rank 1536 --kv-lora-rank 512 --qk-head-dim 128 --qk-pos-emb-head-dim "
    "64 "
    "--v-head-dim 128 --qk-layernorm --num-experts 256 --moe-ffn-hidden-size 2048 --moe-router-topk 8 "
    "--moe-shared-expert-intermediate-size 2048 --moe-layer-freq '([0]*3+[1]*58)' --moe-router-num-groups 8 "
    "--moe-router-group-topk 4 --moe-router-score-function sigmoid --swiglu --disable-bias-linear "
    "--untie-embeddings-and-output-weights --vocab-size 129280 ";

TEST(MegatronModel, IsFoundInTheCatalog) {
  EXPECT_EQ(import(kMixtral)["scenario"]["model"], "mixtral-8x7b");  // a tokenizer's vocabulary is any
  // DeepSeek-R1 has the same sizes.
  const Json read = import(std::string(kDeepSeekV3) + "--mtp-num-layers 1");
  EXPECT_EQ(read["scenario"]["model"], "deepseek-v3");
  EXPECT_FALSE(read.contains("model"));
  EXPECT_EQ(read["unknown"], Json::array());
  EXPECT_EQ(read["not_modelled"], Json::array());
  EXPECT_EQ(import("--num-layers 80 --hidden-size 8192 --ffn-hidden-size 28672 --num-attention-heads 64 "
                   "--group-query-attention --num-query-groups 8 --swiglu --disable-bias-linear "
                   "--untie-embeddings-and-output-weights --vocab-size 128256")["scenario"]["model"],
            "llama-3.1-70b");
}

TEST(MegatronModel, IsWrittenWhereTheCatalogLacksIt) {
  const Json read = import(kDeepSeekV3);  // without multi-token prediction
  EXPECT_EQ(read["scenario"]["model"], "mine.model.json");
  const ModelSpec model = read_model(read["model"], "mine.model.json");
  ModelSpec v3 = load_model("deepseek-v3");
  EXPECT_EQ(model.mtp_depth, 0);
  EXPECT_EQ(model.num_dense_layers, 3);
  EXPECT_EQ(model.mla, v3.mla);
  EXPECT_EQ(model.shared_intermediate(), 2048);
  EXPECT_EQ(model.topk_groups, 4);
  EXPECT_EQ(model.vocabulary, 129280);
}

// 8 / 3 x 4096 = 10922, down to a multiple of 64 (megatron/training/arguments.py).
TEST(MegatronModel, HasMegatronsDefaults) {
  const Json read =
      import("--num-layers 4 --hidden-size 4096 --num-attention-heads 32 --swiglu --vocab-size 1000");
  const ModelSpec model = read_model(read["model"], "");
  EXPECT_EQ(model.dense_intermediate, 10880);
  EXPECT_EQ(model.num_kv_heads, 32);
  EXPECT_EQ(model.head_dim, 128);
  EXPECT_TRUE(model.tied_embeddings);
  EXPECT_EQ(read["not_modelled"][0]["name"], "disable-bias-linear");
}

TEST(MegatronModel, IsComparedWithTheOneThatIsNamed) {
  EXPECT_EQ(import(kMixtral, "mixtral-8x7b")["scenario"]["model"], "mixtral-8x7b");
  const std::string v3 = kDeepSeekV3;
  EXPECT_EQ(import(v3, "deepseek-v3")["not_modelled"][0]["name"], "mtp-num-layers");
  EXPECT_THAT(fault_of(kMixtral, "mixtral-8x22b"),
              HasSubstr("--num-layers: is 32, but mixtral-8x22b has 56"));
  EXPECT_THAT(fault_of("--moe-layer-freq [0]*2+[1]*59", "deepseek-v3"), HasSubstr("is 2 dense layers, but"));
  EXPECT_THAT(fault_of("--multi-latent-attention", "mixtral-8x7b"), HasSubstr("--multi-latent-attention"));
  EXPECT_THAT(fault_of("--vocab-size 50000", "mixtral-8x7b"), HasSubstr("--vocab-size: is 50000"));
  EXPECT_EQ(fault_of("--vocab-size 31990", "mixtral-8x7b"), "");  // padded to a multiple of 128
}

TEST(MegatronModel, RefusesWhatNoModelIs) {
  const std::string mixtral = kMixtral;
  EXPECT_THAT(fault_of(""), HasSubstr("--num-layers: is missing"));
  EXPECT_THAT(fault_of("--num-layers 4 --hidden-size 8 --num-attention-heads 2"),
              HasSubstr("--swiglu: is missing"));
  EXPECT_THAT(fault_of(mixtral + "--moe-layer-freq 2"), HasSubstr("one MoE layer in 2"));
  EXPECT_THAT(fault_of(mixtral + "--moe-layer-freq [1]*16+[0]*16"),
              HasSubstr("a dense layer behind an MoE layer"));
  EXPECT_THAT(fault_of(mixtral + "--moe-layer-freq [0]*3+[1]*58"),
              HasSubstr("has 61 layers, --num-layers 32"));
  EXPECT_THAT(fault_of(mixtral + "--moe-layer-freq x"), HasSubstr("'x' is not understood"));
  EXPECT_THAT(fault_of(mixtral + "--moe-shared-expert-intermediate-size 1000"),
              HasSubstr("no multiple of an expert's"));
  EXPECT_THAT(fault_of(mixtral + "--num-layers 30"), HasSubstr("its vocabulary is not given"));
}

TEST(MegatronGpus, AreTheLaunchersOrGivenOrTheClusters) {
  EXPECT_EQ(import("", "mixtral-8x7b")["scenario"]["cluster"], "h800-2048");
  const Json sixteen = {{"base", "h800-2048"}, {"num_nodes", 2}};
  EXPECT_EQ(import("", "mixtral-8x7b", 16)["scenario"]["cluster"], sixteen);
  const std::string launch = "--nproc_per_node 8 --nnodes ";
  EXPECT_EQ(import(launch + "2", "mixtral-8x7b")["scenario"]["cluster"], sixteen);
  EXPECT_EQ(import("--nproc_per_node 8 --nnodes 2 pretrain_gpt.py", "mixtral-8x7b")["scenario"]["cluster"],
            sixteen);
  EXPECT_EQ(import(launch + "$NODES", "mixtral-8x7b", 16)["scenario"]["cluster"], sixteen);
  EXPECT_THAT(fault_of(launch + "4", "mixtral-8x7b", 16), HasSubstr("4 x 8 are 32 GPUs, --gpus is 16"));
  EXPECT_THAT(fault_of("", "mixtral-8x7b", 12), HasSubstr("no whole nodes"));
}

TEST(MegatronCapacity, BecomesTheRecipes) {
  const Json recipe = import("--moe-expert-capacity-factor 1.5 --moe-pad-expert-input-to-capacity",
                             "mixtral-8x7b")["scenario"]["recipe"];
  EXPECT_EQ(recipe["capacity_factor"], 1.5);
  EXPECT_EQ(recipe["capacity_padded"], true);
  EXPECT_THAT(fault_of("--moe-expert-capacity-factor -1", "mixtral-8x7b"),
              HasSubstr("'-1' is no number above 0"));
  EXPECT_THAT(fault_of("--moe-pad-expert-input-to-capacity", "mixtral-8x7b"), HasSubstr("that is not given"));
}

// 16 to 64 in steps of 16 over 1000 sequences of 4096 tokens, then 9000 more.
TEST(MegatronRamp, BecomesABatchSchedule) {
  const std::string ramp = "--rampup-batch-size 16 16 1000 ";
  const Json recipe = import(ramp + "--train-samples 10000", "mixtral-8x7b")["scenario"]["recipe"];
  EXPECT_EQ(recipe["batch_schedule"], Json::array({{{"global_batch", 16}, {"to", 64}, {"tokens", 4096000}},
                                                   {{"global_batch", 64}, {"tokens", 36864000}}}));
  EXPECT_EQ(import(ramp, "mixtral-8x7b")["not_modelled"][0]["name"], "rampup-batch-size");
  EXPECT_THAT(fault_of("--rampup-batch-size 16 5 1000", "mixtral-8x7b"), HasSubstr("16 does not reach 64"));
  EXPECT_THAT(fault_of("--rampup-batch-size 16 16", "mixtral-8x7b"), HasSubstr("has 2 values"));
  EXPECT_THAT(fault_of("--rampup-batch-size 16 x 3", "mixtral-8x7b"), HasSubstr("'x' is no whole number"));
}

Json stages(const std::string& text, const std::string& model = "mixtral-8x7b") {
  return import("--pipeline-model-parallel-size 4 " + text, model)["scenario"]["layout"];
}

TEST(MegatronStages, AreTheGivenOnes) {
  const std::string ends = "--decoder-first-pipeline-num-layers 6 --decoder-last-pipeline-num-layers 6 ";
  EXPECT_EQ(stages(ends)["stage_layers"], Json::array({6, 10, 10, 6}));
  // Each rank's layers in two stages, stage by stage round the ranks.
  EXPECT_EQ(stages(ends + "--num-virtual-stages-per-pipeline-rank 2")["stage_layers"],
            Json::array({3, 5, 5, 3, 3, 5, 5, 3}));
  const Json layout = stages("--pipeline-model-parallel-layout 'E(t|)*3(t*5,|)*4t*9L'");
  EXPECT_EQ(layout["stage_layers"], Json::array({1, 1, 1, 5, 5, 5, 5, 9}));
  EXPECT_EQ(layout["vpp"], 2);
  EXPECT_EQ(layout["schedule"], "interleaved_1f1b");
  EXPECT_EQ(megatron_stage_text(Json::array({2, 1, 0}), 1), "Ett|t|mL");
}

TEST(MegatronStages, RefusesContradictions) {
  const auto fault = [](const std::string& text, const std::string& model = "mixtral-8x7b") {
    return fault_of("--pipeline-model-parallel-size 4 " + text, model);
  };
  EXPECT_THAT(fault("--decoder-first-pipeline-num-layers 6"), HasSubstr("leaves 26 layers for 3 ranks"));
  const std::string text = "--pipeline-model-parallel-layout ";
  EXPECT_THAT(fault(text + "'Et*8|t*8|t*8|t*7L'"), HasSubstr("31 layers in all; mixtral-8x7b has 32"));
  EXPECT_THAT(fault(text + "'Et*8|t*8|t*16L'"), HasSubstr("3 stages are no multiple of 4 ranks"));
  EXPECT_THAT(fault(text + "'t*8|t*8|t*8|t*8'"), HasSubstr("one embedding E first"));
  EXPECT_THAT(fault(text + "'E(t*8|t*8|t*8|t*8L'"), HasSubstr("lacks a ')'"));
  EXPECT_THAT(fault(text + "'Ex'"), HasSubstr("has 'x'"));
  EXPECT_THAT(fault(text + "'Et*|L'"), HasSubstr("'*' without a number"));
  EXPECT_THAT(fault(text + "'Et*61|m|L'", "deepseek-v3"), HasSubstr("m beside L"));
  EXPECT_THAT(fault(text + "'Et*61|||L'", "deepseek-v3"), HasSubstr("0 m; deepseek-v3 has 1"));
  EXPECT_THAT(fault(text + "'Et*8|t*8|t*8|t*8L' --num-virtual-stages-per-pipeline-rank 2"),
              HasSubstr("give one"));
}

}  // namespace
}  // namespace moesim
