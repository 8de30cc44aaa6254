#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "calib/import/logs/line_reader.hpp"
#include "tests/calib_import/log_case.hpp"

namespace moesim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace test;

TEST(PrintedNumber, Knows_its_last_digit) {
  EXPECT_DOUBLE_EQ(printed_number("38.20")->half_step, 0.005);
  EXPECT_DOUBLE_EQ(printed_number("1.2e+05")->half_step, 5e3);
  EXPECT_DOUBLE_EQ(printed_number("206")->half_step, 0.5);
  for (const char* text : {"", "12x", "nan", "inf", "1e999", "0x10", "--1"})
    EXPECT_FALSE(printed_number(text)) << text;
}

TEST(Agree, Within_the_digits_of_both) {
  EXPECT_TRUE(agree(900, {9, 0.5}, {100, 0.5}));
  EXPECT_TRUE(agree(900, {9, 0.5}, {105, 0.5}));  // 9 may be 8.5: 105.9
  EXPECT_FALSE(agree(900, {9, 0.5}, {107, 0.5}));
  EXPECT_FALSE(agree(900, {9, 0.5}, {93, 0.5}));  // 9.5: 94.7
}

TEST(LogFile, Passes_colours_and_tags_of_launchers) {
  const OwnFile file("tagged.txt");
  std::ofstream(file.path(), std::ios::binary) << "[1,0]<stdout>:\x1b[32mred\x1b[0m 1\r\n[1,0]<stderr>:b\n";
  const LogFile log(file.path());
  EXPECT_EQ(log.line(0), "red 1");
  EXPECT_EQ(log.line(1), "b");
}

TEST(ImportLogs, Makes_graded_entries) {
  LogReport report;
  const ProfileFile profile = import_logs(
      log_import("nccl-tests", {kLogFolder + "two_runs_2.19.txt", kLogFolder + "all_reduce_2.19.txt"}),
      report);
  EXPECT_EQ(profile.entries.size(), 11U);
  const Entry& entry = profile.entries.front();
  EXPECT_EQ(entry.gpu, "NVIDIA H100 SXM");
  EXPECT_EQ(entry.provenance, Provenance::published);
  EXPECT_EQ(entry.source, "my-run");
  EXPECT_EQ(profile.sources.front().id, "my-run");
  ASSERT_EQ(report.files.size(), 2U);
  EXPECT_EQ(report.files[1].read, 7U);
  EXPECT_EQ(report.files[1].suspect, 1U);
  EXPECT_EQ(report.suspects[0].place, "line 46");
  EXPECT_EQ(report.suspects[0].reason, "the run found wrong values");
  EXPECT_TRUE(report.warnings.empty());
  // What it writes is a profile that can be read.
  EXPECT_EQ(read_spec<ProfileFile>(parse_json(profile_text(profile), "mine"), "mine").entries.size(), 11U);
}

TEST(ImportLogs, Order_of_files_does_not_matter) {
  LogReport report;
  const std::filesystem::path a = kLogFolder + "two_runs_2.19.txt", b = kLogFolder + "all_reduce_2.10.txt";
  EXPECT_EQ(profile_text(import_logs(log_import("nccl-tests", {a, b}), report)),
            profile_text(import_logs(log_import("nccl-tests", {b, a}), report)));
}

TEST(ImportLogs, Repeats_keep_the_shortest_and_their_spread) {
  LogReport report;
  const ProfileFile profile = import_logs(
      log_import("nccl-tests", {kLogFolder + "all_reduce_2.10.txt", kLogFolder + "all_reduce_2.19.txt"}),
      report);
  ASSERT_EQ(profile.entries.size(), 5U);
  const Entry& entry = profile.entries[1];  // 128 KiB: 19.0 and 19.5 us
  EXPECT_DOUBLE_EQ(entry.time->value(), 19e-6);
  EXPECT_NEAR(entry.p90, 19.5 / 19.0, 1e-3);
  EXPECT_EQ(entry.num_samples, 40);
  ASSERT_EQ(report.warnings.size(), 2U);
  EXPECT_THAT(
      report.warnings[0],
      HasSubstr("all_reduce bf16 bytes=131072 num_gpus=8: 2 timings differ by 2.6 %; the shortest stands ("));
  EXPECT_THAT(report.warnings[0], HasSubstr("all_reduce_2.19.txt: line 19"));
}

