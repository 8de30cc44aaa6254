#pragma once

#include <string>

#include "reports/report.hpp"

namespace moesim {

/// One self-contained page: no script, nothing from elsewhere; for light and dark screens and for paper.
std::string report_html(const Report& report);

/// GitHub Markdown with every text and table; pictures are left out.
std::string report_markdown(const Report& report);

/// Every cell of every table as a line "section,table,row,column,value": numbers in SI by their shortest
/// text, else the text; rows and columns by their keys, empty cells left out. Lines end in CRLF.
std::string report_csv(const Report& report);

}  // namespace moesim
