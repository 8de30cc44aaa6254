#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "workloads/recorded_routing/expert_counts.hpp"

namespace moesim {

class AtomicFile;

/// In place of an expert where a choice was not used: 65535 in files of uint16, -1 in those of int32 and
/// int64.
inline constexpr std::uint16_t kUnusedChoice = 0xffff;

/// Greatest number of choices of a token in a layer.
inline constexpr int kMaxTopK = 256;

/// What is known of recorded ids. A raw file says nothing of itself and needs num_layers and top_k; where a
/// .npy file disagrees with what is given, it is refused.
struct ExpertIdsShape {
  int num_layers = 0;           ///< 0: as the file says
  int top_k = 0;                ///< 0: as the file says
  int num_experts = 0;          ///< ids are below it; 0: below 65535
  bool unused_choices = false;  ///< kUnusedChoice may occur
};

/// Reads the experts that tokens chose, [token][layer][choice]: a .npy file (format 1.0 or 2.0; '<u2', '<i4'
/// or '<i8'; C order; three dimensions, or two where a token has one layer), or raw little-endian uint16
/// under any other name. Holds a block of the file, whatever its size. Errors are SpecError with "byte N" as
/// the pointer.
class ExpertIdsReader {
 public:
  /// Reads the header and checks it against the size of the file.
  ExpertIdsReader(const std::filesystem::path& path, const ExpertIdsShape& shape);

  [[nodiscard]] std::int64_t num_tokens() const { return num_tokens_; }
  [[nodiscard]] int num_layers() const { return shape_.num_layers; }
  [[nodiscard]] int top_k() const { return shape_.top_k; }
  /// The token that read() gives next; num_tokens() at the end.
  [[nodiscard]] std::int64_t position() const { return position_; }
  /// Goes on at `token`, in [0, num_tokens]; std::invalid_argument otherwise.
  void seek(std::int64_t token);
  /// Fills `ids`, [n, num_layers, top_k], with as many whole tokens as it holds and the file has left.
  /// Returns n; 0 at the end. An id out of range or twice in one choice is a SpecError.
  std::size_t read(std::span<std::uint16_t> ids);

 private:
  [[noreturn]] void fail(std::uint64_t byte, const std::string& what, const std::string& hint) const;
  void read_npy_header();
  void take_npy_shape(const std::vector<std::uint64_t>& shape, std::uint64_t byte);
  void check_raw();
  void check_size();
  void read_ids(std::span<std::uint16_t> ids, std::uint64_t first);
  [[nodiscard]] std::uint16_t checked_id(std::int64_t value, std::uint64_t index) const;
  void check_choice(std::span<const std::uint16_t> choice, std::uint64_t first) const;
  [[nodiscard]] std::string place_text(std::uint64_t index) const;
  [[nodiscard]] std::uint64_t ids_per_token() const;

  std::string file_;
  std::ifstream in_;
  ExpertIdsShape shape_;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t data_begin_ = 0;
  std::uint64_t id_bytes_ = 2;  // of one id in the file
  std::int64_t num_tokens_ = 0;
  std::int64_t position_ = 0;
  std::vector<unsigned char> block_;
};

/// Writes recorded ids; the file appears at commit(). Names and formats as ExpertIdsReader, .npy as '<u2' in
/// format 1.0.
class ExpertIdsWriter {
 public:
  /// Throws OutputError; std::invalid_argument without num_layers and top_k.
  ExpertIdsWriter(const std::filesystem::path& path, const ExpertIdsShape& shape, std::int64_t num_tokens);
  ~ExpertIdsWriter();

  /// [n, num_layers, top_k]
  void add(std::span<const std::uint16_t> ids);
  /// Throws std::invalid_argument unless exactly num_tokens tokens were added.
  void commit();

 private:
  ExpertIdsShape shape_;
  std::uint64_t left_;  // ids
  std::unique_ptr<AtomicFile> file_;
};

/// The counts of all tokens from the reader's position on: one step, layers numbered from first_layer.
/// `num_experts` > 0; an id beyond, which a reader that knows the number of experts refuses, is
/// std::invalid_argument. Unused choices count for nobody.
ExpertCounts count_experts(ExpertIdsReader& reader, int num_experts, int first_layer = 0);

}  // namespace moesim
