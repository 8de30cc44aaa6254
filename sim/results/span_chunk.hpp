#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/results/record_sink.hpp"

namespace moesim {

/// Spans per chunk of a record file; the last one may hold fewer.
inline constexpr std::size_t kChunkRecords = 65'536;

/// Column layout of a chunk, little-endian, each column `count` long, one after the other:
/// start_s f64, end_s f64, gpu i32, rank i32, layer i16, microbatch u16, phase u8, lane u8, pass u8.
/// 31 bytes a span.
inline constexpr std::size_t kSpanBytes = 31;

std::string encode_spans(std::span<const Span> spans);

/// Throws RunError where the size does not match `count`.
std::vector<Span> decode_spans(std::string_view data, std::size_t count);

}  // namespace moesim
