#include "sim/routing/capacity.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

#include "base/random.hpp"
#include "sim/routing/gate.hpp"

namespace moesim {
namespace {

/// A float as an unsigned number of the opposite order: the heaviest is the least.
std::uint32_t heaviest_first(float weight) {
  const auto bits = std::bit_cast<std::uint32_t>(weight + 0.0F);  // -0 is 0
  return bits >> 31 != 0 ? bits : ~(bits | 0x80000000U);
}

/// Who has a capacity, and in which order it takes its choices: by a key of 64 bits, the least first:
/// 1 bit not protected, 32 bits weight where drops go by it, 31 bits position.
class Selection {
 public:
  Selection(const CapacitySpec& spec, const CapacityInput& input)
      : input_(input),
        by_weight_(spec.drop_order() == DropOrder::probability),
        by_choice_(spec.rule == CapacityRule::gshard_top2),
        top_k_(static_cast<std::size_t>(input.top_k)),
        num_tokens_(static_cast<std::size_t>(input.num_tokens())),
        bucket_of_(static_cast<std::size_t>(input.num_experts)) {
    const bool device = spec.rule == CapacityRule::device_budget;
    const auto width = static_cast<std::size_t>(device ? input.num_experts / input.num_devices : 1);
    for (std::size_t e = 0; e < bucket_of_.size(); ++e) bucket_of_[e] = static_cast<std::uint32_t>(e / width);
  }

  [[nodiscard]] std::size_t num_buckets() const { return bucket_of_.back() + 1; }
  [[nodiscard]] std::size_t bucket_of(std::size_t expert) const { return bucket_of_[expert]; }

  [[nodiscard]] std::uint64_t key(std::size_t choice) const {
    std::uint64_t key = by_choice_ ? choice % top_k_ * num_tokens_ + choice / top_k_ : choice;
    if (by_weight_) key |= std::uint64_t{heaviest_first(input_.weights[choice])} << 31;
    const bool is_protected = !input_.is_protected.empty() && input_.is_protected[choice / top_k_] != 0;
    return is_protected ? key : key | kNotProtected;
  }
  [[nodiscard]] static bool is_protected(std::uint64_t key) { return (key & kNotProtected) == 0; }
  [[nodiscard]] std::size_t choice_of(std::uint64_t key) const {
    const std::size_t position = key & 0x7fffffffU;
    return by_choice_ ? position % num_tokens_ * top_k_ + position / num_tokens_ : position;
  }

