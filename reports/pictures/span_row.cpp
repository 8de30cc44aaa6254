#include "reports/pictures/span_row.hpp"

#include <algorithm>
#include <bit>

namespace moesim::pictures {
namespace {

float length_of(const Span& span) {
  return static_cast<float>(span.end_s - span.start_s);
}

constexpr std::size_t kAhead = 12;  ///< blocks
constexpr double kGrain = 1;        ///< pixels that a block drawn as a whole may take

/// The longest part of a pixel, then its span: the greater key is that of the longer part, of equals of the
/// span that comes first. Floats from 0 on are in the order of their bits. 0: none.
constexpr std::uint64_t key_of(float longest, std::uint32_t span) {
  return std::uint64_t{std::bit_cast<std::uint32_t>(longest)} << 32U | ~span;
}
constexpr float longest_of(std::uint64_t key) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(key >> 32U));
}
constexpr std::uint32_t span_of(std::uint64_t key) {
  return ~static_cast<std::uint32_t>(key);
}

}  // namespace

SpanRow::Block SpanRow::joined(std::span<const Block> blocks) {
  Block all = blocks.front();
  for (const Block& block : blocks.subspan(1)) {
    all.end_s = std::max(all.end_s, block.end_s);
    all.covered_s += block.covered_s;
    if (block.longest_s > all.longest_s) {
      all.longest_s = block.longest_s;
      all.longest = block.longest;
    }
  }
  const double length_s = all.end_s - all.start_s;
  all.density = length_s > 0 ? static_cast<float>(all.covered_s / length_s) : 0;
  return all;
}

SpanRow::SpanRow(std::span<const Span> spans) {
  for (std::size_t i = 1; i < spans.size(); ++i)
    is_disjoint_ = is_disjoint_ && spans[i].start_s >= spans[i - 1].end_s;
  if (spans.size() < kFan) return;
  std::vector<Block> group;
  blocks_.reserve(spans.size() / (kFan - 1) + 32);
  for (std::size_t first = 0; first < spans.size(); first += kFan) {
    group.clear();
    for (std::size_t i = first; i < std::min(first + kFan, spans.size()); ++i)
      group.push_back({spans[i].start_s, spans[i].end_s, length_of(spans[i]), length_of(spans[i]),
                       static_cast<std::uint32_t>(i), 0});
    blocks_.push_back(joined(group));
  }
  level_first_.push_back(blocks_.size());
  while (level(num_levels()).size() > 1) {
    const std::size_t end = level_first_.back();
    for (std::size_t i = end - level(num_levels()).size(); i < end; i += kFan) {
      const Block block = joined(std::span(blocks_).subspan(i, std::min(kFan, end - i)));
      blocks_.push_back(block);
    }
    level_first_.push_back(blocks_.size());
  }
}

/// The first span that ends at `time_s` or later; the number of spans where none does.
std::size_t SpanRow::first_ending_from(std::span<const Span> spans, double time_s) const {
  std::size_t at = 0;
  for (std::size_t number = num_levels(); number > 0; --number) {
    const auto blocks = level(number);
    while (at < blocks.size() && blocks[at].end_s < time_s) ++at;
    at *= kFan;
  }
  while (at < spans.size() && spans[at].end_s < time_s) ++at;
  return std::min(at, spans.size());
}

IndexRange SpanRow::within(std::span<const Span> spans, double start_s, double end_s) const {
  const std::size_t first = first_ending_from(spans, start_s);
  const auto end = std::ranges::lower_bound(spans, end_s, {}, &Span::start_s);
  return {first, std::max(first, static_cast<std::size_t>(end - spans.begin()))};
}

/// One window of one row. Without branches where spans are shorter than pixels: those could not be foreseen
/// and would take most of the time. Spans that do not lie over each other come pixel by pixel, and the pixel
/// they are in stays in registers.
template <bool kIsDisjoint>
class SpanRow::Drawing {
 public:
  Drawing(const SpanRow& row, std::span<const Span> spans, const TimeWindow& window, SpanPixel* pixels)
      : row_(row),
        spans_(spans),
        pixels_(pixels),
        start_s_(window.start_s),
        pixels_per_s_(window.width / (window.end_s - window.start_s)),
        width_(window.width) {}

  /// Blocks [first, end) of a level; of level 0, spans.
  void add_range(std::size_t number, std::size_t first, std::size_t end) {
    if (number == 0) return add_spans(first, end);
    const auto blocks = row_.level(number);
    const std::size_t below = number == 1 ? spans_.size() : row_.level(number - 1).size();
    const auto scale = static_cast<float>(pixels_per_s_);
    for (std::size_t i = first; i < end; ++i) {
      const Block& block = blocks[i];
      // What a block ahead is divided into, which is nowhere near.
      const Block& ahead = blocks[std::min(i + kAhead, end - 1)];
      if (number == 1)
        __builtin_prefetch((ahead.end_s - ahead.start_s) * pixels_per_s_ > kGrain
                               ? static_cast<const void*>(&spans_[ahead.longest])
                               : &ahead);
      const double from = position(block.start_s);
      const double to = position(block.end_s);
      if (to - from <= kGrain && from >= 0 && to < width_)
        add_block(block, from, to, scale);
      else
        add_range(number - 1, i * kFan, std::min((i + 1) * kFan, below));
    }
  }

