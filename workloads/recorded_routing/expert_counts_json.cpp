#include "workloads/recorded_routing/expert_counts_json.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "workloads/recorded_routing/expert_counts_file.hpp"

namespace moesim {
namespace {

/// A document of counts with the name of its file, for errors.
struct Source {
  std::string file;
  int num_experts;

  [[noreturn]] void fail(const std::string& pointer, const std::string& what, const std::string& hint) const {
    throw SpecError(file, pointer, what, hint);
  }
};

/// A layer's number as it is written: no sign, no leading zero.
int layer_number(const Source& source, const std::string& pointer, const std::string& text) {
  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || number < 0 || number > kMaxLayer || std::to_string(number) != text) {
    source.fail(child_pointer(pointer, text), "is no number of a layer",
                fmt::format("name layers by their number, 0 to {}", kMaxLayer));
  }
  return number;
}

void add_step(const Source& source, const std::string& pointer, std::int64_t step, const LayerCounts& layers,
              ExpertCounts& counts) {
  std::map<int, const std::vector<std::int64_t>*> by_number;
  for (const auto& [name, tokens] : layers) {
    by_number[layer_number(source, pointer, name)] = &tokens;
    if (tokens.size() != static_cast<std::size_t>(source.num_experts)) {
      source.fail(child_pointer(pointer, name),
                  fmt::format("{} counts for {} experts", tokens.size(), source.num_experts),
                  "give one count for each expert, 0 included");
    }
  }
  std::vector<int> numbers;
  for (const auto& layer : by_number) numbers.push_back(layer.first);
  if (counts.steps.empty()) counts.layers = numbers;
  if (numbers != counts.layers) {
    source.fail(pointer, "not the layers of the first step", "give every step the same layers");
  }
  if (!counts.steps.empty() && step <= counts.steps.back()) {
    source.fail(pointer, fmt::format("step {} after step {}", step, counts.steps.back()),
                "list steps in ascending order, once each");
  }
  counts.steps.push_back(step);
  for (const auto& layer : by_number) {
    counts.tokens.insert(counts.tokens.end(), layer.second->begin(), layer.second->end());
  }
}

}  // namespace

const Spec<StepCounts>& spec_of(const StepCounts*) {
  static const Spec<StepCounts> spec =
      Spec<StepCounts>("step_counts", "Tokens of the experts in one step.")
          .field("step", &StepCounts::step, "ascending from entry to entry", at_least(0))
          .field("layers", &StepCounts::layers, "tokens of each expert by the number of the layer",
                 at_least(0) | non_empty());
  return spec;
}

const Spec<ExpertCountsFile>& spec_of(const ExpertCountsFile*) {
  static const Spec<ExpertCountsFile> spec =
      Spec<ExpertCountsFile>("expert_counts", "Tokens that each expert got.")
          .field("schema_version", &ExpertCountsFile::schema_version, "version of this format", between(1, 1))
          .field("model", &ExpertCountsFile::model, "whose experts, for readers")
          .field("num_experts", &ExpertCountsFile::num_experts, "of every layer", between(1, kMaxExperts))
          .field("layers", &ExpertCountsFile::layers,
                 "tokens of each expert by the number of the layer; of a recording without steps",
                 at_least(0) | non_empty())
          .field("steps", &ExpertCountsFile::steps, "tokens step by step; every step has the same layers",
                 non_empty())
          .check([](const ExpertCountsFile& file) -> std::optional<SpecIssue> {
            if (file.layers.has_value() != file.steps.has_value()) return std::nullopt;
            return SpecIssue{"", file.layers ? "both layers and steps" : "neither layers nor steps",
                             "give layers for one total, steps for counts by step"};
          });
  return spec;
}

ExpertCounts read_counts_json(const std::filesystem::path& path, int num_experts) {
  const auto file = read_spec_file<ExpertCountsFile>(path);
  const Source source{path.string(), file.num_experts};
  if (num_experts != 0 && num_experts != file.num_experts) {
    source.fail("/num_experts", fmt::format("{} experts, the model has {}", file.num_experts, num_experts),
                "give counts of the same model");
  }
  ExpertCounts counts;
  counts.model = file.model.value_or("");
  counts.num_experts = file.num_experts;
  if (file.layers) add_step(source, "/layers", 0, *file.layers, counts);
  if (!file.steps) return counts;
  for (std::size_t i = 0; i < file.steps->size(); ++i) {
    const StepCounts& step = (*file.steps)[i];
    add_step(source, child_pointer(child_pointer("/steps", i), "layers"), step.step, step.layers, counts);
  }
  return counts;
}

std::string counts_json_text(const ExpertCounts& counts) {
  ExpertCountsFile file;
  if (!counts.model.empty()) file.model = counts.model;
  file.num_experts = counts.num_experts;
  std::vector<StepCounts> steps;
  for (std::size_t s = 0; s < counts.steps.size(); ++s) {
    StepCounts& step = steps.emplace_back();
    step.step = counts.steps[s];
    for (std::size_t l = 0; l < counts.num_layers(); ++l) {
      const auto row = counts.of(s, l);
      step.layers[std::to_string(counts.layers[l])].assign(row.begin(), row.end());
    }
  }
  if (counts.steps == std::vector<std::int64_t>{0}) {
    file.layers = std::move(steps.front().layers);
  } else {
    file.steps = std::move(steps);
  }
  return write_spec_text(file);
}

}  // namespace moesim
