#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "base/file.hpp"
#include "workloads/recorded_routing/expert_ids.hpp"
#include "workloads/recorded_routing/npy_header.hpp"

namespace moesim {

ExpertIdsWriter::ExpertIdsWriter(const std::filesystem::path& path, const ExpertIdsShape& shape,
                                 std::int64_t num_tokens)
    : shape_(shape) {
  if (shape.num_layers < 1 || shape.top_k < 1 || num_tokens < 1) {
    throw std::invalid_argument("expert ids without a shape");
  }
  const auto tokens = static_cast<std::uint64_t>(num_tokens);
  const auto layers = static_cast<std::uint64_t>(shape.num_layers);
  const auto choices = static_cast<std::uint64_t>(shape.top_k);
  left_ = tokens * layers * choices;
  file_ = std::make_unique<AtomicFile>(path);
  if (path.extension() == ".npy") file_->write(npy_header_text({tokens, layers, choices}));
}

ExpertIdsWriter::~ExpertIdsWriter() = default;

void ExpertIdsWriter::add(std::span<const std::uint16_t> ids) {
  if (ids.size() > left_) throw std::invalid_argument("more expert ids than announced");
  left_ -= ids.size();
  std::string bytes;
  bytes.reserve(2 * ids.size());
  for (const std::uint16_t id : ids) {
    bytes += static_cast<char>(id & 0xff);
    bytes += static_cast<char>(id >> 8);
  }
  file_->write(bytes);
}

void ExpertIdsWriter::commit() {
  if (left_ != 0) throw std::invalid_argument(fmt::format("{} expert ids fewer than announced", left_));
  file_->commit();
}

ExpertCounts count_experts(ExpertIdsReader& reader, int num_experts, int first_layer) {
  const auto layers = static_cast<std::size_t>(reader.num_layers());
  const auto choices = static_cast<std::size_t>(reader.top_k());
  ExpertCounts counts;
  counts.num_experts = num_experts;
  counts.steps = {0};
  for (int layer = 0; layer < reader.num_layers(); ++layer) counts.layers.push_back(first_layer + layer);
  counts.tokens.assign(layers * static_cast<std::size_t>(num_experts), 0);
  std::vector<std::uint16_t> ids(std::max<std::size_t>(1, 65536 / (layers * choices)) * layers * choices);
  while (const std::size_t tokens = reader.read(ids)) {
    for (std::size_t i = 0; i < tokens * layers * choices; ++i) {
      if (ids[i] == kUnusedChoice) continue;
      if (ids[i] >= num_experts) {
        throw std::invalid_argument(fmt::format("expert {} counted among {}", ids[i], num_experts));
      }
      ++counts.of(0, i / choices % layers)[ids[i]];
    }
  }
  return counts;
}

}  // namespace moesim
