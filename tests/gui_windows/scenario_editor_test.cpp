#include "gui/windows/scenario_editor.hpp"

#include <gtest/gtest.h>

#include <QApplication>
#include <QComboBox>
#include <QElapsedTimer>
#include <QImage>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <nlohmann/json.hpp>

#include "gui/models/moesim_program.hpp"
#include "gui/models/scenario_document.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/windows/run_panel.hpp"
#include "gui/windows/scenario_field.hpp"
#include "gui/windows/scenario_form.hpp"
#include "gui/windows/scenario_memory_bar.hpp"
#include "gui/windows/scenario_section.hpp"
#include "gui/windows/scenario_topology.hpp"
#include "tests/gui_models/fake_moesim.hpp"

namespace moesim::gui {
namespace {

using test::FakeMoesim;

constexpr int kPatienceMs = 60'000;
constexpr const char* kSchema = R"({"type": "object", "required": ["kind"], "properties": {
  "kind": {"type": "string", "enum": ["training"], "description": "what is simulated"},
  "seed": {"type": "integer", "minimum": 0, "default": 1, "description": "of everything random"},
  "layout": {"type": "object", "description": "how ranks are arranged", "properties": {
    "pp": {"type": "integer", "minimum": 1, "description": "pipeline ranks"},
    "schedule": {"type": "string", "enum": ["1f1b", "dualpipe"], "description": "of the pipeline"},
    "recompute": {"type": "array", "items": {"type": "string"}, "description": "what is computed again"}}},
  "shifts": {"type": "array", "description": "of domains", "items": {"type": "object",
    "required": ["step"], "properties": {"step": {"type": "integer", "minimum": 1},
      "name": {"type": "string"}}}},
  "pools": {"type": "object", "additionalProperties": {"type": "object", "properties": {
    "units": {"type": "integer", "description": "as many"}}}}}})";

struct Form {
  ScenarioDocument document;
  ScenarioForm form{document};
  explicit Form(const char* text = R"({"kind": "training", "layout": {"pp": 4}})") {
    document.setText(QString::fromUtf8(text));
    document.steps().clear();
    form.setSchema(std::make_shared<const Json>(Json::parse(kSchema)));
  }
  ScenarioField& at(const char* pointer) { return *form.field(pointer); }
};

TEST(ScenarioFormTest, IsBuiltBetweenOtherEvents) {
  Form one;
  EXPECT_FALSE(one.form.isBuilt());
  EXPECT_TRUE(QTest::qWaitFor([&] { return one.form.isBuilt(); }, kPatienceMs));
  one.document.set("/pools/decode/units", 3);  // a form of other fields
  EXPECT_FALSE(one.form.isBuilt());
  one.document.set("/seed", 7);  // while it is built
  EXPECT_TRUE(QTest::qWaitFor([&] { return one.form.isBuilt(); }, kPatienceMs));
  EXPECT_EQ(one.at("/pools/decode/units").text(), QStringLiteral("3"));
  EXPECT_EQ(one.at("/seed").text(), QStringLiteral("7"));
}

TEST(ScenarioFormTest, ShowsTheDocumentAndWritesIntoIt) {
  Form one;
  ASSERT_NE(one.form.field("/layout/pp"), nullptr);
  EXPECT_EQ(one.at("/layout/pp").text(), QStringLiteral("4"));
  EXPECT_EQ(one.at("/seed").text(), QString());
  one.at("/layout/pp").edit(QStringLiteral("16"));
  EXPECT_EQ(*one.document.at("/layout/pp"), 16);
  one.at("/layout/recompute").edit(QStringLiteral("mlp, moe"));
  EXPECT_EQ(*one.document.at("/layout/recompute"), Json::parse(R"(["mlp", "moe"])"));
  one.at("/layout/pp").edit(QString());
  EXPECT_EQ(one.document.at("/layout/pp"), nullptr);
  one.document.steps().undo();
  EXPECT_EQ(one.at("/layout/pp").text(), QStringLiteral("16"));
}

