#include "workloads/recorded_routing/expert_counts.hpp"

#include <vector>

#include "tests/workloads_recorded_routing/recordings.hpp"
#include "workloads/recorded_routing/expert_counts_csv.hpp"

namespace moesim {
namespace {

using namespace test;

const ExpertCounts kTotal{"", 3, {3, 4}, {0}, {5, 0, 1, 2, 2, 2}};
const ExpertCounts kBySteps{"", 2, {10}, {100, 200}, {1, 3, 4, 0}};

TEST(ExpertCountsTest, AreReadBackAsWritten) {
  for (const char* name : {"counts.json", "counts.csv"}) {
    for (const ExpertCounts& counts : {kTotal, kBySteps}) {
      const OwnFile file(name);
      write_expert_counts(file.path(), counts);
      EXPECT_EQ(read_expert_counts(file.path()), counts) << read_text(file);
    }
  }
}

TEST(ExpertCountsTest, JsonKeepsTheModel) {
  const OwnFile file("model.json");
  ExpertCounts counts = kTotal;
  counts.model = "mixtral-8x7b";
  write_expert_counts(file.path(), counts);
  EXPECT_EQ(read_expert_counts(file.path(), 3), counts);
}

TEST(ExpertCountsTest, LayersOfJsonAreSortedByNumber) {
  const OwnFile file("sorted.json");
  write_text(file, R"({"schema_version": 1, "num_experts": 1, "layers": {"10": [10], "9": [9]}})");
  const ExpertCounts counts = read_expert_counts(file.path());
  EXPECT_EQ(counts.layers, (std::vector<int>{9, 10}));
  EXPECT_EQ(counts.of(0, 1)[0], 10);
}

TEST(ExpertCountsTest, CsvTakesAnyOrderOfColumnsAndRowsAndLeavesOutZeros) {
  const OwnFile file("order.csv");
  write_text(file, "\xEF\xBB\xBFtokens, expert ,layer\r\n2,2,4\r\n\r\n5,0,3\n1,2,3\n2,0,4\n2,1,4");
  EXPECT_EQ(read_expert_counts(file.path()), kTotal);
  EXPECT_EQ(read_expert_counts(file.path(), 5).of(0, 1).size(), 5U);
}

TEST(ExpertCountsTest, CsvIsReadStepByStep) {
  const OwnFile file("steps.csv");
  std::string text = "step,layer,expert,tokens\n";
  for (int step = 0; step < 1000; ++step)
    text += std::to_string(step) + ",0,1," + std::to_string(step) + "\n";
  write_text(file, text);
  ExpertCountsCsv csv(file.path(), 2);
  std::int64_t steps = 0;
  while (const auto step = csv.next()) {
    EXPECT_EQ(step->step, steps);
    EXPECT_EQ(step->layers.at(0), (std::vector<std::int64_t>{0, steps}));
    ++steps;
  }
  EXPECT_EQ(steps, 1000);
}

struct Fault {
  std::string text;
  std::string pointer;
  std::string what;
};

TEST(ExpertCountsTest, FaultsOfCsvNameTheLine) {
  const std::string head = "step,layer,expert,tokens\n";
  const std::vector<Fault> faults{
      {"", "line 1", "empty"},
      {head, "line 2", "no rows"},
      {"layer,expert\n0,0\n", "line 1", "no column 'tokens'"},
      {"layer,expert,token\n0,0,1\n", "line 1", "unknown column 'token'"},
      {"layer,expert,tokens,expert\n", "line 1", "two columns 'expert'"},
      {"3,0,5\n", "line 1", "unknown column '3'"},
      {head + "0,0,0,1\n0,0,1\n", "line 3", "3 fields in a row of 4"},
      {head + "0,0,0,1\n0,0,1,-4\n", "line 3", "tokens -4 is negative"},
      {head + "0,0,1.5,4\n", "line 2", "expert '1.5' is no whole number"},
      {head + "0,0,,4\n", "line 2", "expert '' is no whole number"},
      {head + "0,0,\"1\",4\n", "line 2", "is no whole number"},
      {head + "0,0,1,99999999999999999999\n", "line 2", "is above"},
      {head + "0,0,8,1\n", "line 2", "expert 8 is above 7"},
      {head + "0,65536,1,1\n", "line 2", "layer 65536 is above 65535"},
      {head + "0,3,1,1\n0,3,2,1\n0,3,1,7\n", "line 4", "a second row of layer 3, expert 1"},
      {head + "5,0,0,1\n4,0,0,1\n", "line 3", "step 4 after step 5"},
      {head + "4,0,0,1\n4,1,0,1\n5,0,0,1\n", "line 5", "step 5 has not the layers"},
      {head + std::string(5000, '1') + "\n", "line 2", "a line of 4096 characters"},
  };
  for (const Fault& fault : faults) {
    SCOPED_TRACE(fault.text.substr(0, 100));
    const OwnFile file("faulty.csv");
    write_text(file, fault.text);
    expect_fault(file, fault.pointer, fault.what, [&] { read_expert_counts(file.path(), 8); });
  }
}

TEST(ExpertCountsTest, FaultsOfJsonNameThePlace) {
  const auto document = [](const std::string& rest) {
    return R"({"schema_version": 1, "num_experts": 2, )" + rest + "}";
  };
  const std::vector<Fault> faults{
      {document(R"("layers": {"3": [1, -2]})"), "/layers/3/1", "-2"},
      {document(R"("layers": {"3": [1, 2.5]})"), "/layers/3/1", "whole number"},
      {document(R"("layers": {"3": [1, 2, 3]})"), "/layers/3", "3 counts for 2 experts"},
      {document(R"("layers": {"03": [1, 2]})"), "/layers/03", "no number of a layer"},
      {document(R"("layers": {"-1": [1, 2]})"), "/layers/-1", "no number of a layer"},
      {document(R"("layers": {"3": [1, 2], "3": [1, 2]})"), "/layers/3", "duplicate key"},
      {document(R"("layers": {})"), "/layers", ""},
      {document(R"("steps": [])"), "/steps", ""},
      {document(R"("model": "m")"), "", "neither layers nor steps"},
      {document(R"("layers": {"3": [1, 2]}, "steps": [{"step": 0, "layers": {"3": [1, 2]}}])"), "",
       "both layers and steps"},
      {document(R"("steps": [{"step": 1, "layers": {"3": [1, 2]}}, {"step": 1, "layers": {"3": [1, 2]}}])"),
       "/steps/1/layers", "step 1 after step 1"},
      {document(R"("steps": [{"step": 1, "layers": {"3": [1, 2]}}, {"step": 2, "layers": {"4": [1, 2]}}])"),
       "/steps/1/layers", "not the layers of the first step"},
  };
  for (const Fault& fault : faults) {
    SCOPED_TRACE(fault.text);
    const OwnFile file("faulty.json");
    write_text(file, fault.text);
    expect_fault(file, fault.pointer, fault.what, [&] { read_expert_counts(file.path()); });
  }
}

TEST(ExpertCountsTest, AnotherNumberOfExpertsIsRefused) {
  const OwnFile file("other.json");
  write_expert_counts(file.path(), kTotal);
  expect_fault(file, "/num_experts", "3 experts, the model has 8",
               [&] { read_expert_counts(file.path(), 8); });
}

TEST(ExpertCountsTest, WhatIsNoFileIsRefused) {
  const OwnFile file("absent.csv");
  expect_fault(file, "", "no such file", [&] { read_expert_counts(file.path()); });
  std::filesystem::create_directory(file.path());
  expect_fault(file, "", "no regular file", [&] { read_expert_counts(file.path()); });
}

}  // namespace
}  // namespace moesim
