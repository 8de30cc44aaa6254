#include "sim/runner/priced_scenario.hpp"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "base/error.hpp"
#include "sim/cluster/price_spec.hpp"
#include "sim/runner/scenario_kinds.hpp"

namespace moesim {
namespace {

/// Gives the cluster that `owner` names another price. A pool without its own has an empty one; what is no
/// cluster at all is left for loading to refuse.
void set_price(Json& owner, const Json& price) {
  const auto cluster = owner.find("cluster");
  if (cluster == owner.end() || cluster->empty()) return;
  if (cluster->is_string() && !cluster->get_ref<const std::string&>().empty())
    *cluster = {{"base", *cluster}};
  if (cluster->is_object()) (*cluster)["price"] = price;
}

}  // namespace

Json with_price(const Json& scenario, const std::string& file, const std::string& price) {
  const ScenarioKind& kind = kind_of(scenario, file);
  if (!kind.has_costs) {
    throw SpecError(file, "/kind", fmt::format("a {} scenario costs nothing", kind.name),
                    "leave --price out");
  }
  const Json whole = price_document(Json(price), "", "--price");
  Json priced = scenario;
  set_price(priced, whole);
  const auto pools = priced.find("deployment");
  if (pools == priced.end() || !pools->is_object()) return priced;
  for (Json& pool : *pools) {
    if (pool.is_object()) set_price(pool, whole);
  }
  return priced;
}

}  // namespace moesim
