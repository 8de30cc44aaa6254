#include "gui/windows/scenario_field.hpp"

#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QFont>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "gui/models/scenario_document.hpp"

namespace moesim::gui {
namespace {

constexpr int kEditorCharacters = 18;

QString readable(const std::string& key) {
  return QString::fromStdString(key).replace(QLatin1Char('_'), QLatin1Char(' '));
}

QString docText(const FormField& field) {
  const QString range = rangeText(field);
  QString doc = field.doc;
  if (field.kind == FieldKind::list && !field.choices.isEmpty())
    doc += QStringLiteral(" (%1)").arg(field.choices.join(QStringLiteral(", ")));
  return range.isEmpty() ? doc : QStringLiteral("%1 (%2)").arg(doc, range);
}

}  // namespace

ScenarioField::ScenarioField(FormField field, ScenarioDocument& document, QGridLayout& grid, QWidget* parent)
    : QObject(parent), m_field(std::move(field)), m_document(document), m_parent(parent) {
  makeEditor();
  makeLabel();
  m_doc = new QLabel(docText(m_field), parent);
  m_doc->setWordWrap(true);
  m_doc->setForegroundRole(QPalette::PlaceholderText);
  m_fault = new QLabel(parent);
  m_fault->setWordWrap(true);
  m_fault->setTextInteractionFlags(Qt::TextSelectableByMouse);
  QFont bold;
  bold.setBold(true);
  m_fault->setFont(bold);
  m_fault->hide();
  const QString tip = QStringLiteral("%1\n%2").arg(QString::fromStdString(m_field.pointer), docText(m_field));
  for (QWidget* widget : {m_label, m_editor, static_cast<QWidget*>(m_doc)}) widget->setToolTip(tip);
  m_editor->setAccessibleName(readable(m_field.key));
  m_editor->setAccessibleDescription(docText(m_field));
  const int row = grid.rowCount();
  grid.addWidget(m_label, row, 0);
  grid.addWidget(m_editor, row, 1);
  grid.addWidget(m_doc, row, 2);
  grid.addWidget(m_fault, row + 1, 1, 1, 2);
  refresh();
}

void ScenarioField::makeEditor() {
  if (m_field.kind == FieldKind::choice || m_field.kind == FieldKind::boolean) {
    makeCombo(false);
  } else if (!m_field.suggestions.isEmpty()) {
    makeCombo(true);
  } else {
    m_line = new QLineEdit(m_parent);
    m_editor = m_line;
  }
  if (m_line != nullptr) {
    m_line->setPlaceholderText(placeholderText(m_field));
    connect(m_line, &QLineEdit::textEdited, this, &ScenarioField::take);
  }
  const int least = m_editor->fontMetrics().averageCharWidth() * kEditorCharacters;
  const bool isChoice = m_line == nullptr;  // which must not be cut
  m_editor->setMinimumWidth(isChoice ? std::max(least, m_editor->sizeHint().width()) : least);
  m_editor->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  m_editor->installEventFilter(this);
}

void ScenarioField::makeCombo(bool isEditable) {
  m_combo = new QComboBox(m_parent);
  m_editor = m_combo;
  m_combo->setFocusPolicy(Qt::StrongFocus);
  m_combo->setSizeAdjustPolicy(isEditable ? QComboBox::AdjustToMinimumContentsLengthWithIcon
                                          : QComboBox::AdjustToContents);
  if (isEditable) {
    m_combo->setEditable(true);
    m_combo->setInsertPolicy(QComboBox::NoInsert);
    m_combo->addItems(m_field.suggestions);
    m_line = m_combo->lineEdit();
    m_line->installEventFilter(this);
    connect(m_combo, &QComboBox::textActivated, this, &ScenarioField::take);
    return;
  }
  m_combo->addItem(placeholderText(m_field));
  m_combo->addItems(choices());
  connect(m_combo, &QComboBox::activated, this,
          [this](int index) { take(index == 0 ? QString() : m_combo->itemText(index)); });
}

void ScenarioField::makeLabel() {
  if (m_field.required) {
    auto* label = new QLabel(readable(m_field.key), m_parent);
    label->setBuddy(m_editor);
    m_label = label;
    return;
  }
  auto* box = new QCheckBox(readable(m_field.key), m_parent);
  connect(box, &QCheckBox::clicked, this, [this](bool isSet) {
    if (isSet)
      m_document.set(m_field.pointer, *firstValue(m_field));
    else
      m_document.remove(m_field.pointer);
  });
  m_isSet = box;
  m_label = box;
}

QStringList ScenarioField::choices() const {
  if (m_field.kind == FieldKind::boolean) return {QStringLiteral("true"), QStringLiteral("false")};
  return m_field.choices;
}

QString ScenarioField::text() const {
  if (m_line != nullptr) return m_line->text();
  return m_combo->currentIndex() <= 0 ? QString() : m_combo->currentText();
}

void ScenarioField::edit(const QString& text) {
  if (m_line != nullptr) m_line->setText(text);
  take(text);
}

void ScenarioField::take(const QString& text) {
  m_ownFault.clear();
  if (text.trimmed().isEmpty()) {
    m_document.remove(m_field.pointer);
  } else if (const auto value = fieldValue(m_field, text)) {
    m_document.set(m_field.pointer, *value);
  } else {
    m_ownFault = tr("not JSON: a bracket or a quote is open");
  }
  showFaults();
}

void ScenarioField::refresh() {
  const Json* value = m_document.at(m_field.pointer);
  if (m_isSet != nullptr) m_isSet->setChecked(value != nullptr);
  if (m_line != nullptr) {
    // What the user writes stays as it is while it means the same.
    if (!m_ownFault.isEmpty() && m_line->hasFocus()) return;
    const auto written = m_line->text().trimmed().isEmpty() ? nullptr : fieldValue(m_field, m_line->text());
    if (value == nullptr ? m_line->text().isEmpty() : (written && *written == *value)) return;
    const QSignalBlocker blocker(m_line);
    m_line->setText(value == nullptr ? QString() : fieldText(m_field, *value));
    m_line->setCursorPosition(0);
    return;
  }
  const QSignalBlocker blocker(m_combo);
  if (value == nullptr) return m_combo->setCurrentIndex(0);
  const QString text = fieldText(m_field, *value);
  if (m_combo->findText(text) < 1) m_combo->addItem(text);
  m_combo->setCurrentIndex(m_combo->findText(text));
}

void ScenarioField::setFaults(const QStringList& faults) {
  if (faults == m_faults) return;
  m_faults = faults;
  showFaults();
}

bool ScenarioField::hasFaults() const {
  return !m_faults.isEmpty() || !m_ownFault.isEmpty();
}

QString ScenarioField::faultText() const {
  QStringList lines = m_faults;
  if (!m_ownFault.isEmpty()) lines.prepend(m_ownFault);
  return lines.join(QLatin1Char('\n'));
}

void ScenarioField::showFaults() {
  QStringList lines;
  for (const QString& line : faultText().split(QLatin1Char('\n'), Qt::SkipEmptyParts))
    lines.append(QStringLiteral("\u26a0 ") + line);
  m_fault->setText(lines.join(QLatin1Char('\n')));
  m_fault->setVisible(m_isShown && hasFaults());
}

bool ScenarioField::matches(const QString& text) const {
  return text.isEmpty() || readable(m_field.key).contains(text, Qt::CaseInsensitive) ||
         QString::fromStdString(m_field.pointer).contains(text, Qt::CaseInsensitive) ||
         m_field.doc.contains(text, Qt::CaseInsensitive);
}

void ScenarioField::setShown(bool isShown) {
  m_isShown = isShown;
  for (QWidget* widget : {m_label, m_editor, static_cast<QWidget*>(m_doc)}) widget->setVisible(isShown);
  m_fault->setVisible(isShown && hasFaults());
}

bool ScenarioField::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::FocusIn) Q_EMIT focused();
  if (event->type() == QEvent::Wheel && !m_editor->hasFocus()) {
    event->ignore();  // a wheel over the form scrolls it
    return true;
  }
  // Steps back are those of the scenario, not of a line.
  if (event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress) {
    auto* key = static_cast<QKeyEvent*>(event);
    const bool undoes = key->matches(QKeySequence::Undo);
    if (!undoes && !key->matches(QKeySequence::Redo)) return QObject::eventFilter(watched, event);
    key->accept();
    if (event->type() == QEvent::KeyPress) undoes ? m_document.steps().undo() : m_document.steps().redo();
    return true;
  }
  return QObject::eventFilter(watched, event);
}

}  // namespace moesim::gui
