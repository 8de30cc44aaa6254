#pragma once

#include <optional>

#include "calib/import/logs/line_reader.hpp"
#include "calib/import/logs/log_points.hpp"

namespace moesim {

/// The shape of a run of normal transfers.
struct NormalRun {
  double tokens = 0;
  double hidden = 0;
  double top_k = 0;
  double sms = 0;             ///< of the second version
  bool fp8 = false;           ///< dispatch of the second version
  bool has_dispatch = false;  ///< results so far
  bool has_combine = false;
};

/// "[config] num_tokens=4096, hidden=7168, num_topk=8", with num_topk_groups between nodes.
NormalRun read_config_line(const LogFile& log, std::size_t line);

/// The best of the settings that were tried.
struct BestLine {
  bool combine = false;
  NumberFormat format = NumberFormat::bf16;
  double sms = 0;
  std::optional<Printed> time;  ///< s, without the notification; absent in early releases
  std::optional<Printed> rdma;  ///< B/s; between nodes only
  Printed nvlink;               ///< B/s
};

/// "[tuning] Best dispatch (FP8): SMs 24, NVL chunk 20, ..." of any release.
BestLine read_best_line(const LogFile& log, std::size_t line);

/// Times of one rank in low-latency mode.
struct LoggedRankTimes {
  int rank = 0;
  Printed dispatch;  ///< s
  Printed combine;
  Printed dispatch_bandwidth;  ///< B/s
  Printed combine_bandwidth;
  std::size_t line = 0;
};

/// "[rank 0] Dispatch bandwidth: 98.00 GB/s, avg_t=77.00 us | Combine bandwidth: ..."; nothing for the other
/// lines of a rank.
std::optional<LoggedRankTimes> read_rank_line(const LogFile& log, std::size_t line);

/// Throws SpecError where bandwidth x time is not what the tokens of `settings` send.
void check_rank_line(const LogFile& log, const LoggedRankTimes& rank, const LogSettings& settings);

/// Whether the combine sent 10-bit LogFMT.
bool is_logfmt(const LoggedRankTimes& rank, const LogSettings& settings);

/// A result of the second version, of one rank.
struct ElasticLine {
  int rank = 0;
  int num_ranks = 0;
  bool combine = false;
  bool wanted = false;  ///< plain dispatch or combine
  Printed time;         ///< s
  Printed bandwidth;    ///< B/s inside the node
};

/// Takes up "> Experts: 8/256", "> Tokens: 128 (max: 128), hidden: 7168", "> #SM: 24, ..." and the format of
/// a case; false for another line.
bool read_elastic_setting_line(const LogFile& log, std::size_t line, NormalRun& run);

/// " * EP:   0/8 | dispatch: 0 GB/s (SO), 700 GB/s (SU), 83.456 us, ..."; nothing for another line.
std::optional<ElasticLine> read_elastic_line(const LogFile& log, std::size_t line);

}  // namespace moesim
