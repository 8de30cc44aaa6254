#pragma once

#include <cstdint>
#include <vector>

namespace moesim {

/// Computation slowdowns (1 is nominal, above is slower) of GPUs whose clocks and power differ by `sigma`
/// (standard deviation over mean), one per GPU, drawn: 1 + sigma z, at least 0.5.
/// GPU `i` always draws the same z for a seed, whatever the number of GPUs.
std::vector<double> drawn_slowdowns(std::size_t num_gpus, double sigma, std::uint64_t seed);

/// The same for one representative GPU per pipeline rank, each standing for `group_size` GPUs that wait for
/// each other (all GPUs of the rank, over the columns): a rank is as slow as the slowest of its group.
/// The ranks' maxima are themselves random, and the slowest rank sets a pipeline's pace, so the values are
/// the medians of the order statistics of num_ranks maxima, dealt to the ranks in an order drawn from `seed`:
/// the i-th of n has probability (i - 0.3) / (n + 0.4) below it (Benard), the maximum of g normals the
/// quantile p^(1/g). sigma 0 gives 1 everywhere.
std::vector<double> representative_slowdowns(std::size_t num_ranks, std::size_t group_size, double sigma,
                                             std::uint64_t seed);

}  // namespace moesim
