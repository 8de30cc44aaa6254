#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "calib/kernels/collectives/communicator.hpp"
#include "calib/measure/exchange.hpp"
#include "calib/measure/measured_case.hpp"

namespace moesim {

/// Elements are two bytes, BF16 where they are added.
inline constexpr std::size_t kElementBytes = 2;

/// One way of moving or reducing the buffers of all ranks.
class Collective {
 public:
  Collective() = default;
  virtual ~Collective() = default;
  Collective(const Collective&) = delete;
  Collective& operator=(const Collective&) = delete;

  [[nodiscard]] virtual std::size_t send_elements() const = 0;
  [[nodiscard]] virtual std::size_t receive_elements() const = 0;
  /// Bytes that must pass NVLink at this GPU, in the busier direction.
  [[nodiscard]] virtual double link_bytes() const = 0;
  [[nodiscard]] virtual std::string name() const = 0;  ///< of the call of NCCL
  /// Fills the send buffer with what check() knows to expect.
  virtual void fill(std::uint16_t* send, cudaStream_t stream) const = 0;
  virtual void start(const std::uint16_t* send, std::uint16_t* receive, ncclComm_t comm,
                     cudaStream_t stream) const = 0;
  /// Adds the elements of the receive buffer that are wrong to `*mismatches`.
  virtual void count_mismatches(const std::uint16_t* receive, unsigned long long* mismatches,
                                cudaStream_t stream) const = 0;
};

/// Where a rank stands in a collective, and the seed of its data.
struct CollectivePlace {
  int rank = 0;
  int num_ranks = 1;
  int ranks_per_node = 1;
  std::uint32_t seed = 0;
};

/// all_reduce, all_gather, reduce_scatter or all_to_all by NCCL's call of that name; `bytes` is the whole
/// buffer as nccl-tests counts it.
std::unique_ptr<Collective> make_nccl_collective(TimedOperator op, const CollectivePlace& place,
                                                 double bytes);

/// Exchanges count in units of 16 bytes, so that every block is aligned.
inline constexpr std::size_t kUnitBytes = 16;

/// Grouped ncclSend and ncclRecv after a matrix of units.
std::unique_ptr<Collective> make_exchange(const ExchangeMatrix& matrix, const CollectivePlace& place);

/// The two steps of a normal dispatch over nodes one after the other, each grouped ncclSend and ncclRecv,
/// with `row_bytes` a token.
std::unique_ptr<Collective> make_two_step_exchange(const TwoStepExchange& steps, const CollectivePlace& place,
                                                   std::size_t row_bytes);

}  // namespace moesim
