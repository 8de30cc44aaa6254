#include "gui/views/view_kinds.hpp"

#include <gtest/gtest.h>

#include <QFile>
#include <QKeySequence>
#include <memory>
#include <set>
#include <string>

namespace moesim::gui {
namespace {

TEST(ViewKindsTest, NamesAndShortcutsAreTheirOwn) {
  std::set<std::string> names;
  std::set<QString> shortcuts;
  for (const ViewKind& kind : viewKinds()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_TRUE(shortcuts.insert(QKeySequence(QString::fromLatin1(kind.shortcut)).toString()).second)
        << kind.name;
    EXPECT_EQ(findViewKind(QString::fromLatin1(kind.name)), &kind);
  }
  EXPECT_EQ(findViewKind(QStringLiteral("none")), nullptr);
}

TEST(ViewKindsTest, TheDocsListEveryView) {
  QFile docs(QStringLiteral("docs/gui.md"));
  ASSERT_TRUE(docs.open(QIODevice::ReadOnly));
  const QByteArray text = docs.readAll();
  for (const ViewKind& kind : viewKinds())
    EXPECT_TRUE(text.contains("\n| `" + QByteArray(kind.name) + "` |")) << kind.name;
}

TEST(ViewKindsTest, WithoutResultsEveryViewSaysWhatToDo) {
  for (const ViewKind& kind : viewKinds()) {
    ViewState state;
    const std::unique_ptr<View> view(kind.create(state, nullptr));
    EXPECT_FALSE(view->emptyText().isEmpty()) << kind.name;
    EXPECT_TRUE(view->csv().isEmpty()) << kind.name;
    EXPECT_TRUE(view->isReady()) << kind.name;
  }
}

TEST(ViewKindsTest, ResultsWithoutRecordsAreEmptyOrShown) {
  RunParts parts;
  parts.path = QStringLiteral("empty.json");
  const auto document = std::make_shared<const RunDocument>(parts);
  for (const ViewKind& kind : viewKinds()) {
    ViewState state;
    const std::unique_ptr<View> view(kind.create(state, nullptr));
    view->resize(800, 500);
    view->setDocuments(document, document);
    EXPECT_FALSE(view->emptyText().isEmpty()) << kind.name;
    EXPECT_FALSE(view->grab().isNull()) << kind.name;
    view->setDocuments(nullptr, nullptr);
  }
}

}  // namespace
}  // namespace moesim::gui
