#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/quantity.hpp"
#include "models/number_format.hpp"

namespace moesim {

/// How tokens travel to the GPUs of their experts (DeepEP's two kernels).
enum class DispatchMode : std::uint8_t {
  normal,       ///< once per destination node, then over NVLink once per destination GPU
  low_latency,  ///< once per chosen expert, straight to its GPU
};

template <>
struct EnumNames<DispatchMode> {
  static constexpr std::array<std::pair<DispatchMode, std::string_view>, 2> table{
      {{DispatchMode::normal, "normal"}, {DispatchMode::low_latency, "low_latency"}}};
};

/// Copies of tokens by what carries them.
struct LinkTotals {
  std::uint64_t local = 0;   ///< stay on their GPU
  std::uint64_t nvlink = 0;  ///< GPU to GPU inside a node
  std::uint64_t nic = 0;     ///< between nodes
  friend bool operator==(const LinkTotals&, const LinkTotals&) = default;
};

/// Copies through each port of each GPU, [num_gpus].
struct PortCopies {
  std::vector<double> nvlink_out, nvlink_in, nic_out, nic_in;
};

/// Counts the copies of one dispatch, or of many added up; the combine is its mirror image. GPUs are numbered
/// node-major inside the expert group. One matrix is filled by one thread; parts are merged with +=.
///
/// Normal mode: a token goes once to each node that holds a GPU it needs, over the NIC of its source GPU to
/// the GPU of the same index there, and from that over NVLink to each further GPU it needs. Inside the
/// source's node it goes over NVLink.
/// Low-latency mode: one copy per chosen expert; inside a node over NVLink, between nodes over the NICs of
/// the source and of the destination.
class TrafficMatrix {
 public:
  /// Throws std::invalid_argument for counts below 1 and GPUs that the nodes do not share evenly.
  TrafficMatrix(int num_gpus, int gpus_per_node, DispatchMode mode);

  /// One token of `source_gpu` with the GPU of each expert that it chose, repeated where it chose several of
  /// one GPU. Indices are not checked. Cost with 8 choices: about 45 ns, in low-latency mode 15 ns.
  void add(int source_gpu, std::span<const std::uint16_t> chosen_gpus);

  /// Throws std::invalid_argument where sizes or modes differ.
  TrafficMatrix& operator+=(const TrafficMatrix& other);

  [[nodiscard]] int num_gpus() const { return num_gpus_; }
  [[nodiscard]] int gpus_per_node() const { return gpus_per_node_; }
  [[nodiscard]] int num_nodes() const { return num_gpus_ / gpus_per_node_; }
  [[nodiscard]] DispatchMode mode() const { return mode_; }
  [[nodiscard]] std::uint64_t num_tokens() const { return num_tokens_; }

  /// Copies that end on a GPU, [source GPU, destination GPU], the source itself included.
  [[nodiscard]] std::span<const std::uint64_t> copies() const { return copies_; }
  /// Copies that enter a node, [source GPU, node]: in normal mode the tokens that need it, in low-latency
  /// mode the choices of its GPUs. The source's own node is counted alike, though nothing crosses a NIC
  /// there.
  [[nodiscard]] std::span<const std::uint64_t> node_copies() const { return node_copies_; }

  /// Distinct nodes, and GPUs, that a token needs on the average, its own included; normal mode only, else
  /// the number of choices. 0 without tokens.
  [[nodiscard]] double nodes_per_token() const;
  [[nodiscard]] double gpus_per_token() const;

  /// Copies by class. In normal mode a copy that crosses a NIC and is forwarded counts in both.
  [[nodiscard]] LinkTotals totals() const;
  /// Copies through each port. max_over_mean of one of them says how uneven it is.
  [[nodiscard]] PortCopies ports() const;

 private:
  int num_gpus_;
  int gpus_per_node_;
  DispatchMode mode_;
  std::uint64_t num_tokens_ = 0;
  std::vector<std::uint64_t> copies_;
  std::vector<std::uint64_t> node_copies_;
  std::vector<std::uint16_t> node_of_;  ///< [num_gpus]
  std::vector<std::uint64_t> seen_;     ///< one bit a GPU, then one a node; all 0 between calls
};

/// Bytes of one token's copy: FP8 with one FP32 scale for each 128 values begun, or BF16; DeepEP's
/// low-latency kernel adds a header of 16 bytes. hidden = 7168: 7392 and 14336.
Bytes bytes_per_copy(std::int64_t hidden, NumberFormat format, DispatchMode mode);

}  // namespace moesim
