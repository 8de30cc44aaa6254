// The calibration files and stacks that come with the program.
#include <algorithm>

#include <gtest/gtest.h>

#include "calib/profile/entry_grid.hpp"
#include "calib/profile/entry_table.hpp"
#include "calib/profile/operator_time.hpp"
#include "calib/profile/stack.hpp"

namespace moesim {
namespace {

const SourceSet kTrace{"deepseek-profile-data"};

bool is_gemm(const Entry& entry) {
  return entry.op == TimedOperator::gemm || entry.op == TimedOperator::grouped_gemm ||
         entry.op == TimedOperator::grouped_gemm_masked;
}

/// Bytes that a product moves at least: each operand once in its format, the output in BF16.
double least_bytes(const Entry& entry) {
  const double m = entry.axis("m"), n = entry.axis("n"), k = entry.axis("k");
  const double groups = entry.op == TimedOperator::gemm ? 1 : entry.axis("groups");
  return groups * (bytes_per_element(entry.format) * k * (m + n) + 2 * m * n);
}

class ShippedProfile : public testing::TestWithParam<std::string> {};

TEST_P(ShippedProfile, HasNoImpossibleEntry) {
  const CalibrationProfile profile = load_profile(GetParam());
  std::vector<Entry> entries = profile.entries();
  for (const EntryTable& table : profile.file().tables) {
    if (!is_gemm_grid(table)) continue;
    for (const Entry& entry : entries_of(table)) entries.push_back(entry);
  }
  for (const Entry& entry : entries) {
    const double flops = flops_of(entry).value();
    if (flops == 0) continue;
    const double seconds = time_of(entry).value();
    const auto where = std::string(enum_name(entry.op)) + " of " + entry.source;
    const auto peak = entry.format == NumberFormat::fp8 ? profile.gpu().peak_fp8 : profile.gpu().peak_bf16;
    EXPECT_LE(flops / seconds, peak.value()) << where;
    if (!is_gemm(entry) || entry.regime == Regime::graph) continue;  // where caches are warm
    EXPECT_LE(least_bytes(entry) / seconds, profile.gpu().hbm_bandwidth.value())
        << where << " m " << entry.axis("m") << " n " << entry.axis("n") << " k " << entry.axis("k");
  }
}

TEST_P(ShippedProfile, HasUsedSourcesOnly) {
  const CalibrationProfile profile = load_profile(GetParam());
  const auto& entries = profile.entries();
  for (const Source& source : profile.sources()) {
    const bool by_entry = std::any_of(entries.begin(), entries.end(),
                                      [&](const Entry& entry) { return entry.source == source.id; });
    const auto& constants = profile.constants();
    const bool by_constant = std::any_of(constants.begin(), constants.end(), [&](const Constant& constant) {
      const auto names = [&](const std::vector<std::string>& ids) {
        return std::find(ids.begin(), ids.end(), source.id) != ids.end();
      };
      return names(constant.sources) || (constant.fallback && names(constant.fallback->sources));
    });
    const auto& tables = profile.file().tables;
    const bool by_table = std::any_of(tables.begin(), tables.end(),
                                      [&](const EntryTable& table) { return table.source == source.id; });
    EXPECT_TRUE(by_entry || by_table || by_constant) << source.id;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ShippedProfile, testing::ValuesIn(profile_names()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

// Rows of the DeepGEMM readme: TFLOP/s of a 4096-row FP8 product on H800.
TEST(H800, AnswersPublishedProducts) {
  const CalibrationProfile profile = load_profile("h800-sxm");
  const TimeEstimate out = profile.gemm({NumberFormat::fp8, 4096, 7168, 16384, 1, GemmRole::forward});
  EXPECT_NEAR(2.0 * 4096 * 7168 * 16384 / out.seconds / 1520e12, 1, 1e-9);
  EXPECT_EQ(out.provenance, Provenance::published);
  const TimeEstimate grouped = profile.gemm({NumberFormat::fp8, 8192, 4096, 7168, 4, GemmRole::forward});
  EXPECT_NEAR(2.0 * 4 * 8192 * 4096 * 7168 / grouped.seconds / 1346e12, 1, 1e-9);
}

// DeepEP's readme and the published links.
TEST(H800, AnswersPublishedTransfers) {
  const CalibrationProfile profile = load_profile("h800-sxm");
  EXPECT_NEAR(profile.all_to_all_bandwidth(TimedOperator::dispatch_normal, 64).value(), 51e9, 1);
  EXPECT_NEAR(profile.all_to_all_bandwidth(TimedOperator::combine_normal, 64).value(), 50e9, 1);
  EXPECT_DOUBLE_EQ(profile.low_latency(TimedOperator::dispatch_low_latency, 64, 128, 8, 7168).seconds,
                   173e-6);
  EXPECT_EQ(profile.link_bandwidth("nvlink_usable").value(), 160e9);
  EXPECT_EQ(profile.link_bandwidth("nic").value(), 50e9);
  EXPECT_DOUBLE_EQ(profile.link_latency("nic_latency_across_leaves").value(), 3.7e-6);
}

// The trace is a source of its own: without it no overlapped entry is left and everything else still answers.
TEST(H800, AnswersWithoutTheTrace) {
  const CalibrationProfile with = load_profile("h800-sxm");
  const CalibrationProfile without = load_profile("h800-sxm", kTrace);
  EXPECT_TRUE(with.overlapped_phase("layer_pair"));
  EXPECT_FALSE(without.overlapped_phase("layer_pair"));
  for (const Entry& entry : without.entries()) EXPECT_EQ(entry.regime, Regime::isolated);
  const auto overlapped = static_cast<std::size_t>(
      std::count_if(with.entries().begin(), with.entries().end(),
                    [](const Entry& entry) { return entry.regime == Regime::overlapped; }));
  EXPECT_EQ(without.entries().size(), with.entries().size() - overlapped);
  const Stack stack = load_stack("deepseek-v3-fp8");
  for (const ResolvedConstant& constant : list_constants(stack, without)) {
    EXPECT_NE(constant.provenance, Provenance::fitted) << constant.name;
    EXPECT_EQ(std::count(constant.sources.begin(), constant.sources.end(), "deepseek-profile-data"), 0)
        << constant.name;
  }
}

class ShippedStack : public testing::TestWithParam<std::string> {};

TEST_P(ShippedStack, FitsAtMostFourConstantsOnNamedCases) {
  const Stack stack = load_stack(GetParam());
  EXPECT_LE(std::count_if(stack.constants.begin(), stack.constants.end(),
                          [](const Constant& c) { return c.provenance == Provenance::fitted; }),
            static_cast<std::ptrdiff_t>(kMaxFittedConstants));
  for (const Constant& constant : stack.constants) {
    EXPECT_EQ(constant.provenance == Provenance::fitted, !constant.cases.empty()) << constant.name;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ShippedStack, testing::ValuesIn(stack_names()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

// Every operator of an MoE layer of DeepSeek-V3 has a positive time, unless the stack fuses it.
TEST(DeepSeekV3Fp8, TimesEveryOperatorOfALayer) {
  const ModelSpec model = load_model("deepseek-v3");
  const Stack stack = load_stack("deepseek-v3-fp8");
  OperatorContext context;
  context.expert_tokens = 8 * context.tokens;
  context.local_experts = 4;
  for (const SourceSet& excluded : {SourceSet{}, kTrace}) {
    const CalibrationProfile profile = load_profile("h800-sxm", excluded);
    for (const Pass pass : {Pass::forward, Pass::input_gradient, Pass::weight_gradient}) {
      for (const Operator& op : layer_operators(model, LayerKind::moe, pass, context)) {
        const TimeEstimate out = operator_time(op, stack, profile);
        EXPECT_EQ(out.seconds == 0, stack.fuses(operator_class(op.name))) << op.name;
        EXPECT_LE(out.p10, out.seconds) << op.name;
        EXPECT_GE(out.p90, out.seconds) << op.name;
      }
    }
  }
}

}  // namespace
}  // namespace moesim
