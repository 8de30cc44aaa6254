#include "cli/calibration_errors.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reports/text_table.hpp"

namespace moesim::cli {
namespace {

Json figures_of(const HeldOutError& error) {
  return {{"median_error", error.median_error},
          {"p90_error", error.p90_error},
          {"held_out_points", error.held_out_points}};
}

std::string percent(double fraction) {
  return fmt::format("{:.1f} %", fraction * 100);
}

}  // namespace

Json errors_json(std::span<const HeldOutError> errors) {
  Json operators = Json::object();
  for (const HeldOutError& error : errors) {
    if (error.kind == "all") operators[error.name] = figures_of(error);
  }
  for (const HeldOutError& error : errors) {
    if (error.kind != "all") operators[error.name]["by_kind"][error.kind] = figures_of(error);
  }
  return operators;
}

std::string errors_text(std::span<const HeldOutError> errors) {
  TextTable table{{{"operator"},
                   {"held out"},
                   {"points", Align::right},
                   {"median error", Align::right},
                   {"p90 error", Align::right}},
                  {}};
  for (const HeldOutError& error : errors) {
    table.rows.push_back({error.name, error.kind, fmt::format("{}", error.held_out_points),
                          percent(error.median_error), percent(error.p90_error)});
  }
  return plain_text(table);
}

}  // namespace moesim::cli
