#include "calib/import/trace/trace_import.hpp"

#include <gtest/gtest.h>

#include "calib/profile/profile.hpp"
#include "tests/calib_import_trace/small_trace.hpp"
#include "tests/calib_profile/small_profile.hpp"

namespace moesim {
namespace {

using test::OwnFile;
using test::two_steps;
using test::write;

Stack small_stack() {
  return read_spec<Stack>(parse_json(test::kSmallStack, "stack.json"), "stack.json");
}

ImportedTrace imported(const test::ChromeText& text, int num_steps = 2) {
  const OwnFile file("import.json");
  write(file, text.text());
  const Trace trace = read_trace(file.path().string());
  TraceImport import;
  import.name = "my-job";
  import.source = "my-trace";
  import.title = "a trace";
  import.base = read_spec<ProfileFile>(
      test::small_document({test::gemm_entry(1000, 1000, 1000, "200 us", "bf16")}), "small.json");
  Constant burst;  // the base was timed at full clocks
  burst.name = "sustained_rate";
  burst.unit = "ratio";
  burst.value = 0.5;
  import.base.constants.push_back(burst);
  import.stack = small_stack();
  return import_trace(trace, traced_steps(trace, num_steps), import);
}

const Entry& entry_of(const ProfileFile& profile, TimedOperator op, Regime regime) {
  for (const Entry& entry : profile.entries) {
    if (entry.op == op && entry.regime == regime && entry.provenance == Provenance::measured) return entry;
  }
  throw std::runtime_error("no such entry");
}

// 100 us in one step, 101 in the other.
TEST(TraceImport, MeasuresShapes) {
  const ImportedTrace out = imported(two_steps());
  const Entry& alone = entry_of(out.profile, TimedOperator::gemm, Regime::isolated);
  EXPECT_NEAR(alone.time->value(), 100.5e-6, 1e-12);
  EXPECT_EQ(alone.num_samples, 2);
  EXPECT_EQ(alone.gpu, "Vendor G100");
  EXPECT_EQ(alone.source, "my-trace");
  EXPECT_NEAR(entry_of(out.profile, TimedOperator::gemm, Regime::overlapped).time->value(), 125e-6, 1e-12);
  EXPECT_NEAR(entry_of(out.profile, TimedOperator::gqa_prefill, Regime::isolated).time->value(), 50e-6,
              1e-12);
  EXPECT_EQ(entry_of(out.profile, TimedOperator::all_reduce, Regime::isolated).axis("bytes"), 2e6);
}

// The private profile answers with the trace, not with the base.
TEST(TraceImport, StandsBeforeTheBase) {
  const ImportedTrace out = imported(two_steps());
  const std::string path = "my-job.json";
  const CalibrationProfile profile(out.profile, {}, path);
  const TimeEstimate time = profile.gemm({NumberFormat::bf16, 1000, 1000, 1000});
  EXPECT_NEAR(time.seconds, 100.5e-6, 1e-12);
  EXPECT_EQ(time.provenance, Provenance::measured);
  // It is a valid file.
  EXPECT_NO_THROW(read_spec<ProfileFile>(parse_json(write_spec_text(out.profile), path), path));
}

TEST(TraceImport, CountsWhatShapesExplain) {
  const TraceReport report = imported(two_steps()).report;
  ASSERT_EQ(report.classes.size(), 4U);
  EXPECT_EQ(report.classes[0].what, KernelClass::gemm);
  EXPECT_EQ(report.classes[0].calls, 4U);
  EXPECT_EQ(report.classes[0].matched, 4U);
  EXPECT_NEAR(report.classes[0].seconds, 225.5e-6, 1e-12);
  const ClassCount& small = report.classes.back();
  EXPECT_EQ(small.what, KernelClass::small);
  EXPECT_EQ(small.matched, 0U);
}

// The base says 200 us of the product that took 101 (median of 100, 101, 125, 125: 113).
TEST(TraceImport, ComparesShapesWithTheBase) {
  const TraceReport report = imported(two_steps()).report;
  const auto product =
      std::find_if(report.shapes.begin(), report.shapes.end(),
                   [](const ShapeDifference& row) { return row.entry.op == TimedOperator::gemm; });
  ASSERT_NE(product, report.shapes.end());
  EXPECT_NEAR(product->traced_s, 113e-6, 1e-12);
  EXPECT_EQ(product->calls, 2);
  ASSERT_TRUE(product->predicted_s);
  EXPECT_NEAR(*product->predicted_s, 200e-6, 1e-12);
}

// Alone 100.5 us, beside communication 125 us.
TEST(TraceImport, FindsWhatCommunicationCosts) {
  const ImportedTrace out = imported(two_steps());
  EXPECT_NEAR(out.report.overlap_rate, 100.5 / 125, 1e-9);
  EXPECT_EQ(out.report.overlap_shapes, 1U);
  // One shape is too few to replace the constant of the stack.
  EXPECT_NE(out.stack->value("compute_contention", {}), out.report.overlap_rate);
}

// Three shapes that ran both ways at 0.6 of their rate: the stack's GEMMs keep 80 of 100 SMs, so 0.75 of the
// rate on those is contention.
TEST(TraceImport, FitsTheContentionOfTheStack) {
  test::ChromeText text;
  text.step(0, 0, 10000);
  for (int i = 0; i < 3; ++i) {
    const std::string dims = fmt::format("[[{0}, {0}], [{0}, {0}]]", 256 << i);
    const double t = 3000.0 * i;
    text.kernel("gemm", t + 100, 60, text.op("aten::mm", dims));
    text.kernel("gemm", t + 1000, 100, text.op("aten::mm", dims));
    text.kernel("ncclDevKernel_AllGather", t + 900, 400, -1, 20);
  }
  const ImportedTrace out = imported(text, 1);
  EXPECT_NEAR(out.report.overlap_rate, 0.6, 1e-9);
  EXPECT_NEAR(out.stack->value("compute_contention", {}), 0.75, 1e-9);
  EXPECT_EQ(out.stack->value("sustained_rate", {}), 1);
  EXPECT_TRUE(std::none_of(out.profile.constants.begin(), out.profile.constants.end(),
                           [](const Constant& c) { return c.name == "sustained_rate"; }));
  EXPECT_NEAR(out.stack->overlapped_rate(ComputeClass::gemm, 100, 20, {}), 0.6, 1e-9);
}

// What only ran beside communication still has a time alone, a derived one.
TEST(TraceImport, CarriesOverlappedShapesToACurve) {
  test::ChromeText text = two_steps();
  text.step(2, 2000, 1000);
  text.kernel("gemm", 2100, 100, text.op("aten::mm", "[[512, 512], [512, 512]]"));
  text.collective("ncclDevKernel_AllReduce", "allreduce", 1e6, 8, 2050, 300);
  const ImportedTrace out = imported(text, 3);
  const CalibrationProfile profile(out.profile, {}, "my-job.json");
  const TimeEstimate time = profile.gemm({NumberFormat::bf16, 512, 512, 512});
  EXPECT_NEAR(time.seconds, 100e-6 * out.report.overlap_rate, 1e-12);
  EXPECT_EQ(time.provenance, Provenance::derived);
}

}  // namespace
}  // namespace moesim
