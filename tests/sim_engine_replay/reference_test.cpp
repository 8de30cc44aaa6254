#include "tests/sim_engine_replay/reference_engine.hpp"

#include <gtest/gtest.h>

#include "tests/sim_engine_replay/random_graph.hpp"

namespace moesim::test {
namespace {

class ReplayOfRandomGraphs : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(ReplayOfRandomGraphs, EndsWhenTheReferenceEnds) {
  for (std::uint64_t i = 0; i < 50; ++i) {
    const RandomCase random(1000 * GetParam() + i);
    const std::vector<double> expected = reference_gpu_ends(random.input());
    const EngineResult result = replay(random.input());
    ASSERT_EQ(result.gpu_end_s.size(), expected.size());
    for (std::size_t gpu = 0; gpu < expected.size(); ++gpu) {
      ASSERT_NEAR(result.gpu_end_s[gpu], expected[gpu], 1e-9 * expected[gpu])
          << "case " << i << ", GPU " << gpu;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ReplayOfRandomGraphs, ::testing::Range<std::uint64_t>(0, 8));

}  // namespace
}  // namespace moesim::test
