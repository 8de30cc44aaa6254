#pragma once

#include <string>

#include "sim/results/comparison.hpp"

namespace moesim {

/// What a reader sees of one value: by the unit of its key, "-" for what a result lacks, texts cut to
/// `most_characters`.
std::string compared_text(const ComparedSection& section, const ComparedRow& row, std::size_t result,
                          std::size_t most_characters);

/// "+4.2 %" against the first result, "=" for equal figures, empty where it means nothing.
std::string difference_text(const ComparedSection& section, const ComparedRow& row, std::size_t result);

/// "A", "B", ... of a result, as tables call it.
std::string result_letter(std::size_t result);

/// A comparison for a terminal: a letter for every result, then its sections in one table, each further
/// result with its difference to the first. Warnings come last.
std::string comparison_table(const Comparison& comparison);

/// Lines "section,key,NAME...,NAME difference_fraction..." (RFC 4180, CRLF); what a result lacks is empty.
std::string comparison_csv(const Comparison& comparison);

}  // namespace moesim
