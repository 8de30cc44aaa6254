#include "sim/serving/cache/block_index.hpp"

#include <bit>
#include <utility>

namespace moesim {
namespace {

constexpr std::size_t kFirstSlots = 64;
constexpr int kHashBits = 64;

}  // namespace

void BlockIndex::grow() {
  const std::vector<Slot> old = std::exchange(slots_, {});
  slots_.resize(old.empty() ? kFirstSlots : 2 * old.size());
  shift_ = kHashBits - std::countr_zero(slots_.size());
  for (const Slot& slot : old) {
    if (slot.place != kNone) slots_[slot_of(slot.hash)] = slot;
  }
}

void BlockIndex::insert(std::uint64_t hash, std::uint32_t place) {
  if (2 * (size_ + 1) > slots_.size()) grow();
  slots_[slot_of(hash)] = {hash, place};
  ++size_;
}

void BlockIndex::erase(std::uint64_t hash) {
  if (slots_.empty()) return;
  std::size_t hole = slot_of(hash);
  if (slots_[hole].place == kNone) return;
  --size_;
  // Those behind the hole move up unless they would then lie before their home.
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = next(hole); slots_[at].place != kNone; at = next(at)) {
    const std::size_t from_home = (at - home_of(slots_[at].hash)) & mask;
    if (from_home < ((at - hole) & mask)) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole].place = kNone;
}

}  // namespace moesim
