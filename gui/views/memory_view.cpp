#include "gui/views/memory_view.hpp"

#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "gui/models/result_json.hpp"
#include "gui/widgets/empty_stack.hpp"
#include "gui/widgets/plot_csv.hpp"
#include "gui/widgets/plot_widget.hpp"

namespace moesim::gui {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

void addColumns(const MemoryPicture& memory, const QString& title, int group, PlotPicture& picture) {
  for (const MemoryColumn& column : memory.columns)
    if (!picture.x.categories.contains(column.name)) picture.x.categories.append(column.name);
  const auto addBars = [&](const QString& name, int color, const auto& valueOf) {
    PlotBars bars;
    bars.name = name;
    bars.color = color;
    bars.group = group;
    bars.isSecond = group == 1;
    bars.isListed = group == 0 || memory.items.isEmpty();
    bars.values = QVector<double>(picture.x.categories.size(), kNone);
    for (const MemoryColumn& column : memory.columns)
      bars.values[picture.x.categories.indexOf(column.name)] = valueOf(column);
    picture.panels[0].bars.append(bars);
  };
  if (!memory.hasItems()) addBars(title, group, [](const MemoryColumn& column) { return column.total; });
  int color = 0;
  for (const QString& item : memory.items) {
    addBars(memoryItemLabel(item), color++, [&](const MemoryColumn& column) {
      const auto at = column.items.find(item);
      return at == column.items.end() ? kNone : at->second;
    });
  }
}

}  // namespace

PlotPicture memoryPlot(const MemoryPicture& first, const QString& firstTitle, const MemoryPicture* second,
                       const QString& secondTitle) {
  PlotPicture picture;
  if (first.columns.isEmpty() && (!second || second->columns.isEmpty())) return picture;
  PlotPanel panel;
  panel.y.label = QStringLiteral("memory of a GPU");
  panel.y.unit = MetricUnit::bytes;
  panel.y.startsAtZero = true;
  picture.panels.append(panel);
  picture.x.label = first.axis;
  addColumns(first, second ? firstTitle : QString(), 0, picture);
  if (second) {
    addColumns(*second, secondTitle, 1, picture);
    if (first.hasItems())
      picture.x.label =
          QStringLiteral("%1 (left: %2, right, pale: %3)").arg(first.axis, firstTitle, secondTitle);
  }
  if (first.capacity) picture.panels[0].levels.append({QStringLiteral("capacity"), *first.capacity});
  if (first.capacity && first.reserve > 0)
    picture.panels[0].levels.append({QStringLiteral("less the reserve"), *first.capacity - first.reserve});
  if (second && second->capacity && second->capacity != first.capacity)
    picture.panels[0].levels.append({QStringLiteral("capacity, %1").arg(secondTitle), *second->capacity});
  return picture;
}

MemoryView::MemoryView(ViewState& state, QWidget* parent)
    : View(state, parent), m_note(new QLabel), m_plot(new PlotWidget) {
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins({});
  column->setSpacing(0);
  m_note->setMargin(6);
  m_note->setWordWrap(true);
  m_note->setTextInteractionFlags(Qt::TextSelectableByMouse);
  column->addWidget(m_note);
  column->addWidget(m_plot, 1);
  m_stack = new EmptyStack(content);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins({});
  layout->addWidget(m_stack);
  m_plot->addActionsTo(*this);
  for (int i = 0; i < 2; ++i) {
    m_plans[i] = new PlanProcess(this);
    connect(m_plans[i], &PlanProcess::answered, this,
            [this, i](const PlanAnswer& answer) { take(i, answer); });
  }
  documentsChanged();
}

void MemoryView::documentsChanged() {
  m_pictures[0] = first() ? memoryOfResult(first()->result()) : MemoryPicture();
  m_pictures[1] = second() ? memoryOfResult(second()->result()) : MemoryPicture();
  ask(0, first());
  ask(1, second());
  redraw();
}

/// A result holds totals at most; the plan of its scenario says what takes them.
void MemoryView::ask(int index, const DocumentPtr& document) {
  m_plans[index]->stop();
  m_faults[index].clear();
  if (!document) return;
  const Json& scenario = childOf(document->result(), "scenario");
  if (scenario.contains("layout") || scenario.contains("deployment"))
    m_plans[index]->check(QByteArray::fromStdString(scenario.dump()), {});
}

void MemoryView::take(int index, const PlanAnswer& answer) {
  const MemoryPicture memory = answer.plan ? memoryOfPlan(*answer.plan) : MemoryPicture();
  if (memory.columns.isEmpty())
    m_faults[index] =
        answer.message.isEmpty() ? tr("moesim plan does not know its scenario") : answer.message;
  else
    m_pictures[index] = memory;
  redraw();
  if (isReady()) Q_EMIT ready();
}

bool MemoryView::isReady() const {
  return !m_plans[0]->isBusy() && !m_plans[1]->isBusy();
}

void MemoryView::redraw() {
  m_plot->setPicture(memoryPlot(m_pictures[0], first() ? first()->title() : QString(),
                                second() ? &m_pictures[1] : nullptr,
                                second() ? second()->title() : QString()));
  QStringList notes;
  for (const QString& fault : m_faults)
    if (!fault.isEmpty()) notes.append(tr("What takes the memory is not known: %1").arg(fault));
  if (notes.isEmpty() && !isReady()) notes.append(tr("asking moesim plan what takes the memory"));
  m_note->setVisible(!notes.isEmpty());
  m_note->setText(notes.join(QLatin1Char('\n')));
  m_stack->setEmptyText(emptyText());
}

QString MemoryView::csv() const {
  return pictureCsv(m_plot->picture());
}

QString MemoryView::emptyText() const {
  if (!first()) return tr("No result is open.\nOpen one with Ctrl+O, drop a file here, or run a scenario.");
  if (!m_plot->picture().panels.isEmpty()) return {};
  return tr(
      "This result says nothing about memory.\nTraining and serving runs do: moesim run SCENARIO -o FOLDER.");
}

}  // namespace moesim::gui
