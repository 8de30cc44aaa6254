#pragma once

#include <Qt>

namespace moesim::gui {

/// Of a cell: its number with all digits, in SI units, NaN for none; of a heading: its key. What has no such
/// data is written to CSV as it is displayed.
inline constexpr int kCsvRole = Qt::UserRole + 100;

}  // namespace moesim::gui
