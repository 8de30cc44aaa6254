#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>

#include "base/random.hpp"
#include "calib/measure/suite/families.hpp"

namespace moesim {
namespace {

using Shape = std::tuple<double, double, double, double>;  // heads, queries, batch, length

std::set<Shape> shapes_of(const std::string& variant) {
  std::set<Shape> shapes;
  for (const MeasuredCase& point : mla_decode_cases()) {
    if (point.name != variant) continue;
    shapes.emplace(point.axis("heads"), point.axis("queries"), point.axis("batch"), point.axis("length"));
  }
  return shapes;
}

// Where wgmma cannot run, curves over batch and length are made of the twin alone.
TEST(MlaDecodeCases, TheTwinHasCurvesOfItsOwn) {
  const auto wgmma = shapes_of("wgmma");
  const auto mma = shapes_of("mma");
  for (const Shape& shape : mma) EXPECT_TRUE(wgmma.contains(shape));
  for (const double heads : {128, 64, 16}) {
    for (const double batch : {1, 8, 32, 128})
      for (const double length : {512, 4096, 16384})
        EXPECT_TRUE(mma.contains({heads, 1, batch, length})) << heads << " " << batch << " " << length;
    for (const double queries : {2, 4}) EXPECT_TRUE(mma.contains({heads, queries, 32, 4096}));
  }
}

TEST(MlaDecodeCases, EveryNumberOfHeadsHasEveryNumberOfQueryTokens) {
  const auto wgmma = shapes_of("wgmma");
  for (const double heads : {128, 64, 16})
    for (const double queries : {1, 2, 4})
      for (const double batch : {1, 32, 128}) EXPECT_TRUE(wgmma.contains({heads, queries, batch, 4096}));
}

TEST(MlaPrefillCases, RandomGradientsAreOfEnoughKeys) {
  for (std::uint64_t i = 0; i < 500; ++i) {
    RandomStream random(1, stream_of("mla_cases_test"), i);
    const MeasuredCase point = mla_prefill_random_case(random);
    EXPECT_GE(point.axis("length"), point.role == GemmRole::forward ? 1 : 32);
  }
}

}  // namespace
}  // namespace moesim
