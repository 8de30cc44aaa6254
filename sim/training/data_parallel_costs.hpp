#pragma once

#include <cstdint>
#include <vector>

#include "sim/training/cost_table.hpp"
#include "sim/training/training_inputs.hpp"

namespace moesim {

/// Parameters that a collective carries, of one GPU before sharding.
struct BucketParameters {
  double experts = 0;  ///< routed, over their own replicas
  double others = 0;   ///< over all data and context replicas
};

// Costs as indices into `table`. Routed experts and the rest move side by side, each bound by NIC or NVLink;
// copies are counted over every pipeline rank that has the stage.

/// What sums the gradients of a bucket over all copies, one collective after the other. ZeRO 1 to 3: a
/// reduce-scatter over the sharding group, and where there are several groups an all-reduce of the shards
/// across them. `zero` 0: a reduce-scatter whose other half is price_gather.
std::vector<std::uint32_t> price_reduce(const TrainingInputs& inputs, const BucketParameters& bucket,
                                        CostTable& table);

/// What gathers a bucket over the sharding group: BF16 weights, with `zero` 0 reduced gradients.
std::uint32_t price_gather(const TrainingInputs& inputs, const BucketParameters& bucket, CostTable& table);

}  // namespace moesim
