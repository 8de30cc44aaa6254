#pragma once

#include <string>

namespace CLI {
class App;
}

namespace moesim::cli {

/// A script for bash that completes the commands, options, choices and shipped names of a command line.
std::string bash_completion(const CLI::App& app);

/// The same for zsh, with descriptions: a file `_moesim` in a folder of fpath, or something to source after
/// compinit.
std::string zsh_completion(const CLI::App& app);

}  // namespace moesim::cli
