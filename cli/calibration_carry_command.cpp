// moesim calibration carry
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "calib/fit/carry.hpp"
#include "calib/profile/profile.hpp"
#include "calib/profile/profile_text.hpp"
#include "cli/calibration_command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"

namespace moesim::cli {
namespace {

struct CarryArguments {
  std::string profile;
  std::string gpu;
  std::string name;
  std::string output;
};

ExitCode carry_it(const CarryArguments& arguments) {
  require_distinct({{"PROFILE", arguments.profile}, {"--gpu", arguments.gpu}},
                   {{"--output", arguments.output}});
  const CalibrationProfile from = load_profile(arguments.profile);
  const GpuFacts gpu = read_spec<GpuFacts>(read_json_file(arguments.gpu), arguments.gpu);
  Output output(arguments.output);
  ProfileFile carried = carry(from.file(), gpu);
  if (!arguments.name.empty()) carried.name = arguments.name;
  output.stream() << profile_text(carried);
  output.commit();
  if (!output.is_stdout())
    print(fmt::format("carried {} from {} to {}\nwrote {}\n", from.name(), from.gpu().name, gpu.name,
                      arguments.output));
  return ExitCode::kDone;
}

}  // namespace

Action declare_calibration_carry(CLI::App& app) {
  const auto arguments = std::make_shared<CarryArguments>();
  app.add_option("profile", arguments->profile, "Name of a profile, or a file that ends in .json")
      ->type_name("PROFILE")
      ->required();
  add_file_option(app, "--gpu", arguments->gpu, "Datasheet of the GPU, a JSON object as the profile's gpu")
      ->required();
  require_text(*app.add_option("--name", arguments->name, "Name of the new profile"));
  add_file_option(app, "-o,--output", arguments->output, "Profile to write")->required();
  app.footer("Examples:\n  moesim calibration carry h200-sxm --gpu h100.json --name my-h100 -o my-h100.json");
  return [arguments] { return carry_it(*arguments); };
}

}  // namespace moesim::cli
