#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/routing/gate.hpp"
#include "workloads/affinity/affinity_source.hpp"

namespace moesim {

/// The greatest part of all tokens that one expert is asked to serve: an expert that every token chooses
/// would need an offset without bound.
inline constexpr double kMostTokensOfExpert = 0.98;

/// Logit offsets with which a gate gives experts the shares of the choices that are stated.
struct OffsetSolution {
  std::vector<double> offsets;  ///< [num_experts], mean 0
  std::vector<double> targets;  ///< [num_experts] the stated shares, capped
  std::vector<double> reached;  ///< [num_experts] shares of tokens that the search did not see
  int num_capped = 0;           ///< experts whose share was above kMostTokensOfExpert / top_k
  double unreached = 0;         ///< half the sum of |reached - targets|: choices at another expert
  double noise = 0;             ///< about what `unreached` is from the number of tokens alone
};

/// `shares` with those above `most` cut to it and the excess spread over the others in proportion.
/// Throws std::invalid_argument where num_experts x most is below 1.
std::vector<double> capped_shares(std::span<const double> shares, double most);

/// Solves the offsets of a layer, without bias, by damped steps of log(target / share), each on fresh tokens;
/// an expert's damping grows whenever its error changes sign, so the noise of the samples averages out.
/// `affinities` have begun no step; tokens are drawn from many documents of step 0, `tokens_per_document` of
/// which each has (1 where every token is one of its own). `spread` is the standard deviation of a logit
/// over tokens, above 0, which sets the size of a step. A share that a gate cannot give (of groups that
/// exclude each other, say) shows in `unreached`. Cost: the gate on 350,000 tokens.
OffsetSolution solve_offsets(LayerAffinities affinities, const Gate& gate, std::span<const double> shares,
                             std::int64_t tokens_per_document, double spread);

}  // namespace moesim
