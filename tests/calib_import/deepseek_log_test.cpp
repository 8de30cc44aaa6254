// Logs of the tests of DeepEP, DeepGEMM and FlashMLA.
#include <gmock/gmock.h>

#include "tests/calib_import/log_case.hpp"

namespace moesim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace test;

TEST(DeepEp, Low_latency_takes_as_long_as_the_slowest_rank) {
  const LogPoints log = points_of("deepep", "deepep_low_latency.txt");
  EXPECT_THAT(lines_of(log),
              ElementsAre("dispatch_low_latency fp8 ep=8 hidden=7168 tokens=128 top_k=8 76.97 us",
                          "combine_low_latency bf16 ep=8 hidden=7168 tokens=128 top_k=8 114.04 us"));
  EXPECT_NEAR(log.points[0].entry.p10, 76.2 / 76.97, 1e-4);
  EXPECT_EQ(log.unused.begin()->second, 16U);
}

TEST(DeepEp, Combine_in_LogFMT_is_counted) {
  // 1,018 choices of 7168 x 10 / 8 + 224 = 9,184 bytes in 114 us: 82.01 GB/s.
  const std::string text =
      "[rank 0] Dispatch bandwidth: 98.00 GB/s, avg_t=77.00 us | Combine bandwidth: 82.01 GB/s, avg_t=114.00 "
      "us\n";
  const LogPoints log = points_of_text("deepep", text);
  EXPECT_EQ(lines_of(log).size(), 1U);
  EXPECT_EQ(log.unused.begin()->first, "combine in LogFMT");
}

TEST(DeepEp, Normal_inside_a_node) {
  EXPECT_THAT(lines_of(points_of("deepep", "deepep_intranode_2025-02.txt")),
              ElementsAre("dispatch_normal fp8 ep=8 hidden=7168 tokens=4096 top_k=8 153 GB/s",
                          "dispatch_normal bf16 ep=8 hidden=7168 tokens=4096 top_k=8 155 GB/s",
                          "combine_normal bf16 ep=8 hidden=7168 tokens=4096 top_k=8 158 GB/s"));
  EXPECT_THAT(lines_of(points_of("deepep", "deepep_intranode_1.2.1.txt")),
              ElementsAre("dispatch_normal fp8 ep=8 hidden=7168 sms=24 tokens=4096 top_k=8 1047.84 us",
                          "dispatch_normal bf16 ep=8 hidden=7168 sms=24 tokens=4096 top_k=8 2005.96 us",
                          "combine_normal bf16 ep=8 hidden=7168 sms=24 tokens=4096 top_k=8 1967.87 us"));
}

TEST(DeepEp, Normal_between_nodes_in_three_releases) {
  LogSettings settings;
  settings.ep = 16;
  const auto first = points_of("deepep", "deepep_internode_2025-02.txt", settings);
  EXPECT_EQ(line_of(first.points[0].entry),
            "dispatch_normal fp8 ep=16 hidden=7168 tokens=4096 top_k=8 43 GB/s");
  const auto second = points_of("deepep", "deepep_internode_1.2.1.txt", settings);
  EXPECT_EQ(line_of(second.points[2].entry),
            "combine_normal bf16 ep=16 hidden=7168 sms=24 tokens=4096 top_k=8 2184.94 us");
  const auto third = points_of("deepep", "deepep_internode_2025-11.txt", settings);
  EXPECT_EQ(line_of(third.points[0].entry),
            "dispatch_normal fp8 ep=16 hidden=7168 sms=24 tokens=4096 top_k=8 1127 us");
  EXPECT_EQ(line_of(third.points[2].entry),
            "combine_normal bf16 ep=16 hidden=7168 sms=24 tokens=4096 top_k=8 2184.94 us");
}

