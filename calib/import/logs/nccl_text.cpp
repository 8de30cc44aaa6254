// The text that programs of nccl-tests print.
#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "calib/import/logs/nccl_json.hpp"
#include "calib/import/logs/nccl_run.hpp"

namespace moesim {

namespace {

constexpr std::string_view kFooter = "# Avg bus bandwidth";
constexpr std::string_view kHeader = "#  size  count  type  redop  root  time  algbw  busbw  #wrong ...";
constexpr std::string_view kDevice =
    "#  Rank  0 Group  0 Pid 1234 on host device  0 [0000:0a:00] NVIDIA H100 80GB HBM3";
/// The largest deviation that releases before 2.13 printed for correct sums, by their own rule.
constexpr double kHalfDeviation = 1e-2;
constexpr double kSingleDeviation = 1e-5;

/// The number behind `name` in a line of settings; nothing where it is not there.
std::optional<int> setting(std::string_view line, std::string_view name) {
  const auto at = line.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  auto rest = line.substr(at + name.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(" ="), rest.size()));
  int value = 0;
  if (std::from_chars(rest.data(), rest.data() + rest.size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

/// Where the columns of the rows are, in words.
struct Columns {
  std::size_t num_words = 0;
  std::size_t operation = 0;
  std::size_t time = 0;  ///< of the results out of place: time, algbw, busbw, #wrong
  bool deviation = false;
  double time_unit = 1e-6;
  double algorithm_unit = 1e9;
  double bus_unit = 1e9;
};

class NcclText {
 public:
  NcclText(const LogFile& log, LogPoints& out) : log_(log), out_(out), points_(log, out) {
    name_ = name_of_file();
  }
  void read();

 private:
  [[nodiscard]] std::string name_of_file() const {
    return collective_in(std::string_view(log_.file()).substr(log_.file().find_last_of('/') + 1));
  }
  void read_comment(std::size_t i);
  void start(std::size_t i);
  void end_run(std::size_t i);
  void read_device(std::size_t i);
  void read_header(std::size_t i);
  void read_units(std::size_t i);
  void read_row(std::size_t i);
  [[nodiscard]] bool is_wrong(std::string_view word, std::string_view type) const;
  void find_collective(const NcclRow& row, std::size_t i);

  const LogFile& log_;
  LogPoints& out_;
  NcclPoints points_;
  NcclRun run_;
  std::optional<Columns> columns_;  ///< of the run whose rows are read
  std::optional<int> group_;
  std::string name_;  ///< of the program, for the run to come
  std::size_t num_rows_ = 0;
};

void NcclText::start(std::size_t i) {
  if (columns_)
    log_.fail(i, fmt::format("a run starts before '{}' of the one above", kFooter), "give whole runs");
  NcclRun next;
  next.collective = name_;
  next.tests_version = run_.tests_version;
  next.nccl_version = run_.nccl_version;
  run_ = std::move(next);
  group_.reset();
}

void NcclText::read_device(std::size_t i) {
  LineReader line(log_, i, kDevice);
  line.need("#");
  line.need("Rank");
  line.number();
  const bool has_group = line.skip("Group");
  const int group = has_group ? static_cast<int>(std::clamp(line.number().value, 0.0, 1e9)) : 0;
  line.need("Pid");
  line.number();
  line.need("on");
  const auto host = line.until(" device");
  line.number();
  line.need("[");
  line.until("]");
  const auto name = line.rest().substr(std::min(line.rest().find_first_not_of(' '), line.rest().size()));
  if (name.empty()) line.fail("the name of the GPU is missing");
  if (!group_) group_ = group;
  run_.devices.insert(std::string(name));
  if (group != *group_) return;
  ++run_.num_ranks;
  const auto words = words_of(host);
  run_.hosts.insert(words.empty() ? "" : std::string(words.front()));
}

void NcclText::read_header(std::size_t i) {
  const auto words = words_of(log_.line(i));
  const auto place = [&](std::string_view name) {
    const auto at = std::find(words.begin() + 1, words.end(), name);
    return static_cast<std::size_t>(at - words.begin()) - 1;
  };
  Columns columns;
  columns.num_words = words.size() - 1;
  if (words.back() == "timestamp") ++columns.num_words;  // a date and a time
  columns.operation = place("redop");
  run_.cpu_time = place("cputime") < words.size() - 1;
  columns.time = place(run_.cpu_time ? "cputime" : "time");
  const auto at = [&](std::size_t shift) {
    return columns.time + shift + 1 < words.size() ? words[columns.time + shift + 1] : "";
  };
  columns.deviation = at(3) == "error";
  if (columns.operation != 3 || at(1) != "algbw" || at(2) != "busbw" ||
      (at(3) != "#wrong" && !columns.deviation))
    log_.fail(i, "columns of another program or release", fmt::format("expected '{}'", kHeader));
  if (run_.num_ranks == 0)
    log_.fail(i, "rows come before any line of a device", fmt::format("expected '{}'", kDevice));
  if (run_.devices.size() > 1)
    log_.fail(i,
              fmt::format("GPUs of two kinds: '{}' and '{}'", *run_.devices.begin(), *run_.devices.rbegin()),
              "import runs of one kind of GPU");
  if (out_.device.empty()) out_.device = *run_.devices.begin();
  if (out_.device != *run_.devices.begin())
    log_.fail(i, fmt::format("a run on '{}' behind one on '{}'", *run_.devices.begin(), out_.device),
              "import runs of one kind of GPU");
  columns_ = columns;
}

/// "#  (B)  (elements)  (us)  (GB/s)  (GB/s) ..."
void NcclText::read_units(std::size_t i) {
  std::vector<std::string_view> units;
  for (const auto word : words_of(log_.line(i))) {
    if (word.size() > 2 && word.front() == '(' && word.back() == ')')
      units.push_back(word.substr(1, word.size() - 2));
  }
  const auto fail = [&] { log_.fail(i, "other units", "expected '# (B) (elements) (us) (GB/s) (GB/s)'"); };
  if (units.size() < 5 || units[0] != "B" || units[1] != "elements") fail();
  const auto time = time_unit(units[2]);
  const auto algorithm = bandwidth_unit(units[3]);
  const auto bus = bandwidth_unit(units[4]);
  if (!time || !algorithm || !bus) fail();
  columns_->time_unit = *time;
  columns_->algorithm_unit = *algorithm;
  columns_->bus_unit = *bus;
}

bool NcclText::is_wrong(std::string_view word, std::string_view type) const {
  const auto number = printed_number(word);
  if (!number) return false;  // N/A: not checked
  if (!columns_->deviation) return number->value > 0;
  return number->value > (type == "half" || type == "bfloat16" ? kHalfDeviation : kSingleDeviation);
}

/// Releases before 2.17 do not print their name: an all-reduce and a reduce-scatter show in the bandwidths.
void NcclText::find_collective(const NcclRow& row, std::size_t i) {
  if (!run_.collective.empty() || run_.num_ranks < 2) return;
  const auto ranks = static_cast<double>(run_.num_ranks);
  const double ratio = row.bus_bandwidth.value / row.algorithm_bandwidth.value;
  if (row.operation == "none")
    log_.fail(
        i, "the log does not say whether this is an all-gather or an all-to-all",
        "keep the line of the command in it, or name the file all_gather_perf.txt or alltoall_perf.txt");
  if (row.algorithm_bandwidth.uncertainty() < 0.01 && ranks > 1)
    run_.collective = ratio > 1.5 * (ranks - 1) / ranks ? "all_reduce" : "reduce_scatter";
}

void NcclText::read_row(std::size_t i) {
  const auto words = words_of(log_.line(i));
  if (!columns_)
    log_.fail(i, "a row without the line of its columns", fmt::format("expected '{}' before it", kHeader));
  if (words.size() != columns_->num_words)
    log_.fail(i, fmt::format("{} fields of {}", words.size(), columns_->num_words),
              fmt::format("expected a row of '{}'", kHeader));
  const auto number = [&](std::size_t column, double unit) {
    const auto value = printed_number(words[column]);
    if (!value || value->value < 0)
      log_.fail(i, fmt::format("'{}' is no number of 0 or more", words[column]),
                fmt::format("expected a row of '{}'", kHeader));
    return value->times(unit);
  };
  NcclRow row;
  row.bytes = number(0, 1).value;
  row.count = number(1, 1).value;
  row.type = words[2];
  row.operation = words[columns_->operation];
  row.time = number(columns_->time, columns_->time_unit);
  if (row.time.value <= 0) log_.fail(i, "a time of 0 is not above 0", "expected microseconds");
  row.algorithm_bandwidth = number(columns_->time + 1, columns_->algorithm_unit);
  row.bus_bandwidth = number(columns_->time + 2, columns_->bus_unit);
  row.wrong = is_wrong(words[columns_->time + 3], row.type);
  find_collective(row, i);
  ++num_rows_;
  if (run_.collective.empty() && run_.num_ranks > 1) {
    ++out_.unused["too short to tell an all-reduce from a reduce-scatter"];
    return;
  }
  points_.add(run_, row, line_place(i));
}

void NcclText::end_run(std::size_t i) {
  if (!columns_)
    log_.fail(i, "the end of a run without its rows", fmt::format("expected '{}' before it", kHeader));
  columns_.reset();
  name_ = name_of_file();  // the next run may be of another program
}

void NcclText::read_comment(std::size_t i) {
  const auto line = log_.line(i);
  const auto words = words_of(line);
  if (words.size() > 1 && words[1] == "nThread") {
    start(i);
    run_.iterations = setting(line, "warmup iters: ")
                          ? setting(line.substr(line.find("warmup iters: ") + 14), "iters: ").value_or(0)
                          : 0;
    run_.aggregated = setting(line, "agg iters: ").value_or(1);
    run_.graph_launches = setting(line, "graph: ").value_or(0);
  } else if (line.find("Collective test starting") != std::string_view::npos) {
    name_ = collective_in(line);
  } else if (words.size() > 1 && words[1] == "Rank") {
    read_device(i);
  } else if (words.size() > 2 && words[1] == "size" && words[2] == "count") {
    read_header(i);
  } else if (columns_ && words.size() > 1 && words[1] == "(B)") {
    read_units(i);
  } else if (line.starts_with(kFooter)) {
    end_run(i);
  } else if (const auto code = setting(line, "nccl-library=")) {
    run_.nccl_version = nccl_version_text(*code);
  }
}

void NcclText::read() {
  for (std::size_t i = 0; i < log_.num_lines(); ++i) {
    const auto line = log_.line(i);
    const auto first = line.find_first_not_of(' ');
    if (first == std::string_view::npos) continue;
    if (line[first] == '#') {
      read_comment(i);
      continue;
    }
    const auto words = words_of(line);
    if (std::all_of(words[0].begin(), words[0].end(), [](char c) { return c >= '0' && c <= '9'; }) &&
        (columns_ || words.size() > 10)) {
      read_row(i);
    } else if (const auto at = line.find("NCCL version "); at != std::string_view::npos) {
      const auto version = line.substr(at + 13);
      run_.nccl_version = std::string(version.substr(0, version.find_first_of(" +")));
    } else if (!columns_ && !collective_in(line).empty()) {
      name_ = collective_in(line);
    }
  }
  if (columns_) log_.fail_at_end(std::string(kFooter));
  if (num_rows_ == 0) log_.fail_at_end(std::string(kHeader));
}

}  // namespace

LogPoints read_nccl_tests(const LogFile& log, const LogSettings& /*settings*/) {
  const auto first = log.content().find_first_not_of(" \t\r\n");
  if (first != std::string::npos && log.content()[first] == '{') return read_nccl_json(log);
  LogPoints out;
  out.file = log.file();
  NcclText(log, out).read();
  return out;
}

}  // namespace moesim
