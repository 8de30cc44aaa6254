#include "calib/kernels/gemm/gemm_runner.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "base/error.hpp"
#include "calib/kernels/gemm/fp8_grouped.hpp"
#include "calib/kernels/gemm/lt_gemm.hpp"

namespace moesim {

namespace {

LtShape lt_shape(const GemmProblem& problem, std::size_t group) {
  const OperandLayout& m_side = problem.m_side.groups[group].layout;
  const OperandLayout& n_side = problem.n_side.groups[group].layout;
  return {.m = m_side.rows,
          .n = n_side.rows,
          .k = m_side.k,
          .fp8 = is_fp8(problem.format),
          .m_side_k_major = m_side.k_major,
          .n_side_k_major = n_side.k_major,
          .n_side_blocks = n_side.scales.block_rows == kScaleBlock,
          .accumulate = problem.accumulates()};
}

bool is_empty(const GemmSize& size) {
  return size.m == 0 || size.n == 0 || size.k == 0;
}

class LtRunner final : public GemmRunner {
 public:
  LtRunner(const GemmProblem& problem, std::span<GemmSet> sets, cudaStream_t stream) {
    calls_.resize(sets.size());
    for (std::size_t g = 0; g < problem.sizes.size(); ++g) {
      if (is_empty(problem.sizes[g])) continue;
      for (std::size_t s = 0; s < sets.size(); ++s) {
        GemmSet& set = sets[s];
        const LtPointers pointers{set.m_side.data(g), set.n_side.data(g), set.m_side.scales(g),
                                  set.n_side.scales(g), set.out_of(problem, g)};
        calls_[s].push_back({&gemm_for(lt_shape(problem, g), pointers, stream), pointers});
      }
    }
  }
  void launch(std::size_t set, cudaStream_t stream) override {
    for (const Call& call : calls_[set]) call.gemm->run(call.pointers, stream);
  }
  [[nodiscard]] std::string kernel() const override {
    std::set<int> algorithms;
    for (const auto& [size, gemm] : gemms_) algorithms.insert(gemm.algorithm());
    return fmt::format("cublasLt {}.{}.{} algorithm {}", CUBLAS_VER_MAJOR, CUBLAS_VER_MINOR, CUBLAS_VER_PATCH,
                       fmt::join(algorithms, ", "));
  }

 private:
  struct Call {
    LtGemm* gemm;
    LtPointers pointers;
  };

  /// Groups of one size share an algorithm.
  LtGemm& gemm_for(const LtShape& shape, const LtPointers& pointers, cudaStream_t stream) {
    return gemms_.try_emplace({shape.m, shape.n, shape.k}, context_, shape, pointers, stream).first->second;
  }

  LtContext context_;
  std::map<std::tuple<int, int, int>, LtGemm> gemms_;
  std::vector<std::vector<Call>> calls_;  // [input sets][groups with rows]
};

class CutlassRunner final : public GemmRunner {
 public:
  CutlassRunner(const std::vector<Fp8GroupedCall>& calls, cudaStream_t stream) : gemm_(calls, stream) {}
  void launch(std::size_t set, cudaStream_t stream) override { gemm_.launch(set, stream); }
  [[nodiscard]] std::string kernel() const override { return gemm_.kernel(); }

 private:
  Fp8Grouped gemm_;
};

}  // namespace

GemmSet::GemmSet(const GemmProblem& problem, std::uint64_t seed, cudaStream_t stream)
    : m_side(problem.format, problem.m_side, seed, stream),
      n_side(problem.format, problem.n_side, seed + 2, stream),
      out(static_cast<std::size_t>(problem.out_bytes())) {
  out.fill_bytes(problem.accumulates() ? 0 : 0xff, stream);
}

std::unique_ptr<GemmRunner> make_lt_runner(const GemmProblem& problem, std::span<GemmSet> sets,
                                           cudaStream_t stream) {
  return std::make_unique<LtRunner>(problem, sets, stream);
}

std::unique_ptr<GemmRunner> make_cutlass_runner(const GemmProblem& problem, std::span<GemmSet> sets,
                                                int num_sms, cudaStream_t stream) {
  if (!is_fp8(problem.format) || problem.accumulates())
    throw RunError("make_cutlass_runner: not an FP8 GEMM with a BF16 output");
  std::vector<Fp8GroupedCall> calls;
  for (GemmSet& set : sets) {
    Fp8GroupedCall& call = calls.emplace_back();
    call.n = problem.sizes.front().n;
    call.k = problem.sizes.front().k;
    call.rows_on_host = problem.rows == RowLayout::contiguous;
    call.num_sms = num_sms;
    for (std::size_t g = 0; g < problem.sizes.size(); ++g) {
      call.groups.push_back({problem.sizes[g].m, set.m_side.data(g), set.m_side.scales(g), set.n_side.data(g),
                             set.n_side.scales(g), set.out_of(problem, g)});
    }
  }
  return std::make_unique<CutlassRunner>(calls, stream);
}

}  // namespace moesim
