// From rows of tables to entries of a profile.
#include <gtest/gtest.h>
#include <zlib.h>

#include <nlohmann/json.hpp>

#include "calib/profile/profile.hpp"
#include "tests/calib_import/table_text.hpp"

namespace moesim {
namespace {

using test::gemm_line;
using test::imported;
using test::kGemmColumns;
using test::TableFile;

CalibrationProfile profile_of(const std::string& text) {
  ImportReport report;
  return {imported(text, report), {}, "small"};
}

// 2 x 1024^3 FLOPs in 0.05 ms are 43 TFLOP/s.
TEST(ImportTables, ReadsGemmsOfBothFormats) {
  const auto profile = profile_of(kGemmColumns + gemm_line("bfloat16", 1024, 1024, 1024, "0.05") +
                                  gemm_line("fp8_block", 1024, 1024, 1024, "0.03"));
  EXPECT_DOUBLE_EQ(profile.gemm({NumberFormat::bf16, 1024, 1024, 1024}).seconds, 50e-6);
  EXPECT_DOUBLE_EQ(profile.gemm({NumberFormat::fp8, 1024, 1024, 1024}).seconds, 30e-6);
  EXPECT_EQ(profile.entries().front().kernel, "Lib 1.0 dense");
  EXPECT_EQ(profile.gemm({NumberFormat::bf16, 1024, 1024, 1024}).provenance, Provenance::published);
}

TEST(ImportTables, ReadsGzip) {
  const test::OwnFile file("gemm.csv.gz");
  const std::string text = kGemmColumns + gemm_line("bfloat16", 1024, 1024, 1024, "0.05");
  gzFile out = gzopen(file.path().c_str(), "wb");
  gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
  gzclose(out);
  ImportReport report;
  EXPECT_EQ(imported(std::vector{file.path()}, report).tables.at(0).rows.size(), 1U);
}

// 2 x 1024^3 FLOPs at 100 TFLOP/s take 21.5 us: 20 us are impossible, and so are 5 us for 2 MB of weights
// (1024 x 1024 x 2 B, with inputs and outputs 4 MB and more) at 1 TB/s.
TEST(ImportTables, KeepsImpossibleRowsOutOfTheProfile) {
  ImportReport report;
  const auto profile = imported(kGemmColumns + gemm_line("bfloat16", 1024, 1024, 1024, "0.02") +
                                    gemm_line("bfloat16", 2048, 1024, 1024, "0.05") +
                                    gemm_line("bfloat16", 1, 1024, 1024, "0.002"),
                                report);
  ASSERT_EQ(report.suspects.size(), 2U);
  EXPECT_EQ(report.suspects[0].line, 2U);
  EXPECT_EQ(report.suspects[0].reason, "needs 107 TFLOP/s of 100");
  EXPECT_EQ(report.suspects[1].line, 4U);
  EXPECT_EQ(report.suspects[1].reason, "needs 1051 GB/s of HBM of 1000");
  EXPECT_EQ(report.tables.at(0).suspect, 2U);
  EXPECT_EQ(profile.tables.at(0).rows.size(), 1U);
}

// 256 experts of 3 x 1024 x 1024 B cannot be read in 0.5 ms at 1 TB/s (805 MB): 32 tokens x 8 rows touch
// them all when balanced; 4 tokens touch 32 (101 MB) and may.
TEST(ImportTables, GradesExpertRowsByTheExpertsTheyTouch) {
  const std::string columns =
      "framework,version,device,op_name,kernel_source,moe_dtype,num_tokens,hidden_size,inter_size,topk,"
      "num_experts,moe_tp_size,moe_ep_size,distribution,latency\n";
  const auto line = [](const std::string& tokens, const std::string& load) {
    return "Lib,1.0,G100,moe,sglang_fused_moe_triton,fp8_block," + tokens + ",1024,1024,8,256,1,1," + load +
           ",0.5\n";
  };
  ImportReport report;
  const auto profile =
      imported(columns + line("32", "balanced") + line("4", "balanced") + line("4", "measured"), report);
  ASSERT_EQ(report.suspects.size(), 1U);
  EXPECT_EQ(report.suspects[0].line, 2U);
  EXPECT_EQ(report.tables.at(0).unused, 1U);
  ASSERT_EQ(profile.tables.size(), 1U);
  const Entry entry = CalibrationProfile(profile, {}, "small").entries().at(0);
  EXPECT_EQ(entry.op, TimedOperator::expert_mlp);
  EXPECT_EQ(entry.axis("experts"), 32);
  EXPECT_EQ(entry.axis("rows"), 32);
}

// message_size counts elements of 2 bytes.
TEST(ImportTables, ReadsCollectivesInBytes) {
  const auto profile = profile_of(
      "framework,version,device,op_name,kernel_source,nccl_dtype,num_gpus,message_size,latency\n"
      "Lib,2,G100,alltoall,NCCL,half,8,1000000,0.02\n"
      "Lib,2,G100,alltoall,NCCL,int8,8,1000000,0.01\n");
  EXPECT_DOUBLE_EQ(profile.nccl_time(TimedOperator::all_to_all, 8, Bytes(2e6))->seconds, 20e-6);
  EXPECT_FALSE(profile.nccl_time(TimedOperator::all_reduce, 8, Bytes(2e6)));
}

const std::string kAttentionColumns =
    "framework,version,device,op_name,kernel_source,batch_size,isl,num_heads,num_key_value_heads,head_dim,"
    "beam_width,attn_dtype,kv_cache_dtype,step,window_size,latency\n";
std::string attention_line(int batch, int length, int heads, int kv_heads, const std::string& latency,
                           int window = 0) {
  return "Lib,1,G100,context_attention,fa," + std::to_string(batch) + "," + std::to_string(length) + "," +
         std::to_string(heads) + "," + std::to_string(kv_heads) + ",128,1,bfloat16,bfloat16,0," +
         std::to_string(window) + "," + latency + "\n";
}

// Other shapes have the utilisation of the points; the window's row is not read. Latent attention of widths
// 192 and 128 has 320 / 256 of the FLOPs.
TEST(ImportTables, ReadsGroupedQueryAttention) {
  const auto profile =
      profile_of(kAttentionColumns + attention_line(1, 4096, 32, 8, "4") +
                 attention_line(1, 8192, 32, 8, "15") + attention_line(1, 4096, 32, 8, "1", 512));
  const auto seconds = [&](double heads, double length) {
    return profile.attention({heads, 128, 128, length, 0, 1, true, heads / 4}).seconds;
  };
  EXPECT_DOUBLE_EQ(seconds(32, 4096), 4e-3);
  EXPECT_NEAR(seconds(64, 4096), 8e-3, 0.4e-3);
  EXPECT_NEAR(seconds(32, 16384), 60e-3, 4e-3);
  const TimeEstimate latent = profile.attention({32, 192, 128, 4096, 0, 1, true, 32});
  EXPECT_NEAR(latent.seconds, 5e-3, 0.2e-3);
  EXPECT_EQ(latent.grade, Grade::carried);
}

std::string decode_line(int step, int dim, const std::string& latency) {
  return "Lib,1,G100,generation_attention,fa,4,1,32,8," + std::to_string(dim) + ",1,bfloat16,bfloat16," +
         std::to_string(step) + ",0," + latency + "\n";
}

// The new token reads itself too: step 4,095 is a length of 4,096. Unequal heads are prompts only.
TEST(ImportTables, ReadsGroupedQueryDecode) {
  const auto profile = profile_of(kAttentionColumns + decode_line(4095, 128, "0.08") +
                                  decode_line(4095, 192, "0.09") + decode_line(1023, 128, "0.03"));
  EXPECT_DOUBLE_EQ(profile.gqa_decode({128, 32, 8, 4, 4096}).seconds, 80e-6);
  EXPECT_DOUBLE_EQ(profile.gqa_decode({128, 32, 8, 4, 1024}).seconds, 30e-6);
  EXPECT_EQ(profile.gqa_decode({192, 32, 8, 4, 4096}).grade, Grade::carried);
}

const std::string kLatentColumns =
    "framework,version,device,op_name,kernel_source,mla_dtype,kv_cache_dtype,num_heads,batch_size,isl,tp_"
    "size,"
    "step,latency\n";

// 16 heads of one GPU whatever tp_size says. FlashAttention: absorbed, its FP8 cache unused; TensorRT-LLM:
// 192 and 128 wide, FP8 cache used.
TEST(ImportTables, ReadsLatentAttention) {
  const auto profile = profile_of(
      kLatentColumns + "Lib,1,G100,mla_context,flash_attention,bfloat16,bfloat16,16,2,4096,8,0,20\n" +
      "Lib,1,G100,mla_context,trtllm_mla,bfloat16,bfloat16,16,2,4096,8,0,5\n" +
      "Lib,1,G100,mla_generation,flash_attention,bfloat16,bfloat16,16,2,1,8,4095,0.05\n" +
      "Lib,1,G100,mla_generation,flash_attention,bfloat16,fp8,16,2,1,8,4095,0.1\n" +
      "Lib,1,G100,mla_generation,trtllm_mla,bfloat16,fp8,16,4,1,8,4095,0.03\n");
  EXPECT_DOUBLE_EQ(profile.attention({16, 576, 512, 4096, 0, 2, true, 1}).seconds, 20e-3);
  EXPECT_DOUBLE_EQ(profile.attention({16, 192, 128, 4096, 0, 2}).seconds, 5e-3);
  EXPECT_DOUBLE_EQ(profile.mla_decode({16, 1, 2, 4096}).seconds, 50e-6);
  EXPECT_DOUBLE_EQ(profile.mla_decode({16, 1, 4, 4096, NumberFormat::fp8}).seconds, 30e-6);
}

// Two releases of one point stay two rows, for a fit to merge.
TEST(ImportTables, KeepsEveryUsableRow) {
  ImportReport report;
  const auto profile = imported(kGemmColumns + gemm_line("bfloat16", 1024, 1024, 1024, "0.06", "1.0") +
                                    gemm_line("bfloat16", 1024, 1024, 1024, "0.05", "2.0") +
                                    gemm_line("bfloat16", 1025, 1024, 1024, "0.06", "2.0"),
                                report);
  ASSERT_EQ(profile.tables.size(), 2U);
  EXPECT_EQ(profile.tables[0].rows.size(), 1U);
  EXPECT_EQ(profile.tables[1].rows.size(), 2U);
  EXPECT_EQ(profile.tables[1].kernel, "Lib 2.0 dense");
}

TEST(ImportTables, DoesNotDependOnTheOrderOfFiles) {
  const TableFile a("a.csv", kGemmColumns + gemm_line("bfloat16", 1024, 1024, 1024, "0.05"));
  const TableFile b("b.csv", kGemmColumns + gemm_line("bfloat16", 1024, 1024, 1024, "0.05", "2.0"));
  ImportReport report;
  EXPECT_EQ(profile_text(imported({a.file.path(), b.file.path()}, report)),
            profile_text(imported({b.file.path(), a.file.path()}, report)));
}

TEST(ImportTables, WritesAFileThatReadsBack) {
  ImportReport report;
  const auto profile = imported(kGemmColumns + gemm_line("bfloat16", 1024, 1024, 1024, "0.05"), report);
  const std::string text = profile_text(profile);
  EXPECT_EQ(profile_text(read_spec<ProfileFile>(parse_json(text, "text"), "text")), text);
}

TEST(ImportTables, ExtendsABase) {
  ImportReport report;
  const TableFile table("t.csv", kGemmColumns + gemm_line("bfloat16", 1024, 1024, 1024, "0.05"));
  TableImport import{{table.file.path()}, "", "tables", {}, {}};
  import.base = load_profile("h800-sxm").file();
  const auto profile = import_tables(import, report);
  EXPECT_EQ(profile.name, "h800-sxm");
  EXPECT_EQ(profile.entries.size(), import.base->entries.size());
  EXPECT_TRUE(has_source(profile.sources, "tables"));
}

}  // namespace
}  // namespace moesim
