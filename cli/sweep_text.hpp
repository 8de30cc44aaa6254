#pragma once

#include <iosfwd>
#include <string>

#include "base/json.hpp"

namespace moesim {
class SweepReader;
}

namespace moesim::cli {

/// A sweep_document() as text: the counts, the best cases and those that failed.
std::string sweep_text(const Json& document, const std::string& file);

/// Every case that has ended, a line each: "index,name,state,exit_code,message", what it changes by pointer,
/// and the single numbers of its summary; what a case lacks is empty. Lines end in CRLF.
void write_sweep_csv(const SweepReader& sweep, std::ostream& out);

}  // namespace moesim::cli
