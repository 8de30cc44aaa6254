#pragma once

#include <QWidget>

namespace moesim::gui {

/// What a plan says as a picture: as high as it needs to be, with a line that sums it up and tips.
class ScenarioPicture : public QWidget {
  Q_OBJECT

 public:
  explicit ScenarioPicture(const QString& name, QWidget* parent = nullptr);
  /// What it shows in words; empty where it shows nothing.
  [[nodiscard]] virtual QString headline() const = 0;

 protected:
  /// It shows something else, of another size.
  void showAnew();
  /// For the tool tip; empty: none.
  [[nodiscard]] virtual QString tipAt(const QPointF& place) const = 0;
  bool event(QEvent* event) override;
};

}  // namespace moesim::gui