TEST(DeepEp, Second_version_says_its_settings) {
  const LogPoints log = points_of("deepep", "deepep_v2.txt", {});
  ASSERT_EQ(log.points.size(), 2U);
  EXPECT_THAT(line_of(log.points[0].entry),
              HasSubstr("dispatch_normal fp8 ep=8 hidden=7168 sms=24 tokens=8192 top_k=8"));
  EXPECT_THAT(line_of(log.points[1].entry), HasSubstr("combine_normal bf16 ep=8 hidden=7168 sms=24"));
  EXPECT_EQ(log.unused.at("expanded, cached or reduced transfers"), 24U);
  EXPECT_NEAR(log.points[0].work.link_bytes / log.points[0].entry.time->value(), 643e9 * 7 / 8, 1e9);
}

TEST(DeepEp, Refusals) {
  const std::string low = log_text("deepep_low_latency.txt");
  EXPECT_THAT(fault_of("deepep", low, "log.txt", {}),
              HasSubstr("line 10: the log does not say how many ranks the run had; give them with --ep"));
  LogSettings settings = eight_ranks();
  settings.ep = 4;
  EXPECT_THAT(fault_of("deepep", low, "log.txt", settings),
              HasSubstr("a rank 7 in a run of 4; correct --ep"));
  settings = eight_ranks();
  settings.tokens = 64;
  EXPECT_THAT(fault_of("deepep", low, "log.txt", settings),
              HasSubstr("64 tokens to 8 experts in rows of 7408 are 3792896; give the run's --tokens"));
  EXPECT_THAT(fault_of("deepep", replaced(low, "avg_t=76.53 us |", "avg_t=0.00 us |")),
              HasSubstr("a time of 0 is not above 0"));
  EXPECT_THAT(fault_of("deepep", replaced(low, "avg_t=76.53 us |", "avg_t=-76.53 us |")),
              HasSubstr("a time of -76.53 is not above 0"));
  EXPECT_THAT(fault_of("deepep", replaced(low, "avg_t=76.53 us |", "avg_t=76.53 ms |")),
              HasSubstr("line 10: a dispatch of 98.54 GB/s x 76530 us"));
  EXPECT_THAT(fault_of("deepep", replaced(low, "avg_t=76.53 us | Combine", "avg_t=76.5")),
              HasSubstr("line 10: 'bandwidth:' is no unit of time; expected '[rank 0] Dispatch"));
  const std::string intra = log_text("deepep_intranode_1.2.1.txt");
  EXPECT_THAT(fault_of("deepep", intra.substr(0, intra.find("[tuning] Best combine"))),
              HasSubstr("the log ends before '[tuning] Best combine: ...'"));
  EXPECT_THAT(fault_of("deepep", intra.substr(intra.find("[tuning]"))),
              HasSubstr("a result before its settings; expected '[config] num_tokens=4096"));
  const std::string second = log_text("deepep_v2.txt");
  EXPECT_THAT(fault_of("deepep", second.substr(0, second.find("* EP:   5/8"))), HasSubstr("of every rank"));
  EXPECT_THAT(fault_of("deepep", "nothing\n"),
              HasSubstr("line 1: no line of DeepEP's tests; expected '[rank 0]"));
}

TEST(DeepGemm, First_version_with_the_figures_of_its_readme) {
  const LogPoints log = points_of("deepgemm", "deepgemm_2025-02.txt");
  ASSERT_EQ(log.points.size(), 28U);
  EXPECT_EQ(line_of(log.points[0].entry), "gemm fp8 k=7168 m=64 n=2112 206 TFLOP/s");  // 9 us has one digit
  EXPECT_EQ(line_of(log.points[15].entry), "gemm fp8 k=16384 m=4096 n=7168 1.52 PFLOP/s");
  EXPECT_EQ(line_of(log.points[18].entry), "grouped_gemm fp8 groups=4 k=7168 m=8192 n=4096 1430 us");
  EXPECT_EQ(line_of(log.points[27].entry),
            "grouped_gemm_masked fp8 groups=4 k=2048 m=256 n=7168 815 TFLOP/s");
  EXPECT_EQ(log.points[0].entry.kernel, "DeepGEMM V1");
}

