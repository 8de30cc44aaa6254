#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/spec.hpp"

namespace moesim {

/// How unlike experts are to all tokens alike.
enum class PopularityLaw : std::uint8_t {
  even,          ///< no expert is preferred
  logit_normal,  ///< logits of experts differ for good by N(0, sigma)
  lognormal,     ///< shares of the choices go as exp(sigma n), n standard normal
  zipf,          ///< shares go as rank^-exponent, ranks in random order
  power_law,     ///< shares are drawn from the density x^-exponent between 1 and max_over_min
};

template <>
struct EnumNames<PopularityLaw> {
  static constexpr std::array<std::pair<PopularityLaw, std::string_view>, 5> table{
      {{PopularityLaw::even, "even"},
       {PopularityLaw::logit_normal, "logit_normal"},
       {PopularityLaw::lognormal, "lognormal"},
       {PopularityLaw::zipf, "zipf"},
       {PopularityLaw::power_law, "power_law"}}};
};

/// Popularity of the experts of a layer, drawn for each layer. logit_normal is a part of the logits; the laws
/// of shares state what experts get of all choices, and whoever knows the gate solves the logits that give
/// them (LayerAffinities::target_shares).
struct Popularity {
  PopularityLaw law = PopularityLaw::even;
  double sigma = 0;            ///< of logit_normal, in logits; of lognormal, in logarithms of shares
  double exponent = 1;         ///< of zipf and power_law
  double max_over_min = 1000;  ///< of power_law: greatest over least possible share (assumed)
  bool operator==(const Popularity&) const = default;
};
const Spec<Popularity>& spec_of(const Popularity*);

/// Documents differ by topic: each has a vector of logits that all its tokens share. 0 topics: none.
struct Topics {
  int count = 0;
  double spread = 0;         ///< standard deviation of an expert's logit over documents
  double concentration = 0;  ///< of the symmetric Dirichlet of a document's mixture; 0: one topic a document
  std::int64_t tokens_per_document = 4096;
  bool operator==(const Topics&) const = default;
};
const Spec<Topics>& spec_of(const Topics*);

/// Neighbouring tokens resemble each other: a share `correlation` of the variance of the token noise is
/// common to each block of `tokens` tokens of a document.
struct Persistence {
  double correlation = 0;  ///< [0, 1]
  std::int64_t tokens = 64;
  bool operator==(const Persistence&) const = default;
};
const Spec<Persistence>& spec_of(const Persistence*);

/// From `step` on the logits of experts differ by a further N(0, spread), for good.
struct DomainShift {
  std::int64_t step = 1;
  double spread = 0;
  bool operator==(const DomainShift&) const = default;
};
const Spec<DomainShift>& spec_of(const DomainShift*);

/// Where the logits of tokens for experts come from; every number is in logits.
struct AffinitySpec {
  Popularity popularity;
  Topics topics;
  Persistence persistence;
  double drift =
      0;  ///< standard deviation that a step adds to an expert's logit; LayerAffinities::begin_step
  std::vector<DomainShift> shifts;
  double token_sigma = 1;  ///< of the noise of a token, block noise included
  bool operator==(const AffinitySpec&) const = default;
};
const Spec<AffinitySpec>& spec_of(const AffinitySpec*);

}  // namespace moesim
