#include "sim/routing/document_classes.hpp"

#include <algorithm>
#include <span>

namespace moesim {
namespace {

constexpr std::size_t kMostClasses = 128;

}  // namespace

DocumentClasses::DocumentClasses(const AffinitySpec& affinity, std::uint64_t seed)
    : topics_(affinity.topics),
      seed_(seed),
      mixtures_(topics_, 1, seed, 0),
      draw_(seed, stream_of("document_class")) {
  if (topics_.count < 2 || topics_.spread == 0) {
    documents_ = {0};
    return;
  }
  const auto count = static_cast<std::size_t>(topics_.count);
  by_topic_ = topics_.concentration == 0 && count <= kMostClasses;
  if (!by_topic_) {
    for (std::uint64_t document = 0; document < kMostClasses; ++document) documents_.push_back(document);
    return;
  }
  class_of_topic_.assign(count, count);
  for (std::uint64_t document = 0; documents_.size() < count; ++document) {
    std::size_t& known = class_of_topic_[topic_of(document)];
    if (known < count) continue;
    known = documents_.size();
    documents_.push_back(document);
  }
}

std::size_t DocumentClasses::topic_of(std::uint64_t document) const {
  const std::vector<double> weights = mixtures_.weights(document);
  return static_cast<std::size_t>(std::max_element(weights.begin(), weights.end()) - weights.begin());
}

std::size_t DocumentClasses::class_of(std::uint64_t document) const {
  if (documents_.size() == 1) return 0;
  if (by_topic_) return class_of_topic_[topic_of(document)];
  return static_cast<std::size_t>(RandomStream(draw_, document).below(documents_.size()));
}

std::vector<float> DocumentClasses::logits(int num_experts, int layer) const {
  const auto n = static_cast<std::size_t>(num_experts);
  std::vector<float> rows(documents_.size() * n);
  if (documents_.size() == 1) return rows;
  const DocumentTopics vectors(topics_, num_experts, seed_, layer);
  for (std::size_t row = 0; row < documents_.size(); ++row)
    vectors.add_to(documents_[row], std::span(rows).subspan(row * n, n));
  return rows;
}

}  // namespace moesim
