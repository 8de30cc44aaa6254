#pragma once

#include <QTimer>
#include <QVector>
#include <QWidget>
#include <memory>
#include <string>

#include "gui/models/run_fault.hpp"
#include "gui/models/schema_form.hpp"

class QLabel;
class QLineEdit;
class QScrollArea;
class QVBoxLayout;

namespace moesim::gui {

class ScenarioDocument;
class ScenarioField;
class ScenarioSection;

/// The values of a scenario by its JSON schema: a section for each object, a line for each value. It is built
/// section by section between other events, and shown when it is whole; what asks for a field has it built at
/// once.
class ScenarioForm : public QWidget {
  Q_OBJECT

 public:
  /// `document` must outlive the form.
  explicit ScenarioForm(ScenarioDocument& document, QWidget* parent = nullptr);
  ~ScenarioForm() override;

  /// Null: none is there yet, and `message` says why.
  void setSchema(const std::shared_ptr<const Json>& schema, const QString& message = {});
  /// Stand beside the fields that they are about; those of no field above the form.
  void setFaults(const QVector<RunFault>& faults);
  [[nodiscard]] ScenarioField* field(const std::string& pointer);
  [[nodiscard]] const QVector<ScenarioField*>& fields();
  [[nodiscard]] const QVector<ScenarioSection*>& sections();
  [[nodiscard]] bool isBuilt() const { return m_building == nullptr; }
  /// To the next field with a fault, from the one in focus on.
  void goToFault();
  void goToFilter();
  /// Shows the fields whose name, place or doc holds the text.
  void filter(const QString& text);

 Q_SIGNALS:
  /// isBuilt() became true.
  void built();

 private:
  struct Building;
  void build();
  void buildSome();
  void layOut();
  void buildRest();
  void finish(std::unique_ptr<Building> done);
  void refresh();
  void addSection(const FormField& group, const QString& title);
  void placeFaults();

  ScenarioDocument& m_document;
  std::shared_ptr<const Json> m_schema;
  QVector<std::string> m_places;         // of the fields that were built
  std::unique_ptr<Building> m_building;  // null: built
  QTimer m_turns;                        // of building
  QVector<RunFault> m_faults;
  QVector<ScenarioSection*> m_sections;
  QVector<ScenarioField*> m_fields;
  QLineEdit* m_filter = nullptr;
  QLabel* m_message = nullptr;
  QScrollArea* m_scroll = nullptr;
};

}  // namespace moesim::gui
