#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace moesim::cli {

using Words = std::vector<std::string>;

/// "-o" and "--output" of an option, the short ones first; empty for an argument.
Words names_of(const CLI::Option& option);

/// Whether a value follows it.
bool takes_value(const CLI::Option& option);

/// What help calls its value, without the choices: "N", "FILE|-", "TEXT".
std::string placeholder_of(const CLI::Option& option);

/// Its choices, those of require_one_of() or kinds of files; empty: any value.
Words choices_of(const CLI::Option& option);

/// Shipped names that it takes beside a file; empty: it takes none.
Words shipped_names_of(const CLI::Option& option);

/// Subcommands in the order of their declaration.
std::vector<const CLI::App*> subcommands_of(const CLI::App& app);

/// The texts before each line break, without it.
Words lines_of(const std::string& text);

}  // namespace moesim::cli
