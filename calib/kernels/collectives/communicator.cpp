#include "calib/kernels/collectives/communicator.hpp"

#include <fmt/format.h>
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
#include "calib/kernels/collectives/device_requirements.hpp"
#include "calib/measure/id_file.hpp"
#include "calib/measure/meeting.hpp"

namespace moesim {
namespace {

constexpr std::chrono::minutes kPatience{5};
constexpr std::chrono::minutes kPatienceWithinRun{3};  // far beyond what ranks differ by in making a case

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
  meeting_ = DeviceBuffer<double>(kMeetingWords);
  aligned_ = DeviceBuffer<std::uint32_t>(1);
  aligned_.fill_bytes(0, stream_);
  find_nodes();
}

Communicator::~Communicator() {
  if (!out_of_step_.empty()) {  // the others do not come to take leave
    for (const auto& [budget, comm] : by_budget_) ncclCommAbort(comm);
    return;
  }
  for (const auto& [budget, comm] : by_budget_)
    if (budget != 0) ncclCommDestroy(comm);
  if (by_budget_.contains(0)) ncclCommDestroy(by_budget_[0]);
  if (stream_) cudaStreamDestroy(stream_);
}

void Communicator::barrier() {
  meet(Meeting::barrier, 0);
}

double Communicator::largest(double value) {
  return meet(Meeting::largest, value);
}

double Communicator::worst(double value) {
  return meet(Meeting::worst, value);
}

double Communicator::meet(Meeting meeting, double value) {
  if (!out_of_step_.empty()) throw RunError(out_of_step_);
  auto words = meeting_words(static_cast<int>(meeting), value);
  check(cudaMemcpyAsync(meeting_.data(), words.data(), meeting_.bytes(), cudaMemcpyHostToDevice, stream_));
  check(ncclAllReduce(meeting_.data(), meeting_.data(), words.size(), ncclFloat64, ncclMax, by_budget_[0],
                      stream_));
  await_others();
  check(cudaMemcpyAsync(words.data(), meeting_.data(), meeting_.bytes(), cudaMemcpyDeviceToHost, stream_));
  check(cudaStreamSynchronize(stream_));
  if (!have_met(words)) {
    out_of_step_ =
        "the ranks are out of step: one of them has failed where others went on; the log is "
        "whole, go on with --resume";
    throw RunError(out_of_step_);
  }
  return words.front();
}

void Communicator::await_others() {
  const auto end = std::chrono::steady_clock::now() + kPatienceWithinRun;
  for (;;) {
    const cudaError_t status = cudaStreamQuery(stream_);
    if (status == cudaSuccess) return;
    if (status != cudaErrorNotReady) check(status);
    if (std::chrono::steady_clock::now() < end) continue;
    out_of_step_ =
        fmt::format("rank {} has waited {} minutes for the others; the log is whole, go on with --resume",
                    place_.rank, kPatienceWithinRun.count());
    throw RunError(out_of_step_);
  }
}

void Communicator::align(cudaStream_t stream) {
  if (!out_of_step_.empty()) throw RunError(out_of_step_);
  check(ncclAllReduce(aligned_.data(), aligned_.data(), 1, ncclUint32, ncclMax, by_budget_[0], stream));
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
  const ncclDevCommRequirements needs = device_requirements(1);
  ncclDevComm device{};
  const ncclResult_t status = ncclDevCommCreate(by_budget_[0], &needs, &device);
  if (status == ncclSuccess) {
    load_store_ranks_ = device.lsaSize;
    check(ncclDevCommDestroy(by_budget_[0], &device));
  } else {
    device_api_refusal_ = fmt::format("{} ({})", ncclGetErrorString(status), ncclGetLastError(by_budget_[0]));
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