 private:
  static constexpr std::uint64_t kNotProtected = std::uint64_t{1} << 63;
  const CapacityInput& input_;
  bool by_weight_;
  bool by_choice_;
  std::size_t top_k_;
  std::size_t num_tokens_;
  std::vector<std::uint32_t> bucket_of_;  // [num_experts] itself or its device
};

void require(bool condition, const char* what) {
  if (!condition) throw std::invalid_argument(what);
}

void check_input(const CapacitySpec& spec, const CapacityInput& input) {
  require(input.top_k >= 1 && input.num_experts >= 1 && input.num_devices >= 1,
          "no experts, devices or choices");
  require(input.experts.size() % static_cast<std::size_t>(input.top_k) == 0, "choices are tokens x top_k");
  require(input.experts.size() <= 0x7fffffffU, "more than 2^31 choices");
  require(input.num_experts % input.num_devices == 0, "experts are a multiple of devices");
  require(!capacity_issue(spec, input.top_k), "the capacity rule is of another gate");
  const bool needs_weights = spec.drop_order() == DropOrder::probability;
  require(input.weights.size() == input.experts.size() || (input.weights.empty() && !needs_weights),
          "a weight for each choice");
  require(
      input.is_protected.empty() || input.is_protected.size() == static_cast<std::size_t>(input.num_tokens()),
      "a protection flag for each token");
  require(std::none_of(input.weights.begin(), input.weights.end(), [](float w) { return std::isnan(w); }),
          "a weight is no number");
}

void count_chosen(const CapacityInput& input, CapacityResult& out) {
  out.chosen = out.dropped = 0;
  out.kept.assign(input.experts.size(), 0);
  out.rows.assign(static_cast<std::size_t>(input.num_experts), 0);
  for (std::size_t i = 0; i < input.experts.size(); ++i) {
    if (input.experts[i] == kNoExpert) continue;
    require(input.experts[i] < input.num_experts, "an expert out of range");
    ++out.rows[input.experts[i]];
    ++out.chosen;
    out.kept[i] = 1;
  }
}

/// Keys of the choices of each bucket that exceeds the capacity; [num_buckets] lists, the others empty.
std::vector<std::vector<std::uint64_t>> overfull(const CapacityInput& input, const Selection& selection,
                                                 const CapacityResult& out) {
  std::vector<std::int64_t> size(selection.num_buckets());
  for (std::size_t e = 0; e < out.rows.size(); ++e) size[selection.bucket_of(e)] += out.rows[e];
  std::vector<std::vector<std::uint64_t>> lists(size.size());
  bool any = false;
  for (std::size_t b = 0; b < size.size(); ++b) {
    if (size[b] <= out.capacity) continue;
    lists[b].reserve(static_cast<std::size_t>(size[b]));
    any = true;
  }
  if (!any) return lists;
  for (std::size_t i = 0; i < input.experts.size(); ++i) {
    if (input.experts[i] == kNoExpert) continue;
    const std::size_t bucket = selection.bucket_of(input.experts[i]);
    if (size[bucket] > out.capacity) lists[bucket].push_back(selection.key(i));
  }
  return lists;
}

void drop_rest(const CapacityInput& input, const Selection& selection, std::vector<std::uint64_t>& keys,
               CapacityResult& out) {
  if (keys.empty()) return;
  const auto first = keys.begin() + out.capacity;
  std::nth_element(keys.begin(), first, keys.end());
  for (auto key = first; key != keys.end(); ++key) {
    if (Selection::is_protected(*key)) continue;
    const std::size_t choice = selection.choice_of(*key);
    out.kept[choice] = 0;
    --out.rows[input.experts[choice]];
    ++out.dropped;
  }
}

}  // namespace

std::int64_t CapacityInput::num_tokens() const {
  return static_cast<std::int64_t>(experts.size() / static_cast<std::size_t>(top_k));
}

double CapacityResult::dropped_fraction() const {
  return chosen == 0 ? 0 : static_cast<double>(dropped) / static_cast<double>(chosen);
}

std::int64_t capacity_of(const CapacitySpec& spec, const CapacityInput& input) {
  const auto choices = static_cast<double>(input.num_tokens() * input.top_k);
  const bool device = spec.rule == CapacityRule::device_budget;
  const double rows = choices / (device ? input.num_devices : input.num_experts) * spec.factor;
  return static_cast<std::int64_t>(spec.rule == CapacityRule::expert ? std::ceil(rows) : std::floor(rows));
}

void apply_capacity(const CapacitySpec& spec, const CapacityInput& input, CapacityResult& out) {
  check_input(spec, input);
  count_chosen(input, out);
  out.capacity = capacity_of(spec, input);
  if (!spec.evaluation) {
    const Selection selection(spec, input);
    for (auto& keys : overfull(input, selection, out)) drop_rest(input, selection, keys, out);
  }
  out.computed_rows = out.rows;
  if (spec.padded)
    std::fill(out.computed_rows.begin(), out.computed_rows.end(), static_cast<std::uint32_t>(out.capacity));
}

std::vector<std::uint8_t> protected_tokens(std::uint64_t seed, std::int64_t first_token,
                                           std::size_t num_tokens, std::int64_t tokens_per_sequence,
                                           double fraction) {
  require(tokens_per_sequence >= 1 && first_token >= 0, "a sequence has tokens");
  std::vector<std::uint8_t> flags(num_tokens, 0);
  const StreamKey key(seed, stream_of("protected_sequences"));
  for (std::size_t i = 0; i < num_tokens;) {
    const std::int64_t token = first_token + static_cast<std::int64_t>(i);
    const std::int64_t sequence = token / tokens_per_sequence;
    const auto left = static_cast<std::size_t>((sequence + 1) * tokens_per_sequence - token);
    const std::size_t end = i + std::min(left, num_tokens - i);
    const bool drawn = uniform_at(key, static_cast<std::uint64_t>(sequence)) < fraction;
    std::fill(flags.begin() + static_cast<std::ptrdiff_t>(i),
              flags.begin() + static_cast<std::ptrdiff_t>(end), static_cast<std::uint8_t>(drawn));
    i = end;
  }
  return flags;
}

}  // namespace moesim