TEST(DeepGemm, Weight_gradients) {
  EXPECT_THAT(lines_of(points_of("deepgemm", "deepgemm_2025-05.txt")),
              ElementsAre("gemm fp8 weight_gradient k=4096 m=7168 n=2112 780 TFLOP/s",
                          "gemm fp8 weight_gradient k=8192 m=2048 n=7168 910 TFLOP/s",
                          "grouped_gemm fp8 weight_gradient groups=4 k=4096 m=7168 n=4096 1069 us"));
}

TEST(DeepGemm, Second_version_in_FP8) {
  for (const char* name : {"deepgemm_fp8_2025-07.txt", "deepgemm_fp8_2026-06.txt"}) {
    const LogPoints log = points_of("deepgemm", name);
    ASSERT_EQ(log.points.size(), 6U) << name;
    EXPECT_THAT(line_of(log.points[1].entry), HasSubstr("gemm fp8 k=7168 m=4096 n=4096"));
    EXPECT_EQ(log.points[1].entry.kernel, "DeepGEMM V2 1D2D");
    EXPECT_THAT(line_of(log.points[2].entry), HasSubstr("gemm fp8 weight_gradient k=4096 m=4096 n=7168"));
    EXPECT_THAT(line_of(log.points[3].entry), HasSubstr("grouped_gemm fp8 groups=4 k=7168 m=8256 n=4096"));
    EXPECT_EQ(line_of(log.points[4].entry), "grouped_gemm_masked fp8 groups=4 k=7168 m=256 n=4096 69 us");
    EXPECT_THAT(line_of(log.points[5].entry),
                HasSubstr("grouped_gemm fp8 weight_gradient groups=4 k=8192 m=4096 n=7168"));
  }
  EXPECT_NEAR(points_of("deepgemm", "deepgemm_fp8_2026-06.txt").points[4].entry.p90, 76.0 / 69, 1e-9);
}

TEST(DeepGemm, Second_version_in_BF16) {
  const LogPoints log = points_of("deepgemm", "deepgemm_bf16_2026-06.txt");
  ASSERT_EQ(log.points.size(), 8U);
  EXPECT_THAT(line_of(log.points[2].entry), HasSubstr("gemm bf16 input_gradient k=7168 m=4096 n=4096"));
  EXPECT_EQ(log.points[7].entry.kernel, "cuBLASLt, DeepGEMM tests");
  EXPECT_EQ(log.unused.begin()->first, "results added to BF16");
}

TEST(DeepGemm, FP4_is_counted) {
  const std::string text =
      replaced(log_text("deepgemm_fp8_2026-06.txt"), "Testing GEMM:\n",
               "Testing GEMM:\n > Testing with gran_k_a=128, gran_k_b=32, is_fp4_a=False, is_fp4_b=True\n");
  EXPECT_EQ(points_of_text("deepgemm", text).unused.at("FP4 operands"), 3U);
}

TEST(DeepGemm, Refusals) {
  const std::string v1 = log_text("deepgemm_2025-02.txt");
  EXPECT_THAT(fault_of("deepgemm", replaced(v1, "206 TFLOPS, 1687 GB/s", "206 TFLOPS, 16")),
              HasSubstr("line 5: '' is no unit of bandwidth; expected '> Perf"));
  EXPECT_THAT(fault_of("deepgemm", replaced(v1, "1430 us", "1430 ms")),
              HasSubstr("operations in 1.43e+06 us are 1.346 TFLOP/s, the line says 1346"));
  EXPECT_THAT(fault_of("deepgemm", replaced(v1, "1430 us", "0 us")), HasSubstr("a time of 0 is not above 0"));
  EXPECT_THAT(fault_of("deepgemm", replaced(v1, "(m=   64, n= 2112", "(m=   64, n= -2112")),
              HasSubstr("line 5: n is no number above 0; expected '> Perf (m=64"));
  EXPECT_THAT(fault_of("deepgemm", v1.substr(0, v1.find(" > Performance (num_groups=1"))),
              HasSubstr("the log ends before '> Perf"));
  EXPECT_THAT(fault_of("deepgemm", v1.substr(v1.find(" > Performance"))),
              HasSubstr("line 1: a result before the line of its part; expected 'Testing GEMM:' above"));
  const std::string v2 = log_text("deepgemm_fp8_2025-07.txt");
  EXPECT_THAT(fault_of("deepgemm", v2.substr(v2.find("Testing k-grouped"))),
              HasSubstr("line 2: the line does not say whether the operands are FP8 or BF16"));
  EXPECT_THAT(fault_of("deepgemm", "text\n"), HasSubstr("line 1: no line of DeepGEMM's tests"));
}

