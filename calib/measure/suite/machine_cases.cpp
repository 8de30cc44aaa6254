#include <array>

#include "calib/measure/suite/families.hpp"

namespace moesim {

namespace {

constexpr double kKiB = 1024;
constexpr double kMiB = 1024 * kKiB;

MeasuredCase machine_case(TimedOperator op, const char* name, std::vector<TimingRegime> regimes) {
  MeasuredCase point;
  point.group = "machine";
  point.op = op;
  point.name = name;
  point.regimes = std::move(regimes);
  return point;
}

void add_copies(std::vector<MeasuredCase>& cases) {
  for (const char* name : {"read", "write", "copy"}) {
    for (double bytes = kKiB; bytes <= 4096 * kMiB; bytes *= 4) {
      cases.push_back(machine_case(TimedOperator::copy, name, {TimingRegime::cold}));
      cases.back().axes = {{"bytes", bytes}};
      cases.back().quick = bytes == 64 * kMiB || bytes == 1024 * kMiB;
    }
  }
  for (const double bytes : {kMiB, 64 * kMiB, 1024 * kMiB}) {
    cases.push_back(machine_case(TimedOperator::copy, "memcpy", {TimingRegime::cold}));
    cases.back().axes = {{"bytes", bytes}};
  }
  for (const double mib : {2, 8, 16, 24}) {  // at most half of the 50 MiB of an H100 and H200
    cases.push_back(machine_case(TimedOperator::copy, "l2_read", {TimingRegime::graph}));
    cases.back().axes = {{"bytes", mib * kMiB}};
    cases.back().quick = mib == 8;
  }
}

void add_launches(std::vector<MeasuredCase>& cases) {
  cases.push_back(machine_case(TimedOperator::launch, "plain", {TimingRegime::cold}));
  cases.back().quick = true;
  cases.push_back(machine_case(TimedOperator::launch, "graph", {TimingRegime::graph}));
  cases.back().quick = true;
}

}  // namespace

std::vector<MeasuredCase> machine_cases() {
  std::vector<MeasuredCase> cases;
  add_copies(cases);
  add_launches(cases);
  return cases;
}

MeasuredCase machine_random_case(RandomStream& random) {
  MeasuredCase point = machine_case(TimedOperator::copy, "", {TimingRegime::cold});
  point.name = std::array{"read", "write", "copy", "memcpy", "l2_read"}[random.below(5)];
  const double most = point.name == "l2_read" ? 24 * kMiB : 256 * kMiB;
  point.axes = {
      {"bytes", 16.0 * static_cast<double>(1 + random.below(static_cast<std::uint64_t>(most) / 16))}};
  return point;
}

}  // namespace moesim