TEST(ScenarioFormTest, ChoicesAreCombosWithAnEntryForTheDefault) {
  Form one;
  auto* combo = qobject_cast<QComboBox*>(one.at("/layout/schedule").editor());
  ASSERT_NE(combo, nullptr);
  EXPECT_EQ(combo->count(), 3);
  EXPECT_GE(combo->minimumWidth(), combo->sizeHint().width());  // no choice is cut
  QTest::keyClick(combo, Qt::Key_Down);
  EXPECT_EQ(*one.document.at("/layout/schedule"), "1f1b");
  one.document.set("/layout/schedule", "of another version");
  EXPECT_EQ(one.at("/layout/schedule").text(), QStringLiteral("of another version"));
}

TEST(ScenarioFormTest, FaultsStandBesideTheirField) {
  Form one;
  one.form.setFaults({{"-", "/layout/pp", "7 does not divide", "pp 8"},
                      {"", "/layout/recompute/1", "unknown", ""},
                      {"h800.json", "/nic", "of another file", ""},
                      {"", "/foo", "of no field", ""}});
  EXPECT_EQ(one.at("/layout/pp").faultText(), QStringLiteral("7 does not divide; pp 8"));
  EXPECT_EQ(one.at("/layout/recompute").faultText(), QStringLiteral("/layout/recompute/1: unknown"));
  EXPECT_FALSE(one.at("/seed").hasFaults());
  one.form.show();
  one.form.goToFault();
  EXPECT_TRUE(one.form.sections().at(1)->isOpen());
  one.form.setFaults({});
  EXPECT_FALSE(one.at("/layout/pp").hasFaults());
}

TEST(ScenarioFormTest, TextThatIsNoJsonIsToldAndChangesNothing) {
  Form one;
  one.at("/layout/recompute").edit(QStringLiteral("[\"mlp\""));
  EXPECT_TRUE(one.at("/layout/recompute").hasFaults());
  EXPECT_EQ(one.document.at("/layout/recompute"), nullptr);
}

TEST(ScenarioFormTest, AFormGoesWithTheEntriesOfItsMaps) {
  Form one;
  EXPECT_EQ(one.form.field("/pools/decode/units"), nullptr);
  one.document.set("/pools/decode/units", 3);
  ASSERT_NE(one.form.field("/pools/decode/units"), nullptr);
  EXPECT_EQ(one.at("/pools/decode/units").text(), QStringLiteral("3"));
  one.document.steps().undo();
  EXPECT_EQ(one.form.field("/pools/decode/units"), nullptr);
}

TEST(ScenarioFormTest, ItemsAreAddedEditedAndRemoved) {
  Form one;
  const auto press = [&](const char* toolTip) {
    EXPECT_FALSE(one.form.sections().isEmpty());  // builds them
    for (QToolButton* button : one.form.findChildren<QToolButton*>())
      if (button->toolTip() == QLatin1String(toolTip) && button->parentWidget()->isVisibleTo(&one.form))
        return button->click();
    ADD_FAILURE() << toolTip;
  };
  press("Add an entry to shifts");
  press("Add an entry to shifts");
  EXPECT_EQ(*one.document.at("/shifts"), Json::parse(R"([{"step": 1}, {"step": 1}])"));
  one.at("/shifts/1/step").edit(QStringLiteral("70"));
  one.at("/shifts/1/name").edit(QStringLiteral("code"));
  EXPECT_EQ(*one.document.at("/shifts/1"), Json::parse(R"({"step": 70, "name": "code"})"));
  one.form.setFaults({{"-", "/shifts/0/step", "too early", ""}});
  EXPECT_EQ(one.at("/shifts/0/step").faultText(), QStringLiteral("too early"));
  one.form.setFaults({});
  press("Remove shifts / 1");
  EXPECT_EQ(one.at("/shifts/0/step").text(), QStringLiteral("70"));
  EXPECT_EQ(one.form.field("/shifts/1/step"), nullptr);
  one.document.steps().undo();
  EXPECT_EQ(one.at("/shifts/1/step").text(), QStringLiteral("70"));
  EXPECT_EQ(one.at("/shifts/0/step").text(), QStringLiteral("1"));
}

