#include "gui/views/network_view.hpp"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "gui/models/network_csv.hpp"
#include "gui/models/network_model.hpp"
#include "gui/models/result_json.hpp"
#include "gui/models/scenario_plan.hpp"
#include "gui/views/network_maps.hpp"
#include "gui/widgets/empty_stack.hpp"
#include "gui/widgets/line_table.hpp"
#include "gui/widgets/plot_topology.hpp"

namespace moesim::gui {
namespace {

constexpr int kMaxNodes = 4096;  // that are drawn

QString recordText() {
  return NetworkView::tr(
      "Traffic between GPUs is recorded by routing runs that ask for it: "
      "moesim run deepseek-v3-routing-quick --set /record/traffic_every=1 -o FOLDER");
}

}  // namespace

NetworkView::NetworkView(ViewState& state, QWidget* parent)
    : View(state, parent),
      m_loader(new NetworkLoader(this)),
      m_plan(new PlanProcess(this)),
      m_model(new NetworkModel(this)),
      m_allSteps(new QCheckBox(tr("&all steps"))),
      m_layer(new QComboBox),
      m_links(new QComboBox),
      m_note(new QLabel),
      m_topology(new TopologyWidget),
      m_maps(new NetworkMaps),
      m_table(makeRowTable(m_model)) {
  QSplitter* left = makeSplitter(Qt::Vertical, {{m_topology, 5}, {m_table, 4}});
  left->setMinimumWidth(400);
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins({});
  column->setSpacing(2);
  column->addWidget(makeBar());
  column->addWidget(makeSplitter(Qt::Horizontal, {{left, 2}, {m_maps, 3}}), 1);
  m_stack = addContent(content);
  addActions();
  connect(m_loader, &NetworkLoader::loaded, this, &NetworkView::show);
  connect(m_plan, &PlanProcess::answered, this, &NetworkView::showPlan);
  connect(m_topology, &TopologyWidget::gpuClicked, this, &NetworkView::selectGpu);
  connect(m_maps, &NetworkMaps::gpuClicked, this, &NetworkView::selectGpu);
  connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& index) { selectGpu(m_model->gpuAt(index.row())); });
  connect(&state, &ViewState::stepChanged, this, [this] {
    if (!m_allSteps->isChecked()) ask();
  });
  connect(&state, &ViewState::gpuChanged, this, [this] {
    m_topology->setSelectedGpu(this->state().gpu());
    m_maps->setSelectedGpu(this->state().gpu());
  });
  documentsChanged();
}

QWidget* NetworkView::makeBar() {
  auto* bar = new QWidget;
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(6, 4, 6, 0);
  row->addWidget(m_allSteps);
  row->addWidget(m_layer);
  row->addWidget(m_links);
  row->addWidget(m_note, 1);
  m_note->setWordWrap(true);
  m_layer->setAccessibleName(tr("layer"));
  m_links->setAccessibleName(tr("links"));
  m_links->addItems({tr("ports of GPUs"), tr("pairs of GPUs")});
  m_allSteps->setToolTip(tr("The sum of all recorded steps instead of one"));
  connect(m_allSteps, &QCheckBox::toggled, this, &NetworkView::ask);
  connect(m_layer, &QComboBox::currentIndexChanged, this, &NetworkView::ask);
  connect(m_links, &QComboBox::currentIndexChanged, this, &NetworkView::showLinks);
  return bar;
}

void NetworkView::documentsChanged() {
  m_network.clear();
  m_loads = {};
  m_plan->stop();
  if (first() && childOf(first()->result(), "scenario").contains("kind"))
    m_plan->check(QByteArray::fromStdString(childOf(first()->result(), "scenario").dump()), {});
  ask();
  show(m_loads);
}

void NetworkView::ask() {
  const bool hasAny =
      first() && (first()->hasLoads(kTrafficStream) || (second() && second()->hasLoads(kTrafficStream)));
  if (!hasAny) return;
  const int layer = m_layer->currentIndex() > 0 ? m_layer->currentData().toInt() : -1;
  const auto step = m_allSteps->isChecked() ? std::nullopt : std::optional(state().step());
  m_loader->load(first(), second(), step, layer);
}

