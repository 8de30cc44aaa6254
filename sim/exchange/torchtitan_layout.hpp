#pragma once

#include "base/json.hpp"
#include "models/model_spec.hpp"
#include "sim/exchange/exchange.hpp"
#include "sim/exchange/toml_keys.hpp"

namespace moesim {

/// Degrees of parallelism of a configuration.
struct TorchtitanDegrees {
  long replicate = 1;  ///< groups that hold the same
  long shard = 1;      ///< ranks that a replica is sharded over (FSDP)
  long tp = 1;
  long cp = 1;
  long pp = 1;
  long ep = 1;
  long etp = 1;

  [[nodiscard]] long dp() const { return replicate * shard; }
  [[nodiscard]] long num_gpus() const { return dp() * tp * cp * pp; }
};

/// What [parallelism] says, data_parallel_shard_degree = -1 filled in from the number of GPUs. Throws
/// SpecError where the degrees contradict each other or that number.
TorchtitanDegrees torchtitan_degrees(TomlKeys& keys, const ModelSpec& model, const ImportChoices& choices);

/// The layout of those degrees, without its micro-batch; what is only nearly so is noted.
Json torchtitan_layout(TomlKeys& keys, const TorchtitanDegrees& degrees, const ModelSpec& model, Json& notes);

}  // namespace moesim
