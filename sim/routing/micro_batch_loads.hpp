#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/routing/document_classes.hpp"
#include "sim/routing/layer_loads.hpp"
#include "sim/routing/mean_loads.hpp"

namespace moesim {

/// What the ranks of an expert group bring to one micro-batch: documents one after the other, cut where ranks
/// begin.
struct MicroBatch {
  int num_ranks = 1;
  int num_nodes = 1;
  std::int64_t tokens_per_rank = 1;
  std::int64_t tokens_per_document = 1;

  [[nodiscard]] std::int64_t tokens() const { return num_ranks * tokens_per_rank; }
};

/// Tokens of one document on one rank.
struct DocumentPart {
  std::int64_t place = 0;  ///< of the document in its micro-batch
  int rank = 0;
  std::int64_t tokens = 0;
};
std::vector<DocumentPart> parts_of(const MicroBatch& batch);

/// Loads of one micro-batch in one layer, counted or estimated.
struct MicroBatchLoad {
  std::vector<double> ranks;  ///< chosen experts on each, [num_ranks]
  std::vector<double> nics;   ///< tokens from other nodes, [ranks per node, num_nodes]: a GPU sends to its
                              ///< index on other nodes
};

/// Means over micro-batches and their intervals.
class LoadStatistics {
 public:
  LoadStatistics(const MicroBatch& batch) : batch_(batch) {}  // NOLINT
  void add(MicroBatchLoad load);
  /// Without nodes_per_token and ranks_per_token. Throws std::logic_error for no micro-batch.
  [[nodiscard]] RoutedLoad result() const;

 private:
  MicroBatch batch_;
  std::vector<double> ranks_, nodes_, nics_;  ///< max over mean of each micro-batch
  std::vector<double> profile_;               ///< sums of sorted loads over the mean
};

/// By how much the variance of a count of choices of chance `chance` grows where a share `correlation` of
/// the noise is common to blocks of `tokens` tokens.
double block_inflation(double chance, const Persistence& persistence);

/// Classes of the documents of micro-batches, [num_micro_batches][num_documents]: of those that
/// LayerAffinities has in as many steps.
std::vector<std::vector<std::size_t>> drawn_documents(const DocumentClasses& classes, const MicroBatch& batch,
                                                      int num_micro_batches);

/// Loads of micro-batches from the mean matrices of a layer and the `classes` of their documents: of each,
/// the sum over its documents, and normal noise with the variance of independent choices, chance (1 - chance)
/// per token, times block_inflation of an expert's mean chance. Noise of ranks is drawn alike in correlation
/// and has no sum, as all choices are made; so has that of the nodes that one index sends to.
RoutedLoad sampled_load(const MeanLoads& means, const std::vector<std::vector<std::size_t>>& classes,
                        const Persistence& persistence, const MicroBatch& batch, std::uint64_t seed,
                        int layer);

}  // namespace moesim
