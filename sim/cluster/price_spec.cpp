#include "sim/cluster/price_spec.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "base/file.hpp"

namespace moesim {
namespace {

constexpr std::string_view kCatalog = "sim/cluster/prices";

std::optional<SpecIssue> check_price(const PriceSpec& price) {
  if (price.rented.has_value() == price.owned.has_value()) {
    return SpecIssue{"", price.rented ? "rented and owned at once" : "neither rented nor owned",
                     "give one of \"rented\" and \"owned\""};
  }
  if (price.owned && price.electricity_per_kwh.value() == 0) {
    return SpecIssue{"/electricity_per_kwh", "absent, and who owns GPUs pays their power",
                     "give it, as \"0.08 $\""};
  }
  if (price.owned) return {};
  const bool pays_power = price.electricity_per_kwh.value() > 0 || price.hosting_per_kw_month.value() > 0;
  if (price.rented->includes_power && pays_power) {
    return SpecIssue{"/rented/includes_power", "power would be paid twice",
                     "set it to false, or leave electricity_per_kwh and hosting_per_kw_month out"};
  }
  if (!price.rented->includes_power && price.electricity_per_kwh.value() == 0) {
    return SpecIssue{"/electricity_per_kwh", "absent, and the rent does not include power",
                     "give it, as \"0.08 $\""};
  }
  return {};
}

std::optional<SpecIssue> check_upfront(const RentedPrice& rented) {
  if (rented.upfront.value() == 0 || rented.term) return {};
  return SpecIssue{"/term", "absent, and an upfront payment is spread over it", "give it, as \"1095 d\""};
}

}  // namespace

const Spec<RentedPrice>& spec_of(const RentedPrice*) {
  static const Spec<RentedPrice> spec =
      Spec<RentedPrice>("rented", "GPUs by the hour, on demand or reserved.")
          .field("gpu", &RentedPrice::gpu, "of one GPU with its part of the node", example("2 $/h"))
          .field("upfront", &RentedPrice::upfront, "of one GPU, for the whole term",
                 example("5000 $") | optional())
          .field("term", &RentedPrice::term, "of a reservation", above(0) | example("1095 d"))
          .field("used_fraction", &RentedPrice::used_fraction, "of the hours that are paid",
                 above(0) | at_most(1) | optional())
          .field("includes_power", &RentedPrice::includes_power, "whether power is in the rent", optional())
          .check(check_upfront);
  return spec;
}

const Spec<OwnedPrice>& spec_of(const OwnedPrice*) {
  static const Spec<OwnedPrice> spec =
      Spec<OwnedPrice>("owned", "Hardware that is bought and written off as an annuity.")
          .field("gpu", &OwnedPrice::gpu, "of one GPU", example("25000 $"))
          .field("node", &OwnedPrice::node, "of one node without its GPUs", example("60000 $") | optional())
          .field("network", &OwnedPrice::network, "NIC, switch ports and optics of one GPU",
                 example("4000 $") | optional())
          .field("lifetime", &OwnedPrice::lifetime, "until it is written off", above(0) | example("1461 d"))
          .field("residual_fraction", &OwnedPrice::residual_fraction, "of the capital, at the end",
                 between(0, 1) | optional())
          .field("interest", &OwnedPrice::interest, "a year", between(0, 1) | optional())
          .field("maintenance_fraction", &OwnedPrice::maintenance_fraction, "of the capital, a year",
                 between(0, 1) | optional())
          .field("used_fraction", &OwnedPrice::used_fraction, "of the lifetime",
                 above(0) | at_most(1) | optional());
  return spec;
}

const Spec<PriceSpec>& spec_of(const PriceSpec*) {
  static const Spec<PriceSpec> spec =
      Spec<PriceSpec>("price", "What GPUs cost: rented or owned.")
          .field("name", &PriceSpec::name, "shown in results", non_empty())
          .field("source", &PriceSpec::source, "where it comes from", non_empty())
          .field("rented", &PriceSpec::rented, "by the hour")
          .field("owned", &PriceSpec::owned, "bought")
          .field("network", &PriceSpec::network, "of one GPU, what a fabric or traffic costs besides",
                 example("0.1 $/h") | optional())
          .field("electricity_per_kwh", &PriceSpec::electricity_per_kwh, "of a kWh of facility power",
                 example("0.08 $") | optional())
          .field("hosting_per_kw_month", &PriceSpec::hosting_per_kw_month,
                 "of a kW of facility power that is kept ready, a month", example("120 $") | optional())
          .check(check_price);
  return spec;
}

void CostParts::add(const CostParts& other, double times) {
  gpu += times * other.gpu;
  node += times * other.node;
  network += times * other.network;
  maintenance += times * other.maintenance;
  hosting += times * other.hosting;
  power += times * other.power;
}

Json cost_json(const CostParts& parts) {
  Json json = Json::object();
  const auto add = [&](const char* key, double value) {
    if (value != 0) json[key] = value;
  };
  add("gpu", parts.gpu);
  add("node", parts.node);
  add("network", parts.network);
  add("maintenance", parts.maintenance);
  add("hosting", parts.hosting);
  add("power", parts.power);
  return json;
}

double annuity(double capital, double residual, double interest, double years) {
  if (interest == 0) return (capital - residual) / years;
  const double log_growth = years * std::log1p(interest);
  return (capital - residual * std::exp(-log_growth)) * interest / -std::expm1(-log_growth);
}

std::vector<std::string> price_names() {
  auto names = list_data(kCatalog, ".json");
  for (std::string& name : names) name = name.substr(0, name.find_last_of('.'));
  return names;
}

Json price_document(const Json& value, const std::string& file, const std::string& pointer) {
  if (!value.is_string()) return write_spec(read_spec<PriceSpec>(value, file, pointer));
  const auto name = value.get<std::string>();
  std::filesystem::path path = std::filesystem::path(file).parent_path() / name;
  if (!name.ends_with(".json")) {
    const auto names = price_names();
    if (std::ranges::find(names, name) == names.end()) {
      const std::string near = nearest(name, names);
      throw SpecError(file, pointer, fmt::format("no price is called \"{}\"", name),
                      near.empty() ? fmt::format("known: {}; or the path of a file", fmt::join(names, ", "))
                                   : fmt::format("did you mean \"{}\"?", near));
    }
    path = find_data(fmt::format("{}/{}.json", kCatalog, name));
  }
  return write_spec(read_spec_file<PriceSpec>(path));
}

}  // namespace moesim
