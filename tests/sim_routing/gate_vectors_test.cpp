#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

#include "sim/routing/gate.hpp"

namespace moesim {
namespace {

/// One row of GATES in tests/routing_vectors/make_vectors.py.
struct Vectors {
  const char* file;
  const char* model;
  GateFlavour flavour;
  std::uint32_t seed;
};

constexpr Vectors kVectors[] = {
    {"deepseek-moe-16b", "deepseek-moe-16b", GateFlavour::reference, 1},
    {"deepseek-v2-lite", "deepseek-v2-lite", GateFlavour::reference, 2},
    {"deepseek-v2-reference", "deepseek-v2", GateFlavour::reference, 3},
    {"deepseek-v2-hugging-face", "deepseek-v2", GateFlavour::hugging_face, 4},
    {"deepseek-v3-reference", "deepseek-v3", GateFlavour::reference, 5},
    {"deepseek-v3-hugging-face", "deepseek-v3", GateFlavour::hugging_face, 6},
    {"mixtral-8x7b", "mixtral-8x7b", GateFlavour::reference, 7},
    {"switch-2b", "switch-2b", GateFlavour::reference, 8},
    {"gshard-2b", "gshard-2b", GateFlavour::reference, 9},
    {"qwen3-235b-a22b", "qwen3-235b-a22b", GateFlavour::reference, 10},
};

/// The choices that the script expects; tokens are numbers of integer_logits.
struct Expected {
  std::vector<std::uint32_t> tokens;
  std::vector<std::uint16_t> experts;  ///< [tokens, top_k]
  std::vector<float> weights;          ///< [tokens, top_k]
  std::size_t top_k = 0;
  std::size_t num_skipped = 0;
};

template <class T>
std::vector<T> take(std::string_view& bytes, std::size_t count) {
  std::vector<T> values(count);
  if (bytes.size() < count * sizeof(T)) throw std::runtime_error("a file of vectors is too short");
  if (count > 0) std::memcpy(values.data(), bytes.data(), count * sizeof(T));
  bytes.remove_prefix(count * sizeof(T));
  return values;
}

/// `none`: an id that stands for no expert.
Expected read(const std::string& name, std::optional<std::uint8_t> none = {}) {
  std::ifstream file("tests/routing_vectors/" + name + ".bin", std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::string_view bytes = content;
  if (!bytes.starts_with("MGV1")) throw std::runtime_error(name + " is no file of vectors");
  bytes.remove_prefix(4);
  const auto header = take<std::uint32_t>(bytes, 3);
  const auto skipped = take<std::uint32_t>(bytes, header[2]);
  Expected expected;
  for (std::uint32_t token = 0; expected.tokens.size() < header[0]; ++token) {
    if (!std::ranges::binary_search(skipped, token)) expected.tokens.push_back(token);
  }
  const std::size_t count = std::size_t{header[0]} * header[1];
  for (const std::uint8_t id : take<std::uint8_t>(bytes, count)) {
    expected.experts.push_back(id == none ? kNoExpert : id);
  }
  expected.weights = take<float>(bytes, count);
  expected.top_k = header[1];
  expected.num_skipped = header[2];
  EXPECT_TRUE(bytes.empty()) << name;
  return expected;
}

std::uint32_t mix(std::uint32_t h) {
  h = (h ^ (h >> 16)) * 0x85EBCA6BU;
  h = (h ^ (h >> 13)) * 0xC2B2AE35U;
  return h ^ (h >> 16);
}

std::uint32_t hashed(std::uint32_t seed, std::uint32_t row, std::uint32_t column) {
  return mix(mix(row * 0x9E3779B1U + seed) + column * 0x27D4EB2FU);
}

/// integer_logits of the script.
float logit(std::uint32_t seed, std::uint32_t token, std::uint32_t expert) {
  const std::uint32_t h = hashed(seed, token, expert);
  int total = static_cast<int>((h & 255) + (h >> 8 & 255) + (h >> 16 & 255) + (h >> 24)) - 510;
  if (token % 8 == 7) total = (total >> 5) * 32;
  return static_cast<float>(total) / 128;
}

struct Batch {
  std::vector<float> logits, bias, uniforms;
  std::vector<std::size_t> rows;  ///< of the expected ones
};

/// The tokens of one parity: those share their biases.
Batch batch_of(const GateSpec& spec, std::uint32_t seed, const Expected& expected, std::uint32_t parity) {
  const auto width = static_cast<std::uint32_t>(spec.num_experts);
  Batch batch;
  for (std::size_t row = 0; row < expected.tokens.size(); ++row) {
    const std::uint32_t token = expected.tokens[row];
    if (token % 2 != parity) continue;
    batch.rows.push_back(row);
    for (std::uint32_t e = 0; e < width; ++e) batch.logits.push_back(logit(seed, token, e));
    const std::uint32_t drawn = hashed(seed ^ 0x5EC0, token, 0) >> 8;
    if (spec.random_second) batch.uniforms.push_back(static_cast<float>(drawn) / 16777216);
  }
  for (std::uint32_t e = 0; spec.has_bias && e < width; ++e) {
    const int steps = static_cast<int>(hashed(seed ^ 0xB1A5, 0, e) & 511) - 256;
    batch.bias.push_back(static_cast<float>(steps) / 1024 - static_cast<float>(parity));
  }
  return batch;
}

class GateVectors : public testing::TestWithParam<std::tuple<Vectors, SimdLevel>> {};

/// Ids are equal, weights within 1e-6 (of their size, above 1).
TEST_P(GateVectors, AreMet) {
  const auto& [vectors, level] = GetParam();
  const Gate gate(gate_of(load_model(vectors.model), vectors.flavour), level);
  const Expected expected = gate.spec().random_second ? read(vectors.file, 255) : read(vectors.file);
  ASSERT_EQ(static_cast<std::size_t>(gate.spec().top_k), expected.top_k);
  EXPECT_GE(expected.tokens.size(), 10000U);
  EXPECT_LE(expected.num_skipped, 20U);
  for (const std::uint32_t parity : {0U, 1U}) {
    const Batch batch = batch_of(gate.spec(), vectors.seed, expected, parity);
    RoutedTokens out;
    gate.route(batch.logits, batch.bias, batch.uniforms, out);
    for (std::size_t i = 0; i < out.experts.size(); ++i) {
      const std::size_t at = batch.rows[i / expected.top_k] * expected.top_k + i % expected.top_k;
      ASSERT_EQ(out.experts[i], expected.experts[at]) << "token " << expected.tokens[at / expected.top_k];
      const float weight = expected.weights[at];
      ASSERT_NEAR(out.weights[i], weight, 1e-6 * std::max(1.0F, weight)) << at;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Published, GateVectors,
                         testing::Combine(testing::ValuesIn(kVectors), testing::ValuesIn(simd_levels())),
                         [](const auto& info) {
                           std::string name = std::get<0>(info.param).file;
                           std::ranges::replace(name, '-', '_');
                           return name + "_" + std::string(name_of(std::get<1>(info.param)));
                         });

/// What the vectors are there to show is in them.
TEST(GateVectorsFiles, HoldTiesMaskedWinnersAndUnusedSeconds) {
  const Expected ties = read("deepseek-moe-16b");
  const auto equal = std::ranges::adjacent_find(ties.weights);
  EXPECT_NE(equal, ties.weights.end());
  const Expected masked = read("deepseek-v3-hugging-face");
  int beyond = 0;
  for (std::size_t first = 0; first < masked.experts.size(); first += 8) {
    std::set<int> groups;
    for (std::size_t i = first; i < first + 8; ++i) groups.insert(masked.experts[i] / 32);
    beyond += groups.size() > 4 ? 1 : 0;
  }
  EXPECT_GT(beyond, 100);  // tokens that reach experts outside the kept groups
  const Expected drawn = read("gshard-2b", 255);
  const auto unused = std::ranges::count(drawn.experts, kNoExpert);
  EXPECT_GT(unused, 1000);
  EXPECT_LT(unused, 9000);
}

}  // namespace
}  // namespace moesim
