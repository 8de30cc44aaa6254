// Parameters, operations and cache of every model of the catalog against what was published.
#include <cmath>
#include <optional>
#include <set>

#include <gtest/gtest.h>

#include "models/flops.hpp"
#include "models/parameters.hpp"
#include "tests/models/models.hpp"

namespace moesim {
namespace {

/// Whether the publication counts both tables among the activated parameters, or the head alone as
/// ParameterCount::activated does.
enum class Tables { both, head };

/// In billions, as printed; 0: not published. Within 1 %, or the rounding of the print where that is coarser.
struct PublishedCount {
  const char* name;
  double total;
  double activated;
  double rounding;  ///< half of the last digit printed; all of it where the print is cut off: 2.45 as 2.4
  Tables tables = Tables::both;
};

// Sources: DeepSeek LLM paper (7B, 67B); DeepSeekMoE paper, section 4.1 and tables 3 and 6 (2B, GShard,
// Switch, 16B, 145B, 142B; from memory); DeepSeek-V2 and V3 reports; Kimi K2's model card; Llama 2 and 3
// papers; Mixtral of Experts and Mistral's announcement of 8x22B; Qwen2, Qwen2.5 and Qwen3 technical reports
// and model cards; model cards of the distilled models (from memory). Of DeepSeekMoE-142B the activated count
// is left out: its operations (below) are those of 13.6 B.
const std::vector<PublishedCount> kPublished{
    {"deepseek-7b", 6.9, 6.9, 0.05},
    {"deepseek-67b", 67.4, 67.4, 0.05},
    {"deepseek-moe-2b", 2.0, 0.3, 0.05},
    {"gshard-2b", 2.0, 0.3, 0.05},
    {"switch-2b", 2.0, 0.2, 0.05},
    {"deepseek-moe-16b", 16.4, 2.8, 0.05},
    {"deepseek-moe-145b", 144.6, 22.2, 0.05},
    {"deepseek-moe-142b", 142.3, 0, 0.05},
    {"gshard-137b", 136.5, 21.6, 0.05},
    {"deepseek-v2-lite", 15.7, 2.4, 0.1, Tables::head},
    {"deepseek-v2", 236, 21, 0.5},
    {"deepseek-v3", 671, 37, 0.5, Tables::head},
    {"deepseek-r1", 671, 37, 0.5, Tables::head},
    {"kimi-k2", 1000, 32, 50, Tables::head},
    {"mixtral-8x7b", 46.7, 12.9, 0.05},
    {"mixtral-8x22b", 141, 39, 0.5},
    {"llama3-8x70b", 0, 0, 0},
    {"llama2-7b", 6.74, 6.74, 0.005},
    {"llama-3.1-8b", 8.03, 8.03, 0.005},
    {"llama-3.1-70b", 70.6, 70.6, 0.05},
    {"llama-3.1-405b", 405, 405, 0.5},
    {"deepseek-r1-distill-llama-8b", 8.03, 8.03, 0.005},
    {"deepseek-r1-distill-llama-70b", 70.6, 70.6, 0.05},
    {"qwen1.5-110b", 111, 111, 0.5},
    {"qwen2.5-72b", 72.7, 72.7, 0.05},
    {"qwen2-57b-a14b", 57.4, 14, 0.5},
    {"deepseek-r1-distill-qwen-1.5b", 1.78, 1.78, 0.005},
    {"deepseek-r1-distill-qwen-7b", 7.62, 7.62, 0.005},
    {"deepseek-r1-distill-qwen-14b", 14.8, 14.8, 0.05},
    {"deepseek-r1-distill-qwen-32b", 32.8, 32.8, 0.05},
    {"qwen3-32b", 32.8, 32.8, 0.05},
    {"qwen3-30b-a3b", 30.5, 3.3, 0.1},
    {"qwen3-235b-a22b", 235, 22, 0.5},
};

void expect_published(const char* what, double counted, const PublishedCount& published, double figure) {
  if (figure == 0) return;
  EXPECT_NEAR(counted / 1e9, figure, std::max(0.01 * figure, published.rounding))
      << published.name << ", " << what;
}

TEST(PublishedCounts, OfParameters) {
  for (const PublishedCount& published : kPublished) {
    const ParameterCount count = parameters(load_model(published.name));
    const std::int64_t table = published.tables == Tables::both ? count.embedding : 0;
    expect_published("total", static_cast<double>(count.total()), published, published.total);
    expect_published("activated", static_cast<double>(count.activated() + table), published,
                     published.activated);
  }
}

TEST(PublishedCounts, AreGivenForEveryModelOfTheCatalog) {
  std::set<std::string> named;
  for (const PublishedCount& published : kPublished) named.insert(published.name);
  const auto catalog = catalog_names();
  EXPECT_EQ(named, std::set<std::string>(catalog.begin(), catalog.end()));
}

// Eight copies of Llama 3 70B's feed-forward parts, one of everything else, a gate of 8 x 8,192 a layer.
TEST(PublishedCounts, OfTheUpcycledModelFollowFromLlama) {
  const ParameterCount llama = parameters(load_model("llama-3.1-70b"));
  const ParameterCount upcycled = parameters(load_model("llama3-8x70b"));
  EXPECT_EQ(upcycled.total(), llama.total() + 7 * llama.dense_ffn + 80 * 8 * 8192);
}

// DeepSeekMoE paper, table 2: 1.89 B expert parameters, 0.24 B of them activated (from memory).
TEST(PublishedCounts, OfExpertsOfTheSmallDeepSeekMoe) {
  const ParameterCount count = parameters(load_model("deepseek-moe-2b"));
  EXPECT_NEAR(static_cast<double>(count.routed_experts + count.shared_experts) / 1.89e9, 1, 0.01);
  EXPECT_NEAR(static_cast<double>(count.routed_activated + count.shared_experts) / 0.24e9, 1, 0.02);
}

struct PaperFlops {
  const char* name;
  double tera;           ///< per 4,096 tokens, as printed
  double standard_ffns;  ///< standard feed-forward parts that a token passes in a layer
};

// DeepSeekMoE paper: forward and backward TFLOP of 4 K tokens.
const std::vector<PaperFlops> kPaperFlops{
    {"deepseek-7b", 183.5, 1},       {"llama2-7b", 187.9, 1},   {"deepseek-moe-16b", 74.4, 2},
    {"deepseek-67b", 2057.5, 1},     {"gshard-137b", 572.7, 2}, {"deepseek-moe-145b", 585.6, 2},
    {"deepseek-moe-142b", 374.6, 1},
};

TEST(PaperFlops, AreCountedWithinTwoPercent) {
  for (const PaperFlops& paper : kPaperFlops) {
    const double tera =
        multi_head_training_flops_per_token(load_model(paper.name), 4096).value() * 4096 / 1e12;
    EXPECT_NEAR(tera / paper.tera, 1, 0.02) << paper.name;
  }
}

// What the paper counts: 6 operations for each of 4 hidden^2 of attention and 8 hidden^2 a standard
// feed-forward part, 12 hidden x length of attention core a layer, and 6 vocabulary x hidden of the head.
// Only the experts of 145B and 142B are counted as wide as they are, 1,408 instead of 4096 x 8 / 3 / 8 =
// 1,365.
TEST(PaperFlops, FollowFromItsFormula) {
  for (const PaperFlops& paper : kPaperFlops) {
    const ModelSpec model = load_model(paper.name);
    const auto hidden = static_cast<double>(model.hidden);
    const bool as_wide_as_built = model.num_layers == 62 && model.num_shared_experts > 0;
    const double expert_scale = as_wide_as_built ? 1408 / (hidden / 3) : 1;
    const double layer =
        6 * hidden * hidden * (4 + 8 * paper.standard_ffns * expert_scale) + 12 * hidden * 4096;
    const double head = 6 * hidden * static_cast<double>(model.vocabulary);
    EXPECT_NEAR((model.num_layers * layer + head) * 4096 / 1e12 / paper.tera, 1, 0.001) << paper.name;
  }
}

// 6 x activated parameters and the causal attention core.
TEST(PublishedFlops, OfQwen3AreCausal) {
  const double giga = training_flops_per_token(load_model("qwen3-235b-a22b"), 4096).value() / 1e9;
  EXPECT_NEAR(giga / 148.0, 1, 0.005);
}

// Insights into DeepSeek-V3, table 1: keys and values of 8 heads of 128 in BF16, 80 and 126 layers.
TEST(PublishedKvBytes, AreExact) {
  EXPECT_EQ(kv_bytes_per_token(load_model("qwen2.5-72b")).value(), 327680);
  EXPECT_EQ(kv_bytes_per_token(load_model("llama-3.1-405b")).value(), 516096);
  EXPECT_EQ(kv_bytes_per_token(load_model("deepseek-v3")).value(), 70272);
}

// Qwen2.5-72B: 64 query and 2 x 8 key and value heads of 128 have a bias.
TEST(LayerParameters, CountBiasesNormsAndTheSharedGate) {
  const ParameterCount qwen2 = layer_parameters(load_model("qwen2.5-72b"), LayerKind::dense);
  EXPECT_EQ(qwen2.attention_bias, (64 + 16) * 128);
  EXPECT_EQ(qwen2.norm, 2 * 8192);
  const ParameterCount qwen3 = layer_parameters(load_model("qwen3-235b-a22b"), LayerKind::moe);
  EXPECT_EQ(qwen3.attention_bias, 0);
  EXPECT_EQ(qwen3.norm, 2 * 4096 + 2 * 128);  // one weight vector for queries, one for keys
  EXPECT_EQ(qwen3.attention, 2LL * 4096 * 8192 + 2 * 4096 * 512);
  const ParameterCount gated = layer_parameters(load_model("qwen2-57b-a14b"), LayerKind::moe);
  EXPECT_EQ(gated.gate, 3584 * (64 + 1));
  EXPECT_EQ(gated.shared_experts, 3LL * 3584 * 20480);
}

}  // namespace
}  // namespace moesim
