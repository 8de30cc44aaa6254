#include "gui/windows/start_page.hpp"

#include <QAction>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>
#include <functional>

#include "gui/models/scenario_catalog.hpp"
#include "gui/widgets/empty_stack.hpp"

namespace moesim::gui {
namespace {

constexpr const char* kDemo = "deepseek-v3-pretrain-2048xh800";

QLabel* heading(const QString& text) {
  auto* label = new QLabel(QStringLiteral("<b>%1</b>").arg(text));
  return label;
}

/// A button that also works by its shortcut while the page has the focus.
QPushButton* button(QWidget* page, const QString& text, const QString& shortcut,
                    const std::function<void()>& act) {
  auto* action = new QAction(text, page);
  action->setShortcut(QKeySequence(shortcut));
  action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  page->addAction(action);
  QObject::connect(action, &QAction::triggered, page, act);
  auto* made = new QPushButton(text);
  const QString keys = action->shortcut().toString(QKeySequence::NativeText);
  if (!keys.isEmpty()) made->setToolTip(QStringLiteral("%1 (%2)").arg(text, keys));
  QObject::connect(made, &QPushButton::clicked, action, &QAction::trigger);
  return made;
}

}  // namespace

StartPage::StartPage(QWidget* parent) : QWidget(parent) {
  auto* title =
      new QLabel(tr("<b>moesim</b> simulates mixture-of-experts training and serving on GPU clusters."));
  title->setWordWrap(true);
  auto* hint =
      new QLabel(tr("Drop a file anywhere in the window to open it: a folder of moesim run -o, its "
                    "records.moesim or summary.json, or a sweep."));
  hint->setWordWrap(true);
  hint->setAlignment(Qt::AlignCenter);
  hint->setFrameShape(QFrame::StyledPanel);
  hint->setMargin(12);
  auto* parts = new QHBoxLayout;
  parts->addWidget(recentPart(), 1);
  parts->addWidget(examplePart(), 3);
  auto* column = new QVBoxLayout(this);
  column->addWidget(title);
  column->addLayout(parts, 1);
  column->addWidget(hint);
}

QWidget* StartPage::recentPart() {
  auto* part = new QWidget;
  auto* column = new QVBoxLayout(part);
  column->setContentsMargins({});
  m_recent = new QListWidget;
  m_recent->setTextElideMode(Qt::ElideMiddle);
  m_recent->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_recent->setAlternatingRowColors(true);
  m_recent->setAccessibleName(tr("Recent files"));
  connect(m_recent, &QListWidget::itemActivated, this,
          [this](const QListWidgetItem* item) { Q_EMIT openRequested(item->data(Qt::UserRole).toString()); });
  m_recentStack = new EmptyStack(m_recent);
  m_recentStack->setEmptyText(tr("Nothing was opened yet.\nRun an example, or open a result."));
  column->addWidget(heading(tr("Recent files")));
  column->addWidget(m_recentStack, 1);
  column->addWidget(button(this, tr("Open a result..."), {}, [this] { Q_EMIT openDialogRequested(); }));
  return part;
}

QWidget* StartPage::examplePart() {
  auto* part = new QWidget;
  auto* column = new QVBoxLayout(part);
  column->setContentsMargins({});
  m_filter = new QSortFilterProxyModel(this);
  m_filter->setSourceModel(new ScenarioCatalog(this));
  m_filter->setFilterKeyColumn(-1);
  m_filter->setFilterCaseSensitivity(Qt::CaseInsensitive);
  auto* search = new QLineEdit;
  search->setPlaceholderText(tr("Find an example"));
  search->setClearButtonEnabled(true);
  connect(search, &QLineEdit::textChanged, m_filter, &QSortFilterProxyModel::setFilterFixedString);
  m_examples = new QTableView;
  m_examples->setModel(m_filter);
  m_examples->setAccessibleName(tr("Examples"));
  m_examples->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_examples->setSelectionMode(QAbstractItemView::SingleSelection);
  m_examples->setAlternatingRowColors(true);
  m_examples->setShowGrid(false);
  m_examples->setTabKeyNavigation(false);
  m_examples->verticalHeader()->hide();
  m_examples->horizontalHeader()->setStretchLastSection(true);
  m_examples->resizeColumnsToContents();
  m_examples->selectRow(0);
  setCurrentExample(QString::fromLatin1(kDemo));
  connect(m_examples, &QTableView::clicked, this, [this](const QModelIndex& index) {
    if (index.column() == ScenarioCatalog::kRun) Q_EMIT runRequested(currentExample());
  });
  connect(m_examples, &QTableView::activated, this, [this] { Q_EMIT editRequested(currentExample()); });
  auto* row = new QHBoxLayout;
  row->addWidget(button(this, tr("Run example"), QStringLiteral("Ctrl+R"), [this] {
    if (!currentExample().isEmpty()) Q_EMIT runRequested(currentExample());
  }));
  row->addWidget(button(this, tr("Open example in the editor"), QStringLiteral("Ctrl+Return"), [this] {
    if (!currentExample().isEmpty()) Q_EMIT editRequested(currentExample());
  }));
  row->addStretch(1);
  column->addWidget(heading(tr("Examples")));
  column->addWidget(search);
  column->addWidget(m_examples, 1);
  column->addLayout(row);
  return part;
}

void StartPage::setRecent(const QStringList& paths) {
  m_recent->clear();
  for (const QString& path : paths) {
    const QFileInfo info(path);
    QString text = QStringLiteral("%1\n   %2").arg(info.fileName(), info.path());
    if (!info.exists()) text = tr("%1 (gone)\n   %2").arg(info.fileName(), info.path());
    auto* item = new QListWidgetItem(text, m_recent);
    item->setData(Qt::UserRole, path);
    item->setToolTip(path);
  }
  if (!paths.isEmpty()) m_recentStack->setEmptyText({});
}

QString StartPage::currentExample() const {
  const QModelIndexList rows = m_examples->selectionModel()->selectedRows(ScenarioCatalog::kName);
  return rows.isEmpty() ? QString() : rows.first().data().toString();
}

void StartPage::setCurrentExample(const QString& name) {
  for (int row = 0; row < m_filter->rowCount(); ++row)
    if (m_filter->index(row, ScenarioCatalog::kName).data().toString() == name) m_examples->selectRow(row);
  m_examples->scrollTo(m_examples->currentIndex());
}

}  // namespace moesim::gui