TEST(ImportLogs, No_point_above_the_peaks_goes_unflagged) {
  LogReport report;
  LogImport import = log_import("deepgemm", {kLogFolder + "deepgemm_2025-02.txt"});
  import.gpu->peak_fp8 = FlopsPerSecond(1200e12);
  import.gpu->hbm_bandwidth = BytesPerSecond(2.5e12);
  const ProfileFile profile = import_logs(import, report);
  // Above 1,200 TFLOP/s: 1212, 1520, 1410, 1233, 4 grouped; above 2.5 TB/s: 336 and 645 TFLOP/s.
  EXPECT_EQ(report.suspects.size(), 10U);
  EXPECT_EQ(profile.entries.size(), 18U);
  EXPECT_EQ(report.suspects[0].reason, "needs 2669 GB/s of HBM of 2500");
}

TEST(ImportLogs, Refuses_another_GPU_and_logs_without_a_point) {
  const auto refusal = [](LogImport import) {
    LogReport report;
    try {
      import_logs(import, report);
      return std::string("read");
    } catch (const SpecError& error) {
      return error.what_text + "; " + error.hint;
    }
  };
  LogImport import = log_import("nccl-tests", {kLogFolder + "all_reduce_2.19.txt"});
  import.gpu->name = "NVIDIA H200 SXM";
  EXPECT_EQ(refusal(import),
            "is of 'NVIDIA H100 80GB HBM3', the profile of 'NVIDIA H200 SXM'; give the --base or --gpu of "
            "that GPU");
  EXPECT_EQ(refusal(log_import("nccl-tests", {kLogFolder + "two_nodes_2.16.txt"})),
            "no row can be used; 1 rows: 16 GPUs of 2 hosts: a profile has collectives inside one node");
  EXPECT_EQ(refusal(log_import("deepep", {"none.txt"})), "no such file; check the path");
}

/// An entry that a profile may hold.
void check_entry_reads(Entry entry) {
  entry.gpu = "GPU";
  entry.source = "source";
  read_spec<Entry>(write_spec(entry), "entry");
}

struct Fixture {
  const char* format;
  const char* file;
};
class MutatedLog : public testing::TestWithParam<Fixture> {};

/// Cuts and changed bytes give points or a SpecError, never anything else.
TEST_P(MutatedLog, Gives_points_or_an_error) {
  const std::string text = log_text(GetParam().file);
  ASSERT_FALSE(text.empty());
  const LogFormat& format = format_named(GetParam().format);
  const OwnFile file(std::string("mutated_") + GetParam().file);
  std::uint64_t state = 12345;
  const auto draw = [&](std::size_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>((state >> 33) % below);
  };
  std::size_t read = 0;
  std::size_t refused = 0;
  for (int i = 0; i < 400; ++i) {
    std::string changed = text;
    if (i % 4 == 0) changed.resize(draw(changed.size()));
    for (std::size_t k = draw(4); k > 0 && !changed.empty(); --k)
      changed[draw(changed.size())] = static_cast<char>(draw(256));
    if (i % 4 == 1) changed.erase(draw(changed.size()), 1 + draw(60));
    if (i % 4 == 2) changed.insert(draw(changed.size()), "\n-1e308 " + std::to_string(draw(1000)));
    std::ofstream(file.path(), std::ios::binary) << changed;
    try {
      const LogPoints log = format.read(LogFile(file.path()), eight_ranks());
      for (const LogPoint& point : log.points) {
        check_entry_reads(point.entry);
        ASSERT_GT(point.entry.bandwidth ? 1.0 : time_of(point.entry).value(), 0);
      }
      ++read;
    } catch (const SpecError& error) {
      ASSERT_FALSE(error.what_text.empty());
      ++refused;
    }
  }
  EXPECT_GT(refused, 20U);
  EXPECT_GT(read, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Fixtures, MutatedLog,
    testing::Values(
        Fixture{"nccl-tests", "all_reduce_2.19.txt"}, Fixture{"nccl-tests", "all_gather_2.13.txt"},
        Fixture{"nccl-tests", "all_reduce_2.10.txt"}, Fixture{"nccl-tests", "alltoall_iterations_2.19.txt"},
        Fixture{"nccl-tests", "reduce_scatter_2.19.json"}, Fixture{"deepep", "deepep_low_latency.txt"},
        Fixture{"deepep", "deepep_intranode_1.2.1.txt"}, Fixture{"deepep", "deepep_internode_2025-11.txt"},
        Fixture{"deepep", "deepep_v2.txt"}, Fixture{"deepgemm", "deepgemm_2025-02.txt"},
        Fixture{"deepgemm", "deepgemm_fp8_2026-06.txt"}, Fixture{"deepgemm", "deepgemm_bf16_2026-06.txt"},
        Fixture{"flashmla", "flashmla_2025-02.txt"}, Fixture{"flashmla", "flashmla_2025-09.txt"}),
    [](const auto& test) {
      std::string name = test.param.file;
      for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
      return name;
    });

}  // namespace
}  // namespace moesim
