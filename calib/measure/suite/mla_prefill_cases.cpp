#include <array>
#include <initializer_list>

#include "calib/measure/suite/families.hpp"

namespace moesim {
namespace {

constexpr std::array<GemmRole, 2> kRoles{GemmRole::forward, GemmRole::input_gradient};

MeasuredCase prefill_case(const char* variant, GemmRole role, int heads, int length) {
  MeasuredCase point;
  point.group = "mla_prefill";
  point.op = TimedOperator::attention_prefill;
  point.role = role;
  point.name = variant;
  point.axes = {{"heads", heads}, {"qk_dim", 192}, {"v_dim", 128}, {"length", length}};
  // Calls of tens of milliseconds have nothing to gain from a graph.
  if (length >= 8192) point.regimes = {TimingRegime::cold};
  return point;
}

MeasuredCase cudnn_case(GemmRole role, int heads, int length) {
  MeasuredCase point = prefill_case("cudnn", role, heads, length);
  if (heads < 128 || length > 4096) point.regimes = {TimingRegime::cold};
  if (heads == 128 && length == 4096) {  // DeepSeek-V3's training
    point.quick = true;
    point.regimes.push_back(TimingRegime::sustained);
  }
  return point;
}

}  // namespace

std::vector<MeasuredCase> mla_prefill_cases() {
  std::vector<MeasuredCase> cases;
  for (const GemmRole role : kRoles) {
    for (const int heads : {16, 32, 64, 128}) {
      for (const int length : {256, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384})
        cases.push_back(cudnn_case(role, heads, length));
    }
    for (const int length : {512, 1024, 2048, 4096}) {
      cases.push_back(prefill_case("mma", role, 128, length));
      cases.back().quick = length == 1024;
    }
    for (const int length : {2048, 8192}) cases.push_back(prefill_case("mma", role, 16, length));
  }
  return cases;
}

MeasuredCase mla_prefill_random_case(RandomStream& random) {
  const char* variant = random.below(3) == 0 ? "cudnn" : "mma";
  const GemmRole role = kRoles[random.below(kRoles.size())];
  const int heads = 1 + static_cast<int>(random.below(12));
  // Score gradients of few keys are differences in which rounding weighs most: cuDNN may round its weights.
  const int shortest = role == GemmRole::forward ? 1 : 32;
  const int length = shortest + static_cast<int>(random.below(1500));
  return prefill_case(variant, role, heads, length);
}

}  // namespace moesim
