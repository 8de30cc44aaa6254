#pragma once

#include <QHash>
#include <QObject>
#include <QString>
#include <memory>

#include "base/json.hpp"

class QProcess;

namespace moesim::gui {

/// JSON schemas of scenarios, from `moesim spec schema KIND`, each asked once.
class SchemaSource : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;
  ~SchemaSource() override;

  /// The schema if it is there; else asks for it, and arrived() or failed() follows.
  std::shared_ptr<const Json> schema(const QString& kind);

 Q_SIGNALS:
  void arrived(const QString& kind);
  void failed(const QString& kind, const QString& message);

 private:
  void ask(const QString& kind);
  void end(const QString& kind, QProcess* child);

  QHash<QString, std::shared_ptr<const Json>> m_schemas;
  QHash<QString, QProcess*> m_children;
};

}  // namespace moesim::gui
