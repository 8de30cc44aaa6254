#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "reports/report.hpp"

/// Reading result documents that may lack any part.
namespace moesim {

/// What lies below `object` by a dotted key; null where a part of it is missing.
const Json& value_at(const Json& object, std::string_view dotted_key);
/// The same, where it is a number.
std::optional<double> number_at(const Json& object, std::string_view dotted_key);
/// The text there as it is, nothing for null, else its JSON.
std::string text_at(const Json& object, std::string_view dotted_key);

/// The figure there, in the unit that its key names; an empty cell without one.
ReportCell figure_cell(const Json& object, std::string_view dotted_key);

/// "ttft_s.p99" is "ttft p99".
std::string label_of_key(std::string_view dotted_key);

/// "/layout/tp=2, /layout/pp=16"; "as stated" for no change.
std::string changes_text(const Json& changes);

/// A setting for readers: texts as they are, elements of arrays joined by "+", else JSON.
std::string setting_text(const Json& value);

}  // namespace moesim
