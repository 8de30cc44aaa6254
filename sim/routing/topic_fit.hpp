#pragma once

#include <cstdint>
#include <vector>

#include "sim/routing/gate.hpp"
#include "workloads/recorded_routing/expert_ids.hpp"

namespace moesim {

/// How a recording is cut and what is assumed of it.
struct TopicFitOptions {
  std::int64_t tokens_per_document = 4096;  ///< consecutive tokens; from 2 on
  int num_topics = 64;                      ///< assumed: documents of one topic each
  std::int64_t most_documents = 512;        ///< read
  std::uint64_t seed = 1;
};

/// A fitted number with the 5th and 95th percentile of 200 resamplings of documents, each times the error
/// that the draw of few logits leaves: the spread of n normal logits is known within 1 / sqrt(2 n), where n
/// counts experts x layers, for topics also x topics, of the recording and of the model that it is compared
/// with. It holds for normal logits; that documents have one topic each, and how many there are, stays
/// assumed.
struct FittedNumber {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// What recorded choices say of affinities, in standard deviations of a token's noise (token_sigma 1).
struct TopicFit {
  int num_layers = 0;
  std::int64_t num_documents = 0;
  double document_variance = 0;    ///< see fit_topics
  double popularity_variance = 0;  ///< see fit_topics
  std::int64_t beyond_groups =
      0;                ///< choices of a token in a layer that reach more groups than the gate keeps
  FittedNumber spread;  ///< of topics
  FittedNumber sigma;   ///< of a logit-normal popularity, as the recorded router leaves it
};

/// Fits topic spread and popularity by moments, the mean over the recording's layers:
///  - between documents: the covariance, over documents, of an expert's share in one half of a document and
///    in the other, summed over experts and divided by the sum of squares of mean shares. Halves of one
///    document share its topic and no choice, so neither the noise of choices nor short persistence counts;
///  - popularity: the covariance, over experts, of mean shares in even and in odd documents, divided by the
///    square of the mean share.
/// Both are matched by the mean matrices of a router without balancing, by bisection in turn. A recording of
/// a balanced model has a popularity near 0. Reads from the reader's position on. Throws
/// std::invalid_argument for fewer than four documents.
TopicFit fit_topics(ExpertIdsReader& reader, const GateSpec& gate, const TopicFitOptions& options);

}  // namespace moesim
