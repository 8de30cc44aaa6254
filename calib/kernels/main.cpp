#include <iostream>

#include "base/error.hpp"
#include "calib/kernels/device_facts.hpp"

int main() {
  using namespace moesim;
  if (count_devices() == 0) {
    std::cerr << "moesim-calibrate: no CUDA device was found\n";
    return static_cast<int>(ExitCode::kRunFailed);
  }
  std::cout << device_facts(0).name << '\n';
  return 0;
}
