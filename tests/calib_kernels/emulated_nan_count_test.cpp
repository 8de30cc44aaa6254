// The count of NaN as it is, its blocks emulated on the host.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "calib/kernels/nan_count.hpp"

namespace moesim {
namespace {

template <class T>
int num_nan(const std::vector<T>& values) {
  int count = 0;
  count_nan(values.data(), values.size(), &count, nullptr);
  return count;
}

// 700 elements are three blocks, the last of them not full; infinities and NaN behind the end do not count.
TEST(NanCount, FindsEachPlaceOnce) {
  std::vector<float> values(701, 1);
  values.back() = NAN;
  values.pop_back();
  values[5] = INFINITY;
  values[6] = -INFINITY;
  EXPECT_EQ(num_nan(values), 0);
  for (const std::size_t at : {0U, 255U, 256U, 699U}) values[at] = NAN;
  EXPECT_EQ(num_nan(values), 4);
}

TEST(NanCount, SeesWhatPoisonLeaves) {
  std::vector<__nv_bfloat16> values(300, __float2bfloat16(-3));
  EXPECT_EQ(num_nan(values), 0);
  std::memset(static_cast<void*>(&values[299]), 0xff, sizeof(values[299]));
  EXPECT_EQ(num_nan(values), 1);
}

TEST(NanCount, OfNothingIsNone) {
  EXPECT_EQ(num_nan(std::vector<float>{}), 0);
}

}  // namespace
}  // namespace moesim
