#include <fmt/format.h>

#include "calib/kernels/bench.hpp"
#include "calib/kernels/collectives/collective.hpp"
#include "calib/kernels/device_buffer.hpp"
#include "calib/measure/node_limited.hpp"

namespace moesim {
namespace {

constexpr int kExperts = 256;
constexpr int kTopK = 8;
constexpr std::size_t kFp8RowBytes = 7168 + 224 + 16;  // values, scales, header

int num_ranks(const MeasuredCase& point) {
  return static_cast<int>(point.axis("num_gpus"));
}

int num_nodes(const MeasuredCase& point) {
  return static_cast<int>(point.setting("nodes", 1));
}

std::unique_ptr<Collective> node_limited(const MeasuredCase& point, const CollectivePlace& place,
                                         RoutingCache& routing) {
  NodeLimitedShape shape;
  shape.num_ranks = place.num_ranks;
  shape.ranks_per_node = place.ranks_per_node;
  shape.experts = kExperts;
  shape.top_k = kTopK;
  shape.kept_nodes = static_cast<int>(point.setting("kept_nodes", 4));
  shape.row_bytes = kFp8RowBytes;
  shape.sent_bytes = point.axis("bytes");
  return make_two_step_exchange(node_limited_exchange(shape, place.seed, routing), place, kFp8RowBytes);
}

std::unique_ptr<Collective> collective_of(const MeasuredCase& point, const CollectivePlace& place,
                                          RoutingCache& routing) {
  const double bytes = point.axis("bytes");
  const auto units = static_cast<std::uint64_t>(bytes) / kUnitBytes;
  if (point.name == "node_limited") return node_limited(point, place, routing);
  if (point.name == "send_recv") return make_exchange(uniform_exchange(place.num_ranks, units), place);
  if (point.name == "skewed") {
    const double skew = point.setting("max_over_mean", 2);
    return make_exchange(skewed_exchange(place.num_ranks, units, skew), place);
  }
  return make_nccl_collective(point.op, place, bytes);
}

class CollectiveBench final : public Bench {
 public:
  CollectiveBench(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed)
      : communicator_(communicator_of(device)), max_ctas_(static_cast<int>(point.setting("sms", 0))) {
    const CollectivePlace place{communicator_.rank(), communicator_.size(), communicator_.ranks_per_node(),
                                static_cast<std::uint32_t>(seed)};
    collective_ = collective_of(point, place, communicator_.routing());
    comm_ = communicator_.with_max_ctas(max_ctas_);
    link_bytes_ = communicator_.largest(collective_->link_bytes());
    send_ = DeviceBuffer<std::uint16_t>(std::max<std::size_t>(1, collective_->send_elements()));
    receive_ = DeviceBuffer<std::uint16_t>(std::max<std::size_t>(1, collective_->receive_elements()));
    collective_->fill(send_.data(), nullptr);
    check(cudaDeviceSynchronize());
  }

  [[nodiscard]] Work work() const override {
    return {0, static_cast<double>(collective_->send_elements() * kElementBytes), link_bytes_};
  }

  [[nodiscard]] std::string kernel() const override {
    int version = 0;
    check(ncclGetVersion(&version));
    return fmt::format("NCCL {}.{}.{} {}{}", version / 10000, version / 100 % 100, version % 100,
                       collective_->name(), max_ctas_ > 0 ? fmt::format(", at most {} SMs", max_ctas_) : "");
  }

  CheckResult check() override {
    receive_.poison();
    DeviceBuffer<unsigned long long> mismatches(1);
    mismatches.fill_bytes(0);
    collective_->start(send_.data(), receive_.data(), comm_, nullptr);
    collective_->count_mismatches(receive_.data(), mismatches.data(), nullptr);
    const auto wrong = static_cast<double>(mismatches.download().front());
    return {communicator_.largest(wrong / static_cast<double>(receive_.size())), 0,
            "every element on every rank"};
  }

  void launch(int /*input_set*/, cudaStream_t stream) override {
    collective_->start(send_.data(), receive_.data(), comm_, stream);
  }

 private:
  static void check(cudaError_t status) { moesim::check(status); }
  static void check(ncclResult_t status) { moesim::check(status); }

  Communicator& communicator_;
  int max_ctas_;
  ncclComm_t comm_ = nullptr;
  double link_bytes_ = 0;  // of the busiest rank, so that all judge the time alike
  std::unique_ptr<Collective> collective_;
  DeviceBuffer<std::uint16_t> send_;
  DeviceBuffer<std::uint16_t> receive_;
};

std::string unsupported(const MeasuredCase& point, const DeviceFacts& device) {
  if (num_ranks(point) != ranks_of(device))
    return fmt::format("takes {} ranks, there are {}", num_ranks(point), ranks_of(device));
  if (num_nodes(point) != nodes_of(device))
    return fmt::format("takes {} nodes, there are {}", num_nodes(point), nodes_of(device));
  if (2 * point.axis("bytes") > 0.8 * device.memory_bytes) return "its buffers do not fit into the memory";
  return "";
}

std::unique_ptr<Bench> make(const MeasuredCase& point, const DeviceFacts& device, std::uint64_t seed) {
  return std::make_unique<CollectiveBench>(point, device, seed);
}

}  // namespace

extern const BenchFamily kCollectivesBench;
const BenchFamily kCollectivesBench{"collectives", "NCCL's collectives and exchanges over all ranks",
                                    unsupported, make};

}  // namespace moesim
