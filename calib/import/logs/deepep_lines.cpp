#include "calib/import/logs/deepep_lines.hpp"

#include <cmath>

#include <fmt/format.h>

namespace moesim {

namespace {

constexpr std::string_view kConfig = "[config] num_tokens=4096, hidden=7168, num_topk=8";
constexpr std::string_view kBest =
    "[tuning] Best dispatch (FP8): SMs 24, NVL chunk 20, 153.00 GB/s (NVL), t: 300.00 us";
constexpr std::string_view kRank =
    "[rank 0] Dispatch bandwidth: 98.00 GB/s, avg_t=77.00 us | Combine bandwidth: 127.00 GB/s, avg_t=114.00 "
    "us";
constexpr std::string_view kElastic = " * EP:   0/8 | dispatch: 0 GB/s (SO), 700 GB/s (SU), 83.456 us, ...";
constexpr double kLeftOut = 10;  // (token, expert) choices that the low-latency test masks at random

/// Bytes that the test counts for one choice of a token.
double dispatch_row(double hidden) {
  return hidden + hidden / 128 * 4 + 16;
}
double combine_row(double hidden) {
  return 2 * hidden;
}
double logfmt_row(double hidden) {
  return hidden * 10 / 8 + hidden / 128 * 4;
}

/// Whether bandwidth x time is `row` bytes for all choices, less those that are masked.
bool sends(const Printed& bandwidth, const Printed& time, double row, const LogSettings& settings) {
  const double choices = settings.tokens * settings.top_k;
  const Printed most{bandwidth.value, bandwidth.half_step};
  return agree(row * choices, time, most, 0.002 + kLeftOut / choices);
}

int whole(LineReader& line) {
  const double value = line.number().value;
  if (value < 0 || value > 1e6 || value != std::floor(value))
    line.fail(fmt::format("{:g} is no number of a rank", value));
  return static_cast<int>(value);
}

/// "43.00 GB/s (RDMA), 88.00 GB/s (NVL)" or its second part.
void read_bandwidths(LineReader& line, BestLine& best) {
  Printed first = line.bandwidth();
  if (line.skip("(RDMA)")) {
    best.rdma = first;
    line.need(",");
    first = line.bandwidth();
  }
  line.need("(NVL)");
  best.nvlink = first;
}

}  // namespace

NormalRun read_config_line(const LogFile& log, std::size_t index) {
  LineReader line(log, index, kConfig);
  NormalRun run;
  line.need("[config]");
  line.need("num_tokens=");
  run.tokens = line.positive().value;
  line.need(",");
  line.need("hidden=");
  run.hidden = line.positive().value;
  line.need(",");
  if (line.skip("num_topk_groups=")) {
    line.positive();
    line.need(",");
  }
  line.need("num_topk=");
  run.top_k = line.positive().value;
  return run;
}

/// Releases write times behind "t:" inside a node, and between nodes none, "transmit:" and "notify:", or
/// "NOTIFY + TRANSMIT us".
BestLine read_best_line(const LogFile& log, std::size_t index) {
  LineReader line(log, index, kBest);
  BestLine best;
  line.need("[tuning]");
  line.need("Best");
  best.combine = line.skip("combine");
  if (!best.combine) {
    line.need("dispatch (");
    if (line.skip("FP8"))
      best.format = NumberFormat::fp8;
    else
      line.need("BF16");
    line.need(")");
  }
  line.need(":");
  line.need("SMs");
  best.sms = line.positive().value;
  line.need(",");
  line.need("NVL chunk");
  line.number();
  if (line.skip(", RDMA chunk")) line.number();
  if (!line.skip(",")) line.need(":");
  if (line.skip("transmit:")) {
    best.time = line.time();
    line.need(",");
    line.need("notify:");
    line.time();
    line.need(",");
    line.need("BW:");
  } else if (line.rest().find(" + ") != std::string_view::npos) {
    line.number();
    line.need("+");
    best.time = line.time();
    line.need(",");
  }
  read_bandwidths(line, best);
  if (line.skip(",")) {
    line.need("t:");
    best.time = line.time();
  }
  return best;
}

std::optional<LoggedRankTimes> read_rank_line(const LogFile& log, std::size_t index) {
  LineReader line(log, index, kRank);
  LoggedRankTimes out;
  out.line = index;
  line.need("[rank");
  out.rank = whole(line);
  line.need("]");
  if (line.skip("Dispatch + combine") || line.skip("Dispatch send/recv")) return std::nullopt;
  line.need("Dispatch bandwidth:");
  out.dispatch_bandwidth = line.bandwidth();
  line.need(",");
  line.need("avg_t=");
  out.dispatch = line.time();
  line.need("|");
  line.need("Combine bandwidth:");
  out.combine_bandwidth = line.bandwidth();
  line.need(",");
  line.need("avg_t=");
  out.combine = line.time();
  return out;
}

bool is_logfmt(const LoggedRankTimes& rank, const LogSettings& settings) {
  return sends(rank.combine_bandwidth, rank.combine, logfmt_row(settings.hidden), settings);
}

void check_rank_line(const LogFile& log, const LoggedRankTimes& rank, const LogSettings& settings) {
  const auto fail = [&](std::string_view what, const Printed& bandwidth, const Printed& time, double row) {
    log.fail(rank.line,
             fmt::format("{} of {:g} GB/s x {:g} us are {:.0f} bytes; {:g} tokens to {:g} experts in rows of "
                         "{:g} are {:.0f}",
                         what, bandwidth.value / 1e9, time.value * 1e6, bandwidth.value * time.value,
                         settings.tokens, settings.top_k, row, settings.tokens * settings.top_k * row),
             "give the run's --tokens, --hidden and --top-k, which the log does not say");
  };
  const double row = dispatch_row(settings.hidden);
  if (!sends(rank.dispatch_bandwidth, rank.dispatch, row, settings))
    fail("a dispatch", rank.dispatch_bandwidth, rank.dispatch, row);
  if (!sends(rank.combine_bandwidth, rank.combine, combine_row(settings.hidden), settings) &&
      !is_logfmt(rank, settings))
    fail("a combine", rank.combine_bandwidth, rank.combine, combine_row(settings.hidden));
}

bool read_elastic_setting_line(const LogFile& log, std::size_t index, NormalRun& run) {
  LineReader line(log, index, " > Tokens: 128 (max: 128), hidden: 7168");
  if (!line.skip(">")) return false;
  if (line.skip("Experts:")) {
    run.top_k = line.positive().value;
    line.need("/");
    line.positive();
  } else if (line.skip("Tokens:")) {
    run.tokens = line.positive().value;
    line.until("hidden:");
    run.hidden = line.positive().value;
  } else if (line.skip("#SM:")) {
    run.sms = line.positive().value;
  } else if (const auto at = line.rest().find("use_fp8_dispatch="); at != std::string_view::npos) {
    const auto value = line.rest().substr(at + 17);
    run.fp8 = value.starts_with("True") || value.starts_with("1");
  } else {
    return false;
  }
  return true;
}

std::optional<ElasticLine> read_elastic_line(const LogFile& log, std::size_t index) {
  LineReader line(log, index, kElastic);
  bool known = false;
  char mark = ' ';
  for (const char c : {'*', '-', '#', '@', '+'}) {
    if (known) break;
    known = line.skip(std::string_view(&c, 1));
    mark = c;
  }
  if (!known || !line.skip("EP:")) return std::nullopt;
  ElasticLine out;
  out.rank = whole(line);
  line.need("/");
  out.num_ranks = whole(line);
  if (out.rank >= out.num_ranks) line.fail(fmt::format("a rank {} of {}", out.rank, out.num_ranks));
  line.need("|");
  out.wanted = mark == '*' || mark == '@';
  out.combine = mark == '@' || mark == '+';
  line.until(": ");
  line.bandwidth();
  line.need("(SO),");
  out.bandwidth = line.bandwidth();
  line.need("(SU),");
  out.time = line.time();
  return out;
}

}  // namespace moesim