TEST(FlashMla, First_release) {
  const LogPoints log = points_of("flashmla", "flashmla_2025-02.txt");
  ASSERT_EQ(log.points.size(), 8U);
  EXPECT_EQ(line_of(log.points[0].entry), "mla_decode bf16 batch=128 heads=16 length=4096 queries=1 216 us");
  // 2,750 GB/s in 227 us are 4,203 cached tokens: the lengths were drawn around 4,096.
  EXPECT_EQ(line_of(log.points[1].entry), "mla_decode bf16 batch=128 heads=16 length=4203 queries=1 227 us");
  EXPECT_EQ(log.points[1].entry.kernel, "FlashMLA, lengths drawn");
}

TEST(FlashMla, Later_releases) {
  const LogPoints dense = points_of("flashmla", "flashmla_2026-01.txt");
  ASSERT_EQ(dense.points.size(), 2U);
  EXPECT_THAT(line_of(dense.points[1].entry), HasSubstr("mla_decode bf16 batch=128 heads=128"));
  EXPECT_NEAR(dense.points[1].entry.axis("length"), 16384 * 0.985, 20);
  const LogPoints mixed = points_of("flashmla", "flashmla_2025-09.txt");
  EXPECT_THAT(lines_of(mixed),
              ElementsAre("attention_prefill bf16 heads=256 length=4096 qk_dim=192 v_dim=128 1150 us",
                          "gqa_prefill bf16 batch=2 head_dim=128 heads=32 kv_heads=4 length=4096 240 us"));
  EXPECT_EQ(mixed.num_unused(), 5U);
}

TEST(FlashMla, Refusals) {
  const std::string text = log_text("flashmla_2025-02.txt");
  EXPECT_THAT(fault_of("flashmla", text.substr(0, text.rfind("0.532 ms"))),
              HasSubstr("line 15: the result of this shape is missing; expected '0.215 ms"));
  EXPECT_THAT(
      fault_of("flashmla", replaced(text, "0.216 ms, 84 TFLOPS, 2810 GB/s", "0.216 ms, 84 TFLOPS, 28")),
      HasSubstr("line 2: '' is no unit of bandwidth"));
  EXPECT_THAT(
      fault_of("flashmla",
               replaced(text, "0.216 ms, 84 TFLOPS, 2810 GB/s", "0.216 ms, 84 TFLOPS, 2617 GB/s")),
      HasSubstr("line 2: 2617 GB/s in 216 us are 3803 cached tokens of a sequence, the shape says 4096"));
  EXPECT_THAT(fault_of("flashmla", replaced(text, "0.216 ms, 84 TFLOPS", "0.216 ms, 168 TFLOPS")),
              HasSubstr("line 2: 1.825e+10 operations in 216 us are 84.51 TFLOP/s, the line says 168"));
  EXPECT_THAT(fault_of("flashmla", replaced(text, "0.216 ms, 84", "-0.216 ms, 84")),
              HasSubstr("a time of -0.216 is not above 0"));
  EXPECT_THAT(fault_of("flashmla", replaced(text, "b=128", "B=128")),
              HasSubstr("line 2: a result before its shape"));
  EXPECT_THAT(fault_of("flashmla", "0 ms\n"), HasSubstr("line 1: a result before its shape"));
  EXPECT_THAT(fault_of("flashmla", "text\n"), HasSubstr("line 1: no line of FlashMLA's tests"));
}

}  // namespace
}  // namespace moesim
