#include "sim/engine/simgrid/platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <limits>
#include <string>

#include "base/error.hpp"

namespace moesim::on_simgrid {
namespace {

/// Payloads stay below this power of two, so that they are exact as doubles too.
constexpr int kPayloadBits = 52;

/// 64 times the spacing of doubles at the end of a step, so that rounding never parts an event from its time.
double precision_of(double serial_s) {
  constexpr double kSpacings = 64;
  if (!std::isfinite(serial_s)) throw RunError("simgrid: an operation's time is not finite");
  return serial_s > 0 ? kSpacings * std::numeric_limits<double>::epsilon() * serial_s : 1e-12;
}

s4u::Engine make_engine(double time_precision_s) {
  std::array<std::string, 7> arguments{"moesim",
                                       "--cfg=network/model:CM02",
                                       "--cfg=network/crosstraffic:0",
                                       "--cfg=network/TCP-gamma:0",
                                       fmt::format("--cfg=surf/precision:{}", time_precision_s),
                                       "--cfg=maxmin/precision:1e-12",
                                       "--log=root.thresh:critical"};
  std::array<char*, arguments.size() + 1> argv{};
  std::ranges::transform(arguments, argv.begin(), [](std::string& text) { return text.data(); });
  int argc = static_cast<int>(arguments.size());
  return s4u::Engine(&argc, argv.data());
}

}  // namespace

Platform::Platform(const EngineInput& input, const StepScale& scale)
    : time_precision_s_(precision_of(scale.serial_s)), engine_(make_engine(time_precision_s_)) {
  std::signal(SIGINT, SIG_DFL);  // SimGrid's handler would run the exit handlers of the parent process
  zone_ = s4u::create_star_zone("step");
  if (scale.largest_flow_B > 0) {
    payload_shift_ = std::min(kPayloadBits, kPayloadBits - 1 - std::ilogb(scale.largest_flow_B));
  }

  std::vector<double> speeds{1.0};
  for (const OperationCost& cost : input.graph->costs) speeds.push_back(cost.overlapped_rate);
  std::sort(speeds.begin() + 1, speeds.end());
  speeds.erase(std::unique(speeds.begin() + 1, speeds.end()), speeds.end());
  for (const OperationCost& cost : input.graph->costs) {
    const auto at = std::lower_bound(speeds.begin() + 1, speeds.end(), cost.overlapped_rate);
    pstates_.push_back(static_cast<unsigned long>(at - speeds.begin()));
  }
  gpus_.resize(input.gpus.size());
  for (std::size_t i = 0; i < gpus_.size(); ++i) add_gpu(i, input.gpus[i], speeds);
  zone_->seal();
}

/// SimGrid would lose events unseen once the spacing of its clock comes near its precision.
void Platform::run() {
  engine_.run();
  if (4 * std::numeric_limits<double>::epsilon() * now_s() <= time_precision_s_) return;
  throw RunError(fmt::format("simgrid: the step lasts {:.3g} s, too long for a time precision of {:.3g} s",
                             now_s(), time_precision_s_));
}

std::uint64_t Platform::payload(double bytes) const {
  return std::max<std::uint64_t>(1,
                                 static_cast<std::uint64_t>(std::llround(std::ldexp(bytes, payload_shift_))));
}

s4u::Host* Platform::add_host(const char* kind, std::size_t index, const std::vector<double>& speeds) {
  return zone_->create_host(fmt::format("{}{}", kind, index), speeds);
}

s4u::Link* Platform::add_link(const char* kind, std::size_t index, double rate_Bps) {
  return zone_->create_link(fmt::format("{}{}", kind, index), std::ldexp(rate_Bps, payload_shift_))->seal();
}

void Platform::add_gpu(std::size_t index, const GpuState& given, const std::vector<double>& speeds) {
  GpuResources& gpu = gpus_[index];
  gpu.sms = add_host("sms", index, speeds)->seal();
  gpu.clock = add_host("clock", index, {1.0})->set_core_count(static_cast<int>(kNumLanes))->seal();
  if (given.nic_out_Bps > 0) {
    gpu.nic_out = add_host("out", index, {1.0})->seal();
    const s4u::Link* link = add_link("nic_out", index, given.nic_out_Bps);
    zone_->add_route(gpu.nic_out->get_netpoint(), nullptr, nullptr, nullptr, {s4u::LinkInRoute(link)}, false);
  }
  if (given.nic_in_Bps > 0) {
    gpu.nic_in = add_host("in", index, {1.0})->seal();
    const s4u::Link* link = add_link("nic_in", index, given.nic_in_Bps);
    zone_->add_route(nullptr, gpu.nic_in->get_netpoint(), nullptr, nullptr, {s4u::LinkInRoute(link)}, false);
  }
  if (given.nvlink_Bps > 0) {
    gpu.nvlink = add_host("peers", index, {1.0})->seal();
    const s4u::Link* link = add_link("nvlink", index, given.nvlink_Bps);
    zone_->add_route(nullptr, gpu.nvlink->get_netpoint(), nullptr, nullptr, {s4u::LinkInRoute(link)}, false);
  }
}

}  // namespace moesim::on_simgrid
