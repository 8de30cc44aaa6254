#pragma once

#include <QByteArray>
#include <QObject>
#include <QString>
#include <QUndoStack>
#include <memory>
#include <string>

#include "base/json.hpp"

namespace moesim::gui {

/// A scenario that is edited: JSON, the steps back and forth, and the file.
class ScenarioDocument : public QObject {
  Q_OBJECT

 public:
  explicit ScenarioDocument(QObject* parent = nullptr);

  /// Reads a file, or the shipped scenario of that name, which save() does not write over. Gives why it
  /// cannot be read, and then nothing changes; empty where it was.
  QString load(const QString& nameOrPath);
  /// Begins with a scenario of no file, with paths that begin in `folder`.
  void take(const Json& root, const QString& name, const QString& folder);
  /// Writes to path(); gives why it cannot, or nothing. The file changes as a whole or not at all.
  QString save();
  /// Writes to another file, which path() is then.
  QString saveAs(const QString& path);

  [[nodiscard]] const Json& root() const { return *m_root; }
  /// The value at a JSON pointer; null where there is none.
  [[nodiscard]] const Json* at(const std::string& pointer) const;
  /// One step back undoes what was set in a row at one place. Objects on the way are made.
  void set(const std::string& pointer, const Json& value);
  void remove(const std::string& pointer);
  /// Takes a whole document; gives why it is no JSON, and then nothing changes.
  QString setText(const QString& text);
  [[nodiscard]] QString text() const;
  [[nodiscard]] QByteArray bytes() const { return text().toUtf8(); }

  /// "training", "routing", "serving"; what the document says.
  [[nodiscard]] QString kind() const;
  /// For titles: the name of the file or the shipped scenario.
  [[nodiscard]] QString name() const { return m_name; }
  /// Empty for a shipped scenario and one of no file.
  [[nodiscard]] QString path() const { return m_path; }
  /// Where paths in it begin.
  [[nodiscard]] QString folder() const { return m_folder; }
  [[nodiscard]] bool isEmpty() const;
  [[nodiscard]] bool isDirty() const { return !m_steps.isClean(); }
  [[nodiscard]] QUndoStack& steps() { return m_steps; }

 Q_SIGNALS:
  void changed();
  /// Name, path or isDirty() did.
  void titleChanged();

 private:
  friend class ScenarioStep;
  void push(std::shared_ptr<const Json> root, const QString& text, const std::string& place);
  void show(const std::shared_ptr<const Json>& root);

  std::shared_ptr<const Json> m_root;
  QUndoStack m_steps;
  QString m_name;
  QString m_path;
  QString m_folder;
};

}  // namespace moesim::gui
