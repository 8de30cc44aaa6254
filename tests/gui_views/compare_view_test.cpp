#include "gui/views/compare_view.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "gui/widgets/theme.hpp"
#include "tests/gui_views/documents.hpp"

namespace moesim::gui {
namespace {

/// WCAG 2.1, relative luminance.
double luminance(const QColor& color) {
  const auto linear = [](double part) {
    return part <= 0.03928 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

double contrast(const QColor& first, const QColor& second) {
  const double one = luminance(first) + 0.05;
  const double other = luminance(second) + 0.05;
  return std::max(one, other) / std::min(one, other);
}

TEST(CompareViewTest, LargeDifferencesAreSeenOnBothThemes) {
  for (const pictures::Theme& theme : pictures::kThemes) {
    QPalette palette;
    palette.setColor(QPalette::Window, qColor(theme.background));
    palette.setColor(QPalette::WindowText, qColor(theme.text));
    for (const double fraction : {-0.5, 0.5, -3.0, 9.0})
      EXPECT_GE(contrast(differenceColor(fraction, palette), qColor(theme.background)), 3) << theme.name;
    EXPECT_LT(differenceColor(0.01, palette).alphaF(), differenceColor(0.4, palette).alphaF());
    EXPECT_NE(differenceColor(-0.5, palette).rgb(), differenceColor(0.5, palette).rgb());
  }
}

TEST(CompareViewTest, OneResultAloneSaysHowToCompare) {
  ViewState state;
  CompareView view(state);
  const DocumentPtr one =
      documentOf(R"({"schema_version": 1, "kind": "training", "scenario": {"kind": "training"},
      "summary": {"step_time_s": 2}})");
  view.setDocuments(one, nullptr);
  EXPECT_TRUE(view.emptyText().contains(QStringLiteral("compared with")));
  view.setDocuments(one,
                    documentOf(R"({"schema_version": 1, "kind": "training", "scenario": {"kind": "training"},
      "summary": {"step_time_s": 3}})"));
  EXPECT_TRUE(view.emptyText().isEmpty());
  EXPECT_TRUE(view.csv().contains(QStringLiteral("+50.0 %")));
}

}  // namespace
}  // namespace moesim::gui
