#pragma once

#include <QString>
#include <QStringList>
#include <QVector>

#include "gui/models/sweep_cases.hpp"
#include "gui/widgets/plot_picture.hpp"

namespace moesim::gui {

/// What a scatter of cases shows. A key is one of SweepCases::figures or, of what was varied, of axes.
struct SweepChoice {
  QString x;
  QString y;
  QString color;  ///< an axis; empty: one colour
  bool hasFront = true;
};

struct SweepPlot {
  PlotPicture picture;
  QVector<QVector<int>> lines;  ///< [curve][point] index into SweepCases::lines
  QVector<bool> isSecond;       ///< [curve] of the second document
  QString colorText;            ///< what shades mean, where a legend does not say it
};

/// Numbers of the lines for a key; NaN where there is none.
QVector<double> sweepNumbers(const SweepCases& cases, const QString& key);

/// Keys that can be x or y: figures, then axes whose values are numbers.
QStringList sweepKeys(const SweepCases& cases);

/// What is shown at first: the figure of the document against the one that costs, latency or the first other.
SweepChoice startingChoice(const SweepCases& cases);

/// A point for each case, coloured by the value of an axis, and the line of those that no other beats in
/// both. `second`: null or the cases of a result that is compared, with their own front.
SweepPlot sweepPlot(const SweepCases& cases, const SweepCases* second, const SweepChoice& choice,
                    const QString& firstTitle, const QString& secondTitle);

}  // namespace moesim::gui
