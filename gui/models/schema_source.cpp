#include "gui/models/schema_source.hpp"

#include <QProcess>
#include <nlohmann/json.hpp>

#include "gui/models/error_text.hpp"
#include "gui/models/moesim_program.hpp"

namespace moesim::gui {

SchemaSource::~SchemaSource() {
  for (QProcess* child : std::as_const(m_children)) {
    child->disconnect(this);
    child->kill();
    child->waitForFinished(1000);
  }
}

std::shared_ptr<const Json> SchemaSource::schema(const QString& kind) {
  if (const auto known = m_schemas.value(kind)) return known;
  if (!m_children.contains(kind)) ask(kind);
  return nullptr;
}

void SchemaSource::ask(const QString& kind) {
  const QString program = moesimProgram();
  if (program.isEmpty()) {
    QMetaObject::invokeMethod(
        this, [this, kind] { Q_EMIT failed(kind, missingProgramText()); }, Qt::QueuedConnection);
    return;
  }
  auto* child = new QProcess(this);
  m_children.insert(kind, child);
  connect(child, &QProcess::finished, this, [this, kind, child] { end(kind, child); });
  connect(
      child, &QProcess::errorOccurred, this,
      [this, kind, child, program](QProcess::ProcessError error) {
        if (error != QProcess::FailedToStart) return;
        m_children.remove(kind);
        child->deleteLater();
        Q_EMIT failed(kind, tr("%1 cannot be started: %2").arg(program, child->errorString()));
      },
      Qt::QueuedConnection);
  child->start(program, {QStringLiteral("spec"), QStringLiteral("schema"), kind});
  child->closeWriteChannel();
}

void SchemaSource::end(const QString& kind, QProcess* child) {
  m_children.remove(kind);
  child->deleteLater();
  const QByteArray output = child->readAllStandardOutput();
  if (child->exitStatus() == QProcess::CrashExit || child->exitCode() != 0) {
    const QString said = QString::fromUtf8(child->readAllStandardError()).trimmed();
    Q_EMIT failed(kind, tr("moesim has no schema of the kind \"%1\": %2").arg(kind, said));
    return;
  }
  try {
    m_schemas.insert(
        kind, std::make_shared<const Json>(parse_json(
                  std::string_view(output.constData(), static_cast<std::size_t>(output.size())), "schema")));
  } catch (...) {
    Q_EMIT failed(kind, tr("the schema of the kind \"%1\" cannot be read: %2")
                            .arg(kind, errorText(std::current_exception())));
    return;
  }
  Q_EMIT arrived(kind);
}

}  // namespace moesim::gui
