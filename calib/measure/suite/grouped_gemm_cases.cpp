#include <algorithm>
#include <array>
#include <string>

#include "calib/measure/suite/families.hpp"

namespace moesim {

namespace {

struct Weight {
  int n;
  int k;
};
// An expert of DeepSeek-V3: gate and up side by side, down.
constexpr std::array kExpertWeights{Weight{4096, 7168}, Weight{7168, 2048}};
// Local experts: 256 over 8 to 256 GPUs; 9 are those of a decoding GPU with a shared one.
constexpr std::array kGroups{1, 2, 4, 8, 9, 16, 32};
constexpr std::array kSkews{1.5, 2.0, 4.0};

struct Variant {
  TimedOperator op;
  NumberFormat format;
  const char* name;
  GemmRole role = GemmRole::forward;
};
constexpr Variant kContiguousFp8{TimedOperator::grouped_gemm, NumberFormat::fp8, "cutlass"};
constexpr Variant kContiguousBf16{TimedOperator::grouped_gemm, NumberFormat::bf16, "cublas_grouped"};
constexpr Variant kMaskedFp8{TimedOperator::grouped_gemm_masked, NumberFormat::fp8, "cutlass"};

MeasuredCase grouped_case(const Variant& variant, int groups, int m, int n, int k, double skew = 1) {
  MeasuredCase point{.group = std::string(enum_name(variant.op)),
                     .op = variant.op,
                     .format = variant.format,
                     .role = variant.role,
                     .name = variant.name,
                     .axes = {{"groups", groups}, {"m", m}, {"n", n}, {"k", k}},
                     .settings = {}};
  if (skew != 1) point.settings["skew"] = skew;
  return point;
}

/// The gradients of a weight for `rows` rows a group.
void add_backward(std::vector<MeasuredCase>& cases, NumberFormat format, const Weight& weight, int groups,
                  int rows) {
  const bool fp8 = format == NumberFormat::fp8;
  const Variant input{TimedOperator::grouped_gemm, format, fp8 ? "cutlass" : "cublas_grouped",
                      GemmRole::input_gradient};
  const Variant of_weight{TimedOperator::grouped_gemm, format, "cublaslt_loop", GemmRole::weight_gradient};
  cases.push_back(grouped_case(input, groups, rows, weight.k, weight.n));
  cases.push_back(grouped_case(of_weight, groups, weight.n, weight.k, rows));
  cases.back().regimes.push_back(TimingRegime::sustained);
}

void add_contiguous(std::vector<MeasuredCase>& cases, const Weight& weight) {
  for (const int groups : kGroups) {
    for (const int m : {128, 256, 512, 1024, 2048}) {
      cases.push_back(grouped_case(kContiguousFp8, groups, m, weight.n, weight.k));
      if (m != 128 && m != 1024) cases.back().regimes = {TimingRegime::cold};
    }
  }
  for (const int groups : {4, 8})  // as DeepGEMM's readme has them
    cases.push_back(grouped_case(kContiguousFp8, groups, 32768 / groups, weight.n, weight.k));
  cases.back().regimes.push_back(TimingRegime::sustained);
  for (const int groups : {1, 4, 8, 32})
    for (const int m : {128, 1024})
      cases.push_back(grouped_case(kContiguousBf16, groups, m, weight.n, weight.k));
  for (const NumberFormat format : {NumberFormat::fp8, NumberFormat::bf16})
    add_backward(cases, format, weight, 4, 4096);
}

/// The busiest group against the mean, and a loop over the groups beside the kernels that take them all.
void add_skewed_and_loops(std::vector<MeasuredCase>& cases, const Weight& weight) {
  for (const int groups : {8, 32})
    for (const double skew : kSkews)
      cases.push_back(grouped_case(kContiguousFp8, groups, 512, weight.n, weight.k, skew));
  for (const double skew : kSkews)
    cases.push_back(grouped_case(kContiguousBf16, 8, 512, weight.n, weight.k, skew));
  for (Variant variant : {kContiguousFp8, kContiguousBf16}) {
    variant.name = "cublaslt_loop";
    cases.push_back(grouped_case(variant, 4, 8192, weight.n, weight.k));
  }
}

}  // namespace

std::vector<MeasuredCase> grouped_gemm_cases() {
  std::vector<MeasuredCase> cases;
  for (const Weight& weight : kExpertWeights) add_contiguous(cases, weight);
  add_skewed_and_loops(cases, kExpertWeights.front());
  for (MeasuredCase& point : cases)
    point.quick = point.axes.at("groups") == 4 && point.axes.at("m") == 8192 && point.axes.at("n") == 4096;
  return cases;
}

std::vector<MeasuredCase> grouped_gemm_masked_cases() {
  std::vector<MeasuredCase> cases;
  for (const Weight& weight : kExpertWeights) {
    for (const int groups : kGroups)
      for (const int m : {4, 64}) cases.push_back(grouped_case(kMaskedFp8, groups, m, weight.n, weight.k));
    for (const int groups : {1, 2, 4})  // as DeepGEMM's readme has them
      cases.push_back(grouped_case(kMaskedFp8, groups, 1024 / groups, weight.n, weight.k));
    for (const int groups : {9, 32}) cases.push_back(grouped_case(kMaskedFp8, groups, 1, weight.n, weight.k));
  }
  const Weight& weight = kExpertWeights.front();
  for (const int groups : {9, 32}) {
    for (const double skew : kSkews)
      cases.push_back(grouped_case(kMaskedFp8, groups, 16, weight.n, weight.k, skew));
    cases.push_back(grouped_case(kMaskedFp8, groups, 256, weight.n, weight.k));
  }
  Variant loop = kMaskedFp8;
  loop.name = "cublaslt_loop";
  // No decoding step can run it, so its time must not stand for a masked call.
  cases.push_back(grouped_case(loop, 4, 256, weight.n, weight.k));
  cases.back().settings["rows_on_host"] = 1;
  for (MeasuredCase& point : cases)
    point.quick = point.axes.at("groups") == 4 && point.axes.at("m") == 256 && point.axes.at("n") == 4096;
  return cases;
}

namespace {

double random_skew(RandomStream& random, std::uint64_t groups) {
  return 1 + 0.5 * static_cast<double>(random.below(std::min<std::uint64_t>(2 * groups - 1, 7)));
}

}  // namespace

MeasuredCase grouped_gemm_random_case(RandomStream& random) {
  static constexpr std::array kVariants{
      kContiguousFp8,
      kContiguousBf16,
      Variant{TimedOperator::grouped_gemm, NumberFormat::fp8, "cublaslt_loop"},
      Variant{TimedOperator::grouped_gemm, NumberFormat::fp8, "cublaslt_loop", GemmRole::weight_gradient},
      Variant{TimedOperator::grouped_gemm, NumberFormat::bf16, "cublaslt_loop", GemmRole::weight_gradient},
      Variant{TimedOperator::grouped_gemm, NumberFormat::bf16, "cublas_grouped", GemmRole::input_gradient}};
  const Variant& variant = kVariants[random.below(kVariants.size())];
  const std::uint64_t groups = 1 + random.below(16);
  const double skew = random_skew(random, groups);
  const int rows = static_cast<int>(1 + random.below(500));
  const int n = 128 * static_cast<int>(1 + random.below(32));
  const int k = 128 * static_cast<int>(1 + random.below(32));
  const bool weight = variant.role == GemmRole::weight_gradient;
  return grouped_case(variant, static_cast<int>(groups), weight ? k : rows, n, weight ? rows : k, skew);
}

MeasuredCase grouped_gemm_masked_random_case(RandomStream& random) {
  const std::uint64_t groups = 1 + random.below(33);
  const double skew = random_skew(random, groups);
  const int m = static_cast<int>(1 + random.below(200));
  const int n = 128 * static_cast<int>(1 + random.below(32));
  const int k = 128 * static_cast<int>(1 + random.below(32));
  return grouped_case(kMaskedFp8, static_cast<int>(groups), m, n, k, skew);
}

}  // namespace moesim
