#include <algorithm>

#include "calib/kernels/collectives/collective.hpp"
#include "calib/kernels/collectives/pattern.hpp"

namespace moesim {
namespace {

/// Data of rank 0 to num_ranks - 1 that every rank can compute.
PatternKey key_of(const CollectivePlace& place, int source, int destination) {
  return {place.seed, static_cast<std::uint32_t>(source), static_cast<std::uint32_t>(destination)};
}

/// A collective of equal blocks: `count` elements a rank (all-reduce: in all).
class NcclCollective : public Collective {
 public:
  NcclCollective(const CollectivePlace& place, double bytes) : place_(place) {
    const auto elements = static_cast<std::size_t>(bytes) / kElementBytes;
    block_ = std::max<std::size_t>(1, elements / ranks());
  }

  [[nodiscard]] double link_bytes() const override {
    if (place_.ranks_per_node < place_.num_ranks) return 0;  // what passes NVLink is up to NCCL
    return static_cast<double>(block_ * kElementBytes) * (place_.num_ranks - 1);
  }

 protected:
  [[nodiscard]] std::size_t ranks() const { return static_cast<std::size_t>(place_.num_ranks); }
  [[nodiscard]] std::size_t block() const { return block_; }
  [[nodiscard]] const CollectivePlace& place() const { return place_; }

 private:
  CollectivePlace place_;
  std::size_t block_;
};

class AllReduce final : public NcclCollective {
 public:
  using NcclCollective::NcclCollective;
  [[nodiscard]] std::size_t send_elements() const override { return block() * ranks(); }
  [[nodiscard]] std::size_t receive_elements() const override { return block() * ranks(); }
  [[nodiscard]] std::string name() const override { return "ncclAllReduce"; }
  void fill(std::uint16_t* send, cudaStream_t stream) const override {
    fill_summands(send, send_elements(), key_of(place(), place().rank, 0), 0, place().num_ranks, stream);
  }
  void start(const std::uint16_t* send, std::uint16_t* receive, ncclComm_t comm,
             cudaStream_t stream) const override {
    check(ncclAllReduce(send, receive, send_elements(), ncclBfloat16, ncclSum, comm, stream));
  }
  void count_mismatches(const std::uint16_t* receive, unsigned long long* mismatches,
                        cudaStream_t stream) const override {
    count_sum_mismatches(receive, receive_elements(), key_of(place(), 0, 0), 0, place().num_ranks, mismatches,
                         stream);
  }
};

class ReduceScatter final : public NcclCollective {
 public:
  using NcclCollective::NcclCollective;
  [[nodiscard]] std::size_t send_elements() const override { return block() * ranks(); }
  [[nodiscard]] std::size_t receive_elements() const override { return block(); }
  [[nodiscard]] std::string name() const override { return "ncclReduceScatter"; }
  void fill(std::uint16_t* send, cudaStream_t stream) const override {
    fill_summands(send, send_elements(), key_of(place(), place().rank, 0), 0, place().num_ranks, stream);
  }
  void start(const std::uint16_t* send, std::uint16_t* receive, ncclComm_t comm,
             cudaStream_t stream) const override {
    check(ncclReduceScatter(send, receive, block(), ncclBfloat16, ncclSum, comm, stream));
  }
  void count_mismatches(const std::uint16_t* receive, unsigned long long* mismatches,
                        cudaStream_t stream) const override {
    const std::size_t first = block() * static_cast<std::size_t>(place().rank);
    count_sum_mismatches(receive, block(), key_of(place(), 0, 0), first, place().num_ranks, mismatches,
                         stream);
  }
};

class AllGather final : public NcclCollective {
 public:
  using NcclCollective::NcclCollective;
  [[nodiscard]] std::size_t send_elements() const override { return block(); }
  [[nodiscard]] std::size_t receive_elements() const override { return block() * ranks(); }
  [[nodiscard]] std::string name() const override { return "ncclAllGather"; }
  void fill(std::uint16_t* send, cudaStream_t stream) const override {
    fill_pattern(send, block(), key_of(place(), place().rank, 0), stream);
  }
  void start(const std::uint16_t* send, std::uint16_t* receive, ncclComm_t comm,
             cudaStream_t stream) const override {
    check(ncclAllGather(send, receive, block(), ncclBfloat16, comm, stream));
  }
  void count_mismatches(const std::uint16_t* receive, unsigned long long* mismatches,
                        cudaStream_t stream) const override {
    for (int r = 0; r < place().num_ranks; ++r)
      count_pattern_mismatches(receive + block() * static_cast<std::size_t>(r), block(),
                               key_of(place(), r, 0), mismatches, stream);
  }
};

class AllToAll final : public NcclCollective {
 public:
  using NcclCollective::NcclCollective;
  [[nodiscard]] std::size_t send_elements() const override { return block() * ranks(); }
  [[nodiscard]] std::size_t receive_elements() const override { return block() * ranks(); }
  [[nodiscard]] std::string name() const override { return "ncclAlltoAll"; }
  [[nodiscard]] double link_bytes() const override {
    return static_cast<double>(block() * kElementBytes) * (place().ranks_per_node - 1);
  }
  void fill(std::uint16_t* send, cudaStream_t stream) const override {
    for (int r = 0; r < place().num_ranks; ++r)
      fill_pattern(send + block() * static_cast<std::size_t>(r), block(), key_of(place(), place().rank, r),
                   stream);
  }
  void start(const std::uint16_t* send, std::uint16_t* receive, ncclComm_t comm,
             cudaStream_t stream) const override {
    check(ncclAlltoAll(send, receive, block(), ncclBfloat16, comm, stream));
  }
  void count_mismatches(const std::uint16_t* receive, unsigned long long* mismatches,
                        cudaStream_t stream) const override {
    for (int r = 0; r < place().num_ranks; ++r)
      count_pattern_mismatches(receive + block() * static_cast<std::size_t>(r), block(),
                               key_of(place(), r, place().rank), mismatches, stream);
  }
};

}  // namespace

std::unique_ptr<Collective> make_nccl_collective(TimedOperator op, const CollectivePlace& place,
                                                 double bytes) {
  switch (op) {
    case TimedOperator::all_reduce:
      return std::make_unique<AllReduce>(place, bytes);
    case TimedOperator::all_gather:
      return std::make_unique<AllGather>(place, bytes);
    case TimedOperator::reduce_scatter:
      return std::make_unique<ReduceScatter>(place, bytes);
    default:
      return std::make_unique<AllToAll>(place, bytes);
  }
}

}  // namespace moesim
