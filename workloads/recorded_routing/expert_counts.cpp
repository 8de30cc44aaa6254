#include "workloads/recorded_routing/expert_counts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.hpp"
#include "workloads/recorded_routing/expert_counts_csv.hpp"
#include "workloads/recorded_routing/expert_counts_json.hpp"

namespace moesim {
namespace {

bool is_json(const std::filesystem::path& path) {
  return path.extension() == ".json";
}

ExpertCounts read_csv(const std::filesystem::path& path, int num_experts) {
  ExpertCountsCsv file(path, num_experts);
  std::vector<ExpertCountsCsv::Step> steps;
  std::size_t widest = 0;
  while (auto step = file.next()) {
    widest = std::max(widest, step->layers.begin()->second.size());
    steps.push_back(std::move(*step));
  }
  ExpertCounts counts;
  counts.num_experts = static_cast<int>(widest);
  for (const auto& layer : steps.front().layers) counts.layers.push_back(layer.first);
  for (const ExpertCountsCsv::Step& step : steps) {
    counts.steps.push_back(step.step);
    for (const auto& layer : step.layers) {
      counts.tokens.insert(counts.tokens.end(), layer.second.begin(), layer.second.end());
      counts.tokens.resize(counts.tokens.size() + widest - layer.second.size(), 0);
    }
  }
  return counts;
}

void write_csv(const std::filesystem::path& path, const ExpertCounts& counts) {
  const bool with_steps = counts.steps != std::vector<std::int64_t>{0};
  AtomicFile file(path);
  file.write(with_steps ? "step,layer,expert,tokens\n" : "layer,expert,tokens\n");
  for (std::size_t s = 0; s < counts.steps.size(); ++s) {
    for (std::size_t l = 0; l < counts.num_layers(); ++l) {
      const auto row = counts.of(s, l);
      for (std::size_t e = 0; e < row.size(); ++e) {
        if (with_steps) file.write(fmt::format("{},", counts.steps[s]));
        file.write(fmt::format("{},{},{}\n", counts.layers[l], e, row[e]));
      }
    }
  }
  file.commit();
}

}  // namespace

std::span<const std::int64_t> ExpertCounts::of(std::size_t step, std::size_t layer) const {
  const auto width = static_cast<std::size_t>(num_experts);
  return std::span(tokens).subspan((step * num_layers() + layer) * width, width);
}

std::span<std::int64_t> ExpertCounts::of(std::size_t step, std::size_t layer) {
  const auto width = static_cast<std::size_t>(num_experts);
  return std::span(tokens).subspan((step * num_layers() + layer) * width, width);
}

ExpertCounts read_expert_counts(const std::filesystem::path& path, int num_experts) {
  return is_json(path) ? read_counts_json(path, num_experts) : read_csv(path, num_experts);
}

void write_expert_counts(const std::filesystem::path& path, const ExpertCounts& counts) {
  if (is_json(path)) {
    write_file_atomically(path, counts_json_text(counts));
  } else {
    write_csv(path, counts);
  }
}

}  // namespace moesim
