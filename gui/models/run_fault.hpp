#pragma once

#include <QString>
#include <QVector>

#include "base/json.hpp"

namespace moesim::gui {

/// What a command of moesim finds wrong with its input.
struct RunFault {
  QString file;     ///< "-" for standard input; may be empty
  QString pointer;  ///< JSON pointer of the place; may be empty
  QString what;
  QString hint;  ///< may be empty
  bool operator==(const RunFault&) const = default;

  /// "WHAT; HINT", as on the command line.
  [[nodiscard]] QString text() const;
  /// "FILE: POINTER: WHAT; HINT" without the empty parts and without the file "-".
  [[nodiscard]] QString fullText() const;
};

/// The faults of an `error` event or the violations of a plan, an array of {file?, pointer?, what, hint?}.
QVector<RunFault> faultsOf(const Json& faults);

/// A line "moesim: FILE: POINTER: WHAT; HINT" of standard error about the file `file`, or about none or
/// another; a line without that head is nothing but `what`.
RunFault faultOfLine(const QString& line, const QString& file = QStringLiteral("-"));

}  // namespace moesim::gui
