// Rows of experts, transfers and small kernels of serving engines.
#include <gtest/gtest.h>

#include "calib/profile/profile.hpp"
#include "tests/calib_import/table_text.hpp"

namespace moesim {
namespace {

using test::imported;

const std::string kExpertColumns =
    "framework,version,device,op_name,kernel_source,moe_dtype,num_tokens,hidden_size,inter_size,topk,"
    "num_experts,moe_tp_size,moe_ep_size,distribution,latency\n";

struct ExpertLine {
  std::string op = "moe";
  std::string kernel = "sglang_fused_moe_triton";
  std::string dtype = "fp8_block";
  int tokens = 32;
  int hidden = 1024;
  int inter = 1024;
  int tp = 1;
  int ep = 1;
  std::string load = "balanced";
  std::string milliseconds = "1";

  [[nodiscard]] std::string text() const {
    const auto number = [](int value) { return std::to_string(value) + ","; };
    return "Lib,1.0,G100," + op + "," + kernel + "," + dtype + "," + number(tokens) + number(hidden) +
           number(inter) + "8,256," + number(tp) + number(ep) + load + "," + milliseconds + "\n";
  }
};

ExpertLine group_line(const std::string& phase, int tokens, int ep, const std::string& load) {
  return {.op = "moe_" + phase,
          .kernel = "deepepmoe",
          .tokens = tokens,
          .ep = ep,
          .load = load,
          .milliseconds = "20"};
}

Entry only_entry(const std::string& text, ImportReport& report) {
  const CalibrationProfile profile(imported(text, report), {}, "small");
  EXPECT_EQ(profile.entries().size(), 1U);
  return profile.entries().at(0);
}

// tp 2 halves the columns; 32 balanced tokens touch 256 experts with one row each.
TEST(ExpertRows, DivideColumnsByTensorParallelism) {
  ImportReport report;
  const Entry entry = only_entry(kExpertColumns + ExpertLine{.tp = 2}.text(), report);
  EXPECT_EQ(entry.name, "fused");
  EXPECT_EQ(entry.axis("inter"), 512);
  EXPECT_EQ(entry.axis("experts"), 256);
  EXPECT_EQ(entry.axis("max_rows"), 1);
  EXPECT_EQ(report.tables.at(0).regraded, 0U);
}

// 256 experts of 7168 x 2048 in FP8 are 11.3 GB, 11.3 ms at 1 TB/s: in 7 ms the gate of DeepSeek-V3 explains
// 128, in 5 ms (more than 1 TB/s for these too) nothing does.
TEST(ExpertRows, StandOnTheExpertsThatAGateLeaves) {
  const auto line = [](const std::string& milliseconds) {
    return ExpertLine{.hidden = 7168, .inter = 2048, .milliseconds = milliseconds}.text();
  };
  ImportReport report;
  const Entry entry = only_entry(kExpertColumns + line("7") + line("5"), report);
  EXPECT_EQ(entry.axis("experts"), 128);
  EXPECT_EQ(entry.axis("max_rows"), 32);
  EXPECT_EQ(report.tables.at(0).regraded, 1U);
  EXPECT_EQ(report.tables.at(0).suspect, 1U);
}

// 512 tokens over 4 GPUs: 16 rows for each of 64 experts, 1024 rows, 8 tiles of 128, each of one expert.
TEST(ExpertRows, CountTilesOfUniformRowsThatAreNotPadded) {
  ImportReport report;
  const Entry entry = only_entry(kExpertColumns + group_line("context", 512, 4, "uniform").text(), report);
  EXPECT_EQ(entry.name, "deepep_normal");
  EXPECT_EQ(entry.axis("experts"), 8);
  EXPECT_EQ(entry.axis("rows"), 1024);
  EXPECT_EQ(entry.axis("max_rows"), 128);
  EXPECT_EQ(entry.axis("tokens"), 512);
  EXPECT_EQ(report.tables.at(0).regraded, 1U);
}

// 16 tokens over 8 GPUs: 128 rows for 256 experts, 16 of a GPU, one for each of 16 of its 32 experts.
TEST(ExpertRows, GiveMaskedExpertsARowEach) {
  ImportReport report;
  const Entry entry = only_entry(kExpertColumns + group_line("generation", 16, 8, "uniform").text(), report);
  EXPECT_EQ(entry.name, "deepep_low_latency");
  EXPECT_EQ(entry.axis("experts"), 16);
  EXPECT_EQ(entry.axis("rows"), 16);
  EXPECT_FALSE(entry.axes.contains("tokens"));
}

// The fullest of 32 GPUs has more rows than their mean, and its fullest expert more than its own mean.
TEST(ExpertRows, TakeTheFullestGpuOfAPowerLaw) {
  ImportReport report;
  const Entry entry =
      only_entry(kExpertColumns + group_line("generation", 4096, 32, "power_law_1.01").text(), report);
  EXPECT_GT(entry.axis("rows"), 1.5 * 1024);
  EXPECT_GT(entry.axis("max_rows"), 2 * entry.axis("rows") / 8);
  EXPECT_LE(entry.axis("experts"), 8);
}

// Two matrices instead of three, groups in the fused kernel, unknown kernels and loads are not read. BF16 at
// 2 x 3 x 256 x 1024^2 FLOPs in 1 ms is 1.6 % of 100 TFLOP/s: tiles that nobody tuned.
TEST(ExpertRows, LeaveOutWhatIsNotStated) {
  ImportReport report;
  (void)imported(kExpertColumns + ExpertLine{}.text() + ExpertLine{.hidden = 2688, .inter = 1856}.text() +
                     ExpertLine{.ep = 4}.text() + ExpertLine{.kernel = "other"}.text() +
                     ExpertLine{.load = "zipf"}.text() + ExpertLine{.dtype = "nvfp4"}.text() +
                     ExpertLine{.dtype = "bfloat16", .milliseconds = "2"}.text(),
                 report);
  EXPECT_EQ(report.tables.at(0).read, 7U);
  EXPECT_EQ(report.tables.at(0).unused, 6U);
  EXPECT_EQ(report.tables.at(0).suspect, 0U);
}

// One line is a dispatch and a combine; rows of 8 nodes are left out.
TEST(DeepEpRows, HaveATimeForEachDirection) {
  ImportReport report;
  const CalibrationProfile profile(
      imported("framework,version,device,op_name,kernel_source,node_num,hidden_size,num_token,num_topk,"
               "num_experts,dispatch_sms,dispatch_transmit_us,dispatch_notify_us,combine_sms,"
               "combine_transmit_us,combine_notify_us\n"
               "Lib,1,G100,normal,deepep,2,7168,4096,8,256,20,843.5,49.7,24,2099,50.5\n"
               "Lib,1,G100,normal,deepep,8,7168,4096,8,256,20,5516,994,20,4461,8048\n",
               report),
      {}, "small");
  EXPECT_EQ(report.tables.at(0).read, 4U);
  EXPECT_EQ(report.tables.at(0).unused, 2U);
  ASSERT_EQ(profile.entries().size(), 2U);
  const Entry& dispatch = profile.entries()[0];
  EXPECT_EQ(dispatch.op, TimedOperator::dispatch_normal);
  EXPECT_EQ(dispatch.axis("ep"), 16);
  EXPECT_EQ(dispatch.axis("sms"), 20);
  EXPECT_DOUBLE_EQ(dispatch.time->value(), 843.5e-6);
  EXPECT_EQ(profile.entries()[1].axis("sms"), 24);
  EXPECT_DOUBLE_EQ(profile.entries()[1].time->value(), 2099e-6);
}

TEST(DeepEpRows, HaveLowLatencyTimes) {
  ImportReport report;
  const CalibrationProfile profile(
      imported(
          "framework,version,device,op_name,kernel_source,node_num,hidden_size,num_token,num_topk,"
          "num_experts,combine_avg_t_us,combine_bandwidth_gbps,dispatch_avg_t_us,dispatch_bandwidth_gbps\n"
          "Lib,1,G100,ll,deepep,1,7168,16,8,256,20.5,90,15.6,60\n",
          report),
      {}, "small");
  const auto seconds = [&](TimedOperator op) { return profile.low_latency(op, 8, 16, 8, 7168).seconds; };
  EXPECT_DOUBLE_EQ(seconds(TimedOperator::dispatch_low_latency), 15.6e-6);
  EXPECT_DOUBLE_EQ(seconds(TimedOperator::combine_low_latency), 20.5e-6);
}

// Into the latent space 128 columns become 512; message_size counts elements, and eager rows are not read.
TEST(SmallKernelRows, BecomeBatchedGemmsAndAllReduces) {
  ImportReport report;
  const CalibrationProfile bmm(
      imported("framework,version,device,op_name,kernel_source,bmm_dtype,num_tokens,num_heads,latency\n"
               "Lib,1,G100,mla_gen_pre,torch,bfloat16,64,128,0.05\n",
               report),
      {}, "small");
  EXPECT_DOUBLE_EQ(bmm.batched_gemm({NumberFormat::bf16, 128, 64, 512, 128}).seconds, 50e-6);
  const CalibrationProfile reduce(
      imported("framework,version,device,op_name,kernel_source,allreduce_dtype,num_gpus,message_size,latency,"
               "backend\nLib,1,G100,all_reduce,one,bfloat16,8,1000,0.005,sglang_graph\n"
               "Lib,1,G100,all_reduce,one,bfloat16,8,1000,0.029,sglang_eager\n",
               report),
      {}, "small");
  EXPECT_DOUBLE_EQ(reduce.custom_all_reduce(8, Bytes(2000))->seconds, 5e-6);
  EXPECT_EQ(report.tables.back().unused, 1U);
}

}  // namespace
}  // namespace moesim
