// What the tests of DeepEP print: test_low_latency.py, test_intranode.py and test_internode.py in releases
// from February 2025 on, and test_ep.py of the second version.
#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "calib/import/logs/deepep_lines.hpp"
#include "calib/import/logs/log_points.hpp"

namespace moesim {

namespace {

class DeepEpLog {
 public:
  DeepEpLog(const LogFile& log, const LogSettings& settings, LogPoints& out)
      : log_(log), settings_(settings), out_(out) {}
  void read();

 private:
  void read_line(std::size_t i);
  void read_best(std::size_t i);
  void read_low_latency(std::size_t i);
  void read_elastic(std::size_t i);
  void end_ranks();
  void end_normal();
  double ep(std::size_t i, double least) const;
  Entry entry_of(TimedOperator op, NumberFormat format, double ep, const NormalRun& run) const;

  const LogFile& log_;
  const LogSettings& settings_;
  LogPoints& out_;
  std::optional<NormalRun> normal_;
  NormalRun elastic_;
  std::vector<LoggedRankTimes> ranks_;               ///< of the low-latency run that is read
  std::map<int, LoggedRankTimes> elastic_ranks_[2];  ///< dispatch and combine of the case that is read
  std::size_t num_read_ = 0;
};

double DeepEpLog::ep(std::size_t i, double least) const {
  if (!settings_.ep) log_.fail(i, "the log does not say how many ranks the run had", "give them with --ep");
  if (*settings_.ep < least)
    log_.fail(i, fmt::format("a rank {:g} in a run of {:g}", least - 1, *settings_.ep), "correct --ep");
  return *settings_.ep;
}

Entry DeepEpLog::entry_of(TimedOperator op, NumberFormat format, double ep, const NormalRun& run) const {
  Entry entry;
  entry.op = op;
  entry.format = format;
  entry.axes = {{"ep", ep}, {"tokens", run.tokens}, {"top_k", run.top_k}, {"hidden", run.hidden}};
  entry.kernel = "DeepEP";
  return entry;
}

/// "[tuning] Best dispatch (FP8): ..." or "[tuning] Best combine: ..."
void DeepEpLog::read_best(std::size_t i) {
  const BestLine best = read_best_line(log_, i);
  if (!normal_)
    log_.fail(i, "a result before its settings",
              "expected '[config] num_tokens=4096, hidden=7168, num_topk=8' above");
  const double ranks = ep(i, 2);
  Entry entry = entry_of(best.combine ? TimedOperator::combine_normal : TimedOperator::dispatch_normal,
                         best.format, ranks, *normal_);
  const Printed& counted = best.rdma ? *best.rdma : best.nvlink;
  const double link_share = best.nvlink.value * (1 - 1 / ranks);
  if (best.time) {
    entry.axes["sms"] = best.sms;
    entry.time = Seconds(best.time->value);
  } else {
    if (counted.value <= 0) log_.fail(i, "a bandwidth of 0", "expected GB/s above 0");
    entry.bandwidth = BytesPerSecond(counted.value);
  }
  out_.add(std::move(entry), line_place(i));
  out_.points.back().work.link_bytes = link_share * (best.time ? best.time->value : 1);
  (best.combine ? normal_->has_combine : normal_->has_dispatch) = true;
}

void DeepEpLog::end_normal() {
  if (!normal_ || (normal_->has_combine && normal_->has_dispatch)) return;
  log_.fail_at_end(normal_->has_dispatch ? "[tuning] Best combine: ..."
                                         : "[tuning] Best dispatch (FP8): ...");
}

/// "[rank 0] Dispatch bandwidth: 98.00 GB/s, avg_t=77.00 us | Combine bandwidth: ..., avg_t=114.00 us"
void DeepEpLog::read_low_latency(std::size_t i) {
  const auto line = read_rank_line(log_, i);
  if (!line) {
    ++out_.unused["both directions in one time, or send and receive apart"];
    return;
  }
  const bool again = std::any_of(ranks_.begin(), ranks_.end(),
                                 [&](const LoggedRankTimes& r) { return r.rank == line->rank; });
  if (again) end_ranks();
  check_rank_line(log_, *line, settings_);
  ranks_.push_back(*line);
}

/// The run takes as long as its slowest rank; the others are its spread.
void DeepEpLog::end_ranks() {
  if (ranks_.empty()) return;
  double largest = 0;
  for (const LoggedRankTimes& rank : ranks_) largest = std::max(largest, static_cast<double>(rank.rank));
  const std::size_t line = ranks_.front().line;
  const double ranks = ep(line, std::max(largest + 1, 2.0));
  const NormalRun shape{settings_.tokens, settings_.hidden, settings_.top_k};
  for (const bool combine : {false, true}) {
    if (combine && is_logfmt(ranks_.front(), settings_)) {
      ++out_.unused["combine in LogFMT"];
      continue;
    }
    std::vector<double> times;
    for (const LoggedRankTimes& rank : ranks_)
      times.push_back((combine ? rank.combine : rank.dispatch).value);
    std::sort(times.begin(), times.end());
    Entry entry = combine ? entry_of(TimedOperator::combine_low_latency, NumberFormat::bf16, ranks, shape)
                          : entry_of(TimedOperator::dispatch_low_latency, NumberFormat::fp8, ranks, shape);
    entry.time = Seconds(times.back());
    entry.p10 = times[times.size() / 10] / times.back();
    out_.add(std::move(entry), line_place(line));
  }
  ranks_.clear();
}

void DeepEpLog::read_line(std::size_t i) {
  const auto line = log_.line(i);
  const auto words = words_of(line);
  if (words.empty()) return;
  if (words[0] == "[config]") {
    end_normal();
    normal_ = read_config_line(log_, i);
    ++num_read_;
  } else if (words[0] == "[tuning]") {
    ++num_read_;
    if (words.size() > 1 && words[1] == "Best") return read_best(i);
    ++out_.unused["settings that were tried"];
  } else if (words[0] == "[rank" && line.find("ispatch") != std::string_view::npos) {
    ++num_read_;
    read_low_latency(i);
  } else {
    read_elastic(i);
  }
}

void DeepEpLog::read_elastic(std::size_t i) {
  if (read_elastic_setting_line(log_, i, elastic_)) {
    return;
  }
  const auto row = read_elastic_line(log_, i);
  if (!row) return;
  ++num_read_;
  if (!row->wanted) {
    ++out_.unused["expanded, cached or reduced transfers"];
    return;
  }
  if (elastic_.tokens <= 0 || elastic_.hidden <= 0 || elastic_.top_k <= 0)
    log_.fail(i, "a result before its settings",
              "expected 'Config:' with Ranks, Experts, Tokens and #SM above");
  auto& ranks = elastic_ranks_[row->combine ? 1 : 0];
  ranks[row->rank] = {row->rank, row->time, row->time, row->bandwidth, {}, i};
  if (static_cast<int>(ranks.size()) < row->num_ranks) return;
  const auto slowest = std::max_element(ranks.begin(), ranks.end(), [](const auto& a, const auto& b) {
    return a.second.dispatch.value < b.second.dispatch.value;
  });
  Entry entry = entry_of(row->combine ? TimedOperator::combine_normal : TimedOperator::dispatch_normal,
                         row->combine || !elastic_.fp8 ? NumberFormat::bf16 : NumberFormat::fp8,
                         row->num_ranks, elastic_);
  entry.kernel = "DeepEP V2";
  entry.axes["sms"] = elastic_.sms;
  entry.time = Seconds(slowest->second.dispatch.value);
  out_.add(std::move(entry), line_place(i));
  const LoggedRankTimes& last = slowest->second;  // bytes over NVLink and to itself
  out_.points.back().work.link_bytes =
      last.dispatch_bandwidth.value * last.dispatch.value * (1 - 1.0 / row->num_ranks);
  ranks.clear();
}

void DeepEpLog::read() {
  for (std::size_t i = 0; i < log_.num_lines(); ++i) read_line(i);
  end_ranks();
  end_normal();
  for (const auto& ranks : elastic_ranks_) {
    if (ranks.empty()) continue;
    log_.fail_at_end(" * EP:   7/8 | dispatch: ... of every rank");
  }
  if (num_read_ == 0)
    log_.fail(0, "no line of DeepEP's tests",
              "expected '[rank 0] Dispatch bandwidth: ...', '[config] num_tokens=...' or ' * EP:   0/8 | "
              "dispatch: ...'");
}

}  // namespace

LogPoints read_deepep(const LogFile& log, const LogSettings& settings) {
  LogPoints out;
  out.file = log.file();
  DeepEpLog(log, settings, out).read();
  return out;
}

}  // namespace moesim
