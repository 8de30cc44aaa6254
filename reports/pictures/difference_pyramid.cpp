#include "reports/pictures/difference_pyramid.hpp"

#include <memory>
#include <vector>

namespace moesim::pictures {

void DifferencePyramid::append(std::span<const float> cells) {
  std::vector<float> negated;
  negated.reserve(cells.size());
  for (const float cell : cells) negated.push_back(cell == kNoData ? kNoData : -cell);
  greatest_.append(cells);
  least_.append(negated);
}

void DifferencePyramid::draw(const HeatMapWindow& window, std::span<float> pixels) const {
  greatest_.draw(window, pixels);
  const auto negated = std::make_unique_for_overwrite<float[]>(pixels.size());
  least_.draw(window, {negated.get(), pixels.size()});
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = negated[i] > pixels[i] ? -negated[i] : pixels[i];
}

}  // namespace moesim::pictures
