#include "sim/engine/rank_times.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace moesim {
namespace {

/// Union of spans, and its part outside of another union.
class Cover {
 public:
  /// Spans that come in the order of their starts are merged at once.
  void add(const Span& span) {
    if (span.end_s <= span.start_s) return;
    if (!parts_.empty() && span.start_s >= parts_.back().start_s && span.start_s <= parts_.back().end_s) {
      parts_.back().end_s = std::max(parts_.back().end_s, span.end_s);
    } else {
      parts_.push_back({span.start_s, span.end_s});
    }
  }
  void add(const Cover& other) {
    const auto middle = static_cast<std::ptrdiff_t>(parts_.size());
    parts_.insert(parts_.end(), other.parts_.begin(), other.parts_.end());
    std::ranges::inplace_merge(parts_, parts_.begin() + middle, {}, &Part::start_s);
  }
  void merge() {
    if (!std::ranges::is_sorted(parts_, {}, &Part::start_s)) std::ranges::sort(parts_, {}, &Part::start_s);
    std::size_t last = 0;
    for (std::size_t i = 1; i < parts_.size(); ++i) {
      if (parts_[i].start_s <= parts_[last].end_s) {
        parts_[last].end_s = std::max(parts_[last].end_s, parts_[i].end_s);
      } else {
        parts_[++last] = parts_[i];
      }
    }
    if (!parts_.empty()) parts_.resize(last + 1);
  }
  [[nodiscard]] double length() const {
    double sum = 0;
    for (const Part& p : parts_) sum += p.end_s - p.start_s;
    return sum;
  }
  /// Both merged.
  [[nodiscard]] double length_common(const Cover& other) const {
    double sum = 0;
    for (std::size_t i = 0, j = 0; i < parts_.size() && j < other.parts_.size();) {
      const Part& a = parts_[i];
      const Part& b = other.parts_[j];
      sum += std::max(0.0, std::min(a.end_s, b.end_s) - std::max(a.start_s, b.start_s));
      a.end_s < b.end_s ? ++i : ++j;
    }
    return sum;
  }

 private:
  struct Part {
    double start_s;
    double end_s;
  };
  std::vector<Part> parts_;
};

bool is_backward(Phase phase) {
  switch (phase) {
    case Phase::attention_backward:
    case Phase::mlp_backward:
    case Phase::attention_weight:
    case Phase::mlp_weight:
    case Phase::dispatch_backward:
    case Phase::combine_backward:
    case Phase::head_backward:
    case Phase::attention_recompute:
    case Phase::mlp_recompute:
      return true;
    default:
      return false;
  }
}

/// The pass that the computation lane of a rank is in.
struct OpenPass {
  bool open = false;
  std::uint8_t kind = 0;
  std::array<int, 2> microbatch{-1, -1};  ///< forward, backward
  double start_s = 0;
  double end_s = 0;

  void add(const Span& span, RankTimes& times) {
    const std::size_t direction = is_backward(static_cast<Phase>(span.phase)) ? 1 : 0;
    const bool other_microbatch = microbatch[direction] >= 0 && microbatch[direction] != span.microbatch;
    if (open && (kind != span.pass || other_microbatch)) close(times);
    if (!open) start_s = span.start_s;
    open = true;
    kind = span.pass;
    microbatch[direction] = span.microbatch;
    end_s = span.end_s;
  }
  void close(RankTimes& times) {
    if (open) times.pass_s[kind] += end_s - start_s;
    *this = {};
  }
};

/// By end, rank and lane. Spans that come in the order of their ends have little to be sorted.
void sort_by_end(std::vector<Span>& spans) {
  const auto place = [](const Span& s) { return std::tuple(s.end_s, s.rank, s.lane); };
  if (!std::ranges::is_sorted(spans, {}, &Span::end_s)) {
    std::ranges::stable_sort(spans, {}, place);
    return;
  }
  for (auto first = spans.begin(); first != spans.end();) {
    const auto last =
        std::find_if(first, spans.end(), [&](const Span& span) { return span.end_s != first->end_s; });
    if (last - first > 1)
      std::stable_sort(first, last, [&](const Span& a, const Span& b) { return place(a) < place(b); });
    first = last;
  }
}

constexpr auto kComputation = static_cast<std::size_t>(Lane::computation);

}  // namespace

struct RankTimesAccount::Rank {
  RankTimes times;
  std::array<Cover, kNumLanes> covers;
  OpenPass pass;
};

RankTimesAccount::RankTimesAccount(std::size_t num_ranks) : ranks_(num_ranks) {}
RankTimesAccount::~RankTimesAccount() = default;

void RankTimesAccount::add(const Span& span) {
  Rank& rank = ranks_[static_cast<std::size_t>(span.rank)];
  const double length_s = span.end_s - span.start_s;
  rank.times.phase_s[span.phase] += length_s;
  if (static_cast<PassKind>(span.pass) == PassKind::step_end) rank.times.step_end_s[span.phase] += length_s;
  rank.times.busy_s[span.lane] += length_s;  // spans of one lane do not overlap
  rank.covers[span.lane].add(span);
  if (span.lane == kComputation) rank.pass.add(span, rank.times);
}

std::vector<RankTimes> RankTimesAccount::finish(double makespan_s) {
  std::vector<RankTimes> result;
  for (Rank& rank : ranks_) {
    rank.pass.close(rank.times);
    Cover& computation = rank.covers[kComputation];
    Cover communication;
    for (std::size_t lane = 0; lane < kNumLanes; ++lane) {
      if (lane != kComputation) communication.add(rank.covers[lane]);
    }
    computation.merge();
    communication.merge();
    const double hidden_s = communication.length_common(computation);
    rank.times.exposed_communication_s = communication.length() - hidden_s;
    const double active_s = computation.length() + rank.times.exposed_communication_s;
    rank.times.idle_s = std::max(0.0, makespan_s - active_s);
    result.push_back(rank.times);
  }
  return result;
}

std::vector<RankTimes> sum_rank_times(std::span<const Span> spans, std::size_t num_ranks, double makespan_s) {
  RankTimesAccount account(num_ranks);
  for (const Span& span : spans) account.add(span);
  return account.finish(makespan_s);
}

void complete_result(EngineResult& result, std::vector<Span>& spans, std::size_t num_ranks,
                     RecordSink& sink) {
  result.makespan_s = 0;
  for (const double end_s : result.gpu_end_s) result.makespan_s = std::max(result.makespan_s, end_s);
  sort_by_end(spans);
  for (const Span& span : spans) sink.add(span);
  result.ranks = sum_rank_times(spans, num_ranks, result.makespan_s);
}

}  // namespace moesim
