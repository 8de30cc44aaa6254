#include "calib/measure/id_file.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "base/error.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

using namespace std::chrono_literals;

std::vector<std::byte> some_id(std::size_t size) {
  std::vector<std::byte> id(size);
  for (std::size_t i = 0; i < size; ++i) id[i] = static_cast<std::byte>(i * 37 + 200);
  return id;
}

TEST(IdFile, EveryRankReadsWhatRankZeroWrote) {
  const test::OwnFile path("id_exchange");
  const IdFile file{path.path().string(), "job.1"};
  const auto id = some_id(128);
  std::thread late([&] {
    std::this_thread::sleep_for(30ms);
    publish_id(file, id);
  });
  EXPECT_EQ(await_id(file, 128, 10s), id);
  late.join();
  EXPECT_EQ(await_id(file, 128, 10s), id);
  remove_id(file);
  EXPECT_FALSE(std::filesystem::exists(path.path()));
  remove_id(file);  // again is no fault
}

TEST(IdFile, AFileOfAnotherJobIsWaitedOutAndReplaced) {
  const test::OwnFile path("id_stale");
  publish_id({path.path().string(), "job.1"}, some_id(8));
  const IdFile file{path.path().string(), "job.2"};
  try {
    await_id(file, 8, 50ms);
    FAIL() << "the stale file was taken";
  } catch (const RunError& error) {
    EXPECT_NE(std::string(error.what()).find("of job 'job.1', not 'job.2'"), std::string::npos);
  }
  publish_id(file, some_id(16));
  EXPECT_EQ(await_id(file, 16, 10s), some_id(16));
}

TEST(IdFile, AFileThatMayHaveBeenReadIsRefused) {
  const test::OwnFile path("id_again");
  const IdFile named{path.path().string(), "job.1"};
  publish_id(named, some_id(8));
  EXPECT_THROW(publish_id(named, some_id(8)), SpecError);
  EXPECT_THROW(publish_id({path.path().string(), ""}, some_id(8)), SpecError);
}

TEST(IdFile, AForeignFileIsNamed) {
  const test::OwnFile path("id_foreign");
  std::ofstream(path.path()) << "127.0.0.1 localhost\n";
  const IdFile file{path.path().string(), ""};
  EXPECT_THROW(await_id(file, 8, 50ms), SpecError);
  EXPECT_THROW(publish_id(file, some_id(8)), SpecError);
}

TEST(IdFile, AnIdOfAnotherSizeIsRefused) {
  const test::OwnFile path("id_size");
  const IdFile file{path.path().string(), ""};
  publish_id(file, some_id(8));
  EXPECT_THROW(await_id(file, 128, 50ms), SpecError);
  EXPECT_EQ(await_id(file, 8, 50ms), some_id(8));
}

TEST(IdFile, NothingThereEndsInAnError) {
  const test::OwnFile path("id_absent");
  EXPECT_THROW(await_id({path.path().string(), ""}, 8, 30ms), RunError);
}

}  // namespace
}  // namespace moesim
