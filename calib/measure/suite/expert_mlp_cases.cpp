#include <algorithm>
#include <array>
#include <cmath>

#include "calib/measure/suite/families.hpp"

namespace moesim {

namespace {

constexpr int kHidden = 7168;
constexpr int kInter = 2048;

/// `rows` of each of the experts on the mean, `skew` times as many of the fullest (rounded).
MeasuredCase expert_case(NumberFormat format, int experts, int rows, double skew = 1, int hidden = kHidden,
                         int inter = kInter) {
  MeasuredCase point{
      .group = "expert_mlp",
      .op = TimedOperator::expert_mlp,
      .format = format,
      .role = GemmRole::forward,
      .name = format == NumberFormat::fp8 ? "cutlass" : "cublas_grouped",
      .axes = {{"hidden", hidden}, {"inter", inter}, {"experts", experts}, {"rows", experts * rows}},
      .settings = {}};
  if (skew != 1) point.axes["max_rows"] = std::round(skew * rows);
  point.quick = experts == 8 && rows == 128 && skew == 1 && hidden == kHidden;
  return point;
}

}  // namespace

std::vector<MeasuredCase> expert_mlp_cases() {
  std::vector<MeasuredCase> cases;
  const auto add = [&cases](const MeasuredCase& point, bool in_graphs) {
    cases.push_back(point);
    if (!in_graphs) cases.back().regimes = {TimingRegime::cold};
  };
  for (const int experts : {1, 2, 4, 8, 9, 16, 32}) {
    for (const int rows : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096}) {
      if (experts * rows <= 32768)
        add(expert_case(NumberFormat::fp8, experts, rows), rows == 1 || rows == 16 || rows == 128);
    }
  }
  for (const int experts : {8, 32})
    for (const int rows : {16, 128, 512})
      for (const double skew : {1.5, 2.0, 4.0})
        add(expert_case(NumberFormat::fp8, experts, rows, skew), rows == 128);
  // DeepSeek-V2's and Qwen3's experts: known shapes near unknown ones.
  for (const int hidden : {5120, 4096})
    for (const int experts : {8, 16})
      for (const int rows : {1, 16, 128, 1024})
        add(expert_case(NumberFormat::fp8, experts, rows, 1, hidden, 1536), false);
  for (const int experts : {1, 8, 32}) add(expert_case(NumberFormat::bf16, experts, 128), true);
  return cases;
}

MeasuredCase expert_mlp_random_case(RandomStream& random) {
  const auto format = random.below(2) == 0 ? NumberFormat::fp8 : NumberFormat::bf16;
  const int experts = static_cast<int>(1 + random.below(16));
  const int rows = static_cast<int>(1 + random.below(300));
  const double skew =
      1 + 0.5 * static_cast<double>(random.below(static_cast<std::uint64_t>(std::min(2 * experts - 1, 7))));
  const int hidden = 128 * static_cast<int>(1 + random.below(32));
  const int inter = 128 * static_cast<int>(1 + random.below(16));
  return expert_case(format, experts, rows, skew, hidden, inter);
}

}  // namespace moesim
