#include "sim/routing/simd/gate_memory.hpp"

#include <algorithm>
#include <new>

namespace moesim {
namespace {

constexpr std::size_t kLine = 64;
constexpr std::align_val_t kAlignment{kLine};

/// Hands out parts of one block, each at the start of a cache line.
class Parts {
 public:
  explicit Parts(std::byte* base) : base_(base) {}

  template <class T>
  void take(T*& part, std::size_t count) {
    if (base_ != nullptr) {
      part = reinterpret_cast<T*>(base_ + used_);
      std::uninitialized_value_construct_n(part, count);
    }
    used_ += (count * sizeof(T) + kLine - 1) / kLine * kLine;
  }
  [[nodiscard]] std::size_t used() const { return used_; }

 private:
  std::byte* base_;
  std::size_t used_ = 0;
};

}  // namespace

void GateMemory::Free::operator()(std::byte* bytes) const {
  ::operator delete[](bytes, kAlignment);
}

GateMemory::GateMemory(int num_experts, int num_groups, int top_k) {
  const std::size_t size = lay_out(nullptr, num_experts, num_groups, top_k);
  bytes_.reset(static_cast<std::byte*>(::operator new[](size, kAlignment)));
  lay_out(bytes_.get(), num_experts, num_groups, top_k);
}

std::size_t GateMemory::lay_out(std::byte* base, int num_experts, int num_groups, int top_k) {
  const std::size_t experts = padded_to_rows(static_cast<std::size_t>(num_experts));
  const auto groups = static_cast<std::size_t>(num_groups);
  const std::size_t grouped = groups * padded_to_rows(static_cast<std::size_t>(num_experts / num_groups));
  const std::size_t most = std::max(experts, grouped);
  Parts parts(base);
  parts.take(bias_, experts);
  parts.take(scratch_.scores, experts);
  parts.take(scratch_.biased, experts);
  parts.take(scratch_.grouped, grouped);
  parts.take(scratch_.tail, kGateLanes);
  parts.take(scratch_.valid, kGateLanes);
  parts.take(scratch_.group_scores, padded_to_rows(groups));
  parts.take(scratch_.group_ranks, padded_to_rows(groups));
  parts.take(scratch_.candidates, 2 * kMaxRanked);
  parts.take(scratch_.rows, most / kGateLanes);
  parts.take(scratch_.positions, most);
  parts.take(scratch_.best, std::max<std::size_t>(kMaxRanked, static_cast<std::size_t>(top_k)));
  parts.take(scratch_.sums, experts);
  return parts.used();
}

}  // namespace moesim
