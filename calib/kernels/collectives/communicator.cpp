#include "calib/kernels/collectives/communicator.hpp"

#include <fmt/format.h>
#include <nccl_device.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <span>

#include "base/error.hpp"
#include "base/random.hpp"
#include "calib/measure/id_file.hpp"

namespace moesim {
namespace {

constexpr std::chrono::minutes kPatience{5};

ncclUniqueId exchange_id(const RankPlace& place, const std::string& id_file) {
  ncclUniqueId id{};
  const bool by_address = id_file.empty() && std::getenv("NCCL_COMM_ID") != nullptr;
  if (place.size > 1 && id_file.empty() && !by_address) {
    throw SpecError("command line", "", fmt::format("{} ranks have no way to find each other", place.size),
                    "give --id-file FILE on storage that every node sees, or set NCCL_COMM_ID=ADDRESS:PORT");
  }
  if (place.size == 1 || by_address || place.rank == 0) check(ncclGetUniqueId(&id));
  if (place.size == 1 || by_address) return id;
  const IdFile file{id_file, place.job};
  if (place.rank == 0) {
    publish_id(file, std::as_bytes(std::span(id.internal)));
  } else {
    const auto bytes = await_id(file, sizeof(id.internal), kPatience);
    std::memcpy(id.internal, bytes.data(), bytes.size());
  }
  return id;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "";
  return name.data();
}

}  // namespace

void check(ncclResult_t status, std::source_location where) {
  if (status == ncclSuccess) return;
  check_call(false, where.function_name(),
             fmt::format("{} ({})", ncclGetErrorString(status), ncclGetLastError(nullptr)), where);
}

Communicator::Communicator(const RankPlace& place, const std::string& id_file) : place_(place) {
  ncclUniqueId id = exchange_id(place, id_file);
  ncclComm_t comm = nullptr;
  check(ncclCommInitRank(&comm, place.size, id, place.rank));
  by_budget_[0] = comm;
  if (place.rank == 0 && place.size > 1 && !id_file.empty()) remove_id({id_file, place.job});
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
  words_ = DeviceBuffer<std::uint64_t>(static_cast<std::size_t>(place.size) + 1);
  find_nodes();
}

Communicator::~Communicator() {
  for (const auto& [budget, comm] : by_budget_)
    if (budget != 0) ncclCommDestroy(comm);
  if (by_budget_.contains(0)) ncclCommDestroy(by_budget_[0]);
  if (stream_) cudaStreamDestroy(stream_);
}

void Communicator::barrier() {
  largest(0);
}

double Communicator::largest(double value) {
  auto* own = reinterpret_cast<double*>(words_.data() + place_.size);
  check(cudaMemcpyAsync(own, &value, sizeof(value), cudaMemcpyHostToDevice, stream_));
  check(ncclAllReduce(own, own, 1, ncclFloat64, ncclMax, by_budget_[0], stream_));
  check(cudaMemcpyAsync(&value, own, sizeof(value), cudaMemcpyDeviceToHost, stream_));
  check(cudaStreamSynchronize(stream_));
  return value;
}

void Communicator::find_nodes() {
  const std::uint64_t own = stream_of(host_name());
  std::vector<std::uint64_t> hosts(static_cast<std::size_t>(place_.size));
  std::uint64_t* mine = words_.data() + place_.size;
  check(cudaMemcpyAsync(mine, &own, sizeof(own), cudaMemcpyHostToDevice, stream_));
  check(ncclAllGather(mine, words_.data(), 1, ncclUint64, by_budget_[0], stream_));
  check(cudaMemcpyAsync(hosts.data(), words_.data(), sizeof(own) * hosts.size(), cudaMemcpyDeviceToHost,
                        stream_));
  check(cudaStreamSynchronize(stream_));
  count_nodes(hosts);  // throws where neighbours are not together
  // What NCCL takes for a node: the GPUs of a host, or of all hosts that NVLink connects.
  const int together = ncclTeamLsa(by_budget_[0]).nRanks;
  num_nodes_ = together > 0 ? place_.size / together : 1;
}

ncclComm_t Communicator::with_max_ctas(int max_ctas) {
  const auto known = by_budget_.find(max_ctas);
  if (known != by_budget_.end()) return known->second;
  ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
  config.maxCTAs = max_ctas;
  ncclComm_t comm = nullptr;
  check(ncclCommSplit(by_budget_[0], 0, place_.rank, &comm, &config));
  by_budget_[max_ctas] = comm;
  return comm;
}

int Communicator::num_load_store_ranks() {
  if (load_store_ranks_ >= 0) return load_store_ranks_;
  load_store_ranks_ = 0;
  ncclDevCommRequirements needs{};
  needs.lsaBarrierCount = 1;
  ncclDevComm device{};
  if (ncclDevCommCreate(by_budget_[0], &needs, &device) == ncclSuccess) {
    load_store_ranks_ = device.lsaSize;
    check(ncclDevCommDestroy(by_budget_[0], &device));
  }
  return load_store_ranks_;
}

Communicator& communicator_of(const DeviceFacts& device) {
  if (auto* connected = dynamic_cast<Communicator*>(device.ranks)) return *connected;
  // Lives until the process ends: at static destruction the driver may be gone already.
  static auto* alone = new Communicator(RankPlace{0, 1, device.index, "alone", ""}, "");
  return *alone;
}

int ranks_of(const DeviceFacts& device) {
  return device.ranks ? device.ranks->size() : 1;
}

int nodes_of(const DeviceFacts& device) {
  return device.ranks ? communicator_of(device).num_nodes() : 1;
}

}  // namespace moesim
