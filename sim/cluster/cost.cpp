#include "sim/cluster/cost.hpp"

#include <nlohmann/json.hpp>

namespace moesim {
namespace {

constexpr double kYear = 365.25 * 86400;  // s
constexpr double kMonth = kYear / 12;
constexpr double kJoulesPerKwh = 3.6e6;
constexpr double kWattsPerKw = 1e3;

void add_rented(const RentedPrice& rented, double gpu_s, CostParts& cost) {
  double rate = rented.gpu.value();
  if (rented.term) rate += rented.upfront.value() / rented.term->value();
  cost.gpu += gpu_s * rate / rented.used_fraction;
}

void add_owned(const OwnedPrice& owned, int gpus_per_node, double gpu_s, CostParts& cost) {
  const double years = owned.lifetime.value() / kYear;
  const double share = gpu_s / kYear / owned.used_fraction;
  const auto a_year = [&](double capital) {
    return share * annuity(capital, capital * owned.residual_fraction, owned.interest, years);
  };
  const double node = owned.node.value() / gpus_per_node;
  cost.gpu += a_year(owned.gpu.value());
  cost.node += a_year(node);
  cost.network += a_year(owned.network.value());
  cost.maintenance += share * owned.maintenance_fraction * (owned.gpu.value() + node + owned.network.value());
}

}  // namespace

std::optional<PriceSpec> price_of(const ClusterSpec& cluster) {
  if (!cluster.price) return {};
  return read_spec<PriceSpec>(parse_json(cluster.price->text, cluster.name), cluster.name, "/price");
}

Watts peak_facility_power(const ClusterSpec& cluster) {
  const PowerSpec& power = cluster.power;
  return (power.gpu_peak + power.network_port + power.node_other * (1.0 / cluster.gpus_per_node)) * power.pue;
}

CostParts cost_of(const ClusterSpec& cluster, double gpu_s, double energy_J) {
  CostParts cost;
  const std::optional<PriceSpec> price = price_of(cluster);
  if (!price) {
    cost.gpu = gpu_s * cluster.gpu_price.value();
    return cost;
  }
  if (price->rented) add_rented(*price->rented, gpu_s, cost);
  if (price->owned) add_owned(*price->owned, cluster.gpus_per_node, gpu_s, cost);
  cost.network += gpu_s * price->network.value();
  const double paid_s = gpu_s / (price->owned ? price->owned->used_fraction : price->rented->used_fraction);
  cost.hosting = paid_s / kMonth * price->hosting_per_kw_month.value() *
                 peak_facility_power(cluster).value() / kWattsPerKw;
  cost.power = energy_J / kJoulesPerKwh * price->electricity_per_kwh.value();
  return cost;
}

double price_at_peak(const ClusterSpec& cluster) {
  return cost_of(cluster, 1, peak_facility_power(cluster).value()).total();
}

}  // namespace moesim
