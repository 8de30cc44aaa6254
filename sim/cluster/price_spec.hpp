#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/quantity.hpp"
#include "base/spec.hpp"

namespace moesim {

/// A GPU that is somebody else's, by the hour.
struct RentedPrice {
  DollarsPerSecond gpu{};       ///< of one GPU with its part of the node
  Dollars upfront{};            ///< of one GPU, for the whole term
  std::optional<Seconds> term;  ///< of a reservation; what `upfront` is spread over
  double used_fraction = 1;     ///< of the hours that are paid; a reservation is paid whether used or not
  bool includes_power = true;
};

/// Hardware that is bought and written off as an annuity.
struct OwnedPrice {
  Dollars gpu{};      ///< one
  Dollars node{};     ///< one, without its GPUs
  Dollars network{};  ///< NIC, switch ports and optics of one GPU
  Seconds lifetime{};
  double residual_fraction = 0;     ///< of the capital, at the end
  double interest = 0;              ///< a year
  double maintenance_fraction = 0;  ///< of the capital, a year
  double used_fraction = 1;         ///< of the lifetime
};

/// What GPUs cost: rented or owned.
struct PriceSpec {
  std::string name;
  std::string source;  ///< where it comes from
  std::optional<RentedPrice> rented;
  std::optional<OwnedPrice> owned;
  DollarsPerSecond network{};  ///< of one GPU, what a fabric or traffic costs besides
  Dollars electricity_per_kwh{};
  Dollars hosting_per_kw_month{};  ///< of facility power at the peak of all that draws it
};
const Spec<RentedPrice>& spec_of(const RentedPrice*);
const Spec<OwnedPrice>& spec_of(const OwnedPrice*);
const Spec<PriceSpec>& spec_of(const PriceSpec*);

/// Dollars by what they are paid for.
struct CostParts {
  double gpu = 0;
  double node = 0;
  double network = 0;
  double maintenance = 0;
  double hosting = 0;
  double power = 0;

  [[nodiscard]] double total() const { return gpu + node + network + maintenance + hosting + power; }
  void add(const CostParts& other, double times = 1);
};
/// {"gpu": ..., "power": ...} of what is not 0.
Json cost_json(const CostParts& parts);

/// A share of a year's capital cost: (C - R / (1 + i)^n) i / (1 - (1 + i)^-n), its limit (C - R) / n at i =
/// 0.
double annuity(double capital, double residual, double interest, double years);

/// Names of the shipped prices, sorted.
std::vector<std::string> price_names();

/// The price that `value` names: a shipped name, a path ending in .json (relative to `file`) or the object
/// itself, as the whole object. Throws SpecError at `pointer`; an unknown name is answered with the nearest.
Json price_document(const Json& value, const std::string& file, const std::string& pointer);

}  // namespace moesim
