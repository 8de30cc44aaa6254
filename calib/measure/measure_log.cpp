#include "calib/measure/measure_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "base/spec.hpp"

namespace moesim {

namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw SpecError(path.string(), "", "cannot be read", "give a log that moesim-calibrate run wrote");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Json parse_line(const std::string& line, const std::string& place) {
  try {
    Json document = parse_json(line, place);
    if (document.is_object() && document.contains("record")) return document;
  } catch (const SpecError& error) {
    throw SpecError(place, "", fmt::format("no record: {}", error.what_text),
                    "a log holds one JSON object a line");
  }
  throw SpecError(place, "/record", "no record of a measuring log",
                  R"(expected {"record": "header" or "case" or "anchor", ...})");
}

LogHeader parse_header(const std::string& line, const std::string& place) {
  const Json document = parse_line(line, place);
  if (document.at("record") != "header")
    throw SpecError(place, "/record", "the first line is no header", R"(expected {"record": "header", ...})");
  check_schema_version(document, kMeasureLogVersion, place);
  return read_spec<LogHeader>(document, place);
}

[[noreturn]] void refuse(const std::string& file, std::string_view key, std::string_view what,
                         const std::string& found, const std::string& now) {
  throw CalibrationError(file, fmt::format("/{}", key),
                         fmt::format("the log is of {} {}, this run of {}", what, found, now),
                         "write another log, or run as the log was begun");
}

void check_same_run(const MeasureLog& log, const LogHeader& now) {
  const LogHeader& old = log.header;
  const std::string file = log.path + ":1";
  if (old.uuid != now.uuid) refuse(file, "uuid", "device", old.uuid, now.uuid);
  if (old.seed != now.seed) refuse(file, "seed", "seed", std::to_string(old.seed), std::to_string(now.seed));
  if (old.moesim_version != now.moesim_version)
    refuse(file, "moesim_version", "version", old.moesim_version, now.moesim_version);
  if (old.rank != now.rank || old.num_ranks != now.num_ranks)
    refuse(file, "rank", "rank", fmt::format("{} of {}", old.rank, old.num_ranks),
           fmt::format("{} of {}", now.rank, now.num_ranks));
}

OutputError output_error(const std::string& path, int error) {
  return {path, std::generic_category().message(error),
          error == EEXIST ? "continue it with --resume, or give another name"
                          : "give a path that can be written"};
}

template <class Record>
std::string line_of(const Record& record) {
  std::string line = write_json(write_spec(record), -1);
  if (!line.ends_with('\n')) line += '\n';
  return line;
}

}  // namespace

MeasureLog read_measure_log(const std::filesystem::path& path) {
  MeasureLog log;
  log.path = path.string();
  const std::string text = text_of(path);
  std::size_t begin = 0;
  for (int number = 1;; ++number) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) break;
    const std::string line = text.substr(begin, end - begin);
    const std::string place = fmt::format("{}:{}", log.path, number);
    if (number == 1) {
      log.header = parse_header(line, place);
    } else {
      log.records.push_back(read_spec<LogRecord>(parse_line(line, place), place));
    }
    begin = end + 1;
  }
  if (begin == 0)
    throw SpecError(log.path + ":1", "", "no whole line",
                    R"(expected {"record": "header", ...}; delete the file to begin anew)");
  log.whole_bytes = begin;
  log.truncated = begin < text.size();
  return log;
}

MeasureLogWriter::MeasureLogWriter(const std::filesystem::path& path, const LogHeader& header)
    : path_(path.string()), descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)) {
  if (descriptor_ < 0) throw output_error(path_, errno);
  write_line(line_of(header));
}

MeasureLogWriter::MeasureLogWriter(const MeasureLog& log, const LogHeader& header) : path_(log.path) {
  check_same_run(log, header);
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor_ < 0 || ::ftruncate(descriptor_, static_cast<off_t>(log.whole_bytes)) != 0)
    throw output_error(path_, errno);
}

MeasureLogWriter::~MeasureLogWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void MeasureLogWriter::append(const LogRecord& record) {
  write_line(line_of(record));
}

void MeasureLogWriter::write_line(const std::string& line) {
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t count = ::write(descriptor_, line.data() + done, line.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw output_error(path_, errno);
    done += static_cast<std::size_t>(count);
  }
}

std::map<CaseRegime, RecordStatus> finished_cases(const MeasureLog& log) {
  std::map<CaseRegime, RecordStatus> finished;
  for (const LogRecord& record : log.records)
    if (record.record == "case") finished[{record.id, record.regime}] = record.status;
  return finished;
}

void forget(MeasureLog& log, const std::set<CaseRegime>& cases) {
  std::erase_if(log.records, [&](const LogRecord& record) {
    return record.record == "case" && cases.contains({record.id, record.regime});
  });
}

}  // namespace moesim
