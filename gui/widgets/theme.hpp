#pragma once

#include <QColor>
#include <QPalette>
#include <QString>

#include "reports/pictures/theme.hpp"

namespace moesim::gui {

/// The colours of pictures for a palette: the dark ones where its window is darker than its text. Qt 6.4 has
/// no hint of the system's scheme; ask again at QEvent::PaletteChange.
const pictures::Theme& pictureTheme(const QPalette& palette);

/// What the user asked for; system: the platform's own palette.
enum class ColorScheme { system, light, dark };
ColorScheme colorSchemeOf(const QString& name);  ///< "system", "light", "dark"; system for any other
/// Gives the whole application that palette.
void setColorScheme(ColorScheme scheme);

inline QColor qColor(pictures::Rgb rgb) {
  return {rgb.red, rgb.green, rgb.blue};
}

/// Colours of kinds (phases, series, ...) that are told apart with any colour vision, on both themes; more
/// than eight repeat. Okabe and Ito 2008, "Color universal design", without black.
QColor categoryColor(int index);

}  // namespace moesim::gui
