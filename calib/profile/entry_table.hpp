#pragma once

#include <span>
#include <string>
#include <vector>

#include "calib/profile/profile_file.hpp"

namespace moesim {

/// The points of a table or grid as entries.
std::vector<Entry> entries_of(const EntryTable& table);

/// Entries that have a time as tables, one for those that share all but axes and time, ordered by operator,
/// name, format, role, regime, kernel, source and the rest; rows keep the order of the entries. Times to 5
/// digits, p10 and p90 to 3.
std::vector<EntryTable> tables_of(std::span<const Entry> entries);

/// To `digits` digits, as files hold numbers.
double rounded(double value, int digits);
inline constexpr int kSpreadDigits = 3;

/// A table without rows of what `entry` shares with others; columns are its axes.
EntryTable empty_table(const Entry& entry);

/// A fault of the table that the typed description cannot express: columns that are not the operator's axes,
/// optional ones perhaps, then time_us, then perhaps p10, p90 and num_samples; a row of another length or
/// with a number that is not above 0. Pointers start at the table.
std::optional<SpecIssue> find_table_fault(const EntryTable& table);

}  // namespace moesim
