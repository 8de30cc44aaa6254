#include <gtest/gtest.h>
#include <zlib.h>

#include "calib/import/trace/traced_calls.hpp"
#include "tests/calib_import_trace/small_trace.hpp"

namespace moesim {
namespace {

using test::ChromeText;
using test::OwnFile;
using test::two_steps;
using test::write;

TEST(ChromeTrace, LinksKernelsToTheirOperators) {
  const OwnFile file("trace.json");
  write(file, two_steps().text());
  const Trace trace = read_trace(file.path().string());
  EXPECT_EQ(trace.tool, "PyTorch profiler");
  EXPECT_EQ(trace.gpu, "Vendor G100");
  ASSERT_EQ(trace.kernels.size(), 10U);
  EXPECT_EQ(trace.kernels[0].op, "aten::mm");
  EXPECT_EQ(trace.kernels[0].shapes, (std::vector<std::vector<std::int64_t>>{{1000, 1000}, {1000, 1000}}));
  EXPECT_DOUBLE_EQ(trace.kernels[0].start_s, 10e-6);
  EXPECT_DOUBLE_EQ(trace.kernels[0].seconds, 100e-6);
  EXPECT_EQ(trace.kernels[1].collective, "allreduce");  // by start
  EXPECT_EQ(trace.kernels[1].group_size, 8);
  ASSERT_EQ(trace.steps.size(), 2U);
  EXPECT_EQ(trace.steps[1].name, "ProfilerStep#1");
  EXPECT_EQ(trace.launches_s.size(), 2U);
}

TEST(ChromeTrace, IsReadCompressed) {
  const OwnFile plain("trace.json"), packed("trace.json.gz");
  write(plain, two_steps().text());
  gzFile out = gzopen(packed.path().c_str(), "wb");
  const std::string text = two_steps().text();
  gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
  gzclose(out);
  EXPECT_EQ(read_trace(packed.path().string()).kernels.size(),
            read_trace(plain.path().string()).kernels.size());
}

TEST(ChromeTrace, MayBeABareArrayOfEvents) {
  const OwnFile file("array.json");
  write(file, R"([{"ph": "X", "cat": "kernel", "name": "gemm", "ts": 1, "dur": 2, "args": {"device": 0}}])");
  EXPECT_EQ(read_trace(file.path().string()).kernels.size(), 1U);
}

TEST(ChromeTrace, TakesTheBusiestDeviceOrTheOneAskedFor) {
  ChromeText text;
  text.kernel("gemm", 0, 1, -1, 7, 0);
  text.kernel("gemm", 0, 1, -1, 7, 3);
  text.kernel("gemm", 2, 1, -1, 7, 3);
  const OwnFile file("devices.json");
  write(file, text.text());
  EXPECT_EQ(read_trace(file.path().string()).device, 3);
  EXPECT_EQ(read_trace(file.path().string(), {.device = 0, .mark = ""}).kernels.size(), 1U);
  EXPECT_THROW(read_trace(file.path().string(), {.device = 5, .mark = ""}), SpecError);
}

// Of 1,000 us: computation 100 + 125 + 50 + 6 (100 and 101 in the two steps), communication 250 of which the
// second GEMM covers 125.
TEST(TracedSteps, MeasureLanes) {
  const OwnFile file("lanes.json");
  write(file, two_steps().text());
  const TracedSteps steps = traced_steps(read_trace(file.path().string()), 2);
  EXPECT_NEAR(steps.lanes.step_s, 1000e-6, 1e-12);
  EXPECT_NEAR(steps.lanes.computation_s, 281.5e-6, 1e-12);
  EXPECT_NEAR(steps.lanes.communication_s, 250e-6, 1e-12);
  EXPECT_NEAR(steps.lanes.exposed_s, 125e-6, 1e-12);
  EXPECT_NEAR(steps.lanes.idle_s, 1000e-6 - 281.5e-6 - 125e-6, 1e-12);
  ASSERT_EQ(steps.gaps_s.size(), 2U);  // 504 - 500; the others are longer than a launch gap
  EXPECT_NEAR(steps.gaps_s[0], 4e-6, 1e-12);
}

TEST(TracedSteps, TellWhatRanBesideCommunication) {
  const OwnFile file("beside.json");
  write(file, two_steps().text());
  const TracedSteps steps = traced_steps(read_trace(file.path().string()), 1);
  ASSERT_EQ(steps.calls.size(), 5U);
  EXPECT_FALSE(steps.calls[0].overlapped);
  EXPECT_EQ(steps.calls[1].what, KernelClass::collective);
  EXPECT_TRUE(steps.calls[2].overlapped);
  EXPECT_FALSE(steps.calls[3].overlapped);
}

// Two kernels of one call, as a split-K product and its reduction, are one call.
TEST(TracedSteps, AddTheKernelsOfOneCall) {
  ChromeText text;
  text.step(0, 0, 100);
  const int op = text.op("aten::mm", "[[64, 64], [64, 64]]");
  text.kernel("gemm_splitk", 1, 10, op);
  text.kernel("splitKreduce_kernel", 12, 3, op);
  const OwnFile file("split.json");
  write(file, text.text());
  const TracedSteps steps = traced_steps(read_trace(file.path().string()), 1);
  ASSERT_EQ(steps.calls.size(), 1U);
  EXPECT_NEAR(steps.calls[0].seconds, 13e-6, 1e-12);
  EXPECT_EQ(steps.calls[0].num_kernels, 2);
  EXPECT_EQ(steps.calls[0].kernel, "gemm_splitk");
}

}  // namespace
}  // namespace moesim
