#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

namespace moesim {

/// What the header of a .npy file says (NumPy Enhancement Proposal 1, format 1.0 and 2.0).
struct NpyHeader {
  std::string type;  ///< e.g. "<u2"
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
  std::uint64_t type_byte = 0;  ///< where the file says so, for errors
  std::uint64_t fortran_byte = 0;
  std::uint64_t shape_byte = 0;
  std::uint64_t data_begin = 0;  ///< first byte of the values
};

inline constexpr char kNpyMagic[] = "\x93NUMPY";

/// Reads the header at the beginning of `in`. Throws SpecError {file, "byte N", what, hint}.
NpyHeader read_npy_header(std::istream& in, const std::string& file);

/// The header in format 1.0 of little-endian uint16 in C order, padded so that values begin at a multiple of
/// 64 bytes.
std::string npy_header_text(const std::vector<std::uint64_t>& shape);

}  // namespace moesim
