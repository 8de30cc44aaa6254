#include "workloads/requests/trace_figures.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"

namespace moesim {
namespace {

constexpr std::int64_t kMooncakeBlock = 512;

Json lengths_json(std::vector<std::int64_t> lengths) {
  if (lengths.empty()) return nullptr;
  std::ranges::sort(lengths);
  double sum = 0;
  for (const std::int64_t length : lengths) sum += static_cast<double>(length);
  const auto at = [&](double share) {
    return lengths[static_cast<std::size_t>(share * static_cast<double>(lengths.size() - 1))];
  };
  return {{"mean", sum / static_cast<double>(lengths.size())},
          {"p50", at(0.5)},
          {"p90", at(0.9)},
          {"max", lengths.back()}};
}

/// Hits of a cache that never forgets: a block counts where all before it do.
struct EndlessCache {
  std::unordered_set<std::uint64_t> known;
  double blocks = 0, hit_blocks = 0, tokens = 0, hit_tokens = 0;

  void add(const Request& request) {
    std::size_t hits = 0;
    while (hits < request.blocks.size() && known.contains(request.blocks[hits])) ++hits;
    known.insert(request.blocks.begin(), request.blocks.end());
    blocks += static_cast<double>(request.blocks.size());
    hit_blocks += static_cast<double>(hits);
    tokens += static_cast<double>(request.input_tokens);
    hit_tokens += static_cast<double>(
        std::min(static_cast<std::int64_t>(hits) * request.block_tokens, request.input_tokens));
  }
};

}  // namespace

Json trace_figures(RequestSource& source) {
  std::vector<std::int64_t> inputs;
  std::vector<std::int64_t> outputs;
  EndlessCache cache;
  Request request;
  double first = 0;
  double last = 0;
  while (source.next(request)) {
    if (inputs.empty()) first = request.arrival_s;
    last = request.arrival_s;
    inputs.push_back(request.input_tokens);
    outputs.push_back(request.output_tokens);
    cache.add(request);
  }
  const auto count = static_cast<double>(inputs.size());
  Json figures{{"requests", inputs.size()}, {"span_s", last - first}};
  figures["requests_per_s"] = last > first ? (count - 1) / (last - first) : 0.0;
  figures["input_tokens"] = lengths_json(std::move(inputs));
  figures["output_tokens"] = lengths_json(std::move(outputs));
  if (cache.blocks > 0) {
    figures["prefix_hit_fraction"] = {{"blocks", cache.hit_blocks / cache.blocks},
                                      {"tokens", cache.hit_tokens / cache.tokens}};
  }
  return figures;
}

void write_mooncake(RequestSource& source, std::ostream& out, const std::string& file) {
  std::unordered_map<std::uint64_t, std::size_t> numbers;
  Request request;
  while (source.next(request)) {
    if (!request.blocks.empty() && request.block_tokens != kMooncakeBlock) {
      throw SpecError(file, "/sessions/block_tokens",
                      fmt::format("the format has blocks of 512 tokens, not {}", request.block_tokens),
                      "give 512");
    }
    std::vector<std::size_t> ids;
    for (const std::uint64_t block : request.blocks)
      ids.push_back(numbers.try_emplace(block, numbers.size() + 1).first->second);
    out << fmt::format(R"({{"timestamp": {}, "input_length": {}, "output_length": {}, "hash_ids": [{}]}})",
                       std::llround(request.arrival_s * 1e3), request.input_tokens, request.output_tokens,
                       fmt::join(ids, ", "))
        << '\n';
  }
}

}  // namespace moesim
