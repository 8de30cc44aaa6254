#include "sim/runner/result_document.hpp"

#include <nlohmann/json.hpp>

#include "sim/results/store.hpp"

namespace moesim {

Json result_document(const ResultHeader& header, const Json& scenario, const Json& provenance) {
  return {{"schema_version", kSchemaVersion},
          {"kind", header.kind},
          {"scenario", scenario},
          {"seed", header.seed},
          {"moesim_version", MOESIM_VERSION},
          {"model", header.model},
          {"cluster", {{"name", header.cluster}, {"gpus", header.num_gpus}, {"nodes", header.num_nodes}}},
          {"engine",
           {{"name", header.engine},
            {"num_gpus", header.num_simulated_gpus},
            {"num_operations", header.num_operations}}},
          {"provenance", provenance},
          {"warnings", header.warnings}};
}

}  // namespace moesim
