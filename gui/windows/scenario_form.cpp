#include "gui/windows/scenario_form.hpp"

#include <QElapsedTimer>
#include <QHash>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "gui/models/scenario_document.hpp"
#include "gui/windows/scenario_field.hpp"
#include "gui/windows/scenario_section.hpp"

namespace moesim::gui {
namespace {

void collectPlaces(const FormField& form, QVector<std::string>& places) {
  places.append(form.pointer);
  for (const FormField& field : form.fields) collectPlaces(field, places);
}

/// A section to be built.
struct PlannedSection {
  const FormField* group;
  QString title;
};

/// A section and those below it, in the order of the form.
void planSections(const FormField& group, const QString& title, std::vector<PlannedSection>& sections) {
  sections.push_back({&group, title});
  const QString prefix = group.pointer.empty() ? QString() : title + QStringLiteral(" / ");
  for (const FormField& field : group.fields) {
    if (!field.isSection()) continue;
    const QString name = group.kind == FieldKind::items
                             ? QString::number(&field - group.fields.data() + 1)
                             : QString::fromStdString(field.key).replace(QLatin1Char('_'), QLatin1Char(' '));
    planSections(field, prefix + name, sections);
  }
}

/// The pointer without its last key.
std::string parentOf(const std::string& pointer) {
  return pointer.substr(0, pointer.find_last_of('/') == std::string::npos ? 0 : pointer.find_last_of('/'));
}

constexpr qint64 kTurnNs = 1'500'000;  ///< after which other events have their turn

}  // namespace

/// A form that is not whole yet.
struct ScenarioForm::Building {
  FormField form;
  std::vector<PlannedSection> sections;  // of `form`
  std::size_t numBuilt = 0;
  bool isLaidOut = false;
  std::map<std::string, bool> wasOpen;  // sections of the form before
  int scrolled = 0;                     // the form before
  std::unique_ptr<QWidget> content = std::make_unique<QWidget>();
  QVBoxLayout* column = new QVBoxLayout(content.get());
};

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
  connect(&m_turns, &QTimer::timeout, this, &ScenarioForm::buildSome);
}

ScenarioForm::~ScenarioForm() = default;

void ScenarioForm::setSchema(const std::shared_ptr<const Json>& schema, const QString& message) {
  m_message->setText(message);
  m_message->setVisible(!message.isEmpty());
  if (schema == m_schema && schema != nullptr) return;
  m_schema = schema;
  build();
}

void ScenarioForm::build() {
  auto next = std::make_unique<Building>();
  if (m_building) {
    next->wasOpen = std::move(m_building->wasOpen);
    next->scrolled = m_building->scrolled;
  } else {
    for (const ScenarioSection* section : std::as_const(m_sections))
      next->wasOpen[section->group().pointer] = section->isOpen();
    next->scrolled = m_scroll->verticalScrollBar()->value();
  }
  m_sections.clear();
  m_fields.clear();
  m_places.clear();
  next->column->setContentsMargins(0, 0, 6, 0);
  if (m_schema) {
    next->form = formOf(*m_schema, m_document.root());
    collectPlaces(next->form, m_places);
    planSections(next->form, tr("scenario"), next->sections);
  }
  m_building = std::move(next);
  m_turns.start(0);
}

void ScenarioForm::buildSome() {
  const std::vector<PlannedSection>& sections = m_building->sections;
  if (m_building->isLaidOut) return finish(std::move(m_building));
  if (m_building->numBuilt == sections.size()) return layOut();
  QElapsedTimer time;
  time.start();
  while (m_building->numBuilt < sections.size() && time.nsecsElapsed() < kTurnNs) {
    const PlannedSection& section = sections[m_building->numBuilt++];
    addSection(*section.group, section.title);
  }
}

/// Takes time that the form would otherwise take in the turn in which it is shown.
void ScenarioForm::layOut() {
  m_building->column->addStretch(1);
  m_building->content->resize(m_scroll->viewport()->width(), m_building->content->sizeHint().height());
  m_building->column->activate();
  m_building->isLaidOut = true;
}

void ScenarioForm::buildRest() {
  while (m_building) buildSome();
}

void ScenarioForm::finish(std::unique_ptr<Building> done) {
  m_turns.stop();
  // What calls this may be a part of the form before.
  if (QWidget* before = m_scroll->takeWidget()) {
    before->hide();
    before->deleteLater();
  }
  m_scroll->setWidget(done->content.release());
  for (ScenarioSection* section : std::as_const(m_sections))
    if (const auto at = done->wasOpen.find(section->group().pointer); at != done->wasOpen.end())
      section->setOpen(at->second);
  QMetaObject::invokeMethod(
      this, [this, scrolled = done->scrolled] { m_scroll->verticalScrollBar()->setValue(scrolled); },
      Qt::QueuedConnection);
  placeFaults();
  if (!m_filter->text().isEmpty()) filter(m_filter->text());
  Q_EMIT built();
}

void ScenarioForm::addSection(const FormField& group, const QString& title) {
  auto* section = new ScenarioSection(group, title, m_document, m_scroll);
  m_sections.append(section);
  m_building->column->addWidget(section);
  for (const FormField& field : group.fields) {
    if (field.isSection()) continue;
    auto* line = new ScenarioField(field, m_document, section->grid(), section->body());
    section->add(line);
    m_fields.append(line);
  }
  section->setOpen(section->isOpen());
}

void ScenarioForm::refresh() {
  if (!m_schema) return;
  QVector<std::string> places;
  collectPlaces(formOf(*m_schema, m_document.root()), places);
  if (places != m_places) return build();
  for (ScenarioField* field : std::as_const(m_fields)) field->refresh();
  for (ScenarioSection* section : std::as_const(m_sections)) section->refresh();
}

const QVector<ScenarioField*>& ScenarioForm::fields() {
  buildRest();
  return m_fields;
}

const QVector<ScenarioSection*>& ScenarioForm::sections() {
  buildRest();
  return m_sections;
}

ScenarioField* ScenarioForm::field(const std::string& pointer) {
  buildRest();
  const auto at =
      std::ranges::find_if(m_fields, [&](const auto* one) { return one->field().pointer == pointer; });
  return at == m_fields.end() ? nullptr : *at;
}

void ScenarioForm::setFaults(const QVector<RunFault>& faults) {
  m_faults = faults;
  if (isBuilt()) placeFaults();
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
  buildRest();
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
  buildRest();
  for (ScenarioSection* section : std::as_const(m_sections)) section->filter(text.trimmed());
}

}  // namespace moesim::gui
