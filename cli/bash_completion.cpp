#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <fmt/format.h>

#include "cli/completion.hpp"
#include "cli/option_words.hpp"

namespace moesim::cli {
namespace {

/// What may stand for the option; empty: a file or a number.
Words values_of(const CLI::Option& option) {
  const Words names = shipped_names_of(option);
  return names.empty() ? choices_of(option) : names;
}

/// Rows of the script's case statements.
struct CompletionCases {
  std::string commands;  ///< path with the next word: it is a command
  std::string values;    ///< path and option: what may follow
  std::string words;     ///< path: commands and names, and the options
};

void add_cases(const CLI::App& app, const std::string& path, CompletionCases& cases) {
  Words words;
  Words options;
  for (const CLI::App* sub : subcommands_of(app)) {
    words.push_back(sub->get_name());
    const std::string below = path + ' ' + sub->get_name();
    cases.commands += fmt::format("      '{}') path=\"$path $word\" ;;\n", below);
    add_cases(*sub, below, cases);
  }
  for (const CLI::Option* option : app.get_options()) {
    const Words values = values_of(*option);
    const Words names = names_of(*option);
    options.insert(options.end(), names.begin(), names.end());
    if (option->get_positional()) words.insert(words.end(), values.begin(), values.end());
    if (!takes_value(*option)) continue;
    for (const std::string& name : names) {
      cases.values +=
          fmt::format("    '{} {}') words='{}' options='' ;;\n", path, name, fmt::join(values, " "));
    }
  }
  cases.words += fmt::format("    '{}') words='{}' options='{}' ;;\n", path, fmt::join(words, " "),
                             fmt::join(options, " "));
}

}  // namespace

/// `path` is " spec check": each command before the cursor, with a blank in front. Where no word is offered,
/// `-o default` offers files.
std::string bash_completion(const CLI::App& app) {
  CompletionCases cases;
  add_cases(app, "", cases);
  return fmt::format(R"(# bash completion for moesim, as `moesim completion bash` prints it.
_moesim() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD - 1]}}"
  local path='' word words='' options='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${{COMP_WORDS[i]}}"
    case "$path $word" in
{}    esac
  done
  case "$path" in
{}  esac
  case "$path $previous" in
{}  esac
  if [[ "$current" == -* ]]; then words="$options"; fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -o default -F _moesim moesim
)",
                     cases.commands, cases.words, cases.values);
}

}  // namespace moesim::cli