 private:
  [[nodiscard]] double position(double time_s) const { return (time_s - start_s_) * pixels_per_s_; }

  /// A block that meets at most two pixels, as if it were the same throughout.
  void add_block(const Block& block, double from, double to, float scale) {
    const int first = static_cast<int>(from);
    const int last = static_cast<int>(to);
    const float covered = block.covered_s * scale;
    const float part = std::min(block.density * static_cast<float>(first + 1 - from), covered);
    const std::uint64_t key = key_of(block.longest_s * scale, block.longest);
    join(first, key, part);
    start_next(last > first && to > last, last, key, covered - part);
  }

  void add_spans(std::size_t first, std::size_t end) {
    for (std::size_t i = first; i < end; ++i) {
      const double from = position(spans_[i].start_s);
      const double to = position(spans_[i].end_s);
      if (from >= width_ || (to <= 0 && from < 0)) continue;
      add_span(static_cast<std::uint32_t>(i), std::max(from, 0.0), std::min(to, static_cast<double>(width_)));
    }
  }

  /// Pixels [from, to) of the window; from == to for a span without length.
  void add_span(std::uint32_t index, double from, double to) {
    const int first = static_cast<int>(from);
    const int last = static_cast<int>(to);
    const auto part = static_cast<float>(std::min(to, first + 1.0) - from);
    join(first, key_of(part, index), part);
    for (int pixel = first + 1; pixel < last; ++pixel) join(pixel, key_of(1, index), 1);
    // An end on an edge is before the next pixel.
    const auto rest = static_cast<float>(to - last);
    start_next(last > first && rest > 0, last, key_of(rest, index), rest);
  }

  /// Adds a part of a pixel.
  void join(int pixel, std::uint64_t key, float covered) {
    SpanPixel& at = pixels_[pixel];
    if constexpr (kIsDisjoint) {
      const bool is_same = pixel == pixel_;
      key_ = std::max(is_same ? key_ : 0, key);
      covered_ = std::bit_cast<float>(is_same ? std::bit_cast<std::uint32_t>(covered_) : 0U) + covered;
      pixel_ = pixel;
      at = {span_of(key_), longest_of(key_), covered_};
    } else {
      key = std::max(key, key_of(at.longest, at.span));
      at = {span_of(key), longest_of(key), at.covered + covered};
    }
  }

  /// The same where it is known to be the first part of its pixel; nothing without `is_there`.
  void start_next(bool is_there, int pixel, std::uint64_t key, float covered) {
    if constexpr (kIsDisjoint) {
      key_ = is_there ? key : key_;
      const std::uint32_t bits =
          is_there ? std::bit_cast<std::uint32_t>(covered) : std::bit_cast<std::uint32_t>(covered_);
      covered_ = std::bit_cast<float>(bits);
      pixel_ = is_there ? pixel : pixel_;
      pixels_[pixel_] = {span_of(key_), longest_of(key_), covered_};
    } else if (is_there) {
      join(pixel, key, covered);
    }
  }

  const SpanRow& row_;
  std::span<const Span> spans_;
  SpanPixel* pixels_;
  double start_s_;
  double pixels_per_s_;
  int width_;
  int pixel_ = -1;  // that is joined now, with what it has
  std::uint64_t key_ = 0;
  float covered_ = 0;
};

void SpanRow::draw(std::span<const Span> spans, const TimeWindow& window, std::span<SpanPixel> pixels) const {
  std::ranges::fill(pixels, SpanPixel{});
  const auto [first, end] = within(spans, window.start_s, window.end_s);
  if (first >= end) return;
  // The coarsest level whose blocks are no longer than the grain, if they are alike.
  std::size_t number = 0;
  std::size_t size = kFan;
  const double spans_of_grain = kGrain * static_cast<double>(end - first) / window.width;
  while (number < num_levels() && static_cast<double>(size) <= spans_of_grain) {
    ++number;
    size *= kFan;
  }
  size /= kFan;
  const auto draw_as = [&, first = first, end = end](auto drawing) {
    drawing.add_range(number, first / size, (end + size - 1) / size);
  };
  if (is_disjoint_)
    draw_as(Drawing<true>(*this, spans, window, pixels.data()));
  else
    draw_as(Drawing<false>(*this, spans, window, pixels.data()));
}

}  // namespace moesim::pictures
