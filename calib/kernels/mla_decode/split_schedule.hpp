#pragma once

#include <span>
#include <vector>

#include "calib/kernels/mla_decode/decode_shape.hpp"

namespace moesim {

/// The tiles that one block of threads works through for its rows: from tile `first_tile` of sequence
/// `first_sequence` to before tile `end_tile` of `last_sequence`, everything between included. Nothing where
/// first_sequence > last_sequence.
struct DecodePart {
  int first_sequence = 0;
  int first_tile = 0;
  int last_sequence = -1;
  int end_tile = 0;
  int first_piece = 0;  ///< how many pieces of first_sequence belong to earlier parts
};

/// A sequence cut into pieces, one a part. Whole sequences write their output; pieces write partial results
/// that a second kernel combines.
struct SplitSchedule {
  std::vector<DecodePart> parts;
  std::vector<int> first_slot;  ///< [batch + 1] where the partial results of a sequence start; whole: none
  std::vector<int> split_sequences;  ///< sequences of more than one piece
  [[nodiscard]] int num_slots() const { return first_slot.back(); }
};

/// Parts of a schedule, and so pieces of a sequence, at most.
inline constexpr int kMostDecodeParts = 512;

/// Cuts sequences of these lengths into at most `num_parts` parts of consecutive tiles. The load of a part is
/// its tiles and one tile for each sequence it touches; of all largest loads the one is taken that costs
/// least together with combining `rows` rows of each partial result.
SplitSchedule make_split_schedule(std::span<const int> lengths, int num_parts, int rows);

/// Where a part stands in its tiles, in the order in which a kernel takes them.
struct TileCursor {
  MOESIM_HOST_DEVICE TileCursor(const DecodePart& of, const int* lengths_of) : part(of), lengths(lengths_of) {
    sequence = part.first_sequence;
    if (!done()) enter();
  }
  [[nodiscard]] MOESIM_HOST_DEVICE bool done() const { return sequence > part.last_sequence; }
  MOESIM_HOST_DEVICE void next() {
    if (++tile < end) return;
    ++sequence;
    if (!done()) enter();
  }
  /// To the first tile of the next sequence.
  MOESIM_HOST_DEVICE void next_sequence() {
    ++sequence;
    if (!done()) enter();
  }
  [[nodiscard]] MOESIM_HOST_DEVICE bool last_of_sequence() const { return tile + 1 == end; }
  [[nodiscard]] MOESIM_HOST_DEVICE bool whole_sequence() const {
    return begin == 0 && end == num_tiles(lengths[sequence]);
  }
  /// Of the sequence where the cursor stands: which piece this is.
  [[nodiscard]] MOESIM_HOST_DEVICE int piece() const {
    return sequence == part.first_sequence ? part.first_piece : 0;
  }

  DecodePart part;
  const int* lengths;
  int sequence = 0;
  int tile = 0;
  int begin = 0;  ///< first tile of the piece
  int end = 0;    ///< behind its last

 private:
  MOESIM_HOST_DEVICE void enter() {
    begin = sequence == part.first_sequence ? part.first_tile : 0;
    end = sequence == part.last_sequence ? part.end_tile : num_tiles(lengths[sequence]);
    tile = begin;
  }
};

/// Where a piece of a sequence goes: to a slot, or to the output where it is the whole sequence (slot < 0).
MOESIM_HOST_DEVICE inline int slot_of(const TileCursor& cursor, const int* first_slot) {
  return cursor.whole_sequence() ? -1 : first_slot[cursor.sequence] + cursor.piece();
}

}  // namespace moesim
