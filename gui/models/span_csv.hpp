#pragma once

#include <QString>
#include <cstddef>

#include "gui/models/run_document.hpp"
#include "gui/models/view_state.hpp"

namespace moesim::gui {

/// The spans of a result that meet a range of time, by row, with the names of numbers; at most `most` of
/// them, after which a last line says how many are left out. The heading alone where there are none.
QString spansCsv(const RunDocument& document, TimeRange range, std::size_t most);

}  // namespace moesim::gui
