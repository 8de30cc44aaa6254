#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/sqlite/database.hpp"
#include "sim/results/sweep_reader.hpp"
#include "sim/results/sweep_writer.hpp"
#include "tests/own_file.hpp"

namespace moesim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const SweepHeader kHeader{"0.1.0", R"({"grid":1})", "training", "[]", 10};

class SweepFile : public testing::Test {
 protected:
  [[nodiscard]] const std::filesystem::path& path() const { return file_.path(); }
  static SweepCase done(std::int64_t index) {
    return {index, "a", "{}", SweepCaseState::done, R"({"x":1})", "", 0};
  }
  void write(std::initializer_list<std::int64_t> indices) const {
    SweepWriter writer(path(), kHeader);
    for (const std::int64_t index : indices) writer.add(done(index));
    writer.commit();
  }
  [[nodiscard]] std::vector<std::int64_t> indices() const {
    std::vector<std::int64_t> all;
    SweepReader(path()).for_each_case([&](const SweepCase& one) { all.push_back(one.index); });
    return all;
  }
  void execute(const std::string& sql) const {
    sqlite::Database(path(), sqlite::Database::Mode::update).execute(sql);
  }
  template <class Error, class Body>
  static std::string fault_of(const Body& body) {
    try {
      body();
    } catch (const Error& error) {
      return error.what();
    }
    ADD_FAILURE() << "accepted";
    return "";
  }
  [[nodiscard]] std::string writing_fault() const {
    return fault_of<RunError>([&] { SweepWriter(path(), kHeader); });
  }
  [[nodiscard]] std::string reading_fault() const {
    return fault_of<RunError>([&] { SweepReader{path()}; });
  }

 private:
  test::OwnFile file_{"sweep.sweep"};
};

TEST_F(SweepFile, HoldsCasesInTheOrderOfTheGrid) {
  {
    SweepWriter writer(path(), kHeader);
    writer.add(done(7));
    writer.add({2, "b", R"({"/a":1})", SweepCaseState::failed, "", "does not fit", 3});
    writer.commit();
    EXPECT_TRUE(writer.has(7));
    EXPECT_FALSE(writer.has(0));
    EXPECT_EQ(writer.num_cases(SweepCaseState::waiting), 8);
  }
  const SweepReader reader(path());
  EXPECT_EQ(reader.num_cases(), 10);
  EXPECT_EQ(reader.num_cases(SweepCaseState::done), 1);
  EXPECT_EQ(reader.num_cases(SweepCaseState::failed), 1);
  EXPECT_EQ(reader.num_cases(SweepCaseState::waiting), 8);
  EXPECT_EQ(reader.meta("grid"), kHeader.grid);
  EXPECT_EQ(reader.meta("nothing"), "");
  EXPECT_THAT(indices(), ElementsAre(2, 7));
  reader.for_each_case([](const SweepCase& one) {
    if (one.index != 2) return;
    EXPECT_EQ(one.name, "b");
    EXPECT_EQ(one.changes, R"({"/a":1})");
    EXPECT_EQ(one.message, "does not fit");
    EXPECT_EQ(one.exit_code, 3);
  });
  EXPECT_TRUE(is_sweep_file(path()));
}

TEST_F(SweepFile, GoesOnAndDropsWhatWasNotCommitted) {
  write({0, 1});
  {
    SweepWriter writer(path(), kHeader);
    EXPECT_TRUE(writer.has(0) && writer.has(1));
    writer.add(done(5));  // without a commit
  }
  EXPECT_THAT(indices(), ElementsAre(0, 1));
}

TEST_F(SweepFile, IsSafeAfterSixtyFourCases) {
  SweepHeader header = kHeader;
  header.num_cases = 100;
  {
    SweepWriter writer(path(), header);
    for (std::int64_t i = 0; i < 70; ++i) writer.add(done(i));
  }
  EXPECT_EQ(indices().size(), 64U);
}

