#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "cli/command.hpp"

namespace moesim::cli {

/// The command line with every subcommand declared.
struct Program {
  Program();
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::unique_ptr<CLI::App> app;
  std::vector<std::pair<CLI::App*, Action>> actions;  ///< by subcommand
};

/// Runs the subcommand that `arguments` (without the program's name) ask for. Help and version go to stdout,
/// what is wrong with the arguments to stderr, with exit code 2. Every other fault is thrown.
ExitCode run_program(const std::vector<std::string>& arguments);

/// A text about the first argument that is no subcommand or option, with the nearest one; empty where all are
/// known.
std::string unknown_word_text(const CLI::App& app, const std::vector<std::string>& arguments);

}  // namespace moesim::cli
