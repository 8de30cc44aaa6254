#include "calib/kernels/program/program.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <iostream>

namespace moesim::calibrate {

namespace {

constexpr const char* kFooter =
    "Examples:\n"
    "  moesim-calibrate list\n"
    "  moesim-calibrate run -o h200.ndjson --quick\n"
    "  moesim-calibrate run -o h200.ndjson --resume --profile h200.json\n"
    "  moesim-calibrate check --random 100\n"
    "\n"
    "Exit codes: 0 done, 1 no device, a wrong output, a rate above the hardware's peak or another failure, 2 "
    "usage, 3 invalid input or output, 130 interrupted (the log is whole: go on with --resume).";

void add_choice(CLI::App& sub, Options& options) {
  sub.add_option("--only", options.groups, "Families to take, separated by commas")
      ->delimiter(',')
      ->type_name("FAMILY,...");
  sub.add_flag("--quick", options.quick, "The cases of a first look, less than two minutes");
}

void add_seed(CLI::App& sub, Options& options) {
  sub.add_option("--seed", options.seed, "Seed of data and order")->capture_default_str();
}

void add_device(CLI::App& sub, Options& options) {
  sub.add_option("--device", options.device, "CUDA device; of several ranks that of local rank 0")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  sub.add_option("--rank", options.ranks.rank, "Rank of this process; by default as mpirun or srun says");
  sub.add_option("--ranks", options.ranks.size, "Processes that measure together, one a GPU");
  sub.add_option("--local-rank", options.ranks.local_rank, "Rank among the processes of this node");
  sub.add_option("--id-file", options.id_file,
                 "File that all ranks see, new for each run; by default NCCL_COMM_ID says where rank 0 is")
      ->type_name("FILE");
}

void declare(CLI::App& app, Options& options) {
  CLI::App* run_sub = app.add_subcommand("run", "Check and time the suite, and log it case by case");
  run_sub->add_option("-o,--output", options.log, "Log to write, NDJSON")->required()->type_name("LOG");
  add_choice(*run_sub, options);
  run_sub->add_flag("--resume", options.resume, "Continue LOG: what it has finished is not repeated");
  add_seed(*run_sub, options);
  add_device(*run_sub, options);
  run_sub->add_option("--budget", options.budget_s,
                      "Seconds of wall time to keep to by fewer samples, 0 for none; by default 600, "
                      "quick 120");
  run_sub->add_option("--profile", options.profile, "Write the calibration profile too")
      ->type_name("PROFILE");
  run_sub->add_option("--name", options.name, "Name of the profile; by default that of its file");

  CLI::App* check_sub = app.add_subcommand("check", "Check every kernel against its reference, time nothing");
  add_choice(*check_sub, options);
  check_sub->add_option("--random", options.num_random, "Check so many shapes drawn at random instead")
      ->check(CLI::NonNegativeNumber);
  add_seed(*check_sub, options);
  add_device(*check_sub, options);

  CLI::App* list_sub = app.add_subcommand("list", "Show the suite; needs no GPU");
  add_choice(*list_sub, options);
  list_sub->add_flag("--cases", options.cases, "One line for each case");
  list_sub->add_option("--ranks", options.listed.ranks, "The suite of so many processes, one a GPU")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  list_sub->add_option("--nodes", options.listed.nodes, "Nodes that they share")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();

  CLI::App* profile_sub = app.add_subcommand("profile", "Make a calibration profile of logs; needs no GPU");
  profile_sub->add_option("LOG", options.logs, "Logs of one run, one for each rank")->required();
  profile_sub->add_option("-o,--output", options.profile, "Profile to write")
      ->required()
      ->type_name("PROFILE");
  profile_sub->add_option("--name", options.name, "Name of the profile; by default that of its file");
}

}  // namespace

ExitCode run_program(const std::vector<std::string>& arguments) {
  Options options;
  CLI::App app("Measures a GPU for moesim: kernels are checked, then timed.", "moesim-calibrate");
  app.set_version_flag("--version", "moesim-calibrate " MOESIM_VERSION, "Print the version and exit");
  app.get_formatter()->column_width(34);
  app.require_subcommand(1);
  app.footer(kFooter);
  declare(app, options);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& wanted) {
    app.exit(wanted);
    return ExitCode::kDone;
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
  if (app.got_subcommand("run")) return run(options);
  if (app.got_subcommand("check")) return check(options);
  return app.got_subcommand("list") ? list(options) : profile(options);
}

}  // namespace moesim::calibrate
