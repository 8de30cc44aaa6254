#include "cli/constants_json.hpp"

#include <nlohmann/json.hpp>
#include <string>

namespace moesim::cli {

Json constants_json(const std::vector<ResolvedConstant>& constants) {
  Json rows = Json::array();
  for (const ResolvedConstant& constant : constants) {
    rows.push_back({{"owner", constant.owner},
                    {"name", constant.name},
                    {"value", constant.value},
                    {"unit", constant.unit},
                    {"interval", {constant.low, constant.high}},
                    {"provenance", std::string(enum_name(constant.provenance))},
                    {"fallback", constant.fallback},
                    {"sources", constant.sources},
                    {"cases", constant.cases},
                    {"note", constant.note}});
  }
  return {{"constants", std::move(rows)}};
}

}  // namespace moesim::cli
