#pragma once

#include <QStringList>
#include <QVector>

#include "gui/models/validation_figures.hpp"
#include "gui/widgets/plot_picture.hpp"

namespace moesim::gui {

/// Figures that can share axes: by unit, "seconds", "GPU-hours", ...; those of most figures first.
QStringList validationGroups(const QVector<ValidationFigure>& figures);
QString validationGroup(const ValidationFigure& figure);

struct ValidationPlot {
  PlotPicture picture;
  QVector<QVector<int>> rows;  ///< [curve][point] index of the figure; empty for lines
  QVector<bool> isSecond;      ///< [curve] of the second document
};

/// Predicted against published for the figures of a group, with the diagonal and bands of 10 %; error bars
/// are the tolerance about the published value, of ranges their ends. `second` may be empty.
ValidationPlot validationScatter(const QVector<ValidationFigure>& figures,
                                 const QVector<ValidationFigure>& second, const QString& group);

/// The error of every figure by its number in the table, its tolerance about 0.
ValidationPlot validationErrors(const QVector<ValidationFigure>& figures,
                                const QVector<ValidationFigure>& second);

}  // namespace moesim::gui
