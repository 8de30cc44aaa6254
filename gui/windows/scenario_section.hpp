#pragma once

#include <QVector>
#include <QWidget>

#include "gui/models/schema_form.hpp"

class QCheckBox;
class QGridLayout;
class QHBoxLayout;
class QToolButton;

namespace moesim::gui {

class ScenarioDocument;
class ScenarioField;

/// The values of one object under a head that folds them; an object that may be absent has a check box.
class ScenarioSection : public QWidget {
  Q_OBJECT

 public:
  ScenarioSection(FormField group, const QString& title, ScenarioDocument& document, QWidget* parent);

  [[nodiscard]] const FormField& group() const { return m_group; }
  /// Where its fields go.
  [[nodiscard]] QGridLayout& grid() { return *m_grid; }
  [[nodiscard]] QWidget* body() { return m_body; }
  void add(ScenarioField* field) { m_fields.append(field); }
  [[nodiscard]] const QVector<ScenarioField*>& fields() const { return m_fields; }

  void setOpen(bool isOpen);
  [[nodiscard]] bool isOpen() const;
  /// Shows what the document says and how many faults there are.
  void refresh();
  /// Shows the fields that match, and itself where one does; an empty text shows all.
  void filter(const QString& text);

 private:
  void addButtons(QHBoxLayout& head);
  void addNamed();  // to a map
  void addItem();

  FormField m_group;
  QString m_title;
  ScenarioDocument& m_document;
  QToolButton* m_head;
  QCheckBox* m_isSet = nullptr;
  QWidget* m_body;
  QGridLayout* m_grid;
  QVector<ScenarioField*> m_fields;
  bool m_wasOpen = false;  // before the filter
  bool m_isFiltered = false;
};

}  // namespace moesim::gui
