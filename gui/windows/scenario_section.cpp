#include "gui/windows/scenario_section.hpp"

#include <QCheckBox>
#include <QGridLayout>
#include <QInputDialog>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "gui/models/scenario_document.hpp"
#include "gui/windows/scenario_field.hpp"

namespace moesim::gui {

ScenarioSection::ScenarioSection(FormField group, const QString& title, ScenarioDocument& document,
                                 QWidget* parent)
    : QWidget(parent),
      m_group(std::move(group)),
      m_title(title),
      m_document(document),
      m_head(new QToolButton),
      m_body(new QWidget),
      m_grid(new QGridLayout(m_body)) {
  m_head->setText(title);
  m_head->setAutoRaise(true);
  m_head->setCheckable(true);
  m_head->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  m_head->setFocusPolicy(Qt::StrongFocus);
  QFont font = m_head->font();
  font.setBold(true);
  m_head->setFont(font);
  m_head->setToolTip(QStringLiteral("%1\n%2").arg(QString::fromStdString(m_group.pointer), m_group.doc));
  connect(m_head, &QToolButton::toggled, this, &ScenarioSection::setOpen);
  auto* head = new QHBoxLayout;
  head->addWidget(m_head);
  addButtons(*head);
  head->addStretch(1);
  m_grid->setColumnStretch(1, 2);
  m_grid->setColumnStretch(2, 3);
  m_grid->setContentsMargins(24, 0, 0, 6);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins({});
  column->setSpacing(2);
  column->addLayout(head);
  column->addWidget(m_body);
  setOpen(m_document.at(m_group.pointer) != nullptr);
}

void ScenarioSection::addButtons(QHBoxLayout& head) {
  const auto addButton = [&](const QString& text, const QString& toolTip, const auto& act) {
    auto* button = new QToolButton;
    button->setText(text);
    button->setToolTip(toolTip);
    button->setAccessibleName(toolTip);
    button->setFocusPolicy(Qt::StrongFocus);
    connect(button, &QToolButton::clicked, this, act);
    head.addWidget(button);
  };
  if (m_group.kind == FieldKind::map)
    addButton(tr("Add..."), tr("Add an entry to %1").arg(m_title), [this] { addNamed(); });
  if (m_group.kind == FieldKind::items)
    addButton(tr("Add"), tr("Add an entry to %1").arg(m_title), [this] { addItem(); });
  if (m_group.isEntry)
    addButton(tr("Remove"), tr("Remove %1").arg(m_title), [this] { m_document.remove(m_group.pointer); });
  if (m_group.isEntry || m_group.required || m_group.kind == FieldKind::map) return;
  m_isSet = new QCheckBox(tr("set"));
  m_isSet->setToolTip(tr("Whether the scenario says it"));
  connect(m_isSet, &QCheckBox::clicked, this, [this](bool isSet) {
    if (!isSet) return m_document.remove(m_group.pointer);
    m_document.set(m_group.pointer, *firstValue(m_group));
    setOpen(true);
  });
  head.addWidget(m_isSet);
}

void ScenarioSection::addNamed() {
  bool isDone = false;
  const QString name =
      QInputDialog::getText(this, tr("Add to %1").arg(m_title), tr("Name"), QLineEdit::Normal, {}, &isDone);
  if (!isDone || name.trimmed().isEmpty()) return;
  const std::string pointer = child_pointer(m_group.pointer, name.trimmed().toStdString());
  if (m_document.at(pointer) == nullptr) m_document.set(pointer, *firstValue(*m_group.entry));
}

void ScenarioSection::addItem() {
  const Json* items = m_document.at(m_group.pointer);
  const Json added = *firstValue(*m_group.entry);
  if (items != nullptr && items->is_array())
    m_document.set(child_pointer(m_group.pointer, std::to_string(items->size())), added);
  else
    m_document.set(m_group.pointer, Json::array({added}));
}

void ScenarioSection::setOpen(bool isOpen) {
  m_head->setChecked(isOpen);
  m_head->setArrowType(isOpen ? Qt::DownArrow : Qt::RightArrow);
  m_body->setVisible(isOpen && !m_fields.isEmpty());
}

bool ScenarioSection::isOpen() const {
  return m_head->isChecked();
}

void ScenarioSection::refresh() {
  if (m_isSet != nullptr) m_isSet->setChecked(m_document.at(m_group.pointer) != nullptr);
  const auto numFaults = std::ranges::count_if(m_fields, &ScenarioField::hasFaults);
  m_head->setText(numFaults == 0 ? m_title : QStringLiteral("%1  \u26a0 %2").arg(m_title).arg(numFaults));
}

void ScenarioSection::filter(const QString& text) {
  bool matches = false;
  for (ScenarioField* field : m_fields) {
    field->setShown(field->matches(text));
    matches = matches || field->isShown();
  }
  setVisible(text.isEmpty() || matches);
  if (!m_isFiltered && !text.isEmpty()) m_wasOpen = isOpen();
  setOpen(text.isEmpty() ? (m_isFiltered ? m_wasOpen : isOpen()) : matches);
  m_isFiltered = !text.isEmpty();
}

}  // namespace moesim::gui
