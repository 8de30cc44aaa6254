#include <gmock/gmock.h>

#include "calib/import/logs/nccl_run.hpp"
#include "tests/calib_import/log_case.hpp"

namespace moesim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace test;

TEST(NcclTests, Out_of_place_of_the_newest_release) {
  const LogPoints log = points_of("nccl-tests", "all_reduce_2.19.txt");
  EXPECT_THAT(lines_of(log), ElementsAre("all_reduce bf16 bytes=512 num_gpus=8 15.6 us",
                                         "all_reduce bf16 bytes=131072 num_gpus=8 19 us",
                                         "all_reduce bf16 bytes=2.09715e+06 num_gpus=8 38.2 us",
                                         "all_reduce bf16 bytes=3.35544e+07 num_gpus=8 200 us",
                                         "all_reduce bf16 bytes=5.36871e+08 num_gpus=8 2111 us"));
  EXPECT_EQ(log.device, "NVIDIA H100 80GB HBM3");
  const Entry& entry = log.points[0].entry;
  EXPECT_EQ(entry.kernel, "NCCL 2.29.2, float");
  EXPECT_EQ(entry.num_samples, 20);
  EXPECT_EQ(entry.regime, Regime::isolated);
  EXPECT_EQ(log.points[4].place, "line 22");
  EXPECT_DOUBLE_EQ(log.points[4].work.link_bytes, 536870912.0 * 7 / 8);
}

TEST(NcclTests, Release_2_13_takes_its_name_from_the_command) {
  const LogPoints log = points_of("nccl-tests", "all_gather_2.13.txt");
  EXPECT_THAT(lines_of(log), ElementsAre("all_gather bf16 bytes=8.38861e+06 num_gpus=8 62 us",
                                         "all_gather bf16 bytes=5.36871e+08 num_gpus=8 1401 us"));
  EXPECT_EQ(log.points[0].entry.kernel, "NCCL 2.18.3, float");
}

TEST(NcclTests, Release_2_10_has_deviations_and_no_root) {
  const LogPoints log = points_of("nccl-tests", "all_reduce_2.10.txt");
  EXPECT_THAT(lines_of(log), ElementsAre("all_reduce bf16 bytes=131072 num_gpus=8 19.5 us",
                                         "all_reduce bf16 bytes=5.36871e+08 num_gpus=8 2150 us"));
  EXPECT_EQ(log.points[0].suspect, "");
  const std::string off = replaced(log_text("all_reduce_2.10.txt"), "1e-07", "1e-02");
  EXPECT_EQ(points_of_text("nccl-tests", off).points[0].suspect, "the run found wrong values");
}

TEST(NcclTests, Columns_of_single_iterations_and_times_of_day) {
  const LogPoints log = points_of("nccl-tests", "alltoall_iterations_2.19.txt");
  ASSERT_EQ(log.points.size(), 5U);
  EXPECT_EQ(line_of(log.points[4].entry), "all_to_all bf16 bytes=5.36871e+08 num_gpus=8 1490 us");
}

TEST(NcclTests, Several_programs_in_one_log_and_wrong_values) {
  const LogPoints log = points_of("nccl-tests", "two_runs_2.19.txt");
  ASSERT_EQ(log.points.size(), 7U);
  EXPECT_EQ(line_of(log.points[0].entry), "all_to_all bf16 bytes=512 num_gpus=8 7.4 us");
  EXPECT_EQ(line_of(log.points[6].entry), "reduce_scatter bf16 bytes=5.36871e+08 num_gpus=8 1399 us");
  EXPECT_EQ(log.points[5].suspect, "the run found wrong values");
  EXPECT_EQ(log.points[6].suspect, "");
}

TEST(NcclTests, Json_has_the_spread_of_iterations) {
  const LogPoints log = points_of("nccl-tests", "reduce_scatter_2.19.json");
  EXPECT_THAT(lines_of(log), ElementsAre("reduce_scatter bf16 bytes=2.09715e+06 num_gpus=8 24 us",
                                         "reduce_scatter bf16 bytes=5.36871e+08 num_gpus=8 1399 us"));
  // Nine times of 0.98, 0.985 ... 1.02 of the mean; the first of ten is skipped.
  EXPECT_NEAR(log.points[0].entry.p10, 0.98, 1e-6);
  EXPECT_NEAR(log.points[0].entry.p90, 1.015, 1e-6);
  EXPECT_EQ(log.points[1].place, "/results/1");
  EXPECT_EQ(log.device, "NVIDIA H100 80GB HBM3");
}

TEST(NcclTests, Runs_over_nodes_and_of_one_GPU_are_counted) {
  const LogPoints nodes = points_of("nccl-tests", "two_nodes_2.16.txt");
  EXPECT_TRUE(nodes.points.empty());
  EXPECT_EQ(nodes.unused.begin()->first, "16 GPUs of 2 hosts: a profile has collectives inside one node");
  std::string one = log_text("all_reduce_2.10.txt");
  const auto second = one.find("#   Rank  1");
  one.erase(second, one.find("#\n#  ", second) - second);
  EXPECT_EQ(points_of_text("nccl-tests", one).unused.begin()->first, "one GPU: times the software alone");
}

