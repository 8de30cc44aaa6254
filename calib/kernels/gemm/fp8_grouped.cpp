#include "calib/kernels/gemm/fp8_grouped.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "calib/kernels/cuda_error.hpp"
#include "calib/kernels/gemm/fastest.hpp"

namespace moesim {

namespace {

struct Candidate {
  const Fp8Tile* tile;
  TileOrder order;
};

constexpr std::array kCandidates{
    Candidate{&kFp8Cooperative2x1, TileOrder::along_n}, Candidate{&kFp8Cooperative2x1, TileOrder::along_m},
    Candidate{&kFp8Cooperative1x2, TileOrder::along_n}, Candidate{&kFp8Cooperative1x2, TileOrder::along_m},
    Candidate{&kFp8Pingpong, TileOrder::along_n},       Candidate{&kFp8Pingpong, TileOrder::along_m}};

/// Of those whose plan can be made; throws the last CudaError where none can.
const Candidate& fastest_candidate(const Fp8GroupedCall& call, cudaStream_t stream) {
  std::vector<Launch> launches;
  std::vector<const Candidate*> planned;
  std::optional<CudaError> failure;
  for (const Candidate& candidate : kCandidates) {
    try {
      const std::shared_ptr<Fp8Plan> plan = candidate.tile->plan(call, candidate.order);
      launches.emplace_back([plan](cudaStream_t on) { plan->launch(on); });
      planned.push_back(&candidate);
    } catch (const CudaError& error) {
      failure = error;
      forget_last_error();
    }
  }
  if (planned.empty() && failure) throw *failure;
  return *planned[fastest(launches, stream)];
}

}  // namespace

Fp8Grouped::Fp8Grouped(std::span<const Fp8GroupedCall> calls, cudaStream_t stream) {
  const Candidate& best = fastest_candidate(calls.front(), stream);
  for (const Fp8GroupedCall& call : calls) plans_.push_back(best.tile->plan(call, best.order));
  kernel_ =
      fmt::format("CUTLASS {}, along {}", best.tile->name, best.order == TileOrder::along_m ? "m" : "n");
}

}  // namespace moesim
