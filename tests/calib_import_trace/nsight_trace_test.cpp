// SQLite exports in the tables and columns that nsys writes, filled by hand.
#include <gtest/gtest.h>

#include "base/sqlite/database.hpp"
#include "calib/import/trace/traced_calls.hpp"
#include "calib/import/trace/traced_shape.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

using sqlite::Database;
using test::OwnFile;

constexpr const char* kTables = R"(
  CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE TARGET_INFO_GPU (id INTEGER, name TEXT, smCount INTEGER);
  CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INTEGER, end INTEGER, deviceId INTEGER, streamId INTEGER,
    correlationId INTEGER, demangledName INTEGER, shortName INTEGER);
  CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INTEGER, end INTEGER, globalTid INTEGER,
    correlationId INTEGER, nameId INTEGER);
  CREATE TABLE NVTX_EVENTS (start INTEGER, end INTEGER, eventType INTEGER, text TEXT, textId INTEGER,
    globalTid INTEGER);
  INSERT INTO StringIds VALUES (1, 'nvjet_hsh_128x128'), (2, 'cudaLaunchKernel_v7000'), (3, 'step 1');
  INSERT INTO TARGET_INFO_GPU VALUES (0, 'Vendor G100', 100);)";

// A step of 1 ms with two launches; the second is inside the range of a product, after a sibling.
constexpr const char* kRows = R"(
  INSERT INTO NVTX_EVENTS VALUES (0, 1000000, 59, 'step 0', NULL, 42), (2000000, 3000000, 59, NULL, 3, 42),
    (100, 900, 59, 'aten::relu, op_id = 1, sizes = [[8]]', NULL, 42),
    (1000, 9000, 59, 'aten::linear, op_id = 2', NULL, 42),
    (2000, 8000, 59, 'aten::mm, op_id = 3, sizes = [[4096, 7168], [7168, 2112]]', NULL, 42);
  INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES (200, 700, 42, 11, 2), (3000, 7000, 42, 12, 2);
  INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (50000, 60000, 0, 7, 11, 1, 1), (70000, 170000, 0, 7, 12, 1, 1),
    (2050000, 2060000, 0, 7, 99, 1, 1);)";

void make(const OwnFile& file, const std::string& rows) {
  Database database(file.path(), Database::Mode::create);
  database.execute(kTables);
  if (!rows.empty()) database.execute(rows);
}

TEST(NsightTrace, FindsTheInnermostRangeOfALaunch) {
  const OwnFile file("report.sqlite");
  make(file, kRows);
  const Trace trace = read_trace(file.path().string());
  EXPECT_EQ(trace.tool, "Nsight Systems");
  EXPECT_EQ(trace.gpu, "Vendor G100");
  ASSERT_EQ(trace.kernels.size(), 3U);
  EXPECT_EQ(trace.kernels[0].op, "aten::relu");
  EXPECT_EQ(trace.kernels[1].op, "aten::mm");
  EXPECT_EQ(trace.kernels[1].shapes, (std::vector<std::vector<std::int64_t>>{{4096, 7168}, {7168, 2112}}));
  EXPECT_DOUBLE_EQ(trace.kernels[1].seconds, 100e-6);
  EXPECT_EQ(trace.kernels[2].op, "");
  ASSERT_EQ(trace.steps.size(), 2U);
  EXPECT_EQ(trace.steps[1].name, "step 1");
  ASSERT_EQ(trace.launches_s.size(), 2U);
  EXPECT_DOUBLE_EQ(trace.launches_s[1], 4e-6);
}

TEST(NsightTrace, GivesShapesOfProducts) {
  const OwnFile file("shapes.sqlite");
  make(file, kRows);
  const TracedSteps steps = traced_steps(read_trace(file.path().string()), 2);
  ASSERT_EQ(steps.calls.size(), 3U);
  ASSERT_TRUE(steps.calls[1].shape);
  EXPECT_EQ(steps.calls[1].shape->entry.axes.at("n"), 2112);
}

TEST(NsightTrace, RefusesAnotherDatabase) {
  const OwnFile file("other.sqlite");
  {
    Database database(file.path(), Database::Mode::create);
    database.execute("CREATE TABLE anything (a INTEGER)");
  }
  try {
    read_trace(file.path().string());
    FAIL() << "accepted";
  } catch (const SpecError& error) {
    EXPECT_EQ(error.what_text, "no table CUPTI_ACTIVITY_KIND_KERNEL");
  }
}

TEST(NsightTrace, RefusesAReportWithoutKernelsAndAMissingColumn) {
  const OwnFile file("empty.sqlite");
  make(file, "");
  EXPECT_THROW(read_trace(file.path().string()), SpecError);
  const OwnFile renamed("renamed.sqlite");
  make(renamed, "ALTER TABLE CUPTI_ACTIVITY_KIND_KERNEL RENAME COLUMN streamId TO stream");
  EXPECT_THROW(read_trace(renamed.path().string()), SpecError);
}

TEST(NsightTrace, RefusesAKernelThatEndsBeforeItStarts) {
  const OwnFile file("negative.sqlite");
  make(file, "INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (500, 400, 0, 7, 1, 1, 1);");
  EXPECT_THROW(read_trace(file.path().string()), SpecError);
}

}  // namespace
}  // namespace moesim
