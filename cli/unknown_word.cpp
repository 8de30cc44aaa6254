#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <fmt/format.h>

#include "cli/program.hpp"

namespace moesim::cli {
namespace {

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::vector<std::string> subcommand_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands({})) names.push_back(sub->get_name());
  return names;
}

std::string unknown_text(std::string_view kind, const std::string& word,
                         const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  const std::string hint = near.empty() ? fmt::format("known: {}", fmt::join(known, ", "))
                                        : fmt::format("did you mean '{}'?", near);
  return fmt::format("no {} is called '{}'; {}", kind, word, hint);
}

const CLI::App* subcommand(const CLI::App& app, const std::string& name) {
  for (const CLI::App* sub : app.get_subcommands({})) {
    if (sub->get_name() == name) return sub;
  }
  return nullptr;
}

}  // namespace

std::string unknown_word_text(const CLI::App& program, const std::vector<std::string>& arguments) {
  const CLI::App* app = &program;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") break;
    if (argument.size() > 1 && argument[0] == '-') {
      const bool is_long = argument[1] == '-';
      const std::string name = is_long ? argument.substr(0, argument.find('=')) : argument.substr(0, 2);
      const CLI::Option* option = app->get_option_no_throw(name);
      if (option == nullptr) return unknown_text("option", name, option_names(*app));
      if (name == argument && option->get_items_expected_min() > 0) ++i;  // its value
    } else if (!app->get_subcommands({}).empty()) {
      const CLI::App* sub = subcommand(*app, argument);
      if (sub == nullptr) return unknown_text("command", argument, subcommand_names(*app));
      app = sub;
    }
  }
  return {};
}

}  // namespace moesim::cli
