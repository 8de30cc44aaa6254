#include "cli/routing_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reports/text_table.hpp"

namespace moesim::cli {
namespace {

Json interval_json(double mean, const LoadInterval& interval) {
  return {{"p10", interval.p10}, {"mean", mean}, {"p90", interval.p90}};
}

Json or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

std::string spread_text(const std::optional<double>& spread) {
  return spread ? fmt::format("{:.2f}", *spread) : "none";
}

Json number_json(const FittedNumber& number) {
  return {{"value", number.value}, {"p5", number.low}, {"p95", number.high}};
}

}  // namespace

Json curve_json(const RoutingCurve& curve) {
  Json points = Json::array();
  for (const SpreadPoint& point : curve.points) {
    points.push_back(
        {{"spread", point.spread},
         {"rank_max_over_mean", interval_json(point.load.rank_max_over_mean, point.load.rank_interval)},
         {"node_max_over_mean", interval_json(point.load.node_max_over_mean, point.load.node_interval)},
         {"nic_max_over_mean", point.load.nic_max_over_mean},
         {"nodes_per_token", point.load.nodes_per_token}});
  }
  Json json = {{"affinity", write_spec(curve.routing.affinity)},
               {"tokens_per_rank", curve.routing.tokens_per_rank},
               {"micro_batches", curve.routing.num_micro_batches},
               {"layers", curve.routing.num_layers},
               {"points", std::move(points)}};
  json["affinity"]["topics"].erase("spread");
  if (curve.stated) {
    json["stated"] = {{"rank_max_over_mean", *curve.stated},
                      {"spread", or_null(curve.spread_of_stated)},
                      {"spread_where_p90", or_null(curve.least_spread_of_stated)},
                      {"spread_where_p10", or_null(curve.most_spread_of_stated)}};
  }
  return json;
}

std::string curve_text(const RoutingCurve& curve) {
  TextTable table{{{"topic spread", Align::right},
                   {"rank p10", Align::right},
                   {"mean", Align::right},
                   {"p90", Align::right},
                   {"node p10", Align::right},
                   {"mean", Align::right},
                   {"p90", Align::right},
                   {"NIC mean", Align::right},
                   {"nodes a token", Align::right}},
                  {}};
  for (const SpreadPoint& point : curve.points) {
    const auto number = [](double value) { return fmt::format("{:.3f}", value); };
    const RoutedLoad& load = point.load;
    table.rows.push_back(
        {fmt::format("{:g}", point.spread), number(load.rank_interval.p10), number(load.rank_max_over_mean),
         number(load.rank_interval.p90), number(load.node_interval.p10), number(load.node_max_over_mean),
         number(load.node_interval.p90), number(load.nic_max_over_mean), number(load.nodes_per_token)});
  }
  const SimulatedRouting& routing = curve.routing;
  std::string text = fmt::format(
      "Fullest over mean load of an expert group, {} tokens a rank, {} topics, documents of {} tokens, "
      "{} micro-batches of {} layers\n\n{}",
      routing.tokens_per_rank, routing.affinity.topics.count, routing.affinity.topics.tokens_per_document,
      routing.num_micro_batches, routing.num_layers, plain_text(table));
  if (curve.stated) {
    text += fmt::format(
        "\nThe stated {:g} of the fullest rank is the mean at spread {}, the p90 at {}, the p10 at {}\n",
        *curve.stated, spread_text(curve.spread_of_stated), spread_text(curve.least_spread_of_stated),
        spread_text(curve.most_spread_of_stated));
  }
  return text;
}

Json fit_json(const TopicFit& fit, const TopicFitOptions& options) {
  return {{"layers", fit.num_layers},
          {"documents", fit.num_documents},
          {"tokens_per_document", options.tokens_per_document},
          {"topics", options.num_topics},
          {"document_variance", fit.document_variance},
          {"popularity_variance", fit.popularity_variance},
          {"topic_spread", number_json(fit.spread)},
          {"popularity_sigma", number_json(fit.sigma)}};
}

std::string fit_text(const TopicFit& fit, const TopicFitOptions& options) {
  return fmt::format(
      "{} documents of {} tokens, {} layers\n"
      "topic spread      {:.3f}  [{:.3f}, {:.3f}]\n"
      "popularity sigma  {:.3f}  [{:.3f}, {:.3f}]\n"
      "in standard deviations of a token's noise; intervals from the 5th to the 95th percentile, of the draw "
      "of documents and of few normal logits; {} topics assumed, one a document\n",
      fit.num_documents, options.tokens_per_document, fit.num_layers, fit.spread.value, fit.spread.low,
      fit.spread.high, fit.sigma.value, fit.sigma.low, fit.sigma.high, options.num_topics);
}

}  // namespace moesim::cli
