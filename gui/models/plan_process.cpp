#include "gui/models/plan_process.hpp"

#include <QCoreApplication>
#include <QProcess>
#include <nlohmann/json.hpp>
#include <utility>

#include "gui/models/error_text.hpp"
#include "gui/models/moesim_program.hpp"

namespace moesim::gui {
namespace {

constexpr int kDelayMs = 150;
constexpr int kLimitMs = 60'000;
constexpr int kInvalid = 3;

}  // namespace

PlanAnswer planAnswer(const QByteArray& output, const QByteArray& errors, int code) {
  PlanAnswer answer;
  const QStringList lines = QString::fromUtf8(errors).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
  if (code != 0 && code != kInvalid) {
    answer.message = QCoreApplication::translate("PlanProcess", "moesim plan ended with exit code %1%2")
                         .arg(code)
                         .arg(lines.isEmpty() ? QString() : QStringLiteral(": ") + lines.last());
    return answer;
  }
  if (!output.trimmed().isEmpty()) {
    try {
      answer.plan = std::make_shared<const Json>(
          parse_json(std::string_view(output.constData(), static_cast<std::size_t>(output.size())), "plan"));
    } catch (...) {
      answer.message =
          QCoreApplication::translate("PlanProcess", "the answer of moesim plan cannot be read: %1")
              .arg(errorText(std::current_exception()));
      return answer;
    }
  }
  if (answer.plan && answer.plan->is_object() && answer.plan->contains("violations"))
    answer.faults = faultsOf((*answer.plan)["violations"]);
  if (code == kInvalid && answer.faults.isEmpty())
    for (const QString& line : lines) answer.faults.append(faultOfLine(line));
  return answer;
}

PlanProcess::PlanProcess(QObject* parent) : QObject(parent) {
  m_delay.setSingleShot(true);
  m_delay.setInterval(kDelayMs);
  m_limit.setSingleShot(true);
  m_limit.setInterval(kLimitMs);
  connect(&m_delay, &QTimer::timeout, this, &PlanProcess::begin);
  connect(&m_limit, &QTimer::timeout, this, [this] {
    stop();
    answer({nullptr, {}, tr("moesim plan takes longer than a minute and was ended")});
  });
}

PlanProcess::~PlanProcess() {
  stop();
}

void PlanProcess::stop() {
  m_delay.stop();
  m_limit.stop();
  m_isBusy = false;
  QProcess* child = std::exchange(m_child, nullptr);
  if (child == nullptr) return;
  child->disconnect(this);
  connect(child, &QProcess::finished, child, &QObject::deleteLater);
  child->setParent(nullptr);
  if (child->state() == QProcess::NotRunning) return child->deleteLater();
  child->kill();
}

void PlanProcess::check(const QByteArray& scenario, const QString& folder) {
  stop();
  m_scenario = scenario;
  m_folder = folder;
  m_isBusy = true;
  m_delay.start();
}

void PlanProcess::begin() {
  const QString program = moesimProgram();
  if (program.isEmpty()) return answer({nullptr, {}, missingProgramText()});
  m_child = new QProcess(this);
  m_child->setWorkingDirectory(m_folder);
  connect(m_child, &QProcess::finished, this,
          [this](int code, QProcess::ExitStatus status) { end(code, status == QProcess::CrashExit); });
  connect(m_child, &QProcess::errorOccurred, this, [this, program](QProcess::ProcessError error) {
    if (error != QProcess::FailedToStart) return;
    const QString why = m_child->errorString();
    std::exchange(m_child, nullptr)->deleteLater();
    answer({nullptr, {}, tr("%1 cannot be started: %2").arg(program, why)});
  });
  m_limit.start();
  m_child->start(
      program, {QStringLiteral("plan"), QStringLiteral("-"), QStringLiteral("--json"), QStringLiteral("-")});
  if (m_child == nullptr) return;  // it could not be started
  m_child->write(m_scenario);
  m_child->closeWriteChannel();
}

void PlanProcess::end(int code, bool crashed) {
  QProcess* child = std::exchange(m_child, nullptr);
  child->deleteLater();
  if (crashed) return answer({nullptr, {}, tr("moesim plan was ended by a signal")});
  answer(planAnswer(child->readAllStandardOutput(), child->readAllStandardError(), code));
}

void PlanProcess::answer(const PlanAnswer& given) {
  m_limit.stop();
  m_isBusy = false;
  Q_EMIT answered(given);
}

}  // namespace moesim::gui
