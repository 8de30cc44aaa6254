#include "workloads/recorded_routing/expert_ids.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

#include "base/error.hpp"
#include "workloads/recorded_routing/npy_header.hpp"
#include "workloads/recorded_routing/recording_file.hpp"

namespace moesim {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

struct NpyType {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr std::array<NpyType, 3> kNpyTypes{{{"<u2", 2}, {"<i4", 4}, {"<i8", 8}}};

/// Little-endian, signed but for uint16.
std::int64_t value_at(const unsigned char* bytes, std::uint64_t size) {
  std::uint64_t value = 0;
  for (std::uint64_t i = size; i-- > 0;) value = (value << 8) | bytes[i];
  return size == 4 ? static_cast<std::int32_t>(value) : static_cast<std::int64_t>(value);
}

}  // namespace

ExpertIdsReader::ExpertIdsReader(const std::filesystem::path& path, const ExpertIdsShape& shape)
    : file_(path.string()), shape_(shape) {
  if (shape.num_layers < 0 || shape.num_layers > kMaxLayer || shape.top_k < 0 || shape.top_k > kMaxTopK ||
      shape.num_experts < 0 || shape.num_experts > kMaxExperts) {
    throw std::invalid_argument("a shape of expert ids that no file has");
  }
  RecordingFile file = open_recording(path);
  in_ = std::move(file.stream);
  file_bytes_ = file.bytes;
  if (file_bytes_ == 0) fail(0, "empty", "give the ids of at least one token");
  if (path.extension() == ".npy") {
    read_npy_header();
  } else {
    check_raw();
  }
  check_size();
  seek(0);
}

void ExpertIdsReader::fail(std::uint64_t byte, const std::string& what, const std::string& hint) const {
  throw SpecError(file_, fmt::format("byte {}", byte), what, hint);
}

void ExpertIdsReader::check_raw() {
  if (num_layers() == 0 || top_k() == 0) {
    fail(0, "raw ids say neither layers nor choices", "give the number of layers and top_k, or a .npy file");
  }
  std::array<char, sizeof kNpyMagic - 1> start{};
  in_.read(start.data(), static_cast<std::streamsize>(start.size()));
  in_.clear();
  if (std::string_view(start.data(), start.size()) == kNpyMagic) {
    fail(0, "a .npy file under another name", "let its name end in .npy");
  }
}

void ExpertIdsReader::read_npy_header() {
  const NpyHeader header = moesim::read_npy_header(in_, file_);
  const auto* type = std::find_if(kNpyTypes.begin(), kNpyTypes.end(),
                                  [&](const NpyType& row) { return row.name == header.type; });
  if (type == kNpyTypes.end()) {
    fail(header.type_byte, "values of another type than <u2, <i4 and <i8",
         "convert with ids.astype('<u2') before numpy.save");
  }
  if (header.fortran_order) {
    fail(header.fortran_byte, "values in Fortran order", "convert with numpy.ascontiguousarray");
  }
  data_begin_ = header.data_begin;
  id_bytes_ = type->bytes;
  take_npy_shape(header.shape, header.shape_byte);
}

void ExpertIdsReader::take_npy_shape(const std::vector<std::uint64_t>& shape, std::uint64_t byte) {
  const std::string text = fmt::format("shape ({})", fmt::join(shape, ", "));
  if (shape.size() != 3 && shape.size() != 2) {
    fail(byte, fmt::format("{} dimensions", shape.size()), "save [token][layer][choice]");
  }
  const std::uint64_t layers = shape.size() == 3 ? shape[1] : 1;
  const std::uint64_t choices = shape.back();
  const auto fits = [](std::uint64_t value, int given, int max) {
    return value >= 1 && value <= static_cast<std::uint64_t>(max) &&
           (given == 0 || value == static_cast<std::uint64_t>(given));
  };
  if (!fits(layers, shape_.num_layers, kMaxLayer)) {
    fail(byte, fmt::format("{} has {} layers", text, layers),
         shape_.num_layers > 0 ? fmt::format("the model has {} that route", shape_.num_layers)
                               : fmt::format("save [token][layer][choice] of 1 to {} layers", kMaxLayer));
  }
  if (!fits(choices, shape_.top_k, kMaxTopK)) {
    fail(byte, fmt::format("{} has {} choices", text, choices),
         shape_.top_k > 0 ? fmt::format("the model chooses {} experts", shape_.top_k)
                          : fmt::format("save [token][layer][choice] of 1 to {} choices", kMaxTopK));
  }
  if (shape[0] < 1) fail(byte, fmt::format("{} has no tokens", text), "give the ids of at least one token");
  shape_.num_layers = static_cast<int>(layers);
  shape_.top_k = static_cast<int>(choices);
  const std::uint64_t whole_tokens = (file_bytes_ - data_begin_) / (ids_per_token() * id_bytes_);
  if (shape[0] > whole_tokens) {
    fail(file_bytes_, fmt::format("the file ends inside token {} of {}", whole_tokens, shape[0]),
         "get the whole file");
  }
  num_tokens_ = static_cast<std::int64_t>(shape[0]);
}

/// The values fill the file, no less and no more.
void ExpertIdsReader::check_size() {
  const std::uint64_t token_bytes = ids_per_token() * id_bytes_;
  const std::uint64_t bytes = file_bytes_ - data_begin_;
  if (num_tokens_ == 0) {
    num_tokens_ = static_cast<std::int64_t>(bytes / token_bytes);
    if (bytes % token_bytes == 0) return;
    fail(file_bytes_,
         fmt::format("the file ends inside token {}, of {} bytes a token", num_tokens_, token_bytes),
         fmt::format("get the whole file, or check {} layers and top_k {}", num_layers(), top_k()));
  }
  const std::uint64_t end = data_begin_ + static_cast<std::uint64_t>(num_tokens_) * token_bytes;
  if (end != file_bytes_) {
    fail(end, fmt::format("{} bytes after the last token", file_bytes_ - end), "save the array alone");
  }
}

std::uint64_t ExpertIdsReader::ids_per_token() const {
  return static_cast<std::uint64_t>(num_layers()) * static_cast<std::uint64_t>(top_k());
}

std::string ExpertIdsReader::place_text(std::uint64_t index) const {
  const auto choices = static_cast<std::uint64_t>(top_k());
  return fmt::format("token {}, layer {}, choice {}", index / ids_per_token(),
                     index / choices % static_cast<std::uint64_t>(num_layers()), index % choices);
}

void ExpertIdsReader::seek(std::int64_t token) {
  if (token < 0 || token > num_tokens_)
    throw std::invalid_argument("a token that the recording does not have");
  position_ = token;
  in_.clear();
  in_.seekg(static_cast<std::streamoff>(data_begin_ +
                                        static_cast<std::uint64_t>(token) * ids_per_token() * id_bytes_));
}

std::uint16_t ExpertIdsReader::checked_id(std::int64_t value, std::uint64_t index) const {
  const std::int64_t unused = id_bytes_ == 2 ? kUnusedChoice : -1;
  if (value == unused && shape_.unused_choices) return kUnusedChoice;
  const int num_experts = shape_.num_experts > 0 ? shape_.num_experts : kMaxExperts;
  if (value < 0 || value >= num_experts) {
    fail(data_begin_ + index * id_bytes_,
         fmt::format("expert {} at {} is outside 0 to {}", value, place_text(index), num_experts - 1),
         "check the model, the number of layers, top_k and the type of the ids");
  }
  return static_cast<std::uint16_t>(value);
}

/// No expert twice among the choices of a token in a layer.
void ExpertIdsReader::check_choice(std::span<const std::uint16_t> choice, std::uint64_t first) const {
  for (std::size_t i = 1; i < choice.size(); ++i) {
    if (choice[i] == kUnusedChoice) continue;
    for (std::size_t j = 0; j < i; ++j) {
      if (choice[i] != choice[j]) continue;
      fail(data_begin_ + (first + i) * id_bytes_,
           fmt::format("expert {} a second time at {}", choice[i], place_text(first + i)),
           "check the number of layers, top_k and the type of the ids");
    }
  }
}

/// Fills `ids` with those from number `first` of the file on, where the stream stands.
void ExpertIdsReader::read_ids(std::span<std::uint16_t> ids, std::uint64_t first) {
  for (std::size_t done = 0; done < ids.size();) {
    const std::size_t count = std::min<std::size_t>(ids.size() - done, kBlockBytes / id_bytes_);
    block_.resize(count * id_bytes_);
    in_.read(reinterpret_cast<char*>(block_.data()), static_cast<std::streamsize>(block_.size()));
    if (static_cast<std::size_t>(in_.gcount()) != block_.size()) {
      fail(data_begin_ + (first + done) * id_bytes_ + static_cast<std::uint64_t>(in_.gcount()),
           "the file ends here, earlier than when it was opened", "do not write it while it is read");
    }
    for (std::size_t i = 0; i < count; ++i) {
      ids[done + i] = checked_id(value_at(block_.data() + i * id_bytes_, id_bytes_), first + done + i);
    }
    done += count;
  }
}

std::size_t ExpertIdsReader::read(std::span<std::uint16_t> ids) {
  const auto room = static_cast<std::int64_t>(ids.size() / ids_per_token());
  const std::int64_t tokens = std::min(room, num_tokens_ - position_);
  const auto used = ids.first(static_cast<std::size_t>(tokens) * ids_per_token());
  const std::uint64_t first = static_cast<std::uint64_t>(position_) * ids_per_token();
  read_ids(used, first);
  const auto choices = static_cast<std::size_t>(top_k());
  for (std::size_t i = 0; i < used.size(); i += choices) check_choice(used.subspan(i, choices), first + i);
  position_ += tokens;
  return static_cast<std::size_t>(tokens);
}

}  // namespace moesim
