#include "sim/planner/sweep/sweep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/planner/sweep/sweep_document.hpp"
#include "sim/results/sweep_reader.hpp"
#include "sim/runner/scenario_kinds.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

using testing::ElementsAre;

/// A twin of the workers: a case fails where tp is 3, else its figure is 100 - tp.
WorkerOutcome outcome_of(const WorkerRequest& request) {
  const auto tp = parse_json(request.scenario.text, "case")["layout"]["tp"].get<int>();
  if (tp == 3) return {{}, 3, "tp 3 does not divide\nthe heads"};
  return {RawJson{Json{{"summary", {{"tokens_per_s_per_gpu", 100 - tp}}}}.dump()}, 0, ""};
}

class Sweep : public testing::Test {
 protected:
  Sweep() {
    Json document = parse_json(
        R"({"schema_version": 1, "scenario": {"kind": "training"}, "vary": {"/layout/tp": []}})", "test");
    for (int tp = 1; tp <= 12; ++tp) document["vary"]["/layout/tp"].push_back(tp);
    grid_ = std::make_unique<SweepGrid>(document, "g.json");
  }

  /// Runs what is left, `at_most` cases of it, the outcomes of each group of cases in reverse order.
  bool run(int at_most = 100, std::size_t group = 1) {
    options_.go_on = [this, at_most] { return static_cast<int>(ran_.size()) < at_most; };
    ran_.clear();
    return run_sweep(
        *grid_, file_.path(), [&](const RequestStream& stream) { run_groups(stream, group); }, options_);
  }

  void run_groups(const RequestStream& stream, std::size_t group) {
    std::size_t index = 0;
    bool ended = false;
    while (!ended && stream.go_on()) {
      std::vector<WorkerRequest> requests;
      while (!ended && requests.size() < group) {
        auto request = stream.next();
        ended = !request;
        if (request) requests.push_back(*request);
      }
      for (std::size_t i = requests.size(); i-- > 0;) {
        ran_.push_back(requests[i].id);
        stream.take(index + i, requests[i], outcome_of(requests[i]));
      }
      index += requests.size();
    }
  }

  [[nodiscard]] std::string cases() const {
    std::string text;
    SweepReader(file_.path()).for_each_case([&](const SweepCase& one) {
      text += std::to_string(one.index) + std::string(one.name) + std::string(one.changes) +
              std::string(one.result) + std::string(one.message) + std::to_string(one.exit_code) + '\n';
    });
    return text;
  }

  test::OwnFile file_{"out.sweep"};
  std::unique_ptr<SweepGrid> grid_;
  SweepOptions options_;
  std::vector<std::string> ran_;  ///< ids of the last run, in the order of their outcomes
};

TEST_F(Sweep, HoldsEveryCaseAndWhatItDidWrong) {
  std::vector<std::int64_t> ended;
  options_.progress = [&](const SweepProgress& now) { ended.push_back(now.done + now.failed); };
  EXPECT_TRUE(run());
  EXPECT_EQ(ended.size(), 13U);  // at the start and after each of 12
  EXPECT_EQ(ended.back(), 12);
  const SweepReader sweep(file_.path());
  EXPECT_EQ(sweep.num_cases(SweepCaseState::done), 11);
  const Json document = sweep_document(sweep);
  EXPECT_EQ(document["cases"], 12);
  EXPECT_EQ(document["failed"], 1);
  EXPECT_EQ(document["waiting"], 0);
  EXPECT_EQ(document["failures"][0]["message"], "tp 3 does not divide\nthe heads");
  EXPECT_EQ(document["failures"][0]["exit_code"], 3);
  EXPECT_EQ(document["best"].size(), 10U);
  EXPECT_EQ(document["best"][0]["changes"], parse_json(R"({"/layout/tp": 1})", "test"));
  EXPECT_EQ(document["best"][0]["value"], 99);
  EXPECT_EQ(document["best"][2]["name"], "/layout/tp=4");
  EXPECT_EQ(parse_json(sweep.meta("axes"), "axes")[0]["pointer"], "/layout/tp");
}

TEST_F(Sweep, GoesOnWhereItWasAndRepeatsNothing) {
  EXPECT_FALSE(run(5));
  EXPECT_THAT(ran_, ElementsAre("0", "1", "2", "3", "4"));
  EXPECT_EQ(SweepReader(file_.path()).num_cases(SweepCaseState::waiting), 7);
  EXPECT_TRUE(run());
  EXPECT_THAT(ran_, ElementsAre("5", "6", "7", "8", "9", "10", "11"));
  EXPECT_TRUE(run());
  EXPECT_TRUE(ran_.empty());
}

TEST_F(Sweep, IsTheSameInWhicheverOrderCasesEnd) {
  EXPECT_TRUE(run());
  const std::string in_order = cases();
  std::filesystem::remove(file_.path());
  EXPECT_TRUE(run(100, 5));
  EXPECT_EQ(ran_[0], "4");
  EXPECT_EQ(cases(), in_order);
}

TEST_F(Sweep, KeepsWhatEndedBeforeAFaultOfTheRun) {
  const auto fail_after_two = [&](const RequestStream& stream) {
    for (std::size_t i = 0; i < 2; ++i) {
      const auto request = stream.next();
      stream.take(i, *request, outcome_of(*request));
    }
    throw RunError("no more workers");
  };
  EXPECT_THROW(run_sweep(*grid_, file_.path(), fail_after_two, options_), RunError);
  EXPECT_EQ(SweepReader(file_.path()).num_cases(SweepCaseState::done), 2);
}

#ifndef __SANITIZE_ADDRESS__  // which keeps freed memory
/// The most memory that this process has had, in bytes.
double peak_memory_B() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

void sweep_large_results(std::int64_t num_cases) {
  Json document =
      parse_json(R"({"schema_version": 1, "scenario": {"kind": "training"}, "seeds": []})", "test");
  for (std::int64_t i = 0; i < num_cases; ++i) document["seeds"].push_back(i);
  const SweepGrid grid(document, "g.json");
  document = nullptr;
  const test::OwnFile file("large.sweep");
  const std::string result = "\"" + std::string(4000, 'x') + "\"";
  const auto run = [&](const RequestStream& stream) {
    std::size_t index = 0;
    while (const auto request = stream.next()) stream.take(index++, *request, {RawJson{result}, 0, ""});
  };
  EXPECT_TRUE(run_sweep(grid, file.path(), run, {}));
}

TEST(SweepMemory, DoesNotGrowWithTheCases) {
  sweep_large_results(1'000);
  const double few_B = peak_memory_B();
  sweep_large_results(10'000);
  // 40 MB of results went through; the grid's own list of seeds is read and checked, and SQLite keeps up to 2
  // MB.
  EXPECT_LT(peak_memory_B() - few_B, 8e6);
}
#endif

TEST(SweepFigure, EveryKindIsRanked) {
  for (const ScenarioKind& kind : scenario_kinds()) EXPECT_FALSE(sweep_figure(kind.name).key.empty());
  EXPECT_THROW(sweep_figure("weather"), RunError);
}

}  // namespace
}  // namespace moesim
