#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "calib/profile/profile.hpp"
#include "calib/profile/router_dynamics.hpp"
#include "calib/profile/stack.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/spec_kinds.hpp"
#include "models/model_spec.hpp"
#include "sim/cluster/cluster_spec.hpp"

namespace moesim::cli {
namespace {

using Words = std::vector<std::string>;

Words kind_names() {
  Words names;
  for (const SpecFileKind& kind : spec_file_kinds()) names.emplace_back(kind.name);
  return names;
}

/// Options and arguments that take a shipped name or a file.
constexpr std::array<std::pair<std::string_view, Words (*)()>, 7> kNamed{{
    {"--stack", stack_names},
    {"--calibration", profile_names},
    {"--router", router_dynamics_names},
    {"--model", catalog_names},
    {"--cluster", cluster_names},
    {"name", catalog_names},
    {"kind", kind_names},
}};

/// What may stand for the option; empty: a file or a number.
Words values_of(const CLI::Option& option) {
  for (const auto& [name, list] : kNamed) {
    if (option.get_name() == name) return list();
  }
  // A list of choices shows as "TEXT:{a,b}".
  const std::string type = option.get_type_name();
  const std::size_t begin = type.find('{');
  if (begin == std::string::npos) return {};
  return CLI::detail::split(type.substr(begin + 1, type.find('}') - begin - 1), ',');
}

/// "--json" and "-o" of one option.
Words names_of(const CLI::Option& option) {
  Words names;
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  return names;
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
  for (const CLI::App* sub : app.get_subcommands({})) {
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
    if (option->get_items_expected_max() == 0) continue;
    for (const std::string& name : names) {
      cases.values +=
          fmt::format("    '{} {}') words='{}' options='' ;;\n", path, name, fmt::join(values, " "));
    }
  }
  cases.words += fmt::format("    '{}') words='{}' options='{}' ;;\n", path, fmt::join(words, " "),
                             fmt::join(options, " "));
}

/// `path` is " spec check": each command before the cursor, with a blank in front. Where no word is offered,
/// `-o default` offers files.
std::string bash_script() {
  const Program program;
  CompletionCases cases;
  add_cases(*program.app, "", cases);
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

}  // namespace

Action declare_completion(CLI::App& app) {
  const auto shell = std::make_shared<std::string>();
  require_one_of(*app.add_option("shell", *shell, "Shell")->required(), {"bash"});
  app.footer(
      "Examples:\n"
      "  source <(moesim completion bash)\n"
      "  moesim completion bash > ~/.local/share/bash-completion/completions/moesim");
  return [shell] {
    print(bash_script());
    return ExitCode::kDone;
  };
}

}  // namespace moesim::cli
