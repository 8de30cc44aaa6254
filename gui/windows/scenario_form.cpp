#include "gui/windows/scenario_form.hpp"

#include <QHash>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "gui/models/scenario_document.hpp"
#include "gui/windows/scenario_field.hpp"
#include "gui/windows/scenario_section.hpp"

namespace moesim::gui {
namespace {

void collectPlaces(const FormField& form, QVector<std::string>& places) {
  places.append(form.pointer);
  for (const FormField& field : form.fields) collectPlaces(field, places);
}

/// The pointer without its last key.
std::string parentOf(const std::string& pointer) {
  return pointer.substr(0, pointer.find_last_of('/') == std::string::npos ? 0 : pointer.find_last_of('/'));
}

}  // namespace

ScenarioForm::ScenarioForm(ScenarioDocument& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_filter(new QLineEdit),
      m_message(new QLabel),
      m_scroll(new QScrollArea) {
  m_filter->setPlaceholderText(tr("Find a value"));
  m_filter->setClearButtonEnabled(true);
  connect(m_filter, &QLineEdit::textChanged, this, &ScenarioForm::filter);
  m_message->setWordWrap(true);
  m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_message->hide();
  m_scroll->setWidgetResizable(true);
  m_scroll->setFrameShape(QFrame::NoFrame);
  m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins({});
  column->addWidget(m_filter);
  column->addWidget(m_message);
  column->addWidget(m_scroll, 1);
  connect(&m_document, &ScenarioDocument::changed, this, &ScenarioForm::refresh);
}

void ScenarioForm::setSchema(const std::shared_ptr<const Json>& schema, const QString& message) {
  m_message->setText(message);
  m_message->setVisible(!message.isEmpty());
  if (schema == m_schema && schema != nullptr) return;
  m_schema = schema;
  build();
}

void ScenarioForm::build() {
  std::map<std::string, bool> wasOpen;
  for (const ScenarioSection* section : std::as_const(m_sections))
    wasOpen[section->group().pointer] = section->isOpen();
  const int scrolled = m_scroll->verticalScrollBar()->value();
  m_sections.clear();
  m_fields.clear();
  m_places.clear();
  auto* content = new QWidget;
  m_column = new QVBoxLayout(content);
  m_column->setContentsMargins(0, 0, 6, 0);
  if (m_schema) {
    const FormField form = formOf(*m_schema, m_document.root());
    collectPlaces(form, m_places);
    addSection(form, tr("scenario"));
  }
  m_column->addStretch(1);
  // What calls this may be a part of the form before.
  if (QWidget* before = m_scroll->takeWidget()) {
    before->hide();
    before->deleteLater();
  }
  m_scroll->setWidget(content);
  for (ScenarioSection* section : std::as_const(m_sections))
    if (const auto at = wasOpen.find(section->group().pointer); at != wasOpen.end())
      section->setOpen(at->second);
  QMetaObject::invokeMethod(
      this, [this, scrolled] { m_scroll->verticalScrollBar()->setValue(scrolled); }, Qt::QueuedConnection);
  placeFaults();
  if (!m_filter->text().isEmpty()) filter(m_filter->text());
}

void ScenarioForm::addSection(const FormField& group, const QString& title) {
  auto* section = new ScenarioSection(group, title, m_document, m_scroll);
  m_sections.append(section);
  m_column->addWidget(section);
  for (const FormField& field : group.fields) {
    if (field.isSection()) continue;
    auto* line = new ScenarioField(field, m_document, section->grid(), section->body());
    section->add(line);
    m_fields.append(line);
  }
  section->setOpen(section->isOpen());
  const QString prefix = group.pointer.empty() ? QString() : title + QStringLiteral(" / ");
  for (const FormField& field : group.fields) {
    if (!field.isSection()) continue;
    const QString name = group.kind == FieldKind::items
                             ? QString::number(&field - group.fields.data() + 1)
                             : QString::fromStdString(field.key).replace(QLatin1Char('_'), QLatin1Char(' '));
    addSection(field, prefix + name);
  }
}

void ScenarioForm::refresh() {
  if (!m_schema) return;
  QVector<std::string> places;
  collectPlaces(formOf(*m_schema, m_document.root()), places);
  if (places != m_places) return build();
  for (ScenarioField* field : std::as_const(m_fields)) field->refresh();
  for (ScenarioSection* section : std::as_const(m_sections)) section->refresh();
}

ScenarioField* ScenarioForm::field(const std::string& pointer) const {
  const auto at =
      std::ranges::find_if(m_fields, [&](const auto* one) { return one->field().pointer == pointer; });
  return at == m_fields.end() ? nullptr : *at;
}

void ScenarioForm::setFaults(const QVector<RunFault>& faults) {
  m_faults = faults;
  placeFaults();
}

void ScenarioForm::placeFaults() {
  QHash<ScenarioField*, QStringList> texts;
  QStringList others;
  for (const RunFault& fault : std::as_const(m_faults)) {
    const bool isOurs = fault.file.isEmpty() || fault.file == QStringLiteral("-");
    std::string pointer = fault.pointer.toStdString();
    ScenarioField* place = isOurs ? field(pointer) : nullptr;
    while (isOurs && place == nullptr && !pointer.empty()) {
      pointer = parentOf(pointer);
      place = field(pointer);
    }
    if (place == nullptr)
      others.append(QStringLiteral("\u26a0 ") + fault.fullText());
    else
      texts[place].append(pointer == fault.pointer.toStdString() ? fault.text() : fault.fullText());
  }
  for (ScenarioField* field : std::as_const(m_fields)) field->setFaults(texts.value(field));
  for (ScenarioSection* section : std::as_const(m_sections)) section->refresh();
  if (m_schema) {
    m_message->setText(others.join(QLatin1Char('\n')));
    m_message->setVisible(!others.isEmpty());
  }
}

void ScenarioForm::goToFault() {
  const auto focused =
      std::ranges::find_if(m_fields, [](const auto* one) { return one->editor()->hasFocus(); });
  const qsizetype begin = focused == m_fields.end() ? 0 : focused - m_fields.begin() + 1;
  for (qsizetype i = 0; i < m_fields.size(); ++i) {
    ScenarioField* field = m_fields[(begin + i) % m_fields.size()];
    if (!field->hasFaults()) continue;
    m_filter->clear();
    for (ScenarioSection* section : std::as_const(m_sections))
      if (section->fields().contains(field)) section->setOpen(true);
    field->editor()->setFocus(Qt::ShortcutFocusReason);
    QMetaObject::invokeMethod(
        this, [this, editor = field->editor()] { m_scroll->ensureWidgetVisible(editor); },
        Qt::QueuedConnection);
    return;
  }
}

void ScenarioForm::goToFilter() {
  m_filter->setFocus(Qt::ShortcutFocusReason);
  m_filter->selectAll();
}

void ScenarioForm::filter(const QString& text) {
  for (ScenarioSection* section : std::as_const(m_sections)) section->filter(text.trimmed());
}

}  // namespace moesim::gui
