#include "calib/kernels/mla_decode/split_schedule.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace moesim {
namespace {

/// Work of a sequence beside its tiles (its queries are loaded, its output is stored), in tiles. Assumed.
constexpr int kSequenceTiles = 1;
/// The second kernel, in tiles of about 1.5 us: its launch, and the rows of 2 KiB that a partial result has
/// written and read at about 3 TB/s. Assumed.
constexpr double kCombineTiles = 2;
constexpr double kRowsPerTile = 1100;

/// A part does not begin another sequence where less than this part of its load is left.
constexpr int kSliver = 16;

struct Cut {
  std::vector<DecodePart> parts;
  int largest_load = 0;
  int num_slots = 0;
};

/// Fills parts one after the other with loads of up to `load`, of at least one tile and one sequence.
/// Returns no parts where they do not suffice.
Cut cut_by_load(std::span<const int> lengths, int num_parts, int load) {
  Cut cut;
  const int batch = static_cast<int>(lengths.size());
  int sequence = 0, tile = 0, pieces = 0;
  while (sequence < batch) {
    if (static_cast<int>(cut.parts.size()) == num_parts) return {};
    DecodePart part{sequence, tile, sequence, 0, pieces};
    int left = load;
    while (sequence < batch && left > kSequenceTiles) {
      const int rest = num_tiles(lengths[static_cast<std::size_t>(sequence)]) - tile;
      const int room = left - kSequenceTiles;
      if (room < rest && room < load / kSliver && part.end_tile > 0) break;
      const int taken = std::min(rest, room);
      left = room - taken;
      tile += taken;
      ++pieces;
      part.last_sequence = sequence;
      part.end_tile = tile;
      if (taken < rest) break;
      if (pieces > 1) cut.num_slots += pieces;
      ++sequence;
      tile = pieces = 0;
    }
    cut.largest_load = std::max(cut.largest_load, load - left);
    cut.parts.push_back(part);
  }
  return cut;
}

double cost_of(const Cut& cut, int rows) {
  if (cut.num_slots == 0) return cut.largest_load;
  return cut.largest_load + kCombineTiles + cut.num_slots * static_cast<double>(rows) / kRowsPerTile;
}

Cut best_cut(std::span<const int> lengths, int num_parts, int rows) {
  std::int64_t total = 0;
  int longest = 0;
  for (const int length : lengths) {
    total += num_tiles(length) + kSequenceTiles;
    longest = std::max(longest, num_tiles(length) + kSequenceTiles);
  }
  const int least = std::max<int>(static_cast<int>((total + num_parts - 1) / num_parts), kSequenceTiles + 1);
  Cut best;
  double best_cost = std::numeric_limits<double>::infinity();
  // At the longest or at twice the even load, whole sequences fit.
  for (int load = least; best.parts.empty() || load <= std::max(2 * least, longest) + 1;
       load += 1 + load / 128) {
    Cut cut = cut_by_load(lengths, num_parts, load);
    if (cut.parts.empty() || cost_of(cut, rows) >= best_cost) continue;
    best_cost = cost_of(cut, rows);
    best = std::move(cut);
  }
  return best;
}

}  // namespace

SplitSchedule make_split_schedule(std::span<const int> lengths, int num_parts, int rows) {
  SplitSchedule schedule;
  schedule.first_slot.assign(lengths.size() + 1, 0);
  if (lengths.empty()) return schedule;
  schedule.parts = best_cut(lengths, std::clamp(num_parts, 1, kMostDecodeParts), rows).parts;
  std::vector<int> pieces(lengths.size(), 0);
  for (const DecodePart& part : schedule.parts) {
    for (int i = part.first_sequence; i <= part.last_sequence; ++i) ++pieces[static_cast<std::size_t>(i)];
  }
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    schedule.first_slot[i + 1] = schedule.first_slot[i] + (pieces[i] > 1 ? pieces[i] : 0);
    if (pieces[i] > 1) schedule.split_sequences.push_back(static_cast<int>(i));
  }
  return schedule;
}

}  // namespace moesim