TEST_F(SweepFile, IsReadWhileItIsWritten) {
  SweepWriter writer(path(), kHeader);
  writer.add(done(3));
  writer.commit();
  const SweepReader reader(path());
  writer.add(done(4));
  EXPECT_THAT(indices(), ElementsAre(3));
  writer.commit();
  EXPECT_EQ(reader.num_cases(SweepCaseState::done), 2);
}

TEST_F(SweepFile, HasOneWriterAtATime) {
  {
    const SweepWriter first(path(), kHeader);
    EXPECT_THAT(fault_of<OutputError>([&] { SweepWriter(path(), kHeader); }),
                HasSubstr("process " + std::to_string(::getpid())));
  }
  const SweepWriter second(path(), kHeader);  // the first has ended
}

TEST_F(SweepFile, IsTakenOverFromAKilledWriter) {
  const pid_t child = fork();
  if (child == 0) {
    SweepWriter writer(path(), kHeader);
    writer.add(done(0));
    writer.commit();
    writer.add(done(1));
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_THAT(indices(), ElementsAre(0));
  write({1});
  EXPECT_THAT(indices(), ElementsAre(0, 1));
}

TEST_F(SweepFile, RefusesAnotherGridVersionOrProgram) {
  write({0});
  SweepHeader other = kHeader;
  other.grid = "{}";
  EXPECT_THAT(fault_of<OutputError>([&] { SweepWriter(path(), other); }), HasSubstr("another grid"));
  other = kHeader;
  other.moesim_version = "0.0.9";
  EXPECT_THAT(fault_of<OutputError>([&] { SweepWriter(path(), other); }), HasSubstr("begun by moesim 0.1.0"));
  execute("PRAGMA user_version = 7");
  EXPECT_THAT(writing_fault(), HasSubstr("version 7, this program works with version 1"));
  EXPECT_THAT(reading_fault(), HasSubstr("version 7"));
  execute("PRAGMA user_version = 1; PRAGMA application_id = 5");
  EXPECT_THAT(writing_fault(), HasSubstr("not a sweep file"));
  EXPECT_THAT(reading_fault(), HasSubstr("not a sweep file"));
  EXPECT_FALSE(is_sweep_file(path()));
  execute("PRAGMA application_id = 1297044311");
  EXPECT_THAT(indices(), ElementsAre(0));
}

TEST_F(SweepFile, RefusesWhatIsDamaged) {
  SweepHeader header = kHeader;
  header.num_cases = 64;
  {
    SweepWriter writer(path(), header);
    const std::string long_result(5000, 'x');
    for (std::int64_t i = 0; i < 60; ++i)
      writer.add({i, "a", "{}", SweepCaseState::done, long_result, "", 0});
    writer.commit();
  }
  const auto size = std::filesystem::file_size(path());
  std::filesystem::resize_file(path(), size / 2);
  EXPECT_THAT(fault_of<RunError>([&] { SweepWriter(path(), header); }), HasSubstr("damaged"));
  EXPECT_THAT(reading_fault(), HasSubstr("damaged"));
  EXPECT_EQ(std::filesystem::file_size(path()), size / 2) << "what is damaged is left as it is";
  std::ofstream(path()) << "{\"this\": \"is no database at all, but some JSON that somebody wrote\"}"
                        << std::string(4096, ' ');
  EXPECT_THAT(writing_fault(), HasSubstr("not a sweep file"));
  EXPECT_THAT(reading_fault(), HasSubstr("not a sweep file"));
  std::filesystem::remove(path());
  EXPECT_THAT(reading_fault(), HasSubstr("no such file"));
}

TEST_F(SweepFile, SaysWhereItCannotBeWritten) {
  const std::filesystem::path nowhere = path().parent_path() / "no_such_folder_of_a_sweep" / "out.sweep";
  EXPECT_THAT(fault_of<OutputError>([&] { SweepWriter(nowhere, kHeader); }), HasSubstr("No such file"));
  EXPECT_THAT(fault_of<OutputError>([&] { SweepWriter(path().parent_path(), kHeader); }), HasSubstr("open"));
}

}  // namespace
}  // namespace moesim
