#pragma once

#include <string>

namespace CLI {
class App;
}

namespace moesim::cli {

/// The manual page of a command line in section 1, as man(7) macros: what help says of it and of every
/// command below it. `version` is "1.2.3"; there is no date, so that the same program always gives the
/// same page.
std::string man_page(const CLI::App& app, const std::string& version);

/// Adds --man, which prints the page and exits as --version does.
void add_man_option(CLI::App& app, const std::string& version);

}  // namespace moesim::cli
