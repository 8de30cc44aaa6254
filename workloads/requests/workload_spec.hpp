#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/quantity.hpp"
#include "base/spec.hpp"

namespace moesim {

/// When requests come.
enum class ArrivalProcess : std::uint8_t {
  constant,  ///< evenly
  poisson,
  gamma,    ///< gaps with the coefficient of variation `cv`
  on_off,   ///< Poisson at on_rate_over_mean times the rate for on_fraction of each period, slower between
  diurnal,  ///< Poisson with the rate of `day` by time of day, its mean the rate
};
template <>
struct EnumNames<ArrivalProcess> {
  static constexpr std::array<std::pair<ArrivalProcess, std::string_view>, 5> table{
      {{ArrivalProcess::constant, "constant"},
       {ArrivalProcess::poisson, "poisson"},
       {ArrivalProcess::gamma, "gamma"},
       {ArrivalProcess::on_off, "on_off"},
       {ArrivalProcess::diurnal, "diurnal"}}};
};

struct ArrivalSpec {
  ArrivalProcess process = ArrivalProcess::poisson;
  double rate_per_s = 1;
  double cv = 1;                 ///< gamma
  double on_rate_over_mean = 2;  ///< on_off
  double on_fraction = 0.25;     ///< on_off
  Seconds period{60.0};          ///< on_off
  std::vector<double> day;       ///< diurnal: rate over mean at equal distances of a day, scaled to mean 1
};
const Spec<ArrivalSpec>& spec_of(const ArrivalSpec*);

/// How lengths spread about their mean.
enum class LengthLaw : std::uint8_t { constant, uniform, exponential, lognormal, gamma, pareto };
template <>
struct EnumNames<LengthLaw> {
  static constexpr std::array<std::pair<LengthLaw, std::string_view>, 6> table{
      {{LengthLaw::constant, "constant"},
       {LengthLaw::uniform, "uniform"},
       {LengthLaw::exponential, "exponential"},
       {LengthLaw::lognormal, "lognormal"},
       {LengthLaw::gamma, "gamma"},
       {LengthLaw::pareto, "pareto"}}};
};

struct LengthSpread {
  LengthLaw law = LengthLaw::constant;
  double cv = 1;         ///< standard deviation over mean; not of constant and exponential
  std::int64_t min = 1;  ///< draws are cut to these
  std::int64_t max = 1 << 20;
};
const Spec<LengthSpread>& spec_of(const LengthSpread*);

/// Conversations: a turn's prompt is all that was said before and new input, and comes `think_time` after the
/// answer would have ended at `tokens_per_s`.
struct SessionSpec {
  double turns = 1;                ///< mean, geometric
  std::int64_t system_tokens = 0;  ///< shared by all sessions of one of `systems` system prompts
  int systems = 1;
  Seconds think_time{20.0};  ///< mean, exponential
  double tokens_per_s = 20;
  std::int64_t block_tokens = 64;  ///< of the hashes that requests carry
};
const Spec<SessionSpec>& spec_of(const SessionSpec*);

/// What is asked of a deployment: a trace, or generated requests, open (arrivals) or closed (concurrency).
struct WorkloadSpec {
  std::optional<std::string> trace;  ///< Azure CSV, Mooncake JSONL, BurstGPT CSV, by its content; also .gz
  double time_scale = 1;             ///< of a trace: gaps are multiplied
  double sample = 1;                 ///< of a trace: share of its requests (or sessions), drawn by id
  std::optional<ArrivalSpec> arrivals;
  std::optional<int> concurrency;    ///< requests in flight, each replaced when it ends; arrivals are ignored
  bool saturated = false;            ///< as many requests in flight as all units hold
  std::int64_t input_tokens = 1024;  ///< mean, generated
  std::int64_t output_tokens = 256;
  LengthSpread input_spread;
  LengthSpread output_spread;
  double cached_fraction = 0;          ///< generated: of input tokens that hit the disk cache
  double cached_request_fraction = 1;  ///< requests among which those hits lie
  std::optional<SessionSpec> sessions;
  std::optional<std::int64_t> requests;  ///< at most
  std::optional<Seconds> duration;       ///< arrivals end then
  Seconds start{};                       ///< time of day of the first arrival
};
const Spec<WorkloadSpec>& spec_of(const WorkloadSpec*);

}  // namespace moesim
