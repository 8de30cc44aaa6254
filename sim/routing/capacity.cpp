#include "sim/routing/capacity.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "base/random.hpp"
#include "sim/routing/gate.hpp"

namespace moesim {
namespace {

/// Choices in the order in which experts take them, and who has the capacity.
class Selection {
 public:
  Selection(const CapacitySpec& spec, const CapacityInput& input)
      : input_(input),
        by_weight_(spec.drop_order() == DropOrder::probability),
        by_choice_(spec.rule == CapacityRule::gshard_top2),
        experts_per_bucket_(spec.rule == CapacityRule::device_budget ? input.num_experts / input.num_devices
                                                                     : 1) {}

  [[nodiscard]] std::size_t num_buckets() const {
    return static_cast<std::size_t>(input_.num_experts / experts_per_bucket_);
  }
  [[nodiscard]] std::size_t bucket_of(std::size_t choice) const {
    return static_cast<std::size_t>(input_.experts[choice] / experts_per_bucket_);
  }
  [[nodiscard]] bool is_protected(std::size_t choice) const {
    return !input_.is_protected.empty() &&
           input_.is_protected[choice / static_cast<std::size_t>(input_.top_k)] != 0;
  }
  /// A total order: the first `capacity` of a bucket stay.
  [[nodiscard]] bool before(std::size_t a, std::size_t b) const {
    if (is_protected(a) != is_protected(b)) return is_protected(a);
    if (by_weight_ && input_.weights[a] != input_.weights[b]) return input_.weights[a] > input_.weights[b];
    const auto top_k = static_cast<std::size_t>(input_.top_k);
    if (by_choice_ && a % top_k != b % top_k) return a % top_k < b % top_k;
    return a < b;
  }

 private:
  const CapacityInput& input_;
  bool by_weight_;
  bool by_choice_;
  int experts_per_bucket_;
};

void require(bool condition, const char* what) {
  if (!condition) throw std::invalid_argument(what);
}

void check_input(const CapacitySpec& spec, const CapacityInput& input) {
  require(input.top_k >= 1 && input.num_experts >= 1 && input.num_devices >= 1,
          "no experts, devices or choices");
  require(input.experts.size() % static_cast<std::size_t>(input.top_k) == 0, "choices are tokens x top_k");
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

/// Choices of the buckets that exceed the capacity, bucket after bucket; [num_buckets] lists, the others
/// empty.
std::vector<std::vector<std::uint32_t>> overfull(const CapacityInput& input, const Selection& selection,
                                                 const CapacityResult& out) {
  std::vector<std::int64_t> size(selection.num_buckets());
  const std::size_t experts_per_bucket = out.rows.size() / size.size();
  for (std::size_t e = 0; e < out.rows.size(); ++e) size[e / experts_per_bucket] += out.rows[e];
  std::vector<std::vector<std::uint32_t>> lists(size.size());
  bool any = false;
  for (std::size_t b = 0; b < size.size(); ++b) {
    if (size[b] <= out.capacity) continue;
    lists[b].reserve(static_cast<std::size_t>(size[b]));
    any = true;
  }
  if (!any) return lists;
  for (std::size_t i = 0; i < input.experts.size(); ++i) {
    if (input.experts[i] == kNoExpert) continue;
    const std::size_t bucket = selection.bucket_of(i);
    if (size[bucket] > out.capacity) lists[bucket].push_back(static_cast<std::uint32_t>(i));
  }
  return lists;
}

void drop_rest(const CapacityInput& input, const Selection& selection, std::vector<std::uint32_t>& choices,
               CapacityResult& out) {
  if (choices.empty()) return;
  const auto first = choices.begin() + out.capacity;
  std::nth_element(choices.begin(), first, choices.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return selection.before(a, b); });
  for (auto choice = first; choice != choices.end(); ++choice) {
    if (selection.is_protected(*choice)) continue;
    out.kept[*choice] = 0;
    --out.rows[input.experts[*choice]];
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
    for (auto& choices : overfull(input, selection, out)) drop_rest(input, selection, choices, out);
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
