#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/random.hpp"
#include "workloads/affinity/document_topics.hpp"

namespace moesim {

/// Documents by class, the same in every layer: every topic where a document has one and there are at most
/// 128 of them, else 128 documents that stand for all. One class where topics make no difference.
class DocumentClasses {
 public:
  DocumentClasses(const AffinitySpec& affinity, std::uint64_t seed);

  [[nodiscard]] std::size_t size() const { return documents_.size(); }
  /// The class of a document: its topic's, or where classes are a sample, one drawn by its id.
  [[nodiscard]] std::size_t class_of(std::uint64_t document) const;
  /// Logits of a layer without noise and offsets, [size(), num_experts].
  [[nodiscard]] std::vector<float> logits(int num_experts, int layer) const;

 private:
  [[nodiscard]] std::size_t topic_of(std::uint64_t document) const;

  Topics topics_;
  std::uint64_t seed_;
  DocumentTopics mixtures_;  ///< of layer 0 with no vectors in use: only whose weights are asked for
  StreamKey draw_;
  bool by_topic_ = false;
  std::vector<std::uint64_t> documents_;     ///< one of each class
  std::vector<std::size_t> class_of_topic_;  ///< [count] where by_topic_
};

}  // namespace moesim
