#include <array>
#include <span>

#include "calib/measure/suite/families.hpp"

namespace moesim {

namespace {

struct Weight {
  int n;
  int k;
};
// Linear layers of DeepSeek-V3 (n outputs, k inputs): those that DeepGEMM's readme times, then those of the
// dense layers.
constexpr std::array kWeights{Weight{2112, 7168}, Weight{576, 7168},   Weight{24576, 1536},
                              Weight{32768, 512}, Weight{7168, 16384}, Weight{4096, 7168},
                              Weight{7168, 2048}};
constexpr std::array kDenseWeights{Weight{1536, 7168}, Weight{36864, 7168}, Weight{7168, 18432}};
// Multiples of tiles, and one more of some: the teeth of wave quantisation.
constexpr std::array kRows{1, 16, 64, 65, 128, 129, 256, 512, 1024, 1025, 2048, 4096, 4097};
constexpr std::array kFewRows{1, 64, 128, 129, 512, 2048, 4096};
constexpr std::array kFewestRows{1, 128, 1024, 4096};

MeasuredCase gemm_case(NumberFormat format, GemmRole role, const char* name, double m, double n, double k) {
  return {.group = "gemm",
          .op = TimedOperator::gemm,
          .format = format,
          .role = role,
          .name = name,
          .axes = {{"m", m}, {"n", n}, {"k", k}},
          .settings = {}};
}

void add_forward(std::vector<MeasuredCase>& cases, NumberFormat format, std::span<const Weight> weights,
                 std::span<const int> rows) {
  for (const Weight& weight : weights)
    for (const int m : rows)
      cases.push_back(gemm_case(format, GemmRole::forward, "cublaslt", m, weight.n, weight.k));
}

/// The gradients of `weight` for `tokens` tokens. FP8 wants whole blocks of the outputs it adds over.
void add_backward(std::vector<MeasuredCase>& cases, NumberFormat format, const Weight& weight, int tokens) {
  if (format == NumberFormat::bf16 || weight.n % 128 == 0)
    cases.push_back(gemm_case(format, GemmRole::input_gradient, "cublaslt", tokens, weight.k, weight.n));
  cases.push_back(gemm_case(format, GemmRole::weight_gradient, "cublaslt", weight.n, weight.k, tokens));
}

bool is_quick(const MeasuredCase& point) {
  const auto shape = [&](double m, double n, double k) {
    return point.axes.at("m") == m && point.axes.at("n") == n && point.axes.at("k") == k;
  };
  if (shape(4096, 7168, 16384)) return point.role == GemmRole::forward;
  if (shape(128, 4096, 7168)) return point.format == NumberFormat::fp8 && point.name == "cublaslt";
  return point.role == GemmRole::weight_gradient && shape(4096, 7168, 4096);
}

}  // namespace

std::vector<MeasuredCase> gemm_cases() {
  std::vector<MeasuredCase> cases;
  add_forward(cases, NumberFormat::fp8, kWeights, kRows);
  add_forward(cases, NumberFormat::fp8, kDenseWeights, kFewestRows);
  add_forward(cases, NumberFormat::bf16, kWeights, kFewRows);
  add_forward(cases, NumberFormat::bf16, kDenseWeights, kFewestRows);
  for (const Weight& weight : kWeights) {
    for (const NumberFormat format : {NumberFormat::fp8, NumberFormat::bf16})
      add_backward(cases, format, weight, 4096);
    for (const int m : {128, 4096})
      cases.push_back(gemm_case(NumberFormat::fp8, GemmRole::forward, "cutlass", m, weight.n, weight.k));
  }
  for (MeasuredCase& point : cases) point.quick = is_quick(point);
  return cases;
}

MeasuredCase gemm_random_case(RandomStream& random) {
  const auto multiple = [&](int of, std::uint64_t most) {
    return static_cast<double>(of) * static_cast<double>(1 + random.below(most));
  };
  const NumberFormat format = random.below(2) == 0 ? NumberFormat::fp8 : NumberFormat::bf16;
  const GemmRole role =
      std::array{GemmRole::forward, GemmRole::input_gradient, GemmRole::weight_gradient}[random.below(3)];
  const bool cutlass =
      format == NumberFormat::fp8 && role != GemmRole::weight_gradient && random.below(2) == 0;
  const char* name = cutlass ? "cutlass" : "cublaslt";
  if (role == GemmRole::weight_gradient)
    return gemm_case(format, role, name, multiple(64, 64), multiple(64, 64), multiple(128, 32));
  return gemm_case(format, role, name, multiple(1, 2048), multiple(64, 128), multiple(128, 64));
}

}  // namespace moesim
