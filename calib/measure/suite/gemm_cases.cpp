#include <algorithm>
#include <array>
#include <span>

#include "calib/measure/suite/families.hpp"

namespace moesim {

namespace {

struct Weight {
  int n;
  int k;
};
// Linear layers of DeepSeek-V3 (n outputs, k inputs): those that DeepGEMM's readme times.
constexpr std::array kWeights{Weight{2112, 7168}, Weight{576, 7168},   Weight{24576, 1536},
                              Weight{32768, 512}, Weight{7168, 16384}, Weight{4096, 7168},
                              Weight{7168, 2048}};
// Dense layers, and what tensor parallelism over 2 to 8 GPUs leaves of each: known shapes near unknown ones.
constexpr std::array kSiteWeights{
    Weight{1536, 7168}, Weight{36864, 7168}, Weight{7168, 18432}, Weight{18432, 7168}, Weight{9216, 7168},
    Weight{4608, 7168}, Weight{7168, 9216},  Weight{7168, 4608},  Weight{7168, 2304},  Weight{12288, 1536},
    Weight{6144, 1536}, Weight{3072, 1536},  Weight{16384, 512},  Weight{8192, 512},   Weight{4096, 512},
    Weight{7168, 8192}, Weight{7168, 4096},  Weight{2048, 7168},  Weight{1024, 7168},  Weight{512, 7168},
    Weight{7168, 1024}};
// Multiples of tiles, and one more of many: the teeth of wave quantisation.
constexpr std::array kRows{1,    2,    4,    8,    16,   32,   48,   64,   65,   96,   128,  129,  192,
                           256,  257,  384,  385,  512,  513,  640,  768,  769,  896,  1024, 1025, 1280,
                           1536, 1537, 1792, 2048, 2049, 2560, 3072, 3073, 3584, 4096, 4097};
constexpr std::array kSiteRows{1, 16, 64, 128, 256, 512, 1024, 2048, 4096};
constexpr std::array kRowsInGraphs{1, 16, 64, 128, 512, 1024, 4096};

MeasuredCase gemm_case(NumberFormat format, GemmRole role, const char* name, double m, double n, double k) {
  return {.group = "gemm",
          .op = TimedOperator::gemm,
          .format = format,
          .role = role,
          .name = name,
          .axes = {{"m", m}, {"n", n}, {"k", k}},
          .settings = {}};
}

void add_forward(std::vector<MeasuredCase>& cases, const Weight& weight, std::span<const int> rows,
                 std::span<const int> rows_in_graphs) {
  for (const NumberFormat format : {NumberFormat::fp8, NumberFormat::bf16}) {
    for (const int m : rows) {
      cases.push_back(gemm_case(format, GemmRole::forward, "cublaslt", m, weight.n, weight.k));
      if (std::find(rows_in_graphs.begin(), rows_in_graphs.end(), m) == rows_in_graphs.end())
        cases.back().regimes = {TimingRegime::cold};
    }
  }
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
  for (const Weight& weight : kSiteWeights) add_forward(cases, weight, kSiteRows, {});
  for (const Weight& weight : kWeights) {
    add_forward(cases, weight, kRows, kRowsInGraphs);
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
