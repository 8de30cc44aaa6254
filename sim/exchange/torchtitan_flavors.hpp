#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/model_spec.hpp"

namespace moesim {

/// A model that torchtitan ships: [model] name and flavor, and the catalog's model of its sizes.
struct TorchtitanFlavor {
  std::string_view name;
  std::string_view flavor;
  std::string_view model;
};

/// The sizes of a flavor: the catalog's, without multi-token-prediction modules, which torchtitan leaves out.
std::optional<ModelSpec> torchtitan_model(std::string_view name, std::string_view flavor);
/// The flavor of a catalog model, whatever its multi-token-prediction modules; null where there is none.
const TorchtitanFlavor* torchtitan_flavor(std::string_view model);
/// "llama3 8B", ...
std::vector<std::string> torchtitan_flavors();

}  // namespace moesim
