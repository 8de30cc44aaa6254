#include "sim/results/load_chunk.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "base/error.hpp"

namespace moesim {
namespace {

static_assert(std::endian::native == std::endian::little, "columns are little-endian");

template <class T>
void append(std::string& out, const std::vector<T>& column) {
  out.append(reinterpret_cast<const char*>(column.data()), column.size() * sizeof(T));
}

template <class T>
void take(std::string_view& data, std::vector<T>& column, std::size_t count) {
  column.resize(count);
  const std::size_t size = count * sizeof(T);
  if (size > 0) std::memcpy(column.data(), data.data(), size);
  data.remove_prefix(size);
}

}  // namespace

void LoadRows::add(std::string_view stream, const LoadRow& row) {
  if (width_ == 0) width_ = row.tokens.size();
  if (row.tokens.empty() || row.tokens.size() != width_) {
    throw RunError(fmt::format("a row of the stream '{}' has {} numbers, those before {}", stream,
                               row.tokens.size(), width_));
  }
  steps_.push_back(row.step);
  layers_.push_back(row.layer);
  tokens_.insert(tokens_.end(), row.tokens.begin(), row.tokens.end());
}

LoadRow LoadRows::operator[](std::size_t index) const {
  return {steps_[index], layers_[index], std::span(tokens_).subspan(index * width_, width_)};
}

void LoadRows::clear() {
  steps_.clear();
  layers_.clear();
  tokens_.clear();
}

std::string LoadRows::encode() const {
  std::string out;
  out.reserve(size() * load_row_bytes(width_));
  append(out, steps_);
  append(out, layers_);
  append(out, tokens_);
  return out;
}

LoadRows LoadRows::decode(std::string_view data, std::size_t count) {
  LoadRows rows;
  rows.width_ = load_width(data.size(), count);
  take(data, rows.steps_, count);
  take(data, rows.layers_, count);
  take(data, rows.tokens_, count * rows.width_);
  return rows;
}

std::size_t load_width(std::size_t size, std::size_t count) {
  const std::size_t row = count == 0 ? 0 : size / count;
  const std::size_t width = row < load_row_bytes(1) ? 0 : (row - load_row_bytes(0)) / sizeof(std::uint32_t);
  if (width == 0 || load_row_bytes(width) * count != size) {
    throw RunError(fmt::format("a chunk of {} load rows cannot have {} bytes", count, size));
  }
  return width;
}

}  // namespace moesim