TEST(ScenarioFormTest, TheFilterShowsWhatMatches) {
  Form one;
  one.form.filter(QStringLiteral("random"));
  EXPECT_TRUE(one.at("/seed").isShown());
  EXPECT_FALSE(one.at("/layout/pp").isShown());
  one.form.filter({});
  EXPECT_TRUE(one.at("/layout/pp").isShown());
}

TEST(ScenarioFormTest, UndoKeysGoToTheScenario) {
  Form one;
  one.at("/layout/pp").edit(QStringLiteral("8"));
  QTest::keyClick(one.at("/layout/pp").editor(), Qt::Key_Z, Qt::ControlModifier);
  EXPECT_EQ(*one.document.at("/layout/pp"), 4);
}

TEST(MemoryBarTest, TheLargestItemIsDrawnFirstInItsColour) {
  PlanPicture picture;
  picture.items = {"weights", "moments"};
  picture.memory = {{"rank 0", {60e9, 10e9}, 70e9, 80e9, 0}, {"rank 1", {80e9, 10e9}, 90e9, 80e9, 0}};
  MemoryBar bar;
  bar.setPicture(picture);
  bar.resize(600, 200);
  const QImage image = bar.grab().toImage();
  const QRectF place = bar.barRect(0);
  const double scale = place.width() / 90e9;
  const auto at = [&](double bytes) {
    return image.pixelColor(static_cast<int>(place.left() + bytes * scale),
                            static_cast<int>(place.center().y()));
  };
  EXPECT_EQ(at(30e9), categoryColor(0));
  EXPECT_EQ(at(65e9), categoryColor(1));
  EXPECT_NE(at(75e9), categoryColor(1));
  EXPECT_TRUE(bar.headline().contains(QStringLiteral("does not fit")));
}

TEST(TopologyPreviewTest, EveryNetworkHasItsNodesAndSwitches) {
  PlanPicture picture;
  picture.topologies = {{"prefill", "rail_optimised", 16, 2, 4, 8, "prefill 2 nodes"},
                        {"decode", "rail_optimised", 800, 100, 30, 96, {}}};
  TopologyPreview preview;
  preview.setPicture(picture);
  preview.resize(800, preview.sizeHint().height());
  EXPECT_EQ(
      preview.headline().section(QLatin1Char('\n'), 0, 0),
      QStringLiteral("prefill: 16 GPUs in 2 nodes, 4 switches, 8 cables between them (rail optimised)"));
  EXPECT_EQ(preview.headline().section(QLatin1Char('\n'), 1, 1), QStringLiteral("prefill 2 nodes"));
  const QImage image = preview.grab().toImage();
  const auto pixelsOf = [&](const QColor& color, int from, int to) {
    int count = 0;
    for (int y = from; y < to; ++y)
      for (int x = 0; x < image.width(); ++x) count += image.pixelColor(x, y) == color ? 1 : 0;
    return count;
  };
  for (int half = 0; half < 2; ++half) {
    const int from = half * image.height() / 2;
    EXPECT_GT(pixelsOf(categoryColor(0), from, from + image.height() / 2), 1000) << half;  // GPUs
    EXPECT_GT(pixelsOf(categoryColor(1), from, from + image.height() / 2), 1000) << half;  // switches
  }
}

