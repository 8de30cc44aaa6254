#include "base/interrupt.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/file.hpp"

namespace moesim {
namespace {

namespace fs = std::filesystem;

struct Interrupt : testing::Test {
  Interrupt() {
    std::string pattern = (fs::temp_directory_path() / "moesim-interrupt-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~Interrupt() override { fs::remove_all(folder); }
  fs::path folder;
};

/// What a process does that is interrupted while it writes FOLDER/out/result.json.
[[noreturn]] void write_until(int signal, const fs::path& folder) {
  end_on_interrupt();
  const RemovedOnInterrupt out(folder / "out");
  fs::create_directory(folder / "out");
  AtomicFile file(folder / "out" / "result.json");
  file.write("half a resul");
  file.stream().flush();
  ::raise(signal);
  std::abort();
}

TEST_F(Interrupt, EndsWithItsCodeAndLeavesNothing) {
  EXPECT_EXIT(write_until(SIGINT, folder), testing::ExitedWithCode(130), "");
  EXPECT_TRUE(fs::is_empty(folder));
  for (int signal : {SIGTERM, SIGHUP, SIGPIPE}) {
    EXPECT_EXIT(write_until(signal, folder), testing::ExitedWithCode(128 + signal), "");
    EXPECT_TRUE(fs::is_empty(folder));
  }
}

TEST_F(Interrupt, KeepsWhatIsCommittedAndFoldersThatHoldMore) {
  const auto commit_and_end = [this] {
    end_on_interrupt();
    const RemovedOnInterrupt out(folder);
    write_file_atomically(folder / "done.json", "{}");
    ::raise(SIGINT);
  };
  EXPECT_EXIT(commit_and_end(), testing::ExitedWithCode(130), "");
  EXPECT_TRUE(fs::exists(folder / "done.json"));
}

}  // namespace
}  // namespace moesim
