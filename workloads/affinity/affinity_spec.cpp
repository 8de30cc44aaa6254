#include "workloads/affinity/affinity_spec.hpp"

#include <fmt/format.h>

namespace moesim {
namespace {

constexpr double kMaxLogit = 100;  // beyond it exp() of a difference is 0 or infinite in float

/// A key that the law does not read is no key of this popularity.
std::optional<SpecIssue> check_law(const Popularity& popularity) {
  using enum PopularityLaw;
  const Popularity unset;
  const PopularityLaw law = popularity.law;
  const auto issue = [&](const char* key, const char* laws) {
    return SpecIssue{std::string("/") + key, fmt::format("law {} has no {}", enum_name(law), key),
                     fmt::format("leave it out, or law {}", laws)};
  };
  if (popularity.sigma != unset.sigma && law != logit_normal && law != lognormal)
    return issue("sigma", "logit_normal or lognormal");
  if (popularity.exponent != unset.exponent && law != zipf && law != power_law)
    return issue("exponent", "zipf or power_law");
  if (popularity.max_over_min != unset.max_over_min && law != power_law)
    return issue("max_over_min", "power_law");
  return std::nullopt;
}

std::optional<SpecIssue> check_topics(const Topics& topics) {
  if (topics.count == 1) {
    return SpecIssue{"/count", "one topic alone sets no document apart", "give at least 2, or 0 for none"};
  }
  if (topics.count == 0 && topics.spread > 0) {
    return SpecIssue{"/count", "a spread between topics, and no topics", "give the number of topics"};
  }
  return std::nullopt;
}

std::optional<SpecIssue> check_drift(const AffinitySpec& spec) {
  const double spread = spec.popularity.sigma;
  if (spec.popularity.law != PopularityLaw::logit_normal || spec.drift <= spread) return std::nullopt;
  return SpecIssue{"/drift", fmt::format("a step adds more than the popularity's own spread of {}", spread),
                   "give at most popularity.sigma"};
}

std::optional<SpecIssue> check_shifts(const AffinitySpec& spec) {
  for (std::size_t i = 1; i < spec.shifts.size(); ++i) {
    if (spec.shifts[i].step > spec.shifts[i - 1].step) continue;
    return SpecIssue{fmt::format("/shifts/{}/step", i), "not after the shift before it",
                     "list shifts by step, one each"};
  }
  return std::nullopt;
}

}  // namespace

const Spec<Popularity>& spec_of(const Popularity*) {
  static const Spec<Popularity> spec =
      Spec<Popularity>("popularity", "How unlike experts are to all tokens alike, drawn for each layer.")
          .field("law", &Popularity::law,
                 "even; logit_normal: logits differ by N(0, sigma); laws of the shares of the choices: "
                 "lognormal exp(sigma N(0, 1)), zipf rank^-exponent, power_law density x^-exponent",
                 optional())
          .field("sigma", &Popularity::sigma, "of logit_normal and lognormal",
                 between(0, kMaxLogit) | optional())
          .field("exponent", &Popularity::exponent, "of zipf and power_law", between(0, 10) | optional())
          .field("max_over_min", &Popularity::max_over_min,
                 "of power_law: greatest over least possible share (assumed)", between(1, 1e9) | optional())
          .check(check_law);
  return spec;
}

const Spec<Topics>& spec_of(const Topics*) {
  static const Spec<Topics> spec =
      Spec<Topics>("topics", "Logits that all tokens of a document share.")
          .field("count", &Topics::count, "topics; 0: none", between(0, 4096) | optional())
          .field("spread", &Topics::spread, "standard deviation of an expert's logit over documents",
                 between(0, kMaxLogit) | optional())
          .field("concentration", &Topics::concentration,
                 "of the symmetric Dirichlet of a document's mixture; 0: one topic a document",
                 between(0, 1e6) | optional())
          .field("tokens_per_document", &Topics::tokens_per_document,
                 "tokens of a document, or of a request in decode", between(1, 1 << 30) | optional())
          .check(check_topics);
  return spec;
}

const Spec<Persistence>& spec_of(const Persistence*) {
  static const Spec<Persistence> spec =
      Spec<Persistence>("persistence", "How neighbouring tokens resemble each other.")
          .field("correlation", &Persistence::correlation,
                 "share of the token noise's variance that a block of tokens has in common",
                 between(0, 1) | optional())
          .field("tokens", &Persistence::tokens, "of a block", between(1, 1 << 30) | optional());
  return spec;
}

const Spec<DomainShift>& spec_of(const DomainShift*) {
  static const Spec<DomainShift> spec =
      Spec<DomainShift>("shift", "Other data from a step on.")
          .field("step", &DomainShift::step, "first step of the other data", at_least(1))
          .field("spread", &DomainShift::spread, "standard deviation that the logits of experts gain",
                 between(0, kMaxLogit));
  return spec;
}

const Spec<AffinitySpec>& spec_of(const AffinitySpec*) {
  static const Spec<AffinitySpec> spec =
      Spec<AffinitySpec>("affinity", "Where the logits of tokens for experts come from.")
          .field("popularity", &AffinitySpec::popularity, "what all tokens agree on", optional())
          .field("topics", &AffinitySpec::topics, "what the tokens of a document agree on", optional())
          .field("persistence", &AffinitySpec::persistence, "what neighbouring tokens agree on", optional())
          .field(
              "drift", &AffinitySpec::drift,
              "standard deviation that a step adds to the logit of an expert, which tends back so that the "
              "popularity's spread stays; with law even it wanders off",
              between(0, kMaxLogit) | optional())
          .field("shifts", &AffinitySpec::shifts, "domain shifts by step", optional())
          .field("token_sigma", &AffinitySpec::token_sigma, "standard deviation of a token's own logits",
                 between(0, kMaxLogit) | optional())
          .check(check_drift)
          .check(check_shifts);
  return spec;
}

}  // namespace moesim
