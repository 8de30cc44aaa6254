#include "sim/runner/worker_pool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace moesim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string> kWorker{MOESIM_WORKER_PROCESS};

WorkerRequest request(const std::string& id, const std::string& what, const std::string& engine = "replay") {
  WorkerRequest request;
  request.id = id;
  request.file = id + ".json";
  request.scenario.text = Json{{"engine", engine}, {"do", what}}.dump();
  return request;
}

Json result_of(const WorkerOutcome& outcome) {
  if (!outcome.result) throw RunError(outcome.message);
  return Json::parse(outcome.result->text);
}

TEST(WorkerProtocol, RequestsReadBack) {
  WorkerRequest written = request("a", "pass");
  written.seed = 18'446'744'073'709'551'615U;
  written.exclude_sources = {"x"};
  written.waterfall = true;
  const std::string line = request_line(written);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const WorkerRequest read = read_request(line);
  EXPECT_EQ(read.id, "a");
  EXPECT_EQ(read.file, "a.json");
  EXPECT_EQ(read.scenario, written.scenario);
  EXPECT_EQ(read.seed, written.seed);
  EXPECT_EQ(read.exclude_sources, written.exclude_sources);
  EXPECT_TRUE(read.waterfall);
}

TEST(WorkerProtocol, BadLinesAreNoRequests) {
  EXPECT_THROW(read_request("{"), SpecError);
  EXPECT_THROW(read_request(R"({"id": "a"})"), SpecError);
  EXPECT_THROW(read_request(R"({"id": "a", "scenario": {}, "sed": 1})"), SpecError);
}

TEST(WorkerPool, OutcomesComeInTheOrderOfRequests) {
  std::vector<WorkerRequest> requests;
  for (int i = 0; i < 20; ++i) {
    requests.push_back(request("case " + std::to_string(i), "pass", i % 2 == 0 ? "replay" : "simgrid"));
    requests.back().seed = static_cast<std::uint64_t>(i);
  }
  const auto outcomes = run_requests({kWorker, 3, {}}, requests);
  ASSERT_EQ(outcomes.size(), requests.size());
  for (std::size_t i = 0; i < outcomes.size(); ++i) EXPECT_EQ(result_of(outcomes[i])["seed"], i);
}

TEST(WorkerPool, ReplayCasesShareAProcessAndOthersHaveTheirOwn) {
  const auto outcomes =
      run_requests({kWorker, 1, {}}, {request("a", "pass"), request("b", "pass"),
                                      request("c", "pass", "simgrid"), request("d", "pass", "simgrid")});
  const auto process = [&](std::size_t i) { return result_of(outcomes[i])["process"].get<int>(); };
  EXPECT_EQ(process(0), process(1));
  EXPECT_NE(process(2), process(0));
  EXPECT_NE(process(3), process(2));
}

TEST(WorkerPool, FaultsOfACaseAreItsOutcome) {
  const auto outcomes = run_requests(
      {kWorker, 2, {}}, {request("a", "throw"), request("b", "misspell", "simgrid"), request("c", "pass")});
  EXPECT_FALSE(outcomes[0].result);
  EXPECT_EQ(outcomes[0].exit_code, 1);
  EXPECT_EQ(outcomes[0].message, "no luck");
  EXPECT_EQ(outcomes[1].exit_code, 3);
  EXPECT_EQ(outcomes[1].message, "b.json: /do: unknown; try again");
  EXPECT_TRUE(outcomes[2].result);
}

class DyingCase : public testing::TestWithParam<const char*> {};

