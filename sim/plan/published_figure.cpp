#include "sim/plan/published_figure.hpp"

namespace moesim {

const Spec<PublishedFigure>& spec_of(const PublishedFigure*) {
  static const Spec<PublishedFigure> spec =
      Spec<PublishedFigure>("published", "A figure to show beside the summary.")
          .field("key", &PublishedFigure::key, "of the summary", non_empty())
          .field("value", &PublishedFigure::value, "in the unit of the key")
          .field("unit", &PublishedFigure::unit, "for the reader", optional())
          .field("source", &PublishedFigure::source, "who published it", non_empty());
  return spec;
}

}  // namespace moesim
