#pragma once

#include <memory>
#include <string>
#include <vector>

#include "calib/kernels/collectives/device_exchange.hpp"
#include "calib/kernels/collectives/exchange_window.hpp"
#include "calib/kernels/collectives/transfer_check.hpp"
#include "calib/kernels/device_buffer.hpp"
#include "calib/measure/measured_case.hpp"

namespace moesim {

/// The shape of a dispatch or combine as a case states it.
struct TransferShape {
  int ranks = 1;
  int tokens = 128;  ///< of each rank
  int top_k = 8;
  int experts = 256;
  double exponent = 0;  ///< of the popularity of experts
  bool low_latency = false;
  RowFormat format;
  int blocks = 24;

  [[nodiscard]] int experts_per_rank() const { return experts / ranks; }
  /// Rows of a receive buffer.
  [[nodiscard]] std::size_t num_rows() const {
    return static_cast<std::size_t>(low_latency ? experts : ranks) * static_cast<std::size_t>(tokens);
  }
};
TransferShape transfer_shape(const MeasuredCase& point);

/// The tokens of this rank with their targets on the device, and the window that they go through. The rows of
/// every rank follow from the seed, so each can check what it received.
class TokenTransfer {
 public:
  TokenTransfer(const TransferShape& shape, Communicator& communicator, std::uint64_t seed);

  [[nodiscard]] const TransferShape& shape() const { return shape_; }
  [[nodiscard]] Communicator& communicator() { return communicator_; }
  [[nodiscard]] ExchangeWindow& window() { return window_; }
  [[nodiscard]] const TokenExchange& exchange() const { return exchange_; }
  [[nodiscard]] const std::vector<CopyTarget>& targets() const { return targets_.targets; }
  [[nodiscard]] std::uint32_t seed() const { return static_cast<std::uint32_t>(seed_); }

  /// Rows that this rank sends to others.
  [[nodiscard]] double rows_sent_to_others() const;
  /// Rows that reach this rank, with their origin.
  [[nodiscard]] const std::vector<RowOrigin>& origins() const { return origins_; }
  /// Of them those of other ranks.
  [[nodiscard]] double rows_from_others() const;
  /// The counts that must have arrived, [counts_per_rank, ranks].
  [[nodiscard]] const std::vector<int>& expected_counts() const { return expected_counts_; }
  [[nodiscard]] std::vector<int> arrived_counts();

 private:
  void route(int source);

  TransferShape shape_;
  Communicator& communicator_;
  std::uint64_t seed_;
  CopyTargets targets_;
  std::vector<int> counts_;           // rows to each rank, [ranks, counts_per_rank]
  std::vector<int> expected_counts_;  // [counts_per_rank, ranks]
  std::vector<RowOrigin> origins_;
  ExchangeWindow window_;
  DeviceBuffer<CopyTarget> device_targets_;
  DeviceBuffer<int> device_counts_;
  TokenExchange exchange_;
};

}  // namespace moesim
