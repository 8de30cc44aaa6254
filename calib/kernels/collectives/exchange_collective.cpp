#include <algorithm>
#include <utility>

#include "calib/kernels/collectives/collective.hpp"
#include "calib/kernels/collectives/pattern.hpp"

namespace moesim {
namespace {

/// One grouped send and receive after a table, on parts of the buffers that start at `send_at`, `receive_at`.
class Step {
 public:
  Step(const ExchangeMatrix& matrix, const CollectivePlace& place, std::size_t scale, std::uint32_t number)
      : place_(place), table_(peer_table(matrix, place.rank)), seed_(place.seed + number) {
    for (auto* values :
         {&table_.send_counts, &table_.send_offsets, &table_.receive_counts, &table_.receive_offsets})
      for (auto& value : *values) value *= scale;
    for (int peer = 0; peer < place.num_ranks; ++peer) {
      const bool near = peer / place.ranks_per_node == place.rank / place.ranks_per_node;
      if (!near || peer == place.rank) continue;
      out_ += matrix.at(place.rank, peer) * scale;
      in_ += matrix.at(peer, place.rank) * scale;
    }
  }

  [[nodiscard]] std::size_t send_elements() const { return table_.send_total(); }
  [[nodiscard]] std::size_t receive_elements() const { return table_.receive_total(); }
  [[nodiscard]] double link_bytes() const { return static_cast<double>(std::max(out_, in_) * kElementBytes); }

  void fill(std::uint16_t* send, cudaStream_t stream) const {
    for (std::size_t peer = 0; peer < table_.send_counts.size(); ++peer)
      if (table_.send_counts[peer] > 0)
        fill_pattern(send + table_.send_offsets[peer], table_.send_counts[peer], key(place_.rank, peer),
                     stream);
  }

  void start(const std::uint16_t* send, std::uint16_t* receive, ncclComm_t comm, cudaStream_t stream) const {
    check(ncclGroupStart());
    for (std::size_t peer = 0; peer < table_.send_counts.size(); ++peer) {
      const int to = static_cast<int>(peer);
      if (table_.send_counts[peer] > 0)
        check(ncclSend(send + table_.send_offsets[peer], table_.send_counts[peer], ncclBfloat16, to, comm,
                       stream));
      if (table_.receive_counts[peer] > 0)
        check(ncclRecv(receive + table_.receive_offsets[peer], table_.receive_counts[peer], ncclBfloat16, to,
                       comm, stream));
    }
    check(ncclGroupEnd());
  }

  void count_mismatches(const std::uint16_t* receive, unsigned long long* mismatches,
                        cudaStream_t stream) const {
    for (std::size_t peer = 0; peer < table_.receive_counts.size(); ++peer)
      if (table_.receive_counts[peer] > 0)
        count_pattern_mismatches(receive + table_.receive_offsets[peer], table_.receive_counts[peer],
                                 key(static_cast<int>(peer), static_cast<std::size_t>(place_.rank)),
                                 mismatches, stream);
  }

 private:
  [[nodiscard]] PatternKey key(int source, std::size_t destination) const {
    return {seed_, static_cast<std::uint32_t>(source), static_cast<std::uint32_t>(destination)};
  }

  CollectivePlace place_;
  PeerTable table_;
  std::uint32_t seed_;
  std::uint64_t out_ = 0;
  std::uint64_t in_ = 0;
};

/// Steps one after another; each has its own part of the buffers.
class SendReceive final : public Collective {
 public:
  SendReceive(std::vector<Step> steps, std::string name) : steps_(std::move(steps)), name_(std::move(name)) {}

  [[nodiscard]] std::size_t send_elements() const override { return total(&Step::send_elements); }
  [[nodiscard]] std::size_t receive_elements() const override { return total(&Step::receive_elements); }
  [[nodiscard]] double link_bytes() const override {
    double sum = 0;
    for (const Step& step : steps_) sum += step.link_bytes();
    return sum;
  }
  [[nodiscard]] std::string name() const override { return name_; }
  void fill(std::uint16_t* send, cudaStream_t stream) const override {
    for (const Step& step : steps_) {
      step.fill(send, stream);
      send += step.send_elements();
    }
  }
  void start(const std::uint16_t* send, std::uint16_t* receive, ncclComm_t comm,
             cudaStream_t stream) const override {
    for (const Step& step : steps_) {
      step.start(send, receive, comm, stream);
      send += step.send_elements();
      receive += step.receive_elements();
    }
  }
  void count_mismatches(const std::uint16_t* receive, unsigned long long* mismatches,
                        cudaStream_t stream) const override {
    for (const Step& step : steps_) {
      step.count_mismatches(receive, mismatches, stream);
      receive += step.receive_elements();
    }
  }

 private:
  [[nodiscard]] std::size_t total(std::size_t (Step::*elements)() const) const {
    std::size_t sum = 0;
    for (const Step& step : steps_) sum += (step.*elements)();
    return sum;
  }

  std::vector<Step> steps_;
  std::string name_;
};

}  // namespace

std::unique_ptr<Collective> make_exchange(const ExchangeMatrix& matrix, const CollectivePlace& place) {
  return std::make_unique<SendReceive>(std::vector{Step(matrix, place, kUnitBytes / kElementBytes, 0)},
                                       "ncclSend and ncclRecv");
}

std::unique_ptr<Collective> make_two_step_exchange(const TwoStepExchange& steps, const CollectivePlace& place,
                                                   std::size_t row_bytes) {
  const std::size_t elements = row_bytes / kElementBytes;
  return std::make_unique<SendReceive>(std::vector{Step(steps.between_nodes, place, elements, 1),
                                                   Step(steps.inside_nodes, place, elements, 2)},
                                       "ncclSend and ncclRecv between nodes, then inside");
}

}  // namespace moesim
