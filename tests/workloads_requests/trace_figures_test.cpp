#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.hpp"
#include "base/spec.hpp"
#include "workloads/requests/request_source.hpp"
#include "workloads/requests/trace_figures.hpp"

namespace moesim {
namespace {

class Listed final : public RequestSource {
 public:
  explicit Listed(std::vector<Request> requests) : requests_(std::move(requests)) {}
  bool next(Request& request) override {
    if (at_ == requests_.size()) return false;
    request = requests_[at_++];
    return true;
  }

 private:
  std::vector<Request> requests_;
  std::size_t at_ = 0;
};

Request request(double arrival_s, std::int64_t input, std::int64_t output, std::vector<std::uint64_t> blocks,
                std::int64_t block_tokens = 512) {
  Request made;
  made.arrival_s = arrival_s;
  made.input_tokens = input;
  made.output_tokens = output;
  made.block_tokens = block_tokens;
  made.blocks = std::move(blocks);
  return made;
}

std::string text_of(const char* path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string lines_of(RequestSource& source, const std::string& file) {
  std::ostringstream lines;
  write_mooncake(source, lines, file);
  return lines.str();
}

// Two of five blocks were there before, each behind a block that was: 1,024 of 2,700 tokens.
TEST(TraceFigures, CountHitsOfWholePrefixes) {
  Listed source({request(1, 1100, 10, {11, 12}), request(3, 1600, 30, {11, 12, 99})});
  const Json figures = trace_figures(source);
  EXPECT_EQ(figures.at("requests"), 2);
  EXPECT_EQ(figures.at("requests_per_s"), 0.5);
  EXPECT_EQ(figures.at("input_tokens").at("mean"), 1350);
  EXPECT_EQ(figures.at("output_tokens").at("max"), 30);
  EXPECT_DOUBLE_EQ(figures.at("prefix_hit_fraction").at("blocks"), 2.0 / 5);
  EXPECT_DOUBLE_EQ(figures.at("prefix_hit_fraction").at("tokens"), 1024.0 / 2700);
}

TEST(TraceFigures, LinesAreMooncakes) {
  Listed source({request(0.0124, 600, 7, {70}), request(2, 1100, 8, {70, 5})});
  EXPECT_EQ(lines_of(source, "w.json"),
            "{\"timestamp\": 12, \"input_length\": 600, \"output_length\": 7, \"hash_ids\": [1]}\n"
            "{\"timestamp\": 2000, \"input_length\": 1100, \"output_length\": 8, \"hash_ids\": [1, 2]}\n");
  Listed other({request(0, 600, 7, {70}, 64)});
  EXPECT_THROW((void)lines_of(other, "w.json"), SpecError);
}

TEST(TraceFigures, TheShippedTraceIsWhatTheGeneratorWrites) {
  const std::string file = "workloads/traces/conversation-small.workload.json";
  const OpenedWorkload opened = open_workload(read_spec_file<WorkloadSpec>(file), file, 1);
  EXPECT_EQ(lines_of(*opened.source, file), text_of("workloads/traces/conversation-small.jsonl"));
}

}  // namespace
}  // namespace moesim
