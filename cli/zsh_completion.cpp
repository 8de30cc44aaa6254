#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include <fmt/format.h>

#include "cli/completion.hpp"
#include "cli/option_words.hpp"

namespace moesim::cli {
namespace {

/// `text` with a backslash before each of `special` and before backslashes.
std::string escaped(const std::string& text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// A word of the script, whatever is in it.
std::string shell_word(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// "_moesim_spec_check" of " spec check".
std::string function_name(const std::string& path) {
  std::string name = "_moesim" + path;
  std::ranges::replace_if(
      name, [](char c) { return c == ' ' || c == '-'; }, '_');
  return name;
}

/// What _arguments does for a value: choices, shipped names and files, nothing for a number, else files.
std::string value_action(const CLI::Option& option) {
  if (const Words choices = choices_of(option); !choices.empty()) {
    return fmt::format("({})", fmt::join(choices, " "));
  }
  // The blank in front keeps _arguments from adding options of its own.
  if (const Words names = shipped_names_of(option); !names.empty()) {
    return fmt::format(" _moesim_name_or_file {}", fmt::join(names, " "));
  }
  const std::string placeholder = placeholder_of(option);
  return placeholder == "N" || placeholder == "X" ? " " : "_files";
}

std::string value_spec(const CLI::Option& option, const std::string& what) {
  return fmt::format(":{}:{}", escaped(what, ":"), value_action(option));
}

/// The words of _arguments for an option: one for each of its names.
std::string option_specs(const CLI::Option& option) {
  const Words names = names_of(option);
  const bool repeated = option.get_items_expected_max() > 1;
  std::string specs;
  for (const std::string& name : names) {
    // Where one of the names is there, none is offered.
    std::string spec = repeated ? "*" : fmt::format("({})", fmt::join(names, " "));
    spec += name;
    if (takes_value(option)) spec += name.starts_with("--") ? "=" : "+";
    spec += fmt::format("[{}]", escaped(option.get_description(), "[]"));
    if (takes_value(option)) spec += value_spec(option, placeholder_of(option));
    specs += fmt::format(" \\\n    {}", shell_word(spec));
  }
  return specs;
}

std::string argument_spec(const CLI::Option& option, int position) {
  const bool many = option.get_items_expected_max() > 1;
  const std::string place = many ? "*" : std::to_string(position) + (option.get_required() ? "" : ":");
  return fmt::format(" \\\n    {}", shell_word(place + value_spec(option, option.get_name(true))));
}

/// The function of a command that has commands below it.
std::string group_body(const std::vector<const CLI::App*>& below, const std::string& path,
                       const std::string& specs) {
  std::string commands;
  std::string cases;
  for (const CLI::App* sub : below) {
    commands += ' ' + shell_word(sub->get_name() + ':' + sub->get_description());
    cases += fmt::format(" {}) {} ;;", sub->get_name(), function_name(path + ' ' + sub->get_name()));
  }
  return fmt::format(R"(  local state line curcontext="$curcontext"
  local -a commands=({})
  _arguments -C{} \
    '1: :->command' '*:: :->words'
  case "$state" in
    command) _describe -t commands command commands ;;
    words) case "$line[1]" in{} esac ;;
  esac
)",
                     commands, specs, cases);
}

/// The functions of a command and of all below it; `path` is " spec check".
std::string functions_of(const CLI::App& app, const std::string& path) {
  std::string functions;
  std::string specs;
  int position = 0;
  const std::vector<const CLI::App*> below = subcommands_of(app);
  for (const CLI::App* sub : below) functions += functions_of(*sub, path + ' ' + sub->get_name());
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) specs += argument_spec(*option, ++position);
    specs += option_specs(*option);  // none of an argument without names
  }
  const std::string body =
      below.empty() ? fmt::format("  _arguments{}\n", specs) : group_body(below, path, specs);
  return functions + fmt::format("{}() {{\n{}}}\n", function_name(path), body);
}

}  // namespace

std::string zsh_completion(const CLI::App& app) {
  return fmt::format(R"(#compdef moesim
# zsh completion for moesim, as `moesim completion zsh` prints it.
_moesim_name_or_file() {{
  local expl
  _wanted names expl 'shipped name' compadd -- "$@"
  _files
}}
{}if [[ "$funcstack[1]" == _moesim ]]; then _moesim "$@"; else compdef _moesim moesim; fi
)",
                     functions_of(app, ""));
}

}  // namespace moesim::cli
