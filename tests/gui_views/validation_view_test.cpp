#include "gui/views/validation_view.hpp"

#include <gtest/gtest.h>

#include <QTableView>

#include "gui/models/validation_model.hpp"
#include "gui/widgets/plot_widget.hpp"
#include "tests/gui_views/documents.hpp"

namespace moesim::gui {
namespace {

constexpr const char* kDocument = R"({"kind": "validation", "cases": [
    {"id": "a", "role": "check", "metric": "step_time_s", "published": 20, "unit": "s", "predicted": 22,
     "tolerance": 0.15, "status": "pass", "source": "a paper"},
    {"id": "b", "role": "fit", "metric": "step_time_s", "published": 10, "unit": "s", "predicted": 9.9,
     "tolerance": 0.05, "status": "pass", "source": "a paper"},
    {"id": "c", "role": "range", "metric": "mfu", "published": 0.4, "unit": "fraction", "predicted": null,
     "low": 0.3, "high": 0.5, "status": "pass"},
    {"id": "d", "role": "check", "metric": "mfu", "published": 0, "predicted": null, "status": "failed"}]})";

const PlotCurve* curveOf(const PlotPicture& picture, const char* name) {
  for (const PlotCurve& curve : picture.panels[0].curves)
    if (curve.name == QLatin1String(name)) return &curve;
  return nullptr;
}

TEST(ValidationViewTest, PointsLieAtPublishedAndPredicted) {
  const auto figures = validationFigures(documentOf(kDocument)->result());
  EXPECT_EQ(validationGroups(figures), QStringList({QStringLiteral("fractions"), QStringLiteral("times")}));
  const ValidationPlot plot = validationScatter(figures, {}, QStringLiteral("times"));
  const PlotCurve* check = curveOf(plot.picture, "check");
  ASSERT_NE(check, nullptr);
  EXPECT_EQ(check->x, QVector<double>({20}));
  EXPECT_EQ(check->y, QVector<double>({22}));
  const PlotCurve* tolerance = curveOf(plot.picture, "tolerance");
  EXPECT_EQ(tolerance->low, QVector<double>({17, 9.5}));
  const PlotCurve* diagonal = curveOf(plot.picture, "predicted = published");
  EXPECT_EQ(diagonal->x, diagonal->y);
}

TEST(ValidationViewTest, ErrorsStandAtTheNumberOfTheirFigure) {
  const auto figures = validationFigures(documentOf(kDocument)->result());
  const ValidationPlot plot = validationErrors(figures, figures);
  EXPECT_EQ(plot.picture.x.categories.size(), 4);
  const PlotCurve* range = curveOf(plot.picture, "range");
  ASSERT_NE(range, nullptr);
  EXPECT_EQ(range->x, QVector<double>({2}));
  EXPECT_NEAR(range->low[0], -0.25, 1e-12);
  EXPECT_NEAR(range->high[0], 0.25, 1e-12);
  EXPECT_NE(curveOf(plot.picture, "check, second"), nullptr);
}

TEST(ValidationViewTest, TheSourceTakesTheRestOfAWideTable) {
  ViewState state;
  ValidationView view(state);
  view.resize(2500, 900);
  view.setDocuments(documentOf(kDocument), nullptr);
  view.grab();
  const auto* table = view.findChild<QTableView*>();
  const int left = table->columnViewportPosition(ValidationModel::kSource);
  EXPECT_EQ(left + table->columnWidth(ValidationModel::kSource), table->viewport()->width());
}

TEST(ValidationViewTest, OtherDocumentsSayWhatToDo) {
  ViewState state;
  ValidationView view(state);
  view.resize(900, 600);
  view.setDocuments(documentOf(kDocument), nullptr);
  EXPECT_TRUE(view.emptyText().isEmpty());
  const QStringList rows = view.csv().split(QStringLiteral("\r\n"), Qt::SkipEmptyParts);
  ASSERT_EQ(rows.size(), 1 + 4);
  EXPECT_EQ(rows[0],
            QStringLiteral("#,Case,Role,Figure,Published,Predicted,Low,High,Error,Tolerance,Status,Source"));
  EXPECT_EQ(rows[1], QStringLiteral("1,a,check,step_time_s,20,22,,,0.1,0.15,pass,a paper"));
  EXPECT_EQ(rows[3], QStringLiteral("3,c,range,mfu,0.4,,0.3,0.5,,,pass,"));
  const auto* table = view.findChild<QTableView*>();
  EXPECT_TRUE(table->isColumnHidden(ValidationModel::kLow));
  EXPECT_FALSE(view.grab().isNull());
  view.setDocuments(documentOf(R"({"kind": "validation", "cases": []})"), nullptr);
  EXPECT_FALSE(view.emptyText().isEmpty());
}

}  // namespace
}  // namespace moesim::gui
