#pragma once

#include "workloads/requests/request.hpp"

namespace moesim {

/// What was asked of a fleet in a stretch of time.
struct Demand {
  double seconds = 0;
  double requests = 0;
  double input_tokens = 0;
  double output_tokens = 0;
  double kv_token_steps = 0;  ///< sum over requests and their output tokens of the KV tokens each one reads
  double prompts = 0;         ///< of which the next three are sums
  double new_tokens = 0;
  double cached_tokens = 0;
  double prompt_pairs = 0;  ///< new tokens s on p cached ones: s p + s^2 / 2

  void add_request(const Request& request) {
    const auto output = static_cast<double>(request.output_tokens);
    requests += 1;
    input_tokens += static_cast<double>(request.input_tokens);
    output_tokens += output;
    kv_token_steps += output * (static_cast<double>(request.input_tokens) + output / 2);
  }
  void add_prompt(double fresh, double cached) {
    prompts += 1;
    new_tokens += fresh;
    cached_tokens += cached;
    prompt_pairs += fresh * (cached + fresh / 2);
  }

  [[nodiscard]] double rate() const { return seconds > 0 ? requests / seconds : 0; }
  [[nodiscard]] double mean_output() const { return requests > 0 ? output_tokens / requests : 0; }
  /// KV tokens of a running sequence: long answers are there for longer and count for more.
  [[nodiscard]] double kv_of_stream() const { return output_tokens > 0 ? kv_token_steps / output_tokens : 0; }
  [[nodiscard]] double mean_new() const { return prompts > 0 ? new_tokens / prompts : 0; }
};

}  // namespace moesim
