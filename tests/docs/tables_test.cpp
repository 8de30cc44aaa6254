// The tables of keys in docs/ are those that the typed descriptions give.
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "base/spec.hpp"
#include "calib/profile/profile_file.hpp"
#include "calib/profile/router_dynamics.hpp"
#include "calib/profile/stack.hpp"
#include "models/model_spec.hpp"
#include "sim/cluster/cluster_spec.hpp"
#include "sim/cluster/price_spec.hpp"
#include "sim/planner/sweep/grid_file.hpp"
#include "sim/routing_run/routing_scenario.hpp"
#include "sim/runner/worker_protocol.hpp"
#include "sim/serving/serving_scenario.hpp"
#include "sim/training/training_scenario.hpp"
#include "sim/validation/case_file.hpp"
#include "workloads/recorded_routing/expert_counts_file.hpp"

namespace moesim {
namespace {

struct Table {
  const char* document;
  const char* name;
  std::string (*text)();
};

void PrintTo(const Table& table, std::ostream* out) {
  *out << table.name;
}

/// What stands between "<!-- table NAME -->" and the next "<!-- end table -->"; empty without them.
std::string table_in(const std::string& document, const std::string& name) {
  std::ifstream file(document);
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  const std::string begin = "<!-- table " + name + " -->\n";
  const std::size_t first = all.find(begin);
  const std::size_t last = all.find("<!-- end table -->", first);
  if (first == std::string::npos || last == std::string::npos) return {};
  return all.substr(first + begin.size(), last - first - begin.size());
}

class DocumentedTable : public testing::TestWithParam<Table> {};

TEST_P(DocumentedTable, IsThatOfTheDescription) {
  EXPECT_EQ(table_in(GetParam().document, GetParam().name), GetParam().text());
}

INSTANTIATE_TEST_SUITE_P(
    Docs, DocumentedTable,
    testing::Values(Table{"docs/calibration.md", "calibration", markdown_table_of<ProfileFile>},
                    Table{"docs/calibration.md", "stack", markdown_table_of<Stack>},
                    Table{"docs/calibration.md", "router", markdown_table_of<RouterDynamics>},
                    Table{"docs/formats.md", "training", markdown_table_of<TrainingScenario>},
                    Table{"docs/formats.md", "routing", markdown_table_of<RoutingScenario>},
                    Table{"docs/formats.md", "serving", markdown_table_of<ServingScenario>},
                    Table{"docs/formats.md", "cluster", markdown_table_of<ClusterSpec>},
                    Table{"docs/formats.md", "price", markdown_table_of<PriceSpec>},
                    Table{"docs/formats.md", "model", markdown_table_of<ModelSpec>},
                    Table{"docs/formats.md", "expert_counts", markdown_table_of<ExpertCountsFile>},
                    Table{"docs/formats.md", "grid", markdown_table_of<SweepGridFile>},
                    Table{"docs/formats.md", "case", markdown_table_of<ValidationCase>},
                    Table{"docs/formats.md", "request", markdown_table_of<WorkerRequest>}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace moesim
