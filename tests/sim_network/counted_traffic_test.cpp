#include "sim/network/counted_traffic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "base/random.hpp"

namespace moesim {
namespace {

TrafficMatrix random_tokens(DispatchMode mode) {
  TrafficMatrix matrix(32, 8, mode);
  for (std::uint64_t token = 0; token < 2000; ++token) {
    RandomStream random(1, stream_of("counted_traffic_test"), token);
    std::vector<std::uint16_t> gpus(8);
    for (auto& gpu : gpus) gpu = static_cast<std::uint16_t>(random.below(32));
    matrix.add(static_cast<int>(token % 32), gpus);
  }
  return matrix;
}

// The flows of a dispatch put on each port what the matrix counts there.
TEST(CountedTraffic, FlowsAndPortsAgree) {
  const TrafficMatrix matrix = random_tokens(DispatchMode::normal);
  PortCopies flows{std::vector<double>(32), std::vector<double>(32), std::vector<double>(32),
                   std::vector<double>(32)};
  for (const Flow& flow : dispatch_flows(counted_traffic(matrix, Bytes(1)), 1)) {
    (flow.over_nic ? flows.nic_out : flows.nvlink_out)[static_cast<std::size_t>(flow.source)] +=
        flow.bytes.value();
    (flow.over_nic ? flows.nic_in : flows.nvlink_in)[static_cast<std::size_t>(flow.destination)] +=
        flow.bytes.value();
  }
  const PortCopies ports = matrix.ports();
  EXPECT_EQ(flows.nic_out, ports.nic_out);
  EXPECT_EQ(flows.nic_in, ports.nic_in);
  EXPECT_EQ(flows.nvlink_out, ports.nvlink_out);
  EXPECT_EQ(flows.nvlink_in, ports.nvlink_in);
}

// One chunk: latency + the busiest NIC port + the busiest NVLink port.
TEST(CountedTraffic, FormulaIsThatOfTheBusiestPorts) {
  const TrafficMatrix matrix = random_tokens(DispatchMode::normal);
  const PortCopies ports = matrix.ports();
  const double nic = std::max(std::ranges::max(ports.nic_out), std::ranges::max(ports.nic_in));
  const double nvlink = std::max(std::ranges::max(ports.nvlink_out), std::ranges::max(ports.nvlink_in));
  const PortSpeeds speeds{BytesPerSecond(40e9), BytesPerSecond(160e9)};
  const Seconds time = dispatch_formula(counted_traffic(matrix, Bytes(7392)), 1, speeds, Seconds(1e-5));
  EXPECT_NEAR(time.value(), 1e-5 + 7392 * (nic / 40e9 + nvlink / 160e9), 1e-12);
}

TEST(CountedTraffic, RefusesLowLatencyMode) {
  EXPECT_THROW(counted_traffic(random_tokens(DispatchMode::low_latency), Bytes(1)), std::invalid_argument);
}

}  // namespace
}  // namespace moesim
