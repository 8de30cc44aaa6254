// The commands that need no GPU.
#include <filesystem>
#include <iostream>

#include <fmt/format.h>

#include "base/file.hpp"
#include "base/json.hpp"
#include "calib/kernels/program/host_commands.hpp"
#include "calib/kernels/program/program.hpp"
#include "calib/measure/measured_profile.hpp"
#include "calib/measure/suite.hpp"
#include "calib/measure/suite_text.hpp"
#include "calib/profile/data_file.hpp"
#include "calib/profile/profile_text.hpp"

namespace moesim::calibrate {

std::vector<MeasuredCase> cases_of(const Options& options, const RankNeeds& needs) {
  try {
    return chosen_cases(standard_suite(needs), options.groups, options.quick, "--only");
  } catch (const SpecError& error) {
    throw UsageError(error.what());
  }
}

void write_profile(const std::vector<MeasureLog>& logs, const Options& options) {
  const std::string name =
      options.name.empty() ? std::filesystem::path(options.profile).stem().string() : options.name;
  const std::string text = profile_text(measured_profile(logs, name));
  write_file_atomically(options.profile, text);
  (void)read_profile_file(options.profile);  // what is written must be a calibration file
  std::cout << fmt::format("profile {}: {}\n", name, options.profile);
}

ExitCode list(const Options& options) {
  const auto points = cases_of(options, options.listed);
  // Estimates are those of an H200.
  const GpuFacts gpu = read_profile_file(find_data("calib/profiles/h200-sxm.json")).gpu;
  std::cout << (options.cases ? case_table(points) : suite_table(points, gpu));
  return ExitCode::kDone;
}

ExitCode profile(const Options& options) {
  std::vector<MeasureLog> logs;
  for (const std::string& path : options.logs) logs.push_back(read_measure_log(path));
  for (const MeasureLog& log : logs)
    if (log.truncated) std::cerr << log.path << ": the last line is not whole and is left out\n";
  write_profile(logs, options);
  return ExitCode::kDone;
}

}  // namespace moesim::calibrate
