#include "gui/windows/main_window.hpp"

#include <QCloseEvent>
#include <QComboBox>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileInfo>
#include <QLabel>
#include <QMimeData>
#include <QProgressBar>
#include <QScreen>
#include <QSettings>
#include <QStatusBar>
#include <QToolBar>
#include <QToolButton>
#include <QUrl>
#include <algorithm>

#include "gui/models/scenario_catalog.hpp"
#include "gui/views/view_kinds.hpp"
#include "gui/windows/scenario_editor.hpp"

namespace moesim::gui {
namespace {

constexpr int kLayoutVersion = 1;  // of saved docks
constexpr int kProgressSteps = 1000;
constexpr qsizetype kMostMessages = 3;  // shown at once

QStringList localFiles(const QMimeData& data) {
  QStringList files;
  for (const QUrl& url : data.urls())
    if (url.isLocalFile()) files.append(url.toLocalFile());
  return files;
}

}  // namespace

MainWindow::MainWindow(QWidget* parent) : QMainWindow(parent) {
  setWindowTitle(QStringLiteral("moesim"));
  setAcceptDrops(true);
  setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks | GroupedDragging);
  setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
  addPages();
  addViews();
  m_docks.constFirst()->raise();
  addToolBar();
  addMenus();
  connect(&m_loader, &DocumentLoader::progress, this, [this](const QString& path, double fraction) {
    m_progress->setVisible(true);
    m_cancel->setVisible(true);
    m_progress->setFormat(tr("%1: %p%").arg(QFileInfo(path).fileName()));
    m_progress->setValue(static_cast<int>(fraction * kProgressSteps));
  });
  const auto end = [this] {
    m_progress->setVisible(m_loader.isBusy());
    m_cancel->setVisible(m_loader.isBusy());
  };
  connect(&m_loader, &DocumentLoader::loaded, this,
          [this, end](const QString& path, const DocumentPtr& document) {
            end();
            addRecent(path);
            addDocument(document);
            comparePair();
            if (isPageShown()) raiseFirstView(*document);
            Q_EMIT documentOpened(path);
          });
  connect(&m_loader, &DocumentLoader::failed, this, [this, end](const QString& path, const QString& message) {
    end();
    if (isScenarioFile(path)) return editScenario(path);
    showMessage(message);
    Q_EMIT documentFailed(path, message);
  });
  connect(&m_loader, &DocumentLoader::cancelled, this, end);
  resize(QSize(1280, 800).boundedTo(screen()->availableSize()));
  restoreLayout();
}

void MainWindow::addViews() {
  for (const ViewKind& kind : viewKinds()) {
    View* view = kind.create(m_state, this);
    connect(view, &View::openRequested, this, &MainWindow::open);
    connect(view, &View::editRequested, this,
            [this](const std::shared_ptr<const Json>& scenario, const QString& name, const QString& folder) {
              if (m_editor->openScenario(*scenario, name, folder)) raiseView(QStringLiteral("scenario"));
            });
    m_views.append(view);
    addDock(QString::fromLatin1(kind.name), tr(kind.title), view);
  }
}

void MainWindow::addDock(const QString& name, const QString& title, QWidget* content) {
  auto* dock = new QDockWidget(title, this);
  dock->setObjectName(name);
  dock->setWidget(content);
  addDockWidget(Qt::TopDockWidgetArea, dock);
  if (!m_docks.isEmpty()) tabifyDockWidget(m_docks.constLast(), dock);
  m_docks.append(dock);
}

void MainWindow::addToolBar() {
  QToolBar* bar = QMainWindow::addToolBar(tr("Results"));
  bar->setObjectName(QStringLiteral("results"));
  m_firstBox = new QComboBox;
  m_secondBox = new QComboBox;
  for (QComboBox* box : {m_firstBox, m_secondBox}) {
    box->setMinimumContentsLength(24);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  }
  m_firstBox->setModel(&m_documents);
  m_firstBox->setToolTip(tr("The result that is shown"));
  m_secondBox->setToolTip(tr("The result that it is compared with"));
  m_secondBox->addItem(tr("nothing"));
  bar->addWidget(new QLabel(tr(" Result ")));
  bar->addWidget(m_firstBox);
  bar->addWidget(new QLabel(tr("  compared with ")));
  bar->addWidget(m_secondBox);
  connect(m_firstBox, &QComboBox::activated, this, &MainWindow::showDocuments);
  connect(m_secondBox, &QComboBox::activated, this, &MainWindow::showDocuments);

  m_progress = new QProgressBar;
  m_progress->setRange(0, kProgressSteps);
  m_progress->setMaximumWidth(320);
  m_cancel = new QToolButton;
  m_cancel->setText(tr("Cancel"));
  connect(m_cancel, &QToolButton::clicked, &m_loader, &DocumentLoader::cancel);
  m_message = new QLabel;
  m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_message->setWordWrap(true);
  statusBar()->addWidget(m_message, 1);
  statusBar()->addPermanentWidget(m_progress);
  statusBar()->addPermanentWidget(m_cancel);
  m_progress->hide();
  m_cancel->hide();
}

View* MainWindow::view(const QString& name) const {
  for (std::size_t i = 0; i < viewKinds().size(); ++i)
    if (name == QLatin1String(viewKinds()[i].name)) return m_views[static_cast<qsizetype>(i)];
  return nullptr;
}

QWidget* MainWindow::takeContent(const QString& name) {
  for (QDockWidget* dock : m_docks) {
    if (dock->objectName() != name) continue;
    QWidget* content = dock->widget();
    content->setParent(nullptr);
    return content;
  }
  return nullptr;
}

void MainWindow::raiseView(const QString& name) {
  for (QDockWidget* dock : m_docks) {
    if (dock->objectName() != name) continue;
    dock->show();
    dock->raise();
    dock->widget()->setFocus();
  }
}

View* MainWindow::currentView() const {
  const QWidget* focus = focusWidget();
  for (View* view : m_views)
    if (view == focus || view->isAncestorOf(focus)) return view;
  for (View* view : m_views)
    if (!view->visibleRegion().isEmpty()) return view;
  return nullptr;
}

void MainWindow::showMessage(const QString& text) {
  if (text.isEmpty()) {
    m_shownMessages.clear();
  } else {
    m_messages.append(text);
    m_shownMessages.append(QStringLiteral("\u26a0 %1").arg(text));
  }
  m_message->setText(
      m_shownMessages.mid(std::max<qsizetype>(0, m_shownMessages.size() - kMostMessages)).join(u'\n'));
}

void MainWindow::restoreLayout() {
  const QSettings settings;
  restoreGeometry(settings.value(QStringLiteral("geometry")).toByteArray());
  restoreState(settings.value(QStringLiteral("docks")).toByteArray(), kLayoutVersion);
}

void MainWindow::resetLayout() {
  for (QDockWidget* dock : m_docks) {
    dock->setFloating(false);
    addDockWidget(Qt::TopDockWidgetArea, dock);
    dock->show();
    if (dock != m_docks.constFirst()) tabifyDockWidget(m_docks.constFirst(), dock);
  }
  m_docks.constFirst()->raise();
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (!m_editor->mayClose()) return event->ignore();
  QSettings settings;
  settings.setValue(QStringLiteral("geometry"), saveGeometry());
  settings.setValue(QStringLiteral("docks"), saveState(kLayoutVersion));
  QMainWindow::closeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (!localFiles(*event->mimeData()).isEmpty()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  for (const QString& file : localFiles(*event->mimeData())) open(file);
}

}  // namespace moesim::gui
