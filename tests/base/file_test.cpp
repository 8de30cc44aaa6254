#include "base/file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace moesim {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public ::testing::Test {
 protected:
  AtomicFileTest() {
    std::string name = (fs::temp_directory_path() / "moesim-file-XXXXXX").string();
    dir_ = ::mkdtemp(name.data());
  }
  ~AtomicFileTest() override { fs::remove_all(dir_); }

  static std::string content(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  [[nodiscard]] long num_entries() const {
    return std::distance(fs::directory_iterator(dir_), fs::directory_iterator());
  }
  static std::string refusal(const fs::path& path) {
    try {
      write_file_atomically(path, "x");
    } catch (const OutputError& error) {
      EXPECT_EQ(error.path, path.string());
      EXPECT_FALSE(error.hint.empty());
      return error.what_text;
    }
    return "accepted";
  }

  fs::path dir_;
};

TEST_F(AtomicFileTest, ReplacesTheWholeAndLeavesNothingBeside) {
  write_file_atomically(dir_ / "a.json", "first, long");
  write_file_atomically(dir_ / "a.json", "second");
  EXPECT_EQ(content(dir_ / "a.json"), "second");
  EXPECT_EQ(num_entries(), 1);
}

TEST_F(AtomicFileTest, UncommittedLeavesTheOldContentAlone) {
  write_file_atomically(dir_ / "a", "old");
  {
    AtomicFile file(dir_ / "a");
    file.stream() << "half";
    file.stream().flush();
    EXPECT_EQ(content(dir_ / "a"), "old");
    EXPECT_EQ(num_entries(), 2);
  }
  EXPECT_EQ(content(dir_ / "a"), "old");
  EXPECT_EQ(num_entries(), 1);
}

TEST_F(AtomicFileTest, TakesOverThePartialFileOfAKilledWriter) {
  std::ofstream(dir_ / ".a.partial") << "a long remainder of a run that was killed";
  write_file_atomically(dir_ / "a", "new");
  EXPECT_EQ(content(dir_ / "a"), "new");
  EXPECT_EQ(num_entries(), 1);
}

TEST_F(AtomicFileTest, TwoWritersOfOneTargetDoNotMix) {
  AtomicFile first(dir_ / "a");
  EXPECT_NE(refusal(dir_ / "a").find("another process"), std::string::npos);
  first.write("first");
  first.commit();
  EXPECT_EQ(content(dir_ / "a"), "first");
  EXPECT_EQ(refusal(dir_ / "a"), "accepted");
}

TEST_F(AtomicFileTest, StreamsMoreThanItsBuffer) {
  AtomicFile file(dir_ / "a");
  for (int i = 0; i < 100000; ++i) file.stream() << "12345678\n";
  file.commit();
  file.commit();
  EXPECT_EQ(fs::file_size(dir_ / "a"), 900000U);
}

TEST_F(AtomicFileTest, RefusesWhatCannotBeWritten) {
  EXPECT_EQ(refusal(dir_), "is a folder");
  EXPECT_EQ(refusal(dir_ / ""), "is a folder");
  EXPECT_NE(refusal(dir_ / "none" / "a").find("No such file"), std::string::npos);
  std::ofstream(dir_ / "file") << "x";
  EXPECT_NE(refusal(dir_ / "file" / "a").find("Not a directory"), std::string::npos);
  EXPECT_NE(refusal(dir_ / std::string(300, 'n')).find("name too long"), std::string::npos);
  if (::geteuid() != 0) {
    fs::permissions(dir_ / "file", fs::perms::owner_read);
    EXPECT_NE(refusal(dir_ / "file").find("Permission denied"), std::string::npos);
  }
}

TEST_F(AtomicFileTest, ReportsAFullDisk) {
  EXPECT_NE(refusal("/dev/full").find("No space left"), std::string::npos);
}

TEST_F(AtomicFileTest, WritesDevicesDirectlyAndFollowsLinks) {
  write_file_atomically("/dev/null", "x");
  std::ofstream(dir_ / "real") << "old";
  fs::create_symlink("real", dir_ / "link");
  write_file_atomically(dir_ / "link", "new");
  EXPECT_TRUE(fs::is_symlink(dir_ / "link"));
  EXPECT_EQ(content(dir_ / "real"), "new");
}

TEST_F(AtomicFileTest, KeepsThePermissionsOfTheTarget) {
  std::ofstream(dir_ / "a") << "old";
  const auto wanted = fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read;
  fs::permissions(dir_ / "a", wanted);
  write_file_atomically(dir_ / "a", "new");
  EXPECT_EQ(fs::status(dir_ / "a").permissions(), wanted);
}

TEST_F(AtomicFileTest, FindsShippedDataByItsOrder) {
  ::unsetenv("MOESIM_DATA");
  EXPECT_TRUE(fs::exists(find_data("CMakeLists.txt")));
  std::ofstream(dir_ / "CMakeLists.txt") << "mine";
  std::ofstream(dir_ / "b.json") << "{}";
  ::setenv("MOESIM_DATA", dir_.c_str(), 1);
  EXPECT_EQ(content(find_data("CMakeLists.txt")), "mine");
  const auto names = list_data(".", ".json");
  EXPECT_NE(std::ranges::find(names, "b.json"), names.end());
  EXPECT_TRUE(std::ranges::is_sorted(names));
  EXPECT_THROW((void)find_data("no/such/file.json"), SpecError);
  EXPECT_THROW((void)find_data("../etc"), SpecError);
  EXPECT_THROW((void)find_data("/etc/passwd"), SpecError);
  ::unsetenv("MOESIM_DATA");
}

}  // namespace
}  // namespace moesim
