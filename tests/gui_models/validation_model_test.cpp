#include "gui/models/validation_model.hpp"

#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <nlohmann/json.hpp>

namespace moesim::gui {
namespace {

const Json& document() {
  static const Json kDocument = Json::parse(R"({"kind": "validation", "cases": [
      {"id": "v3", "title": "V3", "role": "check", "metric": "layer_pair_s.total", "published": 0.04, "unit": "s",
       "predicted": 0.03, "tolerance": 0.3, "status": "pass", "source": "a paper"},
      {"id": "67b", "role": "range", "metric": "gpu_hours_per_trillion_tokens", "published": 300600,
       "unit": "GPU-hours", "predicted": null, "low": 247628, "high": 365736, "status": "pass"},
      {"id": "odd", "role": "check", "metric": "mfu", "published": 0, "predicted": 1, "status": "failed",
       "message": "it died"},
      {"id": "none", "published": null}, 3], "summary": {"cases": 6, "median_abs_error": 0.05,
      "p90_abs_error": 0.09, "max_abs_error": 0.155}})");
  return kDocument;
}

TEST(ValidationModelTest, FiguresAreThoseWithAPublishedNumber) {
  const auto figures = validationFigures(document());
  ASSERT_EQ(figures.size(), 3);
  EXPECT_DOUBLE_EQ(figures[0].error().value(), -0.25);
  EXPECT_FALSE(figures[1].error().has_value());
  EXPECT_DOUBLE_EQ(figures[1].errorOf(601200.0).value(), 1);
  EXPECT_FALSE(figures[2].error().has_value());
  EXPECT_EQ(validationSummary(document()),
            QStringLiteral("6 checks: median error 5.0 %, 90th percentile 9.0 %, largest 15.5 %"));
}

TEST(ValidationModelTest, RowsTellErrorAndSource) {
  ValidationModel model;
  const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
  model.setFigures(validationFigures(document()));
  ASSERT_EQ(model.rowCount(), 3);
  EXPECT_EQ(model.index(0, ValidationModel::kError).data().toString(), QStringLiteral("-25.0 %"));
  EXPECT_EQ(model.index(0, ValidationModel::kPublished).data().toString(), QStringLiteral("40 ms"));
  EXPECT_EQ(model.index(0, ValidationModel::kSource).data().toString(), QStringLiteral("a paper"));
  EXPECT_EQ(model.index(1, ValidationModel::kError).data().toString(), QStringLiteral("-17.6 % to +21.7 %"));
  EXPECT_EQ(model.index(2, ValidationModel::kStatus).data().toString(), QStringLiteral("failed: it died"));
}

TEST(ValidationModelTest, OtherDocumentsHaveNone) {
  for (const char* text : {"{}", "3", R"({"cases": 3})", R"({"cases": [{"published": "many"}]})"}) {
    EXPECT_TRUE(validationFigures(Json::parse(text)).isEmpty()) << text;
    EXPECT_TRUE(validationSummary(Json::parse(text)).isEmpty()) << text;
  }
}

}  // namespace
}  // namespace moesim::gui
