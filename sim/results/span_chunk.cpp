#include "sim/results/span_chunk.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "base/error.hpp"

namespace moesim {
namespace {

static_assert(std::endian::native == std::endian::little, "columns are little-endian");

template <class M>
void append_column(std::string& out, std::span<const Span> spans, M Span::*member) {
  const std::size_t at = out.size();
  out.resize(at + spans.size() * sizeof(M));
  char* write = out.data() + at;
  for (const Span& span : spans) {
    std::memcpy(write, &(span.*member), sizeof(M));
    write += sizeof(M);
  }
}

template <class M>
void take_column(std::string_view& data, std::vector<Span>& spans, M Span::*member) {
  for (Span& span : spans) {
    std::memcpy(&(span.*member), data.data(), sizeof(M));
    data.remove_prefix(sizeof(M));
  }
}

/// Calls `visit` with every member in the order of the columns.
template <class Visit>
void for_each_column(Visit&& visit) {
  visit(&Span::start_s);
  visit(&Span::end_s);
  visit(&Span::gpu);
  visit(&Span::rank);
  visit(&Span::layer);
  visit(&Span::microbatch);
  visit(&Span::phase);
  visit(&Span::lane);
  visit(&Span::pass);
}

}  // namespace

std::string encode_spans(std::span<const Span> spans) {
  std::string out;
  out.reserve(spans.size() * kSpanBytes);
  for_each_column([&](auto member) { append_column(out, spans, member); });
  return out;
}

std::vector<Span> decode_spans(std::string_view data, std::size_t count) {
  if (data.size() != count * kSpanBytes) {
    throw RunError(
        fmt::format("a chunk of {} spans has {} bytes, not {}", count, data.size(), count * kSpanBytes));
  }
  std::vector<Span> spans(count);
  for_each_column([&](auto member) { take_column(data, spans, member); });
  return spans;
}

}  // namespace moesim
