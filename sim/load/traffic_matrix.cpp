#include "sim/load/traffic_matrix.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <stdexcept>

namespace moesim {
namespace {

constexpr std::size_t words_for(std::size_t bits) {
  return (bits + 63) / 64;
}

/// Sets the bit; 1 where it was not set.
std::uint64_t mark(std::uint64_t* words, std::size_t bit) {
  std::uint64_t& word = words[bit / 64];
  const std::uint64_t is_new = ~(word >> (bit % 64)) & 1;
  word |= is_new << (bit % 64);
  return is_new;
}

double mean_per_token(std::span<const std::uint64_t> copies, std::uint64_t num_tokens) {
  if (num_tokens == 0) return 0;
  const auto sum = std::accumulate(copies.begin(), copies.end(), std::uint64_t{0});
  return static_cast<double>(sum) / static_cast<double>(num_tokens);
}

/// Calls visit(source, destination, copies) for each pair.
template <class Visit>
void for_each_pair(std::span<const std::uint64_t> matrix, std::size_t num_destinations, Visit visit) {
  for (std::size_t i = 0; i < matrix.size(); ++i)
    visit(i / num_destinations, i % num_destinations, matrix[i]);
}

}  // namespace

TrafficMatrix::TrafficMatrix(int num_gpus, int gpus_per_node, DispatchMode mode)
    : num_gpus_(num_gpus), gpus_per_node_(gpus_per_node), mode_(mode) {
  if (num_gpus < 1 || num_gpus > 0xffff || gpus_per_node < 1 || num_gpus % gpus_per_node != 0) {
    throw std::invalid_argument("a traffic matrix has 1 to 65535 GPUs in nodes of one size");
  }
  const auto gpus = static_cast<std::size_t>(num_gpus);
  const auto nodes = static_cast<std::size_t>(num_nodes());
  copies_.resize(gpus * gpus);
  node_copies_.resize(gpus * nodes);
  for (int gpu = 0; gpu < num_gpus; ++gpu) {
    node_of_.push_back(static_cast<std::uint16_t>(gpu / gpus_per_node));
  }
  seen_.resize(words_for(gpus) + words_for(nodes));
}

void TrafficMatrix::add(int source_gpu, std::span<const std::uint16_t> chosen_gpus) {
  const auto source = static_cast<std::size_t>(source_gpu);
  const auto nodes = static_cast<std::size_t>(num_nodes());
  std::uint64_t* const copies = copies_.data() + source * node_of_.size();
  std::uint64_t* const node_copies = node_copies_.data() + source * nodes;
  ++num_tokens_;
  if (mode_ == DispatchMode::low_latency) {
    for (const std::uint16_t gpu : chosen_gpus) {
      ++copies[gpu];
      ++node_copies[node_of_[gpu]];
    }
    return;
  }
  std::uint64_t* const seen_gpus = seen_.data();
  std::uint64_t* const seen_nodes = seen_gpus + words_for(node_of_.size());
  for (const std::uint16_t gpu : chosen_gpus) {
    copies[gpu] += mark(seen_gpus, gpu);
    node_copies[node_of_[gpu]] += mark(seen_nodes, node_of_[gpu]);
  }
  for (const std::uint16_t gpu : chosen_gpus) {
    seen_gpus[gpu / 64] = 0;
    seen_nodes[node_of_[gpu] / 64] = 0;
  }
}

TrafficMatrix& TrafficMatrix::operator+=(const TrafficMatrix& other) {
  if (num_gpus_ != other.num_gpus_ || gpus_per_node_ != other.gpus_per_node_ || mode_ != other.mode_) {
    throw std::invalid_argument("traffic matrices of different sizes or modes do not add");
  }
  num_tokens_ += other.num_tokens_;
  std::ranges::transform(copies_, other.copies_, copies_.begin(), std::plus{});
  std::ranges::transform(node_copies_, other.node_copies_, node_copies_.begin(), std::plus{});
  return *this;
}

double TrafficMatrix::nodes_per_token() const {
  return mean_per_token(node_copies_, num_tokens_);
}

double TrafficMatrix::gpus_per_token() const {
  return mean_per_token(copies_, num_tokens_);
}

LinkTotals TrafficMatrix::totals() const {
  const PortCopies ports = this->ports();
  const auto sum = [](const std::vector<double>& port) {
    return static_cast<std::uint64_t>(std::accumulate(port.begin(), port.end(), 0.0));
  };
  LinkTotals totals{0, sum(ports.nvlink_out), sum(ports.nic_out)};
  for (std::size_t gpu = 0; gpu < node_of_.size(); ++gpu)
    totals.local += copies_[gpu * node_of_.size() + gpu];
  return totals;
}

PortCopies TrafficMatrix::ports() const {
  const std::size_t gpus = node_of_.size();
  const auto per_node = static_cast<std::size_t>(gpus_per_node_);
  const auto zeros = std::vector<double>(gpus);
  PortCopies ports{zeros, zeros, zeros, zeros};
  const bool forwards = mode_ == DispatchMode::normal;
  if (forwards) {
    for_each_pair(node_copies_, gpus / per_node, [&](std::size_t source, std::size_t node, std::uint64_t n) {
      if (node == node_of_[source]) return;
      ports.nic_out[source] += static_cast<double>(n);
      ports.nic_in[node * per_node + source % per_node] += static_cast<double>(n);
    });
  }
  for_each_pair(copies_, gpus, [&](std::size_t source, std::size_t destination, std::uint64_t n) {
    const bool over_nvlink = forwards || node_of_[source] == node_of_[destination];
    const std::size_t from = over_nvlink ? node_of_[destination] * per_node + source % per_node : source;
    if (from == destination) return;
    (over_nvlink ? ports.nvlink_out : ports.nic_out)[from] += static_cast<double>(n);
    (over_nvlink ? ports.nvlink_in : ports.nic_in)[destination] += static_cast<double>(n);
  });
  return ports;
}

Bytes bytes_per_copy(std::int64_t hidden, NumberFormat format, DispatchMode mode) {
  if (hidden < 1 || (format != NumberFormat::fp8 && format != NumberFormat::bf16)) {
    throw std::invalid_argument("a dispatched token is FP8 in blocks of 128 or BF16, and not empty");
  }
  const double scales = format == NumberFormat::fp8 ? 4.0 * static_cast<double>((hidden + 127) / 128) : 0;
  const double header = mode == DispatchMode::low_latency ? 16 : 0;
  return Bytes(static_cast<double>(hidden) * bytes_per_element(format) + scales + header);
}

}  // namespace moesim
