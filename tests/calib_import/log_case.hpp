#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "base/error.hpp"
#include "calib/import/logs/import_logs.hpp"
#include "tests/own_file.hpp"

namespace moesim::test {

/// Logs in the formats of tools, written by hand with figures that the tools' readmes publish where there are
/// any.
inline const std::string kLogFolder = "tests/calib_import/logs/";

inline std::string log_text(const std::string& name) {
  std::ifstream in(kLogFolder + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline const LogFormat& format_named(std::string_view name) {
  return *std::find_if(log_formats().begin(), log_formats().end(),
                       [&](const LogFormat& format) { return format.name == name; });
}

/// Eight ranks, as the transfers of the logs.
inline LogSettings eight_ranks() {
  LogSettings settings;
  settings.ep = 8;
  return settings;
}

inline LogPoints points_of(const std::string& format, const std::string& name,
                           const LogSettings& settings = eight_ranks()) {
  return format_named(format).read(LogFile(kLogFolder + name), settings);
}

/// What is read of `text` in a file of that name.
inline LogPoints points_of_text(const std::string& format, const std::string& text,
                                const std::string& name = "log.txt",
                                const LogSettings& settings = eight_ranks()) {
  const OwnFile file(name);
  std::ofstream(file.path(), std::ios::binary) << text;
  return format_named(format).read(LogFile(file.path()), settings);
}

/// "line 4: what; hint" of the error that reading ends with, or "read".
inline std::string fault_of(const std::string& format, const std::string& text,
                            const std::string& name = "log.txt",
                            const LogSettings& settings = eight_ranks()) {
  try {
    points_of_text(format, text, name, settings);
    return "read";
  } catch (const SpecError& error) {
    return error.pointer + ": " + error.what_text + "; " + error.hint;
  }
}

inline std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  if (at == std::string::npos) throw std::runtime_error("not there: " + what);
  return text.replace(at, what.size(), with);
}

/// "all_reduce bf16 bytes=512 num_gpus=8 15.6 us" of an entry.
inline std::string line_of(const Entry& e) {
  std::string out = fmt::format("{} {}", enum_name(e.op), enum_name(e.format));
  if (e.role != GemmRole::forward) out += fmt::format(" {}", enum_name(e.role));
  for (const auto& [axis, value] : e.axes) out += fmt::format(" {}={:g}", axis, value);
  if (e.time) out += " " + fmt::format("{:.6g} us", e.time->value() * 1e6);
  if (e.rate) out += " " + to_text(*e.rate);
  if (e.bandwidth) out += " " + to_text(*e.bandwidth);
  return out;
}

inline std::vector<std::string> lines_of(const LogPoints& log) {
  std::vector<std::string> out;
  for (const LogPoint& point : log.points) out.push_back(line_of(point.entry));
  return out;
}

/// Datasheet of an H100 SXM.
inline GpuFacts h100() {
  GpuFacts gpu;
  gpu.name = "NVIDIA H100 SXM";
  gpu.num_sms = 132;
  gpu.memory = Bytes(80e9);
  gpu.hbm_bandwidth = BytesPerSecond(3.35e12);
  gpu.peak_bf16 = FlopsPerSecond(989.4e12);
  gpu.peak_fp8 = FlopsPerSecond(1978.9e12);
  gpu.nvlink_bandwidth = BytesPerSecond(450e9);
  gpu.idle_power = Watts(80);
  gpu.peak_power = Watts(700);
  return gpu;
}

inline LogImport log_import(const std::string& format, const std::vector<std::filesystem::path>& files) {
  LogImport import;
  import.format = &format_named(format);
  import.files = files;
  import.name = "mine";
  import.source = "my-run";
  import.gpu = h100();
  import.settings = eight_ranks();
  return import;
}

}  // namespace moesim::test
