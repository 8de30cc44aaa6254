#include "sim/routing_run/recorded_steps.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>

#include <fmt/format.h>

#include "base/error.hpp"

namespace moesim {
namespace {

/// A path of the scenario is relative to its file.
std::string resolved(const std::string& path, const std::string& file) {
  return (std::filesystem::path(file).parent_path() / path).string();
}

}  // namespace

RecordedSteps::RecordedSteps(const RoutingInputs& inputs) : inputs_(inputs) {
  const RecordedSource& source = *inputs.scenario.recorded;
  path_ = resolved(source.ids ? *source.ids : *source.counts, inputs.file);
  std::error_code error;
  if (!std::filesystem::exists(path_, error)) {
    throw SpecError(inputs.file, source.ids ? "/recorded/ids" : "/recorded/counts",
                    fmt::format("there is no file {}", path_), "a path from the folder of the scenario");
  }
  source.ids ? open_ids() : open_counts();
}

void RecordedSteps::open_ids() {
  const ModelSpec& model = inputs_.model;
  const std::optional<int>& stated = inputs_.scenario.recorded->layers;
  const bool is_raw = std::filesystem::path(path_).extension() != ".npy";
  if (is_raw && !stated) {
    throw SpecError(inputs_.file, "/recorded/layers", fmt::format("raw ids do not say it: {}", path_),
                    "the number of layers, or a .npy file");
  }
  ExpertIdsShape shape;
  if (is_raw) shape.num_layers = *stated;
  shape.top_k = model.top_k;
  shape.num_experts = model.num_experts;
  shape.unused_choices = true;
  ids_.emplace(path_, shape);
  if (stated && *stated != ids_->num_layers()) {
    throw SpecError(inputs_.file, "/recorded/layers",
                    fmt::format("{}, but {} has {}", *stated, path_, ids_->num_layers()),
                    "leave it out: a .npy file says it");
  }
  if (ids_->num_layers() > model.num_moe_layers()) {
    throw SpecError(
        inputs_.file, "/recorded/ids",
        fmt::format("{} layers of a model with {} MoE layers", ids_->num_layers(), model.num_moe_layers()),
        "a recording of this model");
  }
  for (int i = 0; i < ids_->num_layers(); ++i) layers_.push_back(model.num_dense_layers + i);
  block_.resize(static_cast<std::size_t>(inputs_.scenario.batch.tokens) * layers_.size() *
                static_cast<std::size_t>(model.top_k));
}

void RecordedSteps::open_counts() {
  if (path_.ends_with(".json")) {
    counts_ = read_expert_counts(path_, inputs_.model.num_experts);
    layers_ = counts_->layers;
    number_ = counts_->steps.front();
  } else {
    csv_.emplace(path_, inputs_.model.num_experts);
    ahead_ = csv_->next();
    if (!ahead_) end();
    number_ = ahead_->step;
    for (const auto& [layer, unused] : ahead_->layers) layers_.push_back(layer);
  }
  check_layers();
}

std::string RecordedSteps::place(int layer) const {
  return fmt::format("step {}, layer {}", number_, layer);
}

/// Counts name layers as the model numbers them.
void RecordedSteps::check_layers() const {
  const ModelSpec& model = inputs_.model;
  for (const int layer : layers_) {
    if (layer >= model.num_dense_layers && layer < model.num_layers) continue;
    throw SpecError(path_, place(layer), fmt::format("{} has no experts in layer {}", model.name, layer),
                    fmt::format("layers {} to {}", model.num_dense_layers, model.num_layers - 1));
  }
}

void RecordedSteps::check_step() const {
  for (const auto& [layer, tokens] : step_) {
    std::int64_t most = 0;
    for (const std::int64_t count : tokens) most = std::max(most, count);
    if (most == 0) {
      throw SpecError(path_, place(layer), "no expert got a token",
                      "leave out steps that routed nothing, and layers that were not recorded");
    }
    if (most > std::numeric_limits<std::uint32_t>::max()) {
      throw SpecError(path_, place(layer), "more tokens of an expert than 2^32 - 1",
                      "counts of shorter steps");
    }
  }
}

std::optional<std::int64_t> RecordedSteps::num_steps() const {
  if (ids_) return ids_->num_tokens() / inputs_.scenario.batch.tokens;
  if (counts_) return static_cast<std::int64_t>(counts_->steps.size());
  return std::nullopt;
}

void RecordedSteps::end() const {
  throw SpecError(inputs_.file, "/batch/steps",
                  fmt::format("the recording {} ends after {} steps", path_, next_),
                  fmt::format("{}, or a longer recording", next_));
}

void RecordedSteps::read_step() {
  if (ids_) {
    const auto tokens = static_cast<std::size_t>(inputs_.scenario.batch.tokens);
    if (ids_->read(block_) < tokens) end();
  } else if (counts_) {
    if (next_ == counts_->steps.size()) end();
    number_ = counts_->steps[next_];
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const auto of_layer = counts_->of(next_, i);
      step_[layers_[i]].assign(of_layer.begin(), of_layer.end());
    }
  } else {
    if (!ahead_) end();
    number_ = ahead_->step;
    step_ = std::move(ahead_->layers);
    ahead_ = csv_->next();
  }
  check_step();
  ++next_;
}

LayerStep RecordedSteps::layer_step(std::size_t index) const {
  LayerStep step;
  step.chosen.assign(static_cast<std::size_t>(inputs_.model.num_experts), 0);
  if (ids_) {
    for (const std::uint16_t expert : choices(index)) {
      if (expert != kUnusedChoice) ++step.chosen[expert];
    }
  } else {
    const std::vector<std::int64_t>& tokens = step_.at(layers_[index]);
    for (std::size_t e = 0; e < tokens.size(); ++e) step.chosen[e] = static_cast<std::uint32_t>(tokens[e]);
  }
  step.kept = step.chosen;
  for (const std::uint32_t count : step.chosen) step.num_chosen += count;
  return step;
}

std::vector<std::uint16_t> RecordedSteps::choices(std::size_t index) const {
  std::vector<std::uint16_t> choices;
  if (!ids_) return choices;
  const auto top_k = static_cast<std::size_t>(inputs_.model.top_k);
  choices.reserve(block_.size() / layers_.size());
  for (std::size_t at = index * top_k; at < block_.size(); at += layers_.size() * top_k) {
    choices.insert(choices.end(), block_.begin() + static_cast<std::ptrdiff_t>(at),
                   block_.begin() + static_cast<std::ptrdiff_t>(at + top_k));
  }
  return choices;
}

}  // namespace moesim