TEST(NcclTests, Graphs_are_a_regime_of_their_own) {
  const std::string text = replaced(log_text("all_reduce_2.19.txt"), "graph: 0", "graph: 8");
  EXPECT_EQ(points_of_text("nccl-tests", text).points[0].entry.regime, Regime::graph);
}

TEST(NcclTests, Headers_say_the_units) {
  std::string text = log_text("all_reduce_2.10.txt");
  text = replaced(text, "(us)  (GB/s)", "(ms)  (GB/s)");
  // 131072 B in 19.5 ms would be 0.0067 GB/s.
  EXPECT_THAT(fault_of("nccl-tests", text), HasSubstr("line 16: 131072 bytes in 19500 us are 0.006722 GB/s"));
  text = replaced(text, "    19.50    6.72   11.76", " 0.01950    6.72   11.76");
  text = replaced(text, "   2150.0  249.71", "    2.150  249.71");
  EXPECT_EQ(line_of(points_of_text("nccl-tests", text).points[1].entry),
            "all_reduce bf16 bytes=5.36871e+08 num_gpus=8 2150 us");
}

struct BadLog {
  const char* name;
  const char* what;
  const char* with;
  const char* expected;
};
class BadNcclLog : public testing::TestWithParam<BadLog> {};

TEST_P(BadNcclLog, Names_the_line_and_what_was_expected) {
  const BadLog& c = GetParam();
  EXPECT_THAT(fault_of("nccl-tests", replaced(log_text("all_reduce_2.19.txt"), c.what, c.with)),
              HasSubstr(c.expected));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, BadNcclLog,
    testing::Values(
        BadLog{"cut_row", "   38.35   54.68   95.69       0\n", "\n",
               "line 20: 9 fields of 13; expected a row of '#  size"},
        BadLog{"no_end", "# Avg bus bandwidth", "#", "line 28: the log ends before '# Avg bus bandwidth'"},
        BadLog{"zero_time", "   38.20   54.90", "    0.00   54.90", "line 20: a time of 0 is not above 0"},
        BadLog{"negative_time", "   38.20   54.90", "  -38.20   54.90",
               "line 20: '-38.20' is no number of 0 or more"},
        BadLog{"milliseconds", "  2111.00  254.32", "    2.111  254.32",
               "line 22: 536870912 bytes in 2.111 us are 2.543e+05 GB/s"},
        BadLog{"gibibytes", "  2111.00  254.32  445.06", "  2111.00  236.85  414.49",
               "line 22: 536870912 bytes in 2111 us are 254.3 GB/s, the row says 236.85"},
        BadLog{"bus", "  254.32  445.06", "  254.32  222.53",
               "line 22: busbw 222.53 is not 1.75 x algbw 254.32, as of all_reduce over 8 GPUs"},
        BadLog{"count", "   134217728     float", "    67108864     float",
               "line 22: 67108864 elements of float are 268435456 bytes"},
        BadLog{"two_kinds", "[0000:8f:00] NVIDIA H100 80GB HBM3", "[0000:8f:00] NVIDIA H800",
               "GPUs of two kinds: 'NVIDIA H100 80GB HBM3' and 'NVIDIA H800'"},
        BadLog{"units", "(us)  (GB/s)  (GB/s)", "(ticks)  (GB/s)  (GB/s)",
               "line 17: other units; expected '# (B) (elements) (us)"},
        BadLog{"columns", "algbw   busbw  #wrong     time", "busbw   algbw  #wrong     time",
               "line 16: columns of another program or release"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(BadNccl, Other_texts) {
  EXPECT_THAT(fault_of("nccl-tests", "hello\nworld\n"),
              HasSubstr("line 2: the log ends before '#  size  count"));
  EXPECT_THAT(fault_of("nccl-tests", log_text("deepgemm_2025-02.txt")),
              HasSubstr("the log ends before '#  size"));
  const std::string gather = log_text("all_gather_2.13.txt");
  const std::string nameless = gather.substr(gather.find('\n') + 1);
  EXPECT_THAT(fault_of("nccl-tests", nameless),
              HasSubstr("whether this is an all-gather or an all-to-all; keep the line"));
  EXPECT_EQ(points_of_text("nccl-tests", nameless, "alltoall_perf.txt").points[0].entry.op,
            TimedOperator::all_to_all);
  EXPECT_THAT(fault_of("nccl-tests", gather + log_text("all_reduce_2.19.txt")), HasSubstr("read"));
  const std::string json = log_text("reduce_scatter_2.19.json");
  EXPECT_THAT(fault_of("nccl-tests", json.substr(0, json.size() / 2)), HasSubstr("1:"));
  EXPECT_THAT(fault_of("nccl-tests", replaced(json, "\"version\":3", "\"version\":4")),
              HasSubstr("/version: unknown version 4"));
  EXPECT_THAT(fault_of("nccl-tests", replaced(json, "\"time\":24.0", "\"time\":0")),
              HasSubstr("/results/0/out_of_place/time: a time of 0"));
}

TEST(NcclVersion, As_the_library_writes_it) {
  EXPECT_EQ(nccl_version_text(22902), "2.29.2");
  EXPECT_EQ(nccl_version_text(2708), "2.7.8");
}

}  // namespace
}  // namespace moesim
