#include "calib/measure/ranks.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace moesim {
namespace {

using Variables = std::map<std::string, std::string>;

EnvironmentLookup lookup_in(const Variables& variables) {
  return [&variables](const char* name) -> const char* {
    const auto it = variables.find(name);
    return it == variables.end() ? nullptr : it->second.c_str();
  };
}

RankPlace place_in(const Variables& variables, const RankOptions& options = {}) {
  return rank_place(options, lookup_in(variables));
}

std::string fault_of(const Variables& variables, const RankOptions& options = {}) {
  try {
    place_in(variables, options);
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}

const Variables kOpenMpi{{"OMPI_COMM_WORLD_RANK", "9"},
                         {"OMPI_COMM_WORLD_SIZE", "16"},
                         {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                         {"PMIX_NAMESPACE", "prterun-a-17@1"}};
const Variables kSlurm{{"SLURM_PROCID", "5"},
                       {"SLURM_NTASKS", "8"},
                       {"SLURM_LOCALID", "5"},
                       {"SLURM_JOB_ID", "1234"},
                       {"SLURM_STEP_ID", "2"}};

TEST(RankPlace, IsRankZeroOfOneWithoutLauncher) {
  const auto place = place_in({});
  EXPECT_EQ(place.rank, 0);
  EXPECT_EQ(place.size, 1);
  EXPECT_EQ(place.local_rank, 0);
  EXPECT_EQ(place.source, "alone");
}

TEST(RankPlace, ComesFromOpenMpi) {
  const auto place = place_in(kOpenMpi);
  EXPECT_EQ(place.rank, 9);
  EXPECT_EQ(place.size, 16);
  EXPECT_EQ(place.local_rank, 1);
  EXPECT_EQ(place.source, "Open MPI");
  EXPECT_EQ(place.job, "prterun-a-17@1");
}

TEST(RankPlace, ComesFromPmiWithEitherLocalRank) {
  const auto hydra = place_in({{"PMI_RANK", "3"}, {"PMI_SIZE", "4"}, {"MPI_LOCALRANKID", "1"}});
  EXPECT_EQ(hydra.rank, 3);
  EXPECT_EQ(hydra.local_rank, 1);
  EXPECT_EQ(hydra.source, "PMI");
  EXPECT_EQ(place_in({{"PMI_RANK", "3"}, {"PMI_SIZE", "4"}, {"SLURM_LOCALID", "0"}}).local_rank, 0);
}

TEST(RankPlace, ComesFromAStepOfSlurm) {
  const auto place = place_in(kSlurm);
  EXPECT_EQ(place.rank, 5);
  EXPECT_EQ(place.size, 8);
  EXPECT_EQ(place.source, "Slurm");
  EXPECT_EQ(place.job, "1234.2");
  auto smaller = kSlurm;
  smaller["SLURM_STEP_NUM_TASKS"] = "6";  // srun -n 6 inside an allocation of 8
  EXPECT_EQ(place_in(smaller).size, 6);
}

TEST(RankPlace, ABatchScriptOfSlurmIsAlone) {
  auto script = kSlurm;
  script.erase("SLURM_STEP_ID");
  EXPECT_EQ(place_in(script).size, 1);
}

TEST(RankPlace, OpenMpiComesBeforeSlurmThatStartedItsDaemons) {
  auto both = kSlurm;
  both.insert(kOpenMpi.begin(), kOpenMpi.end());
  EXPECT_EQ(place_in(both).rank, 9);
  EXPECT_EQ(place_in(both).job, "prterun-a-17@1");
}

TEST(RankPlace, AMissingVariableIsNamed) {
  for (const char* missing : {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"}) {
    auto variables = kOpenMpi;
    variables.erase(missing);
    EXPECT_NE(fault_of(variables).find(std::string(missing) + " is not"), std::string::npos) << missing;
  }
  auto slurm = kSlurm;
  slurm.erase("SLURM_PROCID");
  EXPECT_NE(fault_of(slurm).find("SLURM_PROCID is not"), std::string::npos);
}

TEST(RankPlace, ABadVariableIsNamed) {
  for (const char* bad : {"-1", "", "4x", "99999999999"}) {
    auto variables = kOpenMpi;
    variables["OMPI_COMM_WORLD_RANK"] = bad;
    EXPECT_NE(fault_of(variables).find(std::string("OMPI_COMM_WORLD_RANK is '") + bad), std::string::npos);
  }
}

TEST(RankPlace, RanksLieBelowTheirNumber) {
  auto variables = kOpenMpi;
  variables["OMPI_COMM_WORLD_RANK"] = "16";
  EXPECT_NE(fault_of(variables).find("rank 16 of 16 ranks"), std::string::npos);
  variables = kOpenMpi;
  variables["OMPI_COMM_WORLD_LOCAL_RANK"] = "16";
  EXPECT_NE(fault_of(variables).find("local rank 16"), std::string::npos);
  EXPECT_NE(fault_of({}, {0, 0, 0}).find("0 ranks"), std::string::npos);
  EXPECT_NE(fault_of({}, {-1, 2, 0}).find("rank -1"), std::string::npos);
}

TEST(RankPlace, TheCommandLineNeedsAllThree) {
  EXPECT_NE(fault_of({}, {1, 2, std::nullopt}).find("only some of"), std::string::npos);
  const auto place = place_in({}, {1, 2, 1});
  EXPECT_EQ(place.rank, 1);
  EXPECT_EQ(place.source, "command line");
}

TEST(RankPlace, TheCommandLineMayNotContradictTheLauncher) {
  EXPECT_NE(fault_of(kOpenMpi, {3, 16, 1}).find("rank 3 of 16 is given, but Open MPI"), std::string::npos);
  EXPECT_EQ(place_in(kOpenMpi, {9, 16, 0}).local_rank, 0);  // another GPU of the node may be chosen
  EXPECT_EQ(place_in(kOpenMpi, {9, 16, 0}).job, "prterun-a-17@1");
  EXPECT_EQ(place_in(kOpenMpi, {0, 1, 0}).size, 1);  // each process by itself
}

TEST(DeviceIndex, IsThatOfTheLocalRankUnlessOneIsSeen) {
  const RankPlace alone{0, 1, 0, "alone", ""};
  const RankPlace sixth{13, 16, 5, "Slurm", ""};
  EXPECT_EQ(device_index(alone, 0, 1), 0);
  EXPECT_EQ(device_index(alone, 3, 8), 3);
  EXPECT_EQ(device_index(sixth, 0, 8), 5);
  EXPECT_EQ(device_index(sixth, 2, 8), 7);
  EXPECT_EQ(device_index(sixth, 0, 1), 0) << "srun --gpus-per-task=1";
  EXPECT_THROW(device_index(alone, 0, 0), RunError);
  EXPECT_THROW(device_index(alone, 1, 1), SpecError);
  EXPECT_THROW(device_index(sixth, 0, 4), SpecError);
  EXPECT_THROW(device_index(sixth, 1, 1), SpecError);
}

TEST(CountNodes, WantsNeighboursInEqualNumbers) {
  const auto nodes = [](std::vector<std::uint64_t> hosts) { return count_nodes(hosts); };
  EXPECT_EQ(nodes({7}), 1);
  EXPECT_EQ(nodes({7, 7, 7, 7}), 1);
  EXPECT_EQ(nodes({7, 7, 3, 3}), 2);
  EXPECT_EQ(nodes({7, 3, 9}), 3);
  EXPECT_THROW(nodes({7, 3, 7, 3}), SpecError);  // dealt round-robin
  EXPECT_THROW(nodes({7, 7, 7, 3}), SpecError);  // uneven
  EXPECT_THROW(nodes({7, 7, 3}), SpecError);     // uneven
  EXPECT_THROW(nodes({7, 3, 3, 7}), SpecError);
}

}  // namespace
}  // namespace moesim
