#include "gui/widgets/theme.hpp"

#include <QApplication>
#include <QStyle>
#include <QStyleFactory>
#include <array>

namespace moesim::gui {
namespace {

QPalette paletteOf(const pictures::Theme& theme) {
  const QColor background = qColor(theme.background);
  const QColor text = qColor(theme.text);
  const bool isDark = background.lightness() < text.lightness();
  const QColor window = isDark ? background.lighter(170) : background.darker(104);
  QPalette palette(window, window);
  palette.setColor(QPalette::Window, window);
  palette.setColor(QPalette::WindowText, text);
  palette.setColor(QPalette::Base, background);
  palette.setColor(QPalette::AlternateBase, window);
  palette.setColor(QPalette::Text, text);
  palette.setColor(QPalette::ButtonText, text);
  palette.setColor(QPalette::PlaceholderText, qColor(theme.muted));
  palette.setColor(QPalette::ToolTipBase, window);
  palette.setColor(QPalette::ToolTipText, text);
  palette.setColor(QPalette::Highlight, isDark ? QColor(45, 95, 165) : QColor(31, 95, 180));
  palette.setColor(QPalette::HighlightedText, Qt::white);
  palette.setColor(QPalette::Link, qColor(theme.curve));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
    palette.setColor(QPalette::Disabled, role, qColor(theme.muted));
  return palette;
}

}  // namespace

const pictures::Theme& pictureTheme(const QPalette& palette) {
  const bool isDark =
      palette.color(QPalette::Window).lightness() < palette.color(QPalette::WindowText).lightness();
  return pictures::kThemes[isDark ? 1 : 0];
}

ColorScheme colorSchemeOf(const QString& name) {
  if (name == QStringLiteral("light")) return ColorScheme::light;
  if (name == QStringLiteral("dark")) return ColorScheme::dark;
  return ColorScheme::system;
}

void setColorScheme(ColorScheme scheme) {
  if (scheme == ColorScheme::system) {
    QApplication::setPalette(QApplication::style()->standardPalette());
    return;
  }
  QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  QApplication::setPalette(paletteOf(pictures::kThemes[scheme == ColorScheme::dark ? 1 : 0]));
}

QColor categoryColor(int index) {
  static constexpr auto kColors = std::to_array<QRgb>(
      {0xff0072b2, 0xffe69f00, 0xff009e73, 0xffcc79a7, 0xff56b4e9, 0xffd55e00, 0xfff0e442, 0xff8c8c8c});
  const auto size = static_cast<int>(kColors.size());
  return QColor::fromRgb(kColors[static_cast<std::size_t>((index % size + size) % size)]);
}

}  // namespace moesim::gui