TEST(ScenarioEditorTest, WithoutTheProgramThereIsAMessage) {
  setMoesimProgram(QStringLiteral("/no/such/moesim"));
  ScenarioEditor editor;
  QSignalSpy message(&editor, &ScenarioEditor::message);
  QSignalSpy ready(&editor, &ScenarioEditor::ready);
  editor.openScenario(QStringLiteral("deepseek-v3-routing-quick"));
  ASSERT_TRUE(ready.wait(kPatienceMs));
  EXPECT_TRUE(QTest::qWaitFor([&] { return editor.isReady(); }, kPatienceMs));
  EXPECT_FALSE(message.isEmpty());
  editor.run();
  ASSERT_TRUE(message.wait(kPatienceMs));
  EXPECT_TRUE(message.last().at(0).toString().contains(QStringLiteral("cannot be started")));
  setMoesimProgram({});
}

TEST(ScenarioEditorTest, ARunThatFailsIsToldAndAnotherGivesItsFolder) {
  ScenarioEditor editor;
  const QTemporaryDir folder;
  editor.findChild<RunPanel*>()->setOutputFolder(folder.path());
  QSignalSpy message(&editor, &ScenarioEditor::message);
  QSignalSpy finished(&editor, &ScenarioEditor::finished);
  {
    const FakeMoesim program("[ $1 = run ] && kill -9 $$; echo '{}'\n");
    editor.openScenario(QStringLiteral("deepseek-v3-routing-quick"));
    editor.run();
    EXPECT_TRUE(editor.isRunning());
    ASSERT_TRUE(message.wait(kPatienceMs));
    EXPECT_TRUE(message.last().at(0).toString().contains(QStringLiteral("signal")));
  }
  const FakeMoesim program("echo '{\"event\":\"done\",\"result\":{}}'\n");
  editor.run();
  ASSERT_TRUE(finished.wait(kPatienceMs));
  EXPECT_TRUE(finished.last().at(0).toString().startsWith(folder.path()));
  setMoesimProgram({});
}

TEST(ScenarioEditorTest, EveryKindOfShippedScenarioIsShownAndValid) {
  if (moesimProgram().isEmpty()) GTEST_SKIP() << "moesim is not built";
  for (const char* name :
       {"deepseek-v3-pretrain-2048xh800", "deepseek-v3-routing-quick", "deepseek-v3-fleet-512xh800"}) {
    ScenarioEditor editor;
    editor.openScenario(QString::fromLatin1(name));
    ASSERT_TRUE(QTest::qWaitFor([&] { return editor.isReady(); }, kPatienceMs)) << name;
    auto* form = editor.findChild<ScenarioForm*>();
    EXPECT_GT(form->fields().size(), 20) << name;
    for (const ScenarioField* field : form->fields())
      EXPECT_FALSE(field->hasFaults()) << field->field().pointer << field->faultText().toStdString();
    EXPECT_TRUE(editor.csv().contains(QStringLiteral("deepseek-v3"))) << name;
    EXPECT_FALSE(editor.document().isDirty()) << name;
    const auto* topology = editor.findChild<TopologyPreview*>();
    EXPECT_TRUE(topology->headline().contains(QStringLiteral("switches"))) << name;
    EXPECT_FALSE(topology->isHidden()) << name;
  }
}

TEST(ScenarioEditorTest, AWrongLayoutIsToldBesideItsField) {
  if (moesimProgram().isEmpty()) GTEST_SKIP() << "moesim is not built";
  ScenarioEditor editor;
  editor.openScenario(QStringLiteral("deepseek-v3-pretrain-2048xh800"));
  ASSERT_TRUE(QTest::qWaitFor([&] { return editor.isReady(); }, kPatienceMs));
  auto* form = editor.findChild<ScenarioForm*>();
  form->field("/layout/ep")->edit(QStringLiteral("33"));
  EXPECT_FALSE(editor.isReady());
  ASSERT_TRUE(QTest::qWaitFor([&] { return editor.isReady(); }, kPatienceMs));
  EXPECT_TRUE(
      form->field("/layout/ep")->faultText().contains(QStringLiteral("does not divide 256 experts; ep 32")));
}

}  // namespace
}  // namespace moesim::gui
