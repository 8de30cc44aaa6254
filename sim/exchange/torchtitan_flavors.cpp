#include "sim/exchange/torchtitan_flavors.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace moesim {
namespace {

/// torchtitan/models/{llama3,deepseek_v3,qwen3}/__init__.py.
constexpr std::array<TorchtitanFlavor, 9> kFlavors{{
    {"llama3", "8B", "llama-3.1-8b"},
    {"llama3", "70B", "llama-3.1-70b"},
    {"llama3", "405B", "llama-3.1-405b"},
    {"deepseek_v3", "16B", "deepseek-v2-lite"},
    {"deepseek_v3", "236B", "deepseek-v2"},
    {"deepseek_v3", "671B", "deepseek-v3"},
    {"qwen3", "32B", "qwen3-32b"},
    {"qwen3", "30B-A3B", "qwen3-30b-a3b"},
    {"qwen3", "235B-A22B", "qwen3-235b-a22b"},
}};

}  // namespace

std::optional<ModelSpec> torchtitan_model(std::string_view name, std::string_view flavor) {
  for (const TorchtitanFlavor& row : kFlavors) {
    if (row.name != name || row.flavor != flavor) continue;
    ModelSpec model = load_model(row.model);
    if (model.mtp_depth > 0) model.name += "-without-mtp";
    model.mtp_depth = 0;
    return model;
  }
  return std::nullopt;
}

const TorchtitanFlavor* torchtitan_flavor(std::string_view model) {
  const auto found = std::ranges::find(kFlavors, model, &TorchtitanFlavor::model);
  return found == kFlavors.end() ? nullptr : &*found;
}

std::vector<std::string> torchtitan_flavors() {
  std::vector<std::string> names;
  for (const TorchtitanFlavor& row : kFlavors) names.push_back(fmt::format("{} {}", row.name, row.flavor));
  return names;
}

}  // namespace moesim
