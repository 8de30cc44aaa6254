#pragma once

#include <cstdint>
#include <vector>

#include "sim/engine/replay/column_state.hpp"

namespace moesim::replay {

/// Max-min fair sharing of the NICs and NVLinks of one column. A NIC flow takes part of its own GPU's nic_out
/// and of the receiver's nic_in, so a change reaches every flow that shares a NIC with one that changed.
class Wires {
 public:
  explicit Wires(ColumnState& state) : state_(state) {}

  /// Starts the NIC flow of `queue` to the GPU `to` (its own for an exchange within the rank).
  void open_nic(std::int32_t queue, std::int32_t to, double bytes);
  void close_nic(std::int32_t queue);
  void open_nvlink(std::int32_t queue, double bytes);
  void close_nvlink(std::int32_t queue);
  /// Takes over a flow that ran alone until now, with its rate and end as they are.
  void adopt_nic(std::int32_t queue, std::int32_t to);
  void adopt_nvlink(std::int32_t queue);
  /// The event of a queue in step 2 or 3: the next end of one of its flows.
  void set_next_end(std::int32_t queue);

 private:
  struct SharedFlow {
    std::int32_t queue = 0;
    std::int32_t from = 0;  ///< into ports_
    std::int32_t into = 0;
    double rate = -1;  ///< -1 until it is fixed
  };
  struct Port {
    double spare_Bps = 0;
    std::int32_t num_open = 0;  ///< flows whose rate is not fixed
  };

  [[nodiscard]] Gpu& gpu_at(std::int32_t gpu) { return state_.gpus[static_cast<std::size_t>(gpu)]; }
  [[nodiscard]] Queue& queue_at(std::int32_t q) { return state_.queues[static_cast<std::size_t>(q)]; }
  void change_nic_rate(std::int32_t queue, double rate);
  void share_nic(std::int32_t from, std::int32_t to);
  void share_component(std::int32_t gpu);
  void reach(std::int32_t gpu);
  void gather(std::int32_t gpu);
  void fill();
  void share_nvlink(std::int32_t gpu);

  ColumnState& state_;
  std::vector<std::int32_t> reached_;  ///< GPUs of a component
  std::vector<SharedFlow> flows_;      ///< of the component
  std::vector<Port> ports_;            ///< [reached][out, in]
};

}  // namespace moesim::replay
