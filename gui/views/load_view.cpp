#include "gui/views/load_view.hpp"

#include <QAction>
#include <QThreadPool>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "gui/models/run_later.hpp"
#include "gui/views/load_controls.hpp"
#include "gui/views/load_csv.hpp"
#include "gui/views/load_panels.hpp"
#include "gui/widgets/empty_stack.hpp"

namespace moesim::gui {
namespace {

QString qText(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QString nounOf(const std::string& stream) {
  const pictures::LoadPicture* picture = loadPictureOf(stream);
  return picture != nullptr ? qText(picture->noun) : LoadView::tr("element");
}

}  // namespace

LoadView::LoadView(ViewState& state, QWidget* parent)
    : View(state, parent),
      m_player(state),
      m_pool(std::make_unique<QThreadPool>()),
      m_controls(new LoadControls(state, m_player)),
      m_panels(new LoadPanels(state)),
      m_stack(new EmptyStack(m_panels)) {
  m_pool->setMaxThreadCount(1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins({});
  column->addWidget(m_controls);
  column->addWidget(m_stack, 1);
  addActions(m_controls->viewActions());
  for (LoadReader& reader : m_readers) {
    connect(&reader, &LoadReader::finished, this, &LoadView::buildScene);
    connect(&reader, &LoadReader::progress, this, &LoadView::showProgress);
  }
  connect(&state, &ViewState::streamChanged, this, &LoadView::read);
  connect(&state, &ViewState::layerChanged, this, &LoadView::buildScene);
  connect(m_controls, &LoadControls::comparisonChanged, this, &LoadView::read);
  connect(m_controls, &LoadControls::sortedChanged, this, &LoadView::buildScene);
  connect(m_controls, &LoadControls::displayChanged, this,
          [this] { m_panels->setDisplay(m_controls->display()); });
  connect(m_controls, &LoadControls::showAllAsked, m_panels, &LoadPanels::showAll);
  connect(m_controls, &LoadControls::undoZoomAsked, m_panels, &LoadPanels::undoZoom);
  ColorBarWidget* bar = m_panels->maps().loadBar();
  connect(bar, &ColorBarWidget::highScaled, this, [this, bar](double factor) {
    LoadDisplay display = m_controls->display();
    display.high = std::max(0.05, bar->scale().high * factor);
    m_controls->setDisplay(display);
  });
  connect(bar, &ColorBarWidget::fitAsked, this, [this] {
    LoadDisplay display = m_controls->display();
    display.low.reset();
    display.high.reset();
    m_controls->setDisplay(display);
  });
  documentsChanged();
}

LoadView::~LoadView() {
  m_pool->waitForDone();
}

void LoadView::documentsChanged() {
  chooseComparison();
  read();
}

/// A second result that came is compared, one that went is not any more.
void LoadView::chooseComparison() {
  const LoadComparison before = m_controls->comparison();
  const QSignalBlocker blocker(m_controls);
  const bool isNew = second() && !m_hadSecond;
  m_hadSecond = second() != nullptr;
  if (isNew)
    m_controls->setComparison(LoadComparison::second);
  else if (!second() && before == LoadComparison::second)
    m_controls->setComparison(LoadComparison::none);
}

std::array<LoadView::Side, 2> LoadView::wantedSides() const {
  std::array<Side, 2> sides;
  if (!first()) return sides;
  const std::string stream = state().stream();
  sides[0] = {first(), stream, first()->title()};
  if (m_controls->comparison() == LoadComparison::second && second()) {
    sides[1] = {second(), stream, second()->title()};
  } else if (m_controls->comparison() == LoadComparison::afterEplb) {
    const std::string after = streamAfterEplb(stream);
    if (!after.empty() && first()->hasLoads(after)) {
      sides[0].title = tr("as placed");
      sides[1] = {first(), after, tr("after EPLB")};
    }
  } else if (m_controls->comparison() == LoadComparison::step) {
    sides[0].title = tr("compared step");
    sides[1].title = tr("step by step");
  }
  return sides;
}

void LoadView::read() {
  LoadControls::Choices choices;
  if (first()) {
    for (const pictures::LoadPicture& picture : pictures::kLoadPictures)
      if (first()->hasLoads(picture.stream)) choices.recorded.emplace_back(picture.stream);
    const std::string after = streamAfterEplb(state().stream());
    choices.hasAfterEplb = !after.empty() && first()->hasLoads(after);
  }
  choices.hasSecond = second() != nullptr;
  m_controls->setChoices(choices);
  const auto wanted = wantedSides();
  const auto before = std::exchange(m_sides, wanted);
  for (std::size_t i = 0; i < m_sides.size(); ++i) {
    const bool isOther = before[i].document != wanted[i].document || before[i].stream != wanted[i].stream;
    if (isOther) m_readers[i].read(wanted[i].document, wanted[i].stream);
  }
  buildScene();
}

void LoadView::buildScene() {
  if (std::ranges::any_of(m_readers, &LoadReader::isBusy)) return showEmptyText();
  const int round = ++m_round;
  LoadSceneSpec spec{{m_readers[0].history(), m_readers[1].history()}, {}, m_controls->isSorted(), {}};
  if (state().layer() >= 0) spec.layer = state().layer();
  if (spec.sides[0] && m_controls->comparison() == LoadComparison::step) {
    spec.sides[1] = spec.sides[0];
    const StepColumns steps({spec.sides[0]->cube().steps().begin(), spec.sides[0]->cube().steps().end()});
    spec.firstStep = steps.step(steps.columnOf(m_controls->comparedStep()));
  }
  if (!spec.sides[0]) {
    m_isBuilding = false;
    return showScene(nullptr, round);
  }
  m_isBuilding = true;
  runLater(
      *m_pool, this,
      [spec, before = m_scene]() -> ScenePtr {
        return std::make_shared<const LoadScene>(spec, before.get());
      },
      [this, round](const ScenePtr& scene) { showScene(scene, round); });
}

void LoadView::showScene(const ScenePtr& scene, int round) {
  if (round != m_round) return;
  m_isBuilding = false;
  m_scene = scene;
  m_player.setColumns(scene ? scene->recorded() : nullptr);
  m_controls->setScene(scene);
  m_controls->setProgress(-1);
  const LoadTexts texts{nounOf(state().stream()), {m_sides[0].title, m_sides[1].title}};
  m_panels->setScene(scene, texts, first() && first()->kind() == QStringLiteral("routing"));
  showEmptyText();
  Q_EMIT ready();
}

bool LoadView::isReady() const {
  return !m_isBuilding && std::ranges::none_of(m_readers, &LoadReader::isBusy);
}

void LoadView::showProgress(double fraction) {
  const bool isTwo = m_readers[0].isBusy() && m_readers[1].isBusy();
  m_controls->setProgress(isTwo ? fraction / 2 : fraction);
}

void LoadView::showEmptyText() {
  m_stack->setEmptyText(emptyText());
}

QString LoadView::emptyText() const {
  if (!first()) return tr("No result is open.\nOpen one with Ctrl+O, drop a file here, or run a scenario.");
  if (m_scene) return {};
  if (!m_readers[0].fault().isEmpty()) return m_readers[0].fault();
  if (first()->hasLoads(state().stream())) return tr("Reading the loads...");
  return noRowsText();
}

QString LoadView::noRowsText() const {
  const pictures::LoadPicture* wanted = loadPictureOf(state().stream());
  QString text =
      wanted != nullptr
          ? tr("This result has no rows of %1.\nScenarios of the kind routing record them, with the keys %2.")
                .arg(qText(wanted->doc), qText(wanted->recorded))
          : tr("This result has no rows of %1.").arg(QString::fromStdString(state().stream()));
  QStringList others;
  for (const pictures::LoadPicture& picture : pictures::kLoadPictures)
    if (first()->hasLoads(picture.stream)) others.append(qText(picture.title));
  if (!others.isEmpty())
    text += tr("\nIt has others, choose one above: %1.").arg(others.join(QStringLiteral(", ")));
  return text;
}

QString LoadView::csv() const {
  if (!m_scene) return {};
  const QString noun = nounOf(state().stream());
  if (m_panels->isOverSteps()) return stepsCsv(*m_scene, noun, m_panels->columnWindow());
  const int column = m_scene->columns()->columnOf(state().step());
  return layersCsv(*m_scene, noun, column);
}

}  // namespace moesim::gui
