#pragma once

#include <QFile>
#include <QString>
#include <QTemporaryDir>

#include "gui/models/moesim_program.hpp"

namespace moesim::gui::test {

/// A shell script in place of moesim while it lives.
class FakeMoesim {
 public:
  explicit FakeMoesim(const QByteArray& script) {
    const QString path = m_folder.filePath(QStringLiteral("moesim"));
    QFile file(path);
    if (file.open(QIODevice::WriteOnly)) file.write("#!/bin/sh\n" + script);
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    file.close();
    setMoesimProgram(path);
  }
  ~FakeMoesim() { setMoesimProgram({}); }
  FakeMoesim(const FakeMoesim&) = delete;
  FakeMoesim& operator=(const FakeMoesim&) = delete;

  /// A place in a folder of its own.
  [[nodiscard]] QString place(const QString& name) const { return m_folder.filePath(name); }

 private:
  QTemporaryDir m_folder;
};

}  // namespace moesim::gui::test
