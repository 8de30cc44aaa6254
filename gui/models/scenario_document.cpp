#include "gui/models/scenario_document.hpp"

#include <QFileInfo>
#include <QUndoCommand>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "gui/models/error_text.hpp"

namespace moesim::gui {

/// From one document to another.
class ScenarioStep : public QUndoCommand {
 public:
  ScenarioStep(ScenarioDocument& document, std::shared_ptr<const Json> after, const QString& text,
               std::string place)
      : QUndoCommand(text),
        m_document(document),
        m_before(document.m_root),
        m_after(std::move(after)),
        m_place(std::move(place)) {}

  void undo() override { m_document.show(m_before); }
  void redo() override { m_document.show(m_after); }
  [[nodiscard]] int id() const override { return m_place.empty() ? -1 : 1; }

  bool mergeWith(const QUndoCommand* next) override {
    const auto* step = static_cast<const ScenarioStep*>(next);
    if (step->m_place != m_place) return false;
    m_after = step->m_after;
    return true;
  }

 private:
  ScenarioDocument& m_document;
  std::shared_ptr<const Json> m_before;
  std::shared_ptr<const Json> m_after;
  std::string m_place;
};

namespace {

/// The keys of a JSON pointer.
std::vector<std::string> keysOf(const std::string& pointer) {
  std::vector<std::string> keys;
  for (Json::json_pointer rest(pointer); !rest.empty(); rest.pop_back()) keys.push_back(rest.back());
  return {keys.rbegin(), keys.rend()};
}

/// The place that a key is in an array of `size` elements; nothing where it is no number up to `size`.
std::optional<std::size_t> indexOf(const std::string& key, std::size_t size) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
  const bool isNumber = error == std::errc() && end == key.data() + key.size();
  return isNumber && index <= size ? std::optional(index) : std::nullopt;
}

/// Null where there is none.
const Json* childAt(const Json& parent, const std::string& key) {
  if (parent.is_object()) {
    const auto at = parent.find(key);
    return at == parent.end() ? nullptr : &*at;
  }
  if (!parent.is_array()) return nullptr;
  const auto index = indexOf(key, parent.size());
  return index && *index < parent.size() ? &parent[*index] : nullptr;
}

/// Made where there is none: the number behind the last element of an array adds one.
Json& childMade(Json& parent, const std::string& key) {
  const auto index = parent.is_array() ? indexOf(key, parent.size()) : std::nullopt;
  if (index) {
    if (*index == parent.size()) parent.push_back(nullptr);
    return parent[*index];
  }
  if (!parent.is_object()) parent = Json::object();
  return parent[key];
}

}  // namespace

ScenarioDocument::ScenarioDocument(QObject* parent)
    : QObject(parent), m_root(std::make_shared<const Json>(Json::object())) {
  connect(&m_steps, &QUndoStack::cleanChanged, this, &ScenarioDocument::titleChanged);
}

QString ScenarioDocument::load(const QString& nameOrPath) {
  try {
    const QFileInfo given(nameOrPath);
    const bool isFile = given.exists() || given.isAbsolute() || given.suffix() == QStringLiteral("json");
    const std::filesystem::path file =
        isFile ? std::filesystem::path(nameOrPath.toStdString())
               : find_data("workloads/scenarios/" + nameOrPath.toStdString() + ".json");
    auto root = std::make_shared<const Json>(read_json_file(file));
    if (!root->is_object()) return tr("%1 holds no scenario").arg(nameOrPath);
    const QFileInfo info(QString::fromStdString(file.string()));
    m_name = info.completeBaseName();
    m_folder = info.absolutePath();
    m_path = isFile ? info.absoluteFilePath() : QString();
    m_steps.clear();
    show(root);
  } catch (...) {
    return errorText(std::current_exception());
  }
  Q_EMIT titleChanged();
  return {};
}

void ScenarioDocument::take(const Json& root, const QString& name, const QString& folder) {
  m_name = name;
  m_folder = folder;
  m_path.clear();
  m_steps.clear();
  show(std::make_shared<const Json>(root));
  Q_EMIT titleChanged();
}

QString ScenarioDocument::save() {
  if (m_path.isEmpty()) return tr("choose a file to save it in");
  return saveAs(m_path);
}

QString ScenarioDocument::saveAs(const QString& path) {
  try {
    write_file_atomically(std::filesystem::path(path.toStdString()), text().toStdString());
  } catch (...) {
    return errorText(std::current_exception());
  }
  const QFileInfo info(path);
  m_path = info.absoluteFilePath();
  m_folder = info.absolutePath();
  m_name = info.completeBaseName();
  m_steps.setClean();
  Q_EMIT titleChanged();
  return {};
}

const Json* ScenarioDocument::at(const std::string& pointer) const {
  const Json* value = m_root.get();
  for (const std::string& key : keysOf(pointer)) {
    value = childAt(*value, key);
    if (value == nullptr) return nullptr;
  }
  return value;
}

void ScenarioDocument::set(const std::string& pointer, const Json& value) {
  if (const Json* now = at(pointer); now != nullptr && *now == value && now->type() == value.type()) return;
  Json root = *m_root;
  Json* place = &root;
  for (const std::string& key : keysOf(pointer)) place = &childMade(*place, key);
  *place = value;
  push(std::make_shared<const Json>(std::move(root)), tr("change of %1").arg(QString::fromStdString(pointer)),
       pointer);
}

void ScenarioDocument::remove(const std::string& pointer) {
  if (at(pointer) == nullptr) return;
  std::vector<std::string> keys = keysOf(pointer);
  if (keys.empty()) return;
  Json root = *m_root;
  Json* place = &root;
  for (std::size_t i = 0; i + 1 < keys.size(); ++i) place = &childMade(*place, keys[i]);
  if (place->is_array())
    place->erase(*indexOf(keys.back(), place->size()));
  else
    place->erase(keys.back());
  push(std::make_shared<const Json>(std::move(root)),
       tr("removal of %1").arg(QString::fromStdString(pointer)), {});
}

QString ScenarioDocument::setText(const QString& text) {
  try {
    auto root = std::make_shared<const Json>(parse_json(text.toStdString(), m_name.toStdString()));
    if (!root->is_object()) return tr("a scenario is an object, in { and }");
    if (*root != *m_root) push(std::move(root), tr("change of the text"), "text");
  } catch (...) {
    return errorText(std::current_exception());
  }
  return {};
}

QString ScenarioDocument::text() const {
  return QString::fromStdString(write_json(*m_root));
}

QString ScenarioDocument::kind() const {
  const Json* kind = at("/kind");
  return kind != nullptr && kind->is_string() ? QString::fromStdString(kind->get<std::string>()) : QString();
}

bool ScenarioDocument::isEmpty() const {
  return m_root->empty();
}

void ScenarioDocument::push(std::shared_ptr<const Json> root, const QString& text, const std::string& place) {
  m_steps.push(new ScenarioStep(*this, std::move(root), text, place));
}

void ScenarioDocument::show(const std::shared_ptr<const Json>& root) {
  m_root = root;
  Q_EMIT changed();
}

}  // namespace moesim::gui
