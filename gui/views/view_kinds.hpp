#pragma once

#include <QString>
#include <span>

#include "gui/views/view.hpp"

namespace moesim::gui {

/// A kind of view. Adding one is one row of viewKinds().
struct ViewKind {
  const char* name;      ///< of --screenshot and of saved docks
  const char* title;     ///< of the dock and the menu
  const char* doc;       ///< one line for help
  const char* shortcut;  ///< brings it to the front
  View* (*create)(ViewState& state, QWidget* parent);
};

/// In the order of the docks.
std::span<const ViewKind> viewKinds();

/// Null where there is none of that name.
const ViewKind* findViewKind(const QString& name);

}  // namespace moesim::gui
