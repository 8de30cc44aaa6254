#include "cli/option_words.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>
#include <string_view>
#include <utility>

#include "calib/profile/profile.hpp"
#include "calib/profile/router_dynamics.hpp"
#include "calib/profile/stack.hpp"
#include "cli/spec_kinds.hpp"
#include "models/model_spec.hpp"
#include "sim/cluster/cluster_spec.hpp"
#include "sim/cluster/price_spec.hpp"

namespace moesim::cli {
namespace {

/// Options and arguments that take a shipped name or a file.
constexpr std::array<std::pair<std::string_view, Words (*)()>, 7> kNamed{{
    {"--stack", stack_names},
    {"--calibration", profile_names},
    {"--router", router_dynamics_names},
    {"--model", catalog_names},
    {"--cluster", cluster_names},
    {"--price", price_names},
    {"name", catalog_names},
}};

Words kind_names() {
  Words names;
  for (const SpecFileKind& kind : spec_file_kinds()) names.emplace_back(kind.name);
  return names;
}

}  // namespace

Words names_of(const CLI::Option& option) {
  Words names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

std::string placeholder_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return type.substr(0, type.find(":{"));
}

Words choices_of(const CLI::Option& option) {
  // A list of choices shows as "TEXT:{a,b}".
  const std::string type = option.get_type_name();
  const std::size_t begin = type.find('{');
  if (begin == std::string::npos) return option.get_name() == "kind" ? kind_names() : Words();
  return CLI::detail::split(type.substr(begin + 1, type.find('}') - begin - 1), ',');
}

Words shipped_names_of(const CLI::Option& option) {
  for (const auto& [name, list] : kNamed) {
    if (option.get_name() == name) return list();
  }
  return {};
}

std::vector<const CLI::App*> subcommands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

Words lines_of(const std::string& text) {
  return CLI::detail::split(text, '\n');
}

}  // namespace moesim::cli
