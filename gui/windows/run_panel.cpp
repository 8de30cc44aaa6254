#include "gui/windows/run_panel.hpp"

#include <QDateTime>
#include <QDir>
#include <QFileDialog>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QStandardPaths>
#include <QVBoxLayout>

namespace moesim::gui {
namespace {

constexpr int kSteps = 1000;
constexpr int kLogLines = 2000;
constexpr int kClockMs = 500;

QString defaultFolder() {
  return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/runs");
}

}  // namespace

RunPanel::RunPanel(QWidget* parent)
    : QWidget(parent),
      m_run(new QPushButton(tr("Run"))),
      m_cancel(new QPushButton(tr("Cancel"))),
      m_bar(new QProgressBar),
      m_state(new QLabel),
      m_output(new QLineEdit),
      m_log(new QPlainTextEdit) {
  m_log->setReadOnly(true);
  m_log->setMaximumBlockCount(kLogLines);
  m_log->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  m_log->setPlaceholderText(tr("What moesim says appears here."));
  m_log->setTabChangesFocus(true);
  m_log->setMinimumHeight(5 * m_log->fontMetrics().height());
  m_log->setAccessibleName(tr("Log of the run"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins({});
  column->addWidget(controls());
  column->addWidget(m_state);
  column->addWidget(outputLine());
  column->addWidget(m_log, 1);
  m_clock.setInterval(kClockMs);
  connect(&m_clock, &QTimer::timeout, this, &RunPanel::showTime);
  connectProcess();
}

QWidget* RunPanel::controls() {
  auto* line = new QWidget;
  auto* row = new QHBoxLayout(line);
  row->setContentsMargins({});
  m_run->setToolTip(tr("Runs the scenario (Ctrl+R)"));
  m_cancel->setToolTip(tr("Ends the run (Ctrl+.)"));
  m_cancel->setEnabled(false);
  m_bar->setRange(0, kSteps);
  m_bar->setAccessibleName(tr("Progress of the run"));
  m_state->setWordWrap(true);
  m_state->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_state->setText(tr("nothing has run yet"));
  row->addWidget(m_run);
  row->addWidget(m_cancel);
  row->addWidget(m_bar, 1);
  connect(m_run, &QPushButton::clicked, this, &RunPanel::runRequested);
  connect(m_cancel, &QPushButton::clicked, this, &RunPanel::cancel);
  return line;
}

QWidget* RunPanel::outputLine() {
  auto* line = new QWidget;
  auto* row = new QHBoxLayout(line);
  row->setContentsMargins({});
  auto* label = new QLabel(tr("Results go to"));
  label->setBuddy(m_output);
  auto* choose = new QPushButton(tr("Choose..."));
  m_output->setPlaceholderText(defaultFolder());
  m_output->setText(QSettings().value(QStringLiteral("runFolder")).toString());
  m_output->setToolTip(tr("Every run makes a folder of its own in it"));
  connect(m_output, &QLineEdit::editingFinished, this,
          [this] { QSettings().setValue(QStringLiteral("runFolder"), m_output->text().trimmed()); });
  connect(choose, &QPushButton::clicked, this, [this] {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Results go to"), outputFolder());
    if (!folder.isEmpty()) setOutputFolder(folder);
  });
  row->addWidget(label);
  row->addWidget(m_output, 1);
  row->addWidget(choose);
  return line;
}

void RunPanel::connectProcess() {
  connect(&m_process, &RunProcess::progress, this, &RunPanel::takeProgress);
  connect(&m_process, &RunProcess::warning, this,
          [this](const QString& text) { append(tr("warning: %1").arg(text)); });
  connect(&m_process, &RunProcess::log, this, &RunPanel::append);
  connect(&m_process, &RunProcess::documentChanged, this, &RunPanel::documentChanged);
  connect(&m_process, &RunProcess::finished, this, &RunPanel::end);
}

QString RunPanel::outputFolder() const {
  const QString folder = m_output->text().trimmed();
  return folder.isEmpty() ? defaultFolder() : folder;
}

void RunPanel::setOutputFolder(const QString& folder) {
  m_output->setText(folder);
  QSettings().setValue(QStringLiteral("runFolder"), folder);
}

QString RunPanel::state() const {
  return m_state->text();
}

QString RunPanel::logText() const {
  return m_log->toPlainText();
}

QString RunPanel::newFolder(const QString& name) const {
  const QString time = QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss"));
  const QString base =
      QDir(outputFolder())
          .absoluteFilePath(QStringLiteral("%1-%2").arg(name.isEmpty() ? QStringLiteral("run") : name, time));
  QString folder = base;
  for (int i = 2; QFileInfo::exists(folder); ++i) folder = QStringLiteral("%1-%2").arg(base).arg(i);
  return folder;
}

void RunPanel::start(const QByteArray& scenario, const QString& folder, const QString& name) {
  if (isRunning()) return;
  m_estimate.clear();
  m_time.start();
  m_what.clear();
  m_log->clear();
  m_bar->setValue(0);
  m_run->setEnabled(false);
  m_cancel->setEnabled(true);
  m_clock.start();
  m_process.start({scenario, folder, newFolder(name), {}});
  showTime();
}

void RunPanel::cancel() {
  if (!isRunning()) return;
  m_cancel->setEnabled(false);
  m_what = tr("ending");
  m_process.cancel();
  showTime();
}

void RunPanel::takeProgress(double fraction, const QString& what) {
  m_estimate.add(static_cast<double>(m_time.elapsed()) / 1000, fraction);
  m_bar->setValue(static_cast<int>(fraction * kSteps));
  if (m_cancel->isEnabled()) m_what = what;
  showTime();
}

void RunPanel::showTime() {
  if (!isRunning()) return;
  QStringList parts;
  if (!m_what.isEmpty()) parts.append(m_what);
  parts.append(tr("%1 so far").arg(durationText(static_cast<double>(m_time.elapsed()) / 1000)));
  if (const auto left = m_estimate.remaining()) parts.append(tr("about %1 left").arg(durationText(*left)));
  m_state->setText(parts.join(QStringLiteral(", ")));
}

void RunPanel::append(const QString& text) {
  m_log->appendPlainText(text);
}

void RunPanel::end(const RunOutcome& outcome) {
  m_clock.stop();
  m_run->setEnabled(true);
  m_cancel->setEnabled(false);
  const QString time = durationText(static_cast<double>(m_time.elapsed()) / 1000);
  switch (outcome.kind) {
    case RunOutcome::Kind::finished:
      m_bar->setValue(kSteps);
      m_state->setText(tr("done after %1").arg(time));
      append(tr("the result is in %1").arg(outcome.folder));
      break;
    case RunOutcome::Kind::cancelled:
      m_state->setText(tr("cancelled after %1").arg(time));
      break;
    case RunOutcome::Kind::failed:
      m_state->setText(QStringLiteral("\u26a0 ") + outcome.message);
      append(outcome.message);
      break;
  }
  Q_EMIT finished(outcome);
}

}  // namespace moesim::gui
