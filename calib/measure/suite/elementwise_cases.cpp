#include <array>

#include "calib/measure/suite/families.hpp"

namespace moesim {

namespace {

struct Kernel {
  const char* name;
  double columns;
};
// Widths of DeepSeek-V3: the hidden size, an expert's and a dense layer's intermediate size, the rotary part
// of 128 heads.
constexpr std::array kKernels{Kernel{"swiglu", 2048},   Kernel{"swiglu", 18432},  Kernel{"rms_norm", 7168},
                              Kernel{"rms_norm", 1536}, Kernel{"rope", 128 * 64}, Kernel{"quantize", 7168},
                              Kernel{"quantize", 2048}};

MeasuredCase elementwise_case(const char* name, double rows, double columns) {
  MeasuredCase point;
  point.group = "elementwise";
  point.op = TimedOperator::elementwise;
  point.name = name;
  point.axes = {{"rows", rows}, {"columns", columns}};
  return point;
}

}  // namespace

std::vector<MeasuredCase> elementwise_cases() {
  std::vector<MeasuredCase> cases;
  for (const Kernel& kernel : kKernels) {
    for (const double rows : {1, 16, 128, 512, 2048, 4096, 16384}) {
      cases.push_back(elementwise_case(kernel.name, rows, kernel.columns));
      cases.back().quick = rows == 4096 && (kernel.columns == 7168 || kernel.columns == 2048);
    }
  }
  return cases;
}

MeasuredCase elementwise_random_case(RandomStream& random) {
  const Kernel& kernel = kKernels[random.below(kKernels.size())];
  const double columns = 128.0 * static_cast<double>(1 + random.below(64));
  return elementwise_case(kernel.name, static_cast<double>(1 + random.below(3000)), columns);
}

}  // namespace moesim
