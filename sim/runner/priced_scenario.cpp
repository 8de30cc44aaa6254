#include "sim/runner/priced_scenario.hpp"

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "sim/cluster/price_spec.hpp"

namespace moesim {
namespace {

void set_price(Json& cluster, const Json& price) {
  if (cluster.is_string()) cluster = {{"base", cluster}};
  cluster["price"] = price;
}

}  // namespace

Json with_price(const Json& scenario, const std::string& file, const std::string& price) {
  const Json whole = price_document(Json(price), "", "--price");
  Json out = scenario;
  bool any = false;
  if (out.contains("cluster") && !out["cluster"].is_null()) {
    set_price(out["cluster"], whole);
    any = true;
  }
  if (out.contains("deployment") && out["deployment"].is_object()) {
    for (auto& [name, pool] : out["deployment"].items()) {
      if (!pool.is_object() || !pool.contains("cluster") || pool["cluster"].is_null()) continue;
      set_price(pool["cluster"], whole);
      any = true;
    }
  }
  if (!any) throw SpecError(file, "/cluster", "--price: the scenario has no cluster", "leave --price out");
  return out;
}

}  // namespace moesim