TEST_P(DyingCase, IsTriedTwiceAndThenReported) {
  std::map<std::size_t, int> starts;
  WorkerPool pool{kWorker, 2,
                  [&](std::size_t index, const Json& event) { starts[index] += event["event"] == "start"; }};
  const auto outcomes = run_requests(pool, {request("a", "die", GetParam()), request("b", "exit", GetParam()),
                                            request("c", "pass", GetParam())});
  EXPECT_THAT(outcomes[0].message, HasSubstr("killed by signal 9"));
  EXPECT_EQ(outcomes[0].exit_code, 1);
  EXPECT_THAT(outcomes[1].message, HasSubstr("exit code 7"));
  EXPECT_TRUE(outcomes[2].result);
  EXPECT_EQ(starts[0], 2);
  EXPECT_EQ(starts[1], 2);
  EXPECT_EQ(starts[2], 1);
}

TEST_P(DyingCase, MaySucceedAtTheSecondTry) {
  WorkerRequest once = request("once", "die once", GetParam());
  once.file =
      std::filesystem::temp_directory_path() / ("moesim_worker_" + std::to_string(getpid()) + GetParam());
  const auto outcomes = run_requests({kWorker, 1, {}}, {once});
  std::filesystem::remove(once.file);
  EXPECT_TRUE(outcomes[0].result) << outcomes[0].message;
}

INSTANTIATE_TEST_SUITE_P(Engines, DyingCase, testing::Values("replay", "simgrid"),
                         [](const auto& info) { return std::string(info.param); });

TEST(WorkerPool, AWorkerThatBabblesIsReplaced) {
  const auto outcomes = run_requests({kWorker, 1, {}}, {request("a", "babble"), request("b", "pass")});
  EXPECT_THAT(outcomes[0].message, HasSubstr("ended without an answer"));
  EXPECT_TRUE(outcomes[1].result);
}

TEST(WorkerPool, EventsOfACase) {
  std::vector<std::string> names;
  run_requests({kWorker, 1, [&](std::size_t, const Json& event) { names.push_back(event["event"]); }},
               {request("a", "pass", "simgrid")});
  EXPECT_THAT(names, ElementsAre("start", "progress", "warning", "done"));
}

TEST(WorkerPool, WithoutRequestsOrWorkers) {
  EXPECT_TRUE(run_requests({kWorker, 4, {}}, {}).empty());
  EXPECT_THROW(run_requests({{"/no/such/worker"}, 1, {}}, {request("a", "pass")}), RunError);
}

TEST(RequestStream, MakesRequestsWhenAWorkerIsFree) {
  std::size_t made = 0;
  std::size_t taken = 0;
  RequestStream stream;
  stream.next = [&]() -> std::optional<WorkerRequest> {
    EXPECT_LE(made - taken, 1U) << "no more requests are held than there are workers";
    if (made == 30) return std::nullopt;
    return request(std::to_string(made++), "pass");
  };
  stream.take = [&](std::size_t index, const WorkerRequest& request, const WorkerOutcome& outcome) {
    ++taken;
    EXPECT_EQ(std::to_string(index), request.id);
    EXPECT_TRUE(outcome.result);
  };
  run_request_stream({kWorker, 2, {}}, stream);
  EXPECT_EQ(taken, 30U);
}

TEST(RequestStream, EndsWhereItIsNotToGoOn) {
  int taken = 0;
  RequestStream stream;
  stream.next = [] { return request("a", "pass"); };  // without an end
  stream.take = [&](std::size_t, const WorkerRequest&, const WorkerOutcome&) { ++taken; };
  stream.go_on = [&] { return taken < 5; };
  run_request_stream({kWorker, 1, {}}, stream);
  EXPECT_GE(taken, 5);
}

TEST(RunRequestsHere, KeepsOrderAndFaults) {
  const auto outcomes = run_requests_here({request("a", "x"), request("b", "y")},
                                          [](const WorkerRequest& request, const Progress&) -> Json {
                                            if (request.id == "b")
                                              throw PlanError({{"/layout/ep", "too large", ""}});
                                            return {{"id", request.id}};
                                          });
  EXPECT_EQ(result_of(outcomes[0])["id"], "a");
  EXPECT_EQ(outcomes[1].exit_code, 3);
  EXPECT_THAT(outcomes[1].message, HasSubstr("too large"));
}

}  // namespace
}  // namespace moesim
