#include "gui/views/load_display.hpp"

#include <algorithm>

namespace moesim::gui {
namespace {

// As in pictures of reports: noise does not look like imbalance, wide ranges are logarithmic.
constexpr double kLeastEnd = 2;
constexpr double kLogarithmicFrom = 8;
constexpr double kLeastOverMean = 10;

}  // namespace

pictures::ColorScale loadColors(const LoadDisplay& display, double greatest) {
  const double high = display.high.value_or(std::max(kLeastEnd, greatest));
  const bool isWide =
      display.scale == pictures::LoadScale::automatic && std::min(greatest, high) > kLogarithmicFrom;
  const bool isLogarithmic = display.scale == pictures::LoadScale::logarithmic || isWide;
  double low = isLogarithmic ? std::min(1 / kLeastOverMean, high / kLeastOverMean) : 0;
  if (display.low && *display.low < high && (!isLogarithmic || *display.low > 0)) low = *display.low;
  return {low, high, isLogarithmic};
}

const pictures::LoadPicture* loadPictureOf(const std::string& stream) {
  const auto at = std::ranges::find(pictures::kLoadPictures, stream, &pictures::LoadPicture::stream);
  return at == pictures::kLoadPictures.end() ? nullptr : &*at;
}

std::string streamAfterEplb(const std::string& stream) {
  const std::string after = stream + "_after_eplb";
  return loadPictureOf(after) != nullptr ? after : std::string();
}

}  // namespace moesim::gui
