#include "cli/man_page.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cli/option_words.hpp"

namespace moesim::cli {
namespace {

/// What groff would take for something else.
constexpr auto kEscapes = std::to_array<std::pair<char, std::string_view>>({
    {'\\', "\\e"},
    {'-', "\\-"},
    {'\'', "\\(aq"},
    {'`', "\\(ga"},
    {'^', "\\(ha"},
    {'~', "\\(ti"},
    {'"', "\\(dq"},
});

std::string escaped(std::string_view text) {
  std::string out;
  // A point at the beginning of a line would be a request.
  if (text.starts_with('.')) out += "\\&";
  for (const char c : text) {
    std::string_view shown(&c, 1);
    for (const auto& [special, escape] : kEscapes) {
      if (c == special) shown = escape;
    }
    out += shown;
  }
  return out;
}

std::string bold(std::string_view text) {
  return fmt::format("\\fB{}\\fR", escaped(text));
}

/// Running text: what stands between ` and ` is bold.
std::string prose(const std::string& text) {
  std::string out;
  bool is_code = false;
  for (const std::string& part : CLI::detail::split(text, '`')) {
    out += is_code ? bold(part) : escaped(part);
    is_code = !is_code;
  }
  return out;
}

std::string sentence(const std::string& text) {
  return text.empty() || text.ends_with('.') ? text : text + '.';
}

std::string option_text(const CLI::Option& option) {
  std::string text = prose(sentence(option.get_description()));
  if (const Words choices = choices_of(option); !choices.empty()) {
    text += escaped(fmt::format(" One of {}.", fmt::join(choices, ", ")));
  }
  if (const std::string standard = option.get_default_str(); !standard.empty()) {
    text += escaped(fmt::format(" Default: {}.", standard));
  }
  if (!option.get_positional() && option.get_required()) text += " Required.";
  return text;
}

/// One paragraph with a hanging tag.
std::string option_entry(const CLI::Option& option) {
  std::string tag = option.get_positional() ? bold(option.get_name(true)) : "";
  for (const std::string& name : names_of(option)) tag += (tag.empty() ? "" : ", ") + bold(name);
  if (takes_value(option)) tag += fmt::format(" \\fI{}\\fR", escaped(placeholder_of(option)));
  return fmt::format(".TP\n{}\n{}\n", tag, option_text(option));
}

/// Arguments, then options; below the top help is no news.
std::string option_entries(const CLI::App& app) {
  std::string arguments;
  std::string options;
  for (const CLI::Option* option : app.get_options()) {
    if (app.get_parent() != nullptr && option == app.get_help_ptr()) continue;
    (option->get_positional() ? arguments : options) += option_entry(*option);
  }
  return arguments + options;
}

/// "Examples:" at the top begins a section, "Exit codes: 0 done" one with the rest of the line.
std::string section_begin(const std::string& line) {
  const std::size_t colon = line.find(':');
  const bool whole = colon + 1 == line.size();
  if (colon == std::string::npos || !(whole || line.starts_with("Exit codes:"))) return {};
  std::string title = line.substr(0, colon);
  for (char& c : title) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return fmt::format(".SH {}\n{}", title, whole ? "" : prose(line.substr(colon + 2)) + '\n');
}

/// The text below the options: running text, and indented lines as they are.
std::string footer_text(const CLI::App& app) {
  std::string out;
  bool as_it_is = false;
  bool paragraph = true;
  for (const std::string& line : lines_of(app.get_footer())) {
    const bool indented = line.starts_with("  ");
    if (as_it_is && !indented) out += ".EE\n.RE\n";
    if (!as_it_is && indented) out += ".RS 4\n.EX\n";
    as_it_is = indented;
    const std::string section = app.get_parent() == nullptr ? section_begin(line) : std::string();
    if (!indented && section.empty() && !line.empty() && paragraph) out += ".PP\n";
    paragraph = line.empty();
    if (!line.empty()) {
      out += section.empty() ? (indented ? escaped(line.substr(2)) : prose(line)) + '\n' : section;
    }
  }
  return as_it_is ? out + ".EE\n.RE\n" : out;
}

/// "moesim spec check [OPTIONS] FILES..."
std::string synopsis(const CLI::App& app, const std::string& path) {
  std::string text = bold(path) + " [\\fIOPTIONS\\fR]";
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) continue;
    const std::string name = fmt::format("\\fI{}\\fR", escaped(option->get_name(true)));
    const std::string dots = option->get_items_expected_max() > 1 ? "..." : "";
    text += option->get_required() ? ' ' + name + dots : fmt::format(" [{}{}]", name, dots);
  }
  if (!subcommands_of(app).empty()) text += " \\fICOMMAND\\fR";
  return text;
}

std::string command_entries(const CLI::App& app, const std::string& path) {
  std::string out;
  for (const CLI::App* sub : subcommands_of(app)) {
    const std::string below = path + ' ' + sub->get_name();
    out += fmt::format(".SS {}\n{}\n", synopsis(*sub, below), prose(sentence(sub->get_description())));
    out += option_entries(*sub) + footer_text(*sub) + command_entries(*sub, below);
  }
  return out;
}

}  // namespace

std::string man_page(const CLI::App& app, const std::string& version) {
  const std::string name = app.get_name();
  std::string title = name;
  for (char& c : title) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::string summary = app.get_description();
  if (summary.ends_with('.')) summary.pop_back();
  return fmt::format(
      ".TH {} 1 \"\" \"{} {}\" \"User Commands\"\n.nh\n.ad l\n"
      ".SH NAME\n{} \\- {}\n.SH SYNOPSIS\n{}\n.SH OPTIONS\n{}.SH COMMANDS\n{}{}"
      ".SH ENVIRONMENT\n.TP\n.B MOESIM_DATA\n"
      "Folder whose data are found before those of share/moesim beside the folder of the program.\n",
      escaped(title), escaped(name), version, escaped(name), prose(summary), synopsis(app, name),
      option_entries(app), command_entries(app, name), footer_text(app));
}

void add_man_option(CLI::App& app, const std::string& version) {
  app.add_flag_callback(
      "--man", [&app, version] { throw CLI::CallForVersion(man_page(app, version), 0); },
      "Print the manual page and exit, as in " + app.get_name() + " --man | man -l -");
}

}  // namespace moesim::cli
