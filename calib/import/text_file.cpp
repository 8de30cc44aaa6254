#include "calib/import/text_file.hpp"

#include <array>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <zlib.h>

#include "base/error.hpp"

namespace moesim {

namespace {

struct CloseGzip {
  void operator()(gzFile_s* file) const { gzclose(file); }
};

}  // namespace

std::string read_text_file(const std::string& path, std::size_t most_bytes) {
  if (!std::filesystem::is_regular_file(path))
    throw SpecError(path, "", "no such file", "give a file of text, perhaps compressed by gzip");
  const std::unique_ptr<gzFile_s, CloseGzip> file(gzopen(path.c_str(), "rb"));
  if (!file) throw SpecError(path, "", "cannot be opened", "check its permissions");
  std::string out;
  std::array<char, 1 << 16> buffer{};
  for (;;) {  // zlib passes on what is not compressed
    const int size = gzread(file.get(), buffer.data(), static_cast<unsigned>(buffer.size()));
    int code = Z_OK;
    if (const char* text = gzerror(file.get(), &code); size < 0 || code < 0)
      throw SpecError(path, "", fmt::format("damaged gzip data ({})", text), "fetch the file again");
    if (size == 0) return out;
    out.append(buffer.data(), static_cast<std::size_t>(size));
    if (out.size() > most_bytes)
      throw SpecError(path, "", fmt::format("more than {} MB of text", most_bytes / 1'000'000),
                      "split the file");
  }
}

}  // namespace moesim
