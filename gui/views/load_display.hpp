#pragma once

#include <QString>
#include <QStringList>
#include <optional>

#include "gui/views/load_curve.hpp"
#include "reports/pictures/load_picture.hpp"

namespace moesim::gui {

/// What load pictures are compared with: a step of their own, the placement after EPLB, another result.
enum class LoadComparison { none, step, afterEplb, second };

/// How load pictures are drawn.
struct LoadDisplay {
  pictures::LoadScale scale = pictures::LoadScale::automatic;
  std::optional<double> low;   ///< with the first colour, below `high`; absent: as the loads ask for
  std::optional<double> high;  ///< with the last colour, above 0
  ImbalanceMeasure measure = ImbalanceMeasure::maxViolation;
  bool hottestOfStep = false;  ///< the table: of the step shown, else of all steps
  bool operator==(const LoadDisplay&) const = default;
};

/// Words of load pictures.
struct LoadTexts {
  QString noun;        ///< of an element: "expert"
  QStringList titles;  ///< of the sides
};

/// The colours of loads up to `greatest`, as LoadScale says.
pictures::ColorScale loadColors(const LoadDisplay& display, double greatest);

/// The picture of a stream; null where there is none.
const pictures::LoadPicture* loadPictureOf(const std::string& stream);
/// The stream that holds the same after EPLB; empty where there is none.
std::string streamAfterEplb(const std::string& stream);

}  // namespace moesim::gui
