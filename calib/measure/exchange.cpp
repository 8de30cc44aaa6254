#include "calib/measure/exchange.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace moesim {
namespace {

std::uint64_t sum_of(const std::vector<std::uint64_t>& values) {
  return std::accumulate(values.begin(), values.end(), std::uint64_t{0});
}

std::vector<std::uint64_t> starts_of(const std::vector<std::uint64_t>& counts) {
  std::vector<std::uint64_t> starts(counts.size());
  std::exclusive_scan(counts.begin(), counts.end(), starts.begin(), std::uint64_t{0});
  return starts;
}

/// Adds `elements` from `source`, spread evenly over the ranks from `first` on.
void spread(ExchangeMatrix& matrix, int source, int first, std::uint64_t elements) {
  const auto parts = static_cast<std::uint64_t>(matrix.num_ranks() - first);
  for (std::uint64_t i = 0; i < parts; ++i)
    matrix.at(source, first + static_cast<int>(i)) += elements * (i + 1) / parts - elements * i / parts;
}

}  // namespace

ExchangeMatrix::ExchangeMatrix(int num_ranks)
    : num_ranks_(num_ranks),
      counts_(static_cast<std::size_t>(num_ranks) * static_cast<std::size_t>(num_ranks)) {}

std::uint64_t& ExchangeMatrix::at(int source, int destination) {
  return counts_[static_cast<std::size_t>(source) * static_cast<std::size_t>(num_ranks_) +
                 static_cast<std::size_t>(destination)];
}

std::uint64_t ExchangeMatrix::at(int source, int destination) const {
  return counts_[static_cast<std::size_t>(source) * static_cast<std::size_t>(num_ranks_) +
                 static_cast<std::size_t>(destination)];
}

std::uint64_t ExchangeMatrix::sent(int source) const {
  std::uint64_t sum = 0;
  for (int d = 0; d < num_ranks_; ++d) sum += at(source, d);
  return sum;
}

std::uint64_t ExchangeMatrix::received(int destination) const {
  std::uint64_t sum = 0;
  for (int s = 0; s < num_ranks_; ++s) sum += at(s, destination);
  return sum;
}

std::uint64_t ExchangeMatrix::total() const {
  return sum_of(counts_);
}

std::uint64_t ExchangeMatrix::busier_direction(int rank) const {
  return std::max(sent(rank), received(rank)) - at(rank, rank);
}

ExchangeMatrix uniform_exchange(int num_ranks, std::uint64_t elements) {
  ExchangeMatrix matrix(num_ranks);
  for (int source = 0; source < num_ranks; ++source) spread(matrix, source, 0, elements);
  return matrix;
}

ExchangeMatrix skewed_exchange(int num_ranks, std::uint64_t elements, double max_over_mean) {
  ExchangeMatrix matrix(num_ranks);
  const double share = std::min(1.0, max_over_mean / num_ranks);
  const auto hot =
      std::min(elements, static_cast<std::uint64_t>(std::llround(share * static_cast<double>(elements))));
  for (int source = 0; source < num_ranks; ++source) {
    matrix.at(source, 0) = num_ranks == 1 ? elements : hot;
    if (num_ranks > 1) spread(matrix, source, 1, elements - hot);
  }
  return matrix;
}

std::uint64_t PeerTable::send_total() const {
  return sum_of(send_counts);
}

std::uint64_t PeerTable::receive_total() const {
  return sum_of(receive_counts);
}

PeerTable peer_table(const ExchangeMatrix& matrix, int rank) {
  PeerTable table;
  for (int peer = 0; peer < matrix.num_ranks(); ++peer) {
    table.send_counts.push_back(matrix.at(rank, peer));
    table.receive_counts.push_back(matrix.at(peer, rank));
  }
  table.send_offsets = starts_of(table.send_counts);
  table.receive_offsets = starts_of(table.receive_counts);
  return table;
}

TwoStepExchange two_step_exchange(std::span<const std::span<const int>> experts, int top_k, int num_experts,
                                  int ranks_per_node) {
  const int num_ranks = static_cast<int>(experts.size());
  const int per_rank = num_experts / num_ranks;
  TwoStepExchange steps{ExchangeMatrix(num_ranks), ExchangeMatrix(num_ranks)};
  std::vector<int> ranks;
  for (int source = 0; source < num_ranks; ++source) {
    const std::span<const int> choices = experts[static_cast<std::size_t>(source)];
    for (std::size_t first = 0; first < choices.size(); first += static_cast<std::size_t>(top_k)) {
      ranks.clear();
      for (std::size_t j = first; j < first + static_cast<std::size_t>(top_k); ++j)
        ranks.push_back(choices[j] / per_rank);
      std::sort(ranks.begin(), ranks.end());
      ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
      int last_node = -1;
      for (int rank : ranks) {
        const int node = rank / ranks_per_node;
        const int entry = node * ranks_per_node + source % ranks_per_node;
        if (node != last_node && entry != source) ++steps.between_nodes.at(source, entry);
        ++steps.inside_nodes.at(entry, rank);
        last_node = node;
      }
    }
  }
  return steps;
}

TwoStepExchange scaled(const TwoStepExchange& steps, double factor) {
  TwoStepExchange more = steps;
  for (ExchangeMatrix* matrix : {&more.between_nodes, &more.inside_nodes}) {
    for (int source = 0; source < matrix->num_ranks(); ++source) {
      for (int destination = 0; destination < matrix->num_ranks(); ++destination) {
        std::uint64_t& count = matrix->at(source, destination);
        count = static_cast<std::uint64_t>(std::llround(factor * static_cast<double>(count)));
      }
    }
  }
  return more;
}

double bus_factor(TimedOperator op, int num_ranks) {
  const double others = (num_ranks - 1.0) / num_ranks;
  return op == TimedOperator::all_reduce ? 2 * others : others;
}

}  // namespace moesim
