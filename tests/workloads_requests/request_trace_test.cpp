#include "workloads/requests/request_trace.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "base/error.hpp"
#include "tests/own_file.hpp"
#include "workloads/requests/request_source.hpp"

namespace moesim {
namespace {

using test::OwnFile;

std::string written(const OwnFile& file, const std::string& text) {
  std::ofstream(file.path()) << text;
  return file.path().string();
}

std::string fault_of(const std::string& text) {
  const OwnFile file("trace");
  try {
    read_request_trace(written(file, text));
  } catch (const SpecError& error) {
    return error.what_text;
  }
  return "none";
}

TEST(RequestTrace, ReadsAzuresColumns) {
  const OwnFile file("azure.csv");
  const RequestTrace trace =
      read_request_trace(written(file,
                                 "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 "
                                 "23:59:59.5,374,44\r\n2023-11-17 00:00:01.25,396,109\r\n"));
  ASSERT_EQ(trace.requests.size(), 2U);
  EXPECT_NEAR(trace.requests[1].arrival_s, 1.75, 1e-6);
  EXPECT_EQ(trace.requests[1].input_tokens, 396);
  EXPECT_EQ(trace.requests[1].output_tokens, 109);
  EXPECT_TRUE(trace.warnings.empty());
}

TEST(RequestTrace, ReadsMooncakesBlocks) {
  const OwnFile file("mooncake.jsonl");
  const RequestTrace trace = read_request_trace(
      written(file, R"({"timestamp": 1000, "input_length": 1000, "output_length": 5, "hash_ids": [46, 47]})"
                    "\n"));
  ASSERT_EQ(trace.requests.size(), 1U);
  EXPECT_TRUE(trace.has_blocks);
  EXPECT_EQ(trace.requests[0].block_tokens, 512);
  EXPECT_EQ(trace.requests[0].blocks, (std::vector<std::uint64_t>{46, 47}));
}

TEST(RequestTrace, ReadsBurstGpt) {
  const OwnFile file("burst.csv");
  const RequestTrace trace = read_request_trace(
      written(file,
              "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
              "5,1,2,ChatGPT,472,18,490,Conversation log\n45.5,2,2,ChatGPT,10,0,10,API log\n"));
  ASSERT_EQ(trace.requests.size(), 2U);
  EXPECT_DOUBLE_EQ(trace.requests[1].arrival_s, 40.5);
  EXPECT_EQ(trace.requests[1].output_tokens, 1);
  EXPECT_EQ(trace.requests[0].session, 0);
  EXPECT_EQ(trace.requests[1].session, 1);
  EXPECT_EQ(trace.warnings.size(), 1U);
}

TEST(RequestTrace, PutsTimesInOrderWithAWarning) {
  const OwnFile file("azure.csv");
  const RequestTrace trace =
      read_request_trace(written(file,
                                 "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 10:00:02,2,1\n"
                                 "2023-11-16 10:00:01,1,1\n"));
  EXPECT_EQ(trace.requests[0].input_tokens, 1);
  EXPECT_EQ(trace.warnings.size(), 1U);
}

TEST(RequestTrace, FaultsNameTheLine) {
  const std::string titles = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
  EXPECT_NE(fault_of("TIMESTAMP,ContextTokens\n").find("line 1: columns are missing"), std::string::npos);
  EXPECT_NE(fault_of(titles + "2023-11-16 10:00:02,-2,1\n").find("line 2"), std::string::npos);
  EXPECT_NE(fault_of(titles + "2023-11-16 10:00:02,2\n").find("line 2: columns"), std::string::npos);
  for (const char* time :
       {"yesterday", "2023-13-16 10:00:02", "2023-11-16 24:00:02", "2023-11-16 10:00:02 or so"})
    EXPECT_NE(fault_of(titles + time + ",2,3\n").find("no time"), std::string::npos) << time;
  EXPECT_NE(fault_of(R"({"timestamp": 1, "input_length": 10})").find("output_length"), std::string::npos);
  EXPECT_EQ(fault_of(""), "is empty");
  EXPECT_EQ(fault_of(titles), "holds no request");
}

TEST(OpenWorkload, ScalesGapsAndSamples) {
  const OwnFile file("trace.csv");
  std::string text = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
  for (int i = 0; i < 1000; ++i)
    text += "2023-11-16 10:" + std::to_string(10 + i / 60) + ":" + std::to_string(10 + i % 50) + ",7,3\n";
  WorkloadSpec spec;
  spec.trace = written(file, text);
  spec.time_scale = 2;
  spec.sample = 0.25;
  const OpenedWorkload opened = open_workload(spec, "case.json", 1);
  int count = 0;
  Request last;
  for (Request request; opened.source->next(request); ++count) {
    EXPECT_EQ(request.id, count);
    last = request;
  }
  EXPECT_NEAR(count, 250, 4 * std::sqrt(1000 * 0.25 * 0.75));
  EXPECT_NEAR(last.arrival_s, 2 * 16 * 60, 150);
}

}  // namespace
}  // namespace moesim
