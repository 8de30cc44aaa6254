#pragma once

#include <string>
#include <string_view>

namespace moesim::cli {

/// The extensions of reports that are texts: "html", "md", "csv".
bool is_page_output(std::string_view path);

/// The report of a result (a folder of `run -o`, its records, a file of --json) or of a sweep file, in the
/// form that the extension of `output` names. Throws SpecError for what is neither, RunError for damaged
/// records.
std::string page_report(const std::string& source, const std::string& output);

}  // namespace moesim::cli
