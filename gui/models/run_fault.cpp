#include "gui/models/run_fault.hpp"

#include <QRegularExpression>
#include <nlohmann/json.hpp>

namespace moesim::gui {

QString RunFault::text() const {
  return hint.isEmpty() ? what : QStringLiteral("%1; %2").arg(what, hint);
}

QString RunFault::fullText() const {
  QStringList parts;
  if (!file.isEmpty() && file != QStringLiteral("-")) parts.append(file);
  if (!pointer.isEmpty()) parts.append(pointer);
  parts.append(text());
  return parts.join(QStringLiteral(": "));
}

QVector<RunFault> faultsOf(const Json& faults) {
  QVector<RunFault> found;
  if (!faults.is_array()) return found;
  for (const Json& one : faults) {
    if (!one.is_object()) continue;
    const auto part = [&](const char* key) {
      const auto at = one.find(key);
      return at != one.end() && at->is_string() ? QString::fromStdString(at->get<std::string>()) : QString();
    };
    found.append({part("file"), part("pointer"), part("what"), part("hint")});
  }
  return found;
}

RunFault faultOfLine(const QString& line, const QString& file) {
  QString rest = line.trimmed();
  const QString head = QStringLiteral("moesim: ");
  RunFault fault;
  if (!rest.startsWith(head)) {
    fault.what = rest;
    return fault;
  }
  rest.remove(0, head.size());
  // A file of its own is told by the pointer behind it.
  static const QRegularExpression kPlace(QStringLiteral("^([^\\s].*?): (/[^:]*): (.*)$"));
  if (rest.startsWith(file + QStringLiteral(": "))) {
    fault.file = file;
    rest.remove(0, file.size() + 2);
    static const QRegularExpression kPointer(QStringLiteral("^(/[^:]*): (.*)$"));
    if (const auto match = kPointer.match(rest); match.hasMatch()) {
      fault.pointer = match.captured(1);
      rest = match.captured(2);
    }
  } else if (const auto match = kPlace.match(rest); match.hasMatch()) {
    fault.file = match.captured(1);
    fault.pointer = match.captured(2);
    rest = match.captured(3);
  }
  const auto split = rest.indexOf(QStringLiteral("; "));
  fault.what = split < 0 ? rest : rest.left(split);
  if (split >= 0) fault.hint = rest.mid(split + 2);
  return fault;
}

}  // namespace moesim::gui
