#pragma once

#include <string>
#include <vector>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// The rows of a table as entries.
std::vector<Entry> entries_of(const EntryTable& table);

/// A fault of the table that the typed description cannot express: columns that are not the operator's axes,
/// optional ones perhaps, then time_us, then perhaps p90; a row of another length or with a number that is
/// not above 0. Pointers start at the table.
std::optional<SpecIssue> find_table_fault(const EntryTable& table);

}  // namespace moesim
