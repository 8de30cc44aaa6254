#pragma once

#include <QObject>
#include <QStringList>
#include <string>

#include "gui/models/schema_form.hpp"

class QAbstractButton;
class QComboBox;
class QGridLayout;
class QLabel;
class QLineEdit;

namespace moesim::gui {

class ScenarioDocument;

/// A line of a form: name, editor and doc of one value, and below them what is wrong with it.
class ScenarioField : public QObject {
  Q_OBJECT

 public:
  /// Takes the next rows of the grid.
  ScenarioField(FormField field, ScenarioDocument& document, QGridLayout& grid, QWidget* parent);

  [[nodiscard]] const FormField& field() const { return m_field; }
  /// Shows what the document says.
  void refresh();
  /// A line each; empty: nothing is wrong.
  void setFaults(const QStringList& faults);
  [[nodiscard]] bool hasFaults() const;
  [[nodiscard]] QString faultText() const;
  /// Whether the text is in its name, place or doc.
  [[nodiscard]] bool matches(const QString& text) const;
  void setShown(bool isShown);
  [[nodiscard]] bool isShown() const { return m_isShown; }
  [[nodiscard]] QWidget* editor() const { return m_editor; }
  /// What the editor shows; empty where the document lacks the value.
  [[nodiscard]] QString text() const;
  /// As if the user wrote it.
  void edit(const QString& text);

 Q_SIGNALS:
  void focused();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void makeEditor();
  void makeCombo(bool isEditable);
  void makeLabel();
  void take(const QString& text);
  void showFaults();
  [[nodiscard]] QStringList choices() const;

  FormField m_field;
  ScenarioDocument& m_document;
  QWidget* m_parent;
  QWidget* m_editor = nullptr;
  QLineEdit* m_line = nullptr;   // of the editor, where it is written into
  QComboBox* m_combo = nullptr;  // the editor, where there is a choice
  QWidget* m_label = nullptr;
  QAbstractButton* m_isSet = nullptr;  // of a value that may be absent
  QLabel* m_doc = nullptr;
  QLabel* m_fault = nullptr;
  QStringList m_faults;
  QString m_ownFault;  // the text is no JSON
  bool m_isShown = true;
};

}  // namespace moesim::gui