void NetworkView::show(const NetworkLoads& loads) {
  m_loads = loads;
  if (m_layer->count() != loads.layers.size() + 1) {
    const QSignalBlocker blocker(m_layer);
    m_layer->clear();
    m_layer->addItem(tr("all layers"), -1);
    for (const int layer : loads.layers) m_layer->addItem(tr("layer %1").arg(layer), layer);
  }
  const bool hasTraffic = loads.traffic[0].numGpus > 0 || loads.traffic[1].numGpus > 0;
  for (QWidget* widget :
       {static_cast<QWidget*>(m_allSteps), static_cast<QWidget*>(m_layer), static_cast<QWidget*>(m_links),
        static_cast<QWidget*>(m_maps), static_cast<QWidget*>(m_table)})
    widget->setVisible(hasTraffic);
  m_maps->setTraffic(loads.traffic[0], first() ? first()->title() : QString(), loads.traffic[1],
                     second() ? second()->title() : QString());
  if (!loads.fault.isEmpty())
    m_note->setText(loads.fault);
  else if (!hasTraffic)
    m_note->setText(recordText());
  else
    m_note->setText(m_allSteps->isChecked()
                        ? tr("copies of tokens that are dispatched in all recorded steps")
                        : tr("copies of tokens that are dispatched in step %1").arg(loads.step));
  showLinks();
  showTopology();
  m_stack->setEmptyText(emptyText());
  if (isReady()) Q_EMIT ready();
}

void NetworkView::showLinks() {
  m_model->setTraffic(m_loads.traffic[0], m_links->currentIndex() == 1);
  m_table->resizeColumnsToContents();
}

void NetworkView::showTopology() {
  TopologyPicture picture;
  const NetworkTraffic& traffic = m_loads.traffic[0];
  static const Json kNothing = Json::object();
  const Json& cluster = childOf(first() ? first()->result() : kNothing, "cluster");
  const double gpus = numberIn(cluster, "gpus").value_or(0);
  picture.gpusPerNode = first() && gpus >= 1 ? gpusPerNode(first()->result(), static_cast<int>(gpus)) : 0;
  QVector<QString> texts;
  if (traffic.numGpus > 0) {
    picture.gpusPerNode = traffic.gpusPerNode;
    picture.numNodes = (traffic.numGpus + traffic.gpusPerNode - 1) / traffic.gpusPerNode;
    const auto nvlink = portCopies(traffic, NetworkPort::nvlinkOut);
    const auto nic = portCopies(traffic, NetworkPort::nicOut);
    std::uint64_t highest = 0;  // of NVLink, which is exact
    for (int gpu = 0; gpu < traffic.numGpus; ++gpu) {
      const auto at = static_cast<std::size_t>(gpu);
      picture.loads.push_back(static_cast<double>(nvlink[at]));
      highest = std::max(highest, nvlink[at]);
      texts.append(tr("GPU %1, node %2\nNVLink out: %3\nNIC out%5: %4")
                       .arg(gpu)
                       .arg(traffic.nodeOf(gpu))
                       .arg(trafficText(nvlink[at], traffic), trafficText(nic[at], traffic),
                            traffic.isForwarded ? tr(", at most") : QString()));
    }
    picture.loadTitle =
        tr("what a GPU sends over NVLink: dark 0, bright %1").arg(trafficText(highest, traffic));
  } else if (picture.gpusPerNode > 0) {
    picture.numNodes = std::min(kMaxNodes, static_cast<int>(std::min(gpus, 1e7)) / picture.gpusPerNode);
    picture.loadTitle = tr("%1 nodes of %2 GPUs").arg(picture.numNodes).arg(picture.gpusPerNode);
  }
  const QString name = textIn(cluster, "name");
  picture.network = m_network.isEmpty() ? name : QStringLiteral("%1: %2").arg(name, m_network);
  m_topology->setGpuTexts(texts);
  m_topology->setPicture(picture);
}

void NetworkView::showPlan(const PlanAnswer& answer) {
  QStringList networks;
  if (answer.plan)
    for (const TopologyCounts& counts : planPicture(*answer.plan).topologies)
      networks.append(tr("%1, %2 switches, %3 cables")
                          .arg(QString(counts.kind).replace(QLatin1Char('_'), QLatin1Char(' ')))
                          .arg(counts.switches)
                          .arg(counts.cables));
  m_network = networks.join(QStringLiteral("; "));
  showTopology();
  if (isReady()) Q_EMIT ready();
}

void NetworkView::selectGpu(int gpu) {
  if (gpu >= 0) state().setGpu(gpu);
}

QString NetworkView::csv() const {
  QString rows;
  const DocumentPtr documents[] = {first(), second()};
  for (std::size_t i = 0; i < std::size(documents); ++i)
    if (documents[i]) rows += trafficCsv(documents[i]->title(), m_loads.traffic[i]);
  return rows.isEmpty() ? rows : trafficCsvHead() + rows;
}

bool NetworkView::isReady() const {
  return !m_loader->isBusy() && !m_plan->isBusy();
}

QString NetworkView::emptyText() const {
  if (!first()) return tr("No result is open.\nOpen one with Ctrl+O, drop a file here, or run a scenario.");
  if (m_topology->picture().numNodes > 0) return {};
  return tr("This result says nothing of a cluster.\n%1").arg(recordText());
}

}  // namespace moesim::gui
