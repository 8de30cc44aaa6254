#include <gtest/gtest.h>

#include <memory>

#include "base/random.hpp"
#include "calib/kernels/bench.hpp"
#include "calib/measure/suite/families.hpp"
#include "tests/calib_kernels/device_test.hpp"

namespace moesim {

extern const BenchFamily kMlaDecodeBench;
extern const BenchFamily kMlaPrefillBench;

namespace {

class MlaOnDevice : public test::OnDevice {
 protected:
  /// Checks `count` shapes drawn at random; those that the device cannot run are left out.
  void check_random(const BenchFamily& family, MeasuredCase (*draw)(RandomStream&), std::uint64_t count) {
    int num_checked = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      RandomStream random(7, stream_of("mla_device_test"), i);
      const MeasuredCase point = draw(random);
      if (!family.unsupported(point, device).empty()) continue;
      const CheckResult result = family.make(point, device, i)->check();
      EXPECT_TRUE(result.passed()) << point.id() << ": " << result.difference << " against "
                                   << result.against;
      ++num_checked;
    }
    EXPECT_GT(num_checked, 0);
  }
};

TEST_F(MlaOnDevice, DecodeAgreesWithItsReference) {
  check_random(kMlaDecodeBench, mla_decode_random_case, 40);
}

TEST_F(MlaOnDevice, PrefillAgreesWithItsReference) {
  check_random(kMlaPrefillBench, mla_prefill_random_case, 24);
}

}  // namespace
}  // namespace moesim
