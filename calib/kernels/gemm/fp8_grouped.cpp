#include "calib/kernels/gemm/fp8_grouped.hpp"

#include <fmt/format.h>

#include <array>

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

std::size_t fastest_candidate(const Fp8GroupedCall& call, cudaStream_t stream) {
  std::vector<Launch> launches;
  for (const Candidate& candidate : kCandidates) {
    const std::shared_ptr<Fp8Plan> plan = candidate.tile->plan(call, candidate.order);
    launches.emplace_back([plan](cudaStream_t on) { plan->launch(on); });
  }
  return fastest(launches, stream);
}

}  // namespace

Fp8Grouped::Fp8Grouped(std::span<const Fp8GroupedCall> calls, cudaStream_t stream) {
  const Candidate& best = kCandidates[fastest_candidate(calls.front(), stream)];
  for (const Fp8GroupedCall& call : calls) plans_.push_back(best.tile->plan(call, best.order));
  kernel_ =
      fmt::format("CUTLASS {}, along {}", best.tile->name, best.order == TileOrder::along_m ? "m" : "n");
}

}  // namespace moesim
