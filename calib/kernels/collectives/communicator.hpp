#pragma once

#include <nccl.h>

#include <cstdint>
#include <map>
#include <source_location>
#include <string>
#include <vector>

#include "calib/kernels/device_buffer.hpp"
#include "calib/kernels/device_facts.hpp"
#include "calib/kernels/rank_group.hpp"
#include "calib/measure/random_routing.hpp"
#include "calib/measure/ranks.hpp"

namespace moesim {

/// Throws CudaError with the words of NCCL unless `status` is ncclSuccess.
void check(ncclResult_t status, std::source_location where = std::source_location::current());

/// The ranks of a job connected by NCCL, one a GPU. Every rank calls each function in the same order, but for
/// those that only tell a number.
class Communicator final : public RankGroup {
 public:
  /// Connects the current device of each rank. The identifier goes through `id_file`, which rank 0 writes and
  /// removes; with an empty path NCCL takes its own variable NCCL_COMM_ID (ADDRESS:PORT of rank 0). Throws
  /// SpecError where neither is given for several ranks or the ranks of a node are no neighbours.
  Communicator(const RankPlace& place, const std::string& id_file);
  ~Communicator() override;

  [[nodiscard]] int rank() const override { return place_.rank; }
  [[nodiscard]] int size() const override { return place_.size; }
  void barrier() override;
  double largest(double value) override;
  double worst(double value) override;
  void align(cudaStream_t stream) override;

  /// Groups of ranks whose GPUs NVLink connects: hosts, or racks of hosts.
  [[nodiscard]] int num_nodes() const { return num_nodes_; }
  /// Ranks r with equal r / ranks_per_node() share a node.
  [[nodiscard]] int ranks_per_node() const { return place_.size / num_nodes_; }
  /// The communicator whose kernels take at most `max_ctas` SMs; 0: what NCCL chooses. The first call with a
  /// number connects all ranks anew.
  ncclComm_t with_max_ctas(int max_ctas);
  /// Ranks that reach each other's memory with loads and stores, this one among them; 0 where the device API
  /// does not work. The first call is collective.
  int num_load_store_ranks();
  /// What NCCL says of that; empty where it works.
  [[nodiscard]] const std::string& device_api_refusal() const { return device_api_refusal_; }
  /// Draws of experts that the cases of a run share.
  RoutingCache& routing() { return routing_; }

 private:
  enum class Meeting { barrier, largest, worst };
  void find_nodes();
  double meet(Meeting meeting, double value);
  void await_others();

  RankPlace place_;
  int num_nodes_ = 1;
  int load_store_ranks_ = -1;  // -1: not asked yet
  std::string device_api_refusal_;
  std::string out_of_step_;  // why the ranks no longer meet; empty while they do
  RoutingCache routing_;
  std::map<int, ncclComm_t> by_budget_;  // 0: the first, without a limit
  cudaStream_t stream_ = nullptr;
  DeviceBuffer<std::uint64_t> words_;    // [size + 1]: of every rank, then this rank's
  DeviceBuffer<double> meeting_;         // [kMeetingWords]: what a meeting exchanges
  DeviceBuffer<std::uint32_t> aligned_;  // [1]: of align() alone, which may run beside the others
};

/// The communicator of the run: that of `device.ranks`, or one of this rank alone for the software floor.
Communicator& communicator_of(const DeviceFacts& device);

/// Ranks that `device` measures with, 1 where it is alone; nodes likewise.
int ranks_of(const DeviceFacts& device);
int nodes_of(const DeviceFacts& device);

}  // namespace moesim
