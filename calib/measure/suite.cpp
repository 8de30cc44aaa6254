#include "calib/measure/suite.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "calib/measure/suite/families.hpp"

namespace moesim {

namespace {

// One row for each bench family, the machine first.
constexpr auto kFamilies = std::to_array<SuiteFamily>({
    {"machine", machine_cases, machine_random_case},
    {"contention", contention_cases, nullptr},
    {"elementwise", elementwise_cases, elementwise_random_case},
    {"gate", gate_cases, gate_random_case},
    {"permute", permute_cases, permute_random_case},
    {"unpermute", unpermute_cases, unpermute_random_case},
    {"quantise_dispatch", quantise_dispatch_cases, quantise_dispatch_random_case},
    {"dispatch", dispatch_cases, dispatch_random_case},
    {"combine", combine_cases, combine_random_case},
    {"collectives", collectives_cases, collectives_random_case},
    {"gemm", gemm_cases, gemm_random_case},
    {"grouped_gemm", grouped_gemm_cases, grouped_gemm_random_case},
    {"grouped_gemm_masked", grouped_gemm_masked_cases, grouped_gemm_masked_random_case},
    {"expert_mlp", expert_mlp_cases, expert_mlp_random_case},
    {"mla_decode", mla_decode_cases, mla_decode_random_case},
    {"mla_prefill", mla_prefill_cases, mla_prefill_random_case},
});

/// A random case of the family that so many ranks and nodes can run; nothing where it draws none.
std::optional<MeasuredCase> draw_case(const SuiteFamily& family, const RankNeeds& needs,
                                      RandomStream& random) {
  constexpr int kTries = 500;
  for (int i = 0; i < kTries; ++i) {
    MeasuredCase point = family.random_case(random);
    if (rank_needs(point) == needs) return point;
  }
  return std::nullopt;
}

}  // namespace

std::span<const SuiteFamily> suite_families() {
  return kFamilies;
}

std::vector<MeasuredCase> standard_suite(const RankNeeds& needs) {
  std::vector<MeasuredCase> all;
  for (const SuiteFamily& family : suite_families()) {
    const auto cases = cases_for(family.cases(), needs);
    all.insert(all.end(), cases.begin(), cases.end());
  }
  return all;
}

MeasuredCase anchor_case() {
  MeasuredCase anchor;
  anchor.group = "contention";
  anchor.name = "cublaslt";
  anchor.axes = {{"m", 4096}, {"n", 7168}, {"k", 2048}};
  anchor.regimes = {TimingRegime::cold};
  return anchor;
}

std::vector<MeasuredCase> random_cases(int count, std::uint64_t seed, std::span<const std::string> groups,
                                       const RankNeeds& needs) {
  std::vector<const SuiteFamily*> drawing;
  for (const SuiteFamily& family : suite_families()) {
    const bool wanted =
        groups.empty() || std::find(groups.begin(), groups.end(), family.group) != groups.end();
    if (!wanted || family.random_case == nullptr) continue;
    RandomStream random(seed, stream_of("calibrate_probe"));
    if (draw_case(family, needs, random)) drawing.push_back(&family);
  }
  std::vector<MeasuredCase> all;
  if (drawing.empty()) return all;
  for (int i = 0; i < count; ++i) {
    RandomStream random(seed, stream_of("calibrate_check"), static_cast<std::uint64_t>(i));
    if (auto point = draw_case(*drawing[static_cast<std::size_t>(i) % drawing.size()], needs, random))
      all.push_back(std::move(*point));
  }
  return all;
}

}  // namespace moesim
