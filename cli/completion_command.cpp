#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "cli/command.hpp"
#include "cli/completion.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"

namespace moesim::cli {
namespace {

struct Shell {
  std::string_view name;
  std::string (*script)(const CLI::App& app);
};

constexpr auto kShells = std::to_array<Shell>({
    {"bash", bash_completion},
    {"zsh", zsh_completion},
});

std::vector<std::string> shell_names() {
  std::vector<std::string> names;
  for (const Shell& shell : kShells) names.emplace_back(shell.name);
  return names;
}

}  // namespace

Action declare_completion(CLI::App& app) {
  const auto name = std::make_shared<std::string>();
  require_one_of(*app.add_option("shell", *name, "Shell")->required(), shell_names());
  app.footer(
      "Examples:\n"
      "  source <(moesim completion bash)\n"
      "  moesim completion bash > ~/.local/share/bash-completion/completions/moesim\n"
      "  moesim completion zsh > ~/.zfunc/_moesim   # ~/.zfunc is in fpath");
  return [name] {
    const auto shell = std::ranges::find(kShells, std::string_view(*name), &Shell::name);
    print(shell->script(*Program().app));
    return ExitCode::kDone;
  };
}

}  // namespace moesim::cli
