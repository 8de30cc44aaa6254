#include "calib/measure/ranks.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <set>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace moesim {
namespace {

constexpr const char* kEnvironment = "environment";
constexpr const char* kCommandLine = "command line";

/// The variables of one launcher; of several names for one thing the first that is set counts.
struct Launcher {
  const char* name;
  const char* present;  ///< set in every process that it starts, and in no other
  const char* rank;
  std::array<const char*, 2> size;
  std::array<const char*, 2> local_rank;
  std::array<const char*, 2> job;  ///< joined by a dot
};

constexpr std::array<Launcher, 3> kLaunchers{{
    {"Open MPI",
     "OMPI_COMM_WORLD_RANK",
     "OMPI_COMM_WORLD_RANK",
     {"OMPI_COMM_WORLD_SIZE", nullptr},
     {"OMPI_COMM_WORLD_LOCAL_RANK", nullptr},
     {"PMIX_NAMESPACE", nullptr}},
    {"PMI",
     "PMI_RANK",
     "PMI_RANK",
     {"PMI_SIZE", nullptr},
     {"MPI_LOCALRANKID", "SLURM_LOCALID"},
     {"PMI_JOBID", nullptr}},
    {"Slurm",
     "SLURM_STEP_ID",
     "SLURM_PROCID",
     {"SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"},
     {"SLURM_LOCALID", nullptr},
     {"SLURM_JOB_ID", "SLURM_STEP_ID"}},
}};

int parse_variable(const char* name, std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) {
    throw SpecError(kEnvironment, "", fmt::format("{} is '{}'", name, text), "it must be a number from 0 on");
  }
  return value;
}

int required(const Launcher& launcher, std::array<const char*, 2> names, const EnvironmentLookup& lookup) {
  for (const char* name : names) {
    const char* text = name ? lookup(name) : nullptr;
    if (text) return parse_variable(name, text);
  }
  throw SpecError(kEnvironment, "", fmt::format("{} is set, but {} is not", launcher.present, names.front()),
                  fmt::format("start with {}, or give --rank, --ranks and --local-rank", launcher.name));
}

std::string job_of(const Launcher& launcher, const EnvironmentLookup& lookup) {
  std::string job;
  for (const char* name : launcher.job) {
    const char* text = name ? lookup(name) : nullptr;
    if (text) job += (job.empty() ? "" : ".") + std::string(text);
  }
  return job;
}

void check_range(const RankPlace& place, const char* file) {
  const auto fail = [&](const std::string& what) {
    throw SpecError(file, "", fmt::format("{} ({})", what, place.source),
                    "ranks count from 0 and lie below the number of ranks");
  };
  if (place.size < 1) fail(fmt::format("{} ranks", place.size));
  if (place.rank < 0 || place.rank >= place.size)
    fail(fmt::format("rank {} of {} ranks", place.rank, place.size));
  if (place.local_rank < 0 || place.local_rank >= place.size)
    fail(fmt::format("local rank {} of {} ranks", place.local_rank, place.size));
}

std::optional<RankPlace> launcher_place(const EnvironmentLookup& lookup) {
  for (const Launcher& launcher : kLaunchers) {
    if (!lookup(launcher.present)) continue;
    RankPlace place;
    place.source = launcher.name;
    place.rank = required(launcher, {launcher.rank, nullptr}, lookup);
    place.size = required(launcher, launcher.size, lookup);
    place.local_rank = required(launcher, launcher.local_rank, lookup);
    place.job = job_of(launcher, lookup);
    check_range(place, kEnvironment);
    return place;
  }
  return std::nullopt;
}

std::optional<RankPlace> option_place(const RankOptions& options) {
  const int given =
      int{options.rank.has_value()} + int{options.size.has_value()} + int{options.local_rank.has_value()};
  if (given == 0) return std::nullopt;
  if (given < 3) {
    throw SpecError(kCommandLine, "", "only some of --rank, --ranks and --local-rank are given",
                    "give all three, or none under mpirun or srun");
  }
  RankPlace place{*options.rank, *options.size, *options.local_rank, kCommandLine, ""};
  check_range(place, kCommandLine);
  return place;
}

}  // namespace

EnvironmentLookup process_environment() {
  return [](const char* name) { return static_cast<const char*>(std::getenv(name)); };
}

RankPlace rank_place(const RankOptions& options, const EnvironmentLookup& lookup) {
  const auto said = option_place(options);
  if (said && said->size == 1) return *said;
  const auto launched = launcher_place(lookup);
  if (!said) return launched.value_or(RankPlace{0, 1, 0, "alone", ""});
  if (launched && (launched->rank != said->rank || launched->size != said->size)) {
    throw SpecError(kCommandLine, "",
                    fmt::format("rank {} of {} is given, but {} started this as rank {} of {}", said->rank,
                                said->size, launched->source, launched->rank, launched->size),
                    "leave out --rank, --ranks and --local-rank");
  }
  RankPlace place = *said;
  if (launched) place.job = launched->job;
  return place;
}

int device_index(const RankPlace& place, int first, int count) {
  if (count <= 0) throw RunError("no CUDA device was found");
  if (place.size > 1 && count == 1 && first == 0) return 0;
  const int index = first + place.local_rank;
  if (index < count) return index;
  throw SpecError(kCommandLine, "",
                  fmt::format("device {} of local rank {}: this process sees {} CUDA device{}", index,
                              place.local_rank, count, count == 1 ? "" : "s"),
                  "give a smaller --device, or start fewer processes on a node");
}

int count_nodes(std::span<const std::uint64_t> nodes) {
  const std::size_t count = std::set<std::uint64_t>(nodes.begin(), nodes.end()).size();
  const std::size_t per_node = nodes.size() / count;
  for (std::size_t r = 0; r < nodes.size(); ++r) {
    if (nodes.size() % count == 0 && nodes[r] == nodes[r / per_node * per_node]) continue;
    throw SpecError(kCommandLine, "",
                    fmt::format("{} ranks on {} nodes: rank {} is out of its place", nodes.size(), count, r),
                    "start equally many ranks on each node, neighbours together: mpirun --map-by ppr:8:node, "
                    "or srun --distribution=block");
  }
  return static_cast<int>(count);
}

}  // namespace moesim
