#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "tests/own_file.hpp"
#include "workloads/recorded_routing/expert_counts.hpp"
#include "workloads/recorded_routing/expert_ids.hpp"

namespace moesim::test {

inline void write_text(const OwnFile& file, std::string_view text) {
  std::ofstream(file.path(), std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
}

inline std::string read_text(const OwnFile& file) {
  std::ifstream in(file.path(), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Runs `read` and expects a SpecError of `file` at `pointer` whose fault holds `what`, with a hint.
template <class Read>
void expect_fault(const OwnFile& file, std::string_view pointer, std::string_view what, const Read& read) {
  try {
    read();
    ADD_FAILURE() << "nothing refused, wanted: " << what;
  } catch (const SpecError& error) {
    EXPECT_EQ(error.file, file.path().string());
    EXPECT_EQ(error.pointer, pointer) << error.what();
    EXPECT_NE(error.what_text.find(what), std::string::npos) << error.what();
    EXPECT_FALSE(error.hint.empty()) << error.what();
  }
}

/// Every token of a recording, read `tokens_a_time` tokens a time.
inline std::vector<std::uint16_t> read_all(ExpertIdsReader& reader, std::size_t tokens_a_time) {
  const auto width = static_cast<std::size_t>(reader.num_layers()) * static_cast<std::size_t>(reader.top_k());
  std::vector<std::uint16_t> block(tokens_a_time * width);
  std::vector<std::uint16_t> all;
  while (const std::size_t tokens = reader.read(block)) {
    all.insert(all.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(tokens * width));
  }
  return all;
}

/// Ids of `tokens` tokens, [tokens, layers, top_k], below 64 and different within a choice of at most 8.
inline std::vector<std::uint16_t> some_ids(std::size_t tokens, std::size_t layers, std::size_t top_k) {
  std::vector<std::uint16_t> ids;
  for (std::size_t i = 0; i < tokens * layers; ++i) {
    for (std::size_t k = 0; k < top_k; ++k) ids.push_back(static_cast<std::uint16_t>((i * 7 + k * 8) % 64));
  }
  return ids;
}

}  // namespace moesim::test
