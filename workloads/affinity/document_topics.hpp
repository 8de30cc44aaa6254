#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "workloads/affinity/affinity_spec.hpp"

namespace moesim {

/// A document and a token's place in it.
struct DocumentPlace {
  std::uint64_t document;  ///< id; no two documents of a run have the same
  std::int64_t token;      ///< [0, tokens_per_document)
};

/// The topic vectors of one layer and the mixtures of documents. A topic's vector is drawn from N(0, 1) for
/// each expert and standardised over topics (mean 0, variance 1 for every expert), so topics by themselves
/// prefer no expert. A document's weights w are of Dirichlet(concentration, ...), of one topic drawn
/// uniformly at concentration 0, the same in every layer. Its logits are
///   spread sqrt(count concentration + 1) sum_c w_c vector_c,
/// whose variance over documents is spread^2 for every expert and concentration.
class DocumentTopics {
 public:
  DocumentTopics(const Topics& topics, int num_experts, std::uint64_t seed, int layer);

  [[nodiscard]] bool any() const { return !vectors_.empty(); }
  /// Whether a document is of several topics, whose weights cost microseconds to draw.
  [[nodiscard]] bool mixed() const { return any() && topics_.concentration > 0; }
  [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(topics_.count); }
  /// Adds the document's logits to `row`, [num_experts].
  void add_to(std::uint64_t document, std::span<float> row) const;
  /// The same of weights that are known, [count].
  void add_mixture(std::span<const double> weights, std::span<float> row) const;
  /// The document's weights, [count], sum 1.
  [[nodiscard]] std::vector<double> weights(std::uint64_t document) const;

 private:
  [[nodiscard]] std::size_t only_topic(std::uint64_t document) const;

  Topics topics_;
  std::size_t num_experts_;
  StreamKey mixture_key_;
  std::vector<float> vectors_;  // [count, num_experts], scaled
};

}  // namespace moesim
