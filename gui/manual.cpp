#include "gui/manual.hpp"

#include <string_view>

#include <fmt/format.h>

#include "gui/arguments.hpp"
#include "gui/views/view_kinds.hpp"

namespace moesim::gui {
namespace {

/// Text in which groff sees no hyphen or request.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += c == '-' ? std::string("\\-") : c == '\\' ? std::string("\\e") : std::string(1, c);
  return out;
}

}  // namespace

std::string manualPage(const std::string& version) {
  std::string page = fmt::format(
      ".TH MOESIM\\-GUI 1 \"\" \"moesim {}\"\n"
      ".SH NAME\nmoesim\\-gui \\- see load, time and links of results of moesim\n"
      ".SH SYNOPSIS\n\\fBmoesim\\-gui\\fR [\\fIOPTIONS\\fR] [\\fIFILE\\fR...]\n"
      ".SH DESCRIPTION\nShows results of \\fBmoesim\\fR(1), compares two, edits scenarios and runs them. "
      "FILE is a folder of `moesim run \\-o`, a records.moesim, a result document (JSON) or a sweep file.\n"
      ".SH OPTIONS\n",
      version);
  for (const ArgumentRow& row : argumentRows()) {
    const std::string value = *row.value == '\0' ? "" : fmt::format(" \\fI{}\\fR", escaped(row.value));
    page += fmt::format(".TP\n\\fB{}\\fR{}\n{}.\n", escaped(row.name), value, escaped(row.doc));
  }
  page += ".SH VIEWS\n";
  for (const ViewKind& kind : viewKinds())
    page += fmt::format(".TP\n\\fB{}\\fR\n{}.\n", escaped(kind.name), escaped(kind.doc));
  for (const ArgumentRow& row : pageRows())
    page += fmt::format(".TP\n\\fB{}\\fR\n{}.\n", escaped(row.name), escaped(row.doc));
  page += ".SH SEE ALSO\n\\fBmoesim\\fR(1)\n";
  return page;
}

}  // namespace moesim::gui
