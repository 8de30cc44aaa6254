#pragma once

#include <gtest/gtest.h>

#include "calib/kernels/device_facts.hpp"

namespace moesim::test {

/// Tests on device 0; skipped where there is none.
class OnDevice : public testing::Test {
 protected:
  void SetUp() override {
    if (count_devices() == 0) GTEST_SKIP() << "no CUDA device";
    device = device_facts(0);
  }
  DeviceFacts device;
};

}  // namespace moesim::test
