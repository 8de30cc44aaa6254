#include "gui/models/schema_form.hpp"

#include <QCoreApplication>
#include <QHash>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/file.hpp"

namespace moesim::gui {
namespace {

/// Keys of scenarios that name shipped data, and its folder.
struct Catalog {
  const char* key;
  const char* folder;
};
constexpr auto kCatalogs = std::to_array<Catalog>({
    {"model", "models/catalog"},
    {"cluster", "sim/cluster/catalog"},
    {"calibration", "calib/profiles"},
    {"stack", "calib/stacks"},
    {"dynamics", "calib/routers"},
});

QString qText(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? QString::fromStdString(at->get<std::string>()) : QString();
}

QStringList texts(const Json& object, const char* key) {
  QStringList found;
  if (const auto at = object.find(key); at != object.end() && at->is_array())
    for (const Json& one : *at)
      if (one.is_string()) found.append(QString::fromStdString(one.get<std::string>()));
  return found;
}

/// Of the folder of a key; looked up once, as forms are made again with every change.
QStringList shippedNames(const std::string& key) {
  const auto at = std::ranges::find(kCatalogs, key, &Catalog::key);
  if (at == kCatalogs.end()) return {};
  static QHash<QString, QStringList> known;
  QStringList& names = known[QString::fromLatin1(at->key)];
  if (!names.isEmpty()) return names;
  for (const std::string& file : list_data(at->folder, ".json"))
    names.append(QString::fromStdString(file.substr(0, file.size() - 5)));
  return names;
}

bool isQuantity(const Json& schema) {
  if (const auto any = schema.find("anyOf"); any != schema.end() && any->is_array())
    return std::ranges::any_of(*any, [](const Json& one) { return one.is_object() && isQuantity(one); });
  return schema.contains("pattern");
}

FieldKind scalarKind(const Json& schema) {
  const QString type = qText(schema, "type");
  if (type == QStringLiteral("boolean")) return FieldKind::boolean;
  if (type == QStringLiteral("integer")) return FieldKind::integer;
  if (type == QStringLiteral("number")) return FieldKind::number;
  if (isQuantity(schema)) return FieldKind::quantity;
  if (type != QStringLiteral("string")) return FieldKind::json;
  return schema.contains("enum") ? FieldKind::choice : FieldKind::text;
}

FieldKind kindOf(const Json& schema) {
  const QString type = qText(schema, "type");
  if (type == QStringLiteral("object")) {
    if (schema.contains("properties")) return FieldKind::group;
    const auto entries = schema.find("additionalProperties");
    const bool hasGroups = entries != schema.end() && entries->is_object() && entries->contains("properties");
    return hasGroups ? FieldKind::map : FieldKind::json;
  }
  if (type == QStringLiteral("array")) {
    const auto items = schema.find("items");
    if (items == schema.end() || !items->is_object()) return FieldKind::json;
    if (kindOf(*items) == FieldKind::group) return FieldKind::items;
    const QString itemType = qText(*items, "type");
    const bool isScalar = itemType != QStringLiteral("object") && itemType != QStringLiteral("array");
    return isScalar && scalarKind(*items) != FieldKind::json ? FieldKind::list : FieldKind::json;
  }
  return scalarKind(schema);
}

void takeRange(const Json& schema, FormField& field) {
  const auto number = [&](const char* key) {
    const auto at = schema.find(key);
    return at != schema.end() && at->is_number() ? std::optional(at->get<double>()) : std::nullopt;
  };
  field.minimum = number("minimum");
  field.maximum = number("maximum");
  if (const auto excluded = number("exclusiveMinimum")) {
    field.minimum = excluded;
    field.minimumExcluded = true;
  }
}

FormField fieldOf(const Json& schema, const Json* value, std::string key, std::string pointer, bool required);

void addFields(const Json& schema, const Json* value, FormField& field) {
  const auto required = texts(schema, "required");
  for (const auto& [key, inner] : schema["properties"].items()) {
    if (!inner.is_object()) continue;
    const bool isThere = value != nullptr && value->is_object() && value->contains(key);
    field.fields.push_back(fieldOf(inner, isThere ? &(*value)[key] : nullptr, key,
                                   child_pointer(field.pointer, key),
                                   required.contains(QString::fromStdString(key))));
  }
}

/// The entries of the document, and what a new one is.
void addEntries(const Json& schema, const Json* value, FormField& field) {
  field.entry = std::make_shared<const FormField>(fieldOf(schema, nullptr, {}, {}, true));
  const bool isThere =
      value != nullptr && (field.kind == FieldKind::items ? value->is_array() : value->is_object());
  if (!isThere) return;
  int index = 0;
  for (const auto& [name, inner] : value->items()) {
    const std::string key = field.kind == FieldKind::items ? std::to_string(index++) : name;
    field.fields.push_back(fieldOf(schema, &inner, key, child_pointer(field.pointer, key), true));
    field.fields.back().isEntry = true;
  }
}

FormField fieldOf(const Json& schema, const Json* value, std::string key, std::string pointer,
                  bool required) {
  FormField field;
  field.suggestions = shippedNames(key);
  field.key = std::move(key);
  field.pointer = std::move(pointer);
  field.kind = kindOf(schema);
  field.doc = qText(schema, "description");
  field.required = required;
  field.choices = texts(schema, "enum");
  takeRange(schema, field);
  if (const auto at = schema.find("default"); at != schema.end())
    field.defaultValue = std::make_shared<const Json>(*at);
  if (const QStringList examples = texts(schema, "examples"); !examples.isEmpty())
    field.example = examples.first();
  if (field.kind == FieldKind::group) {
    addFields(schema, value, field);
  } else if (field.kind == FieldKind::map) {
    addEntries(schema["additionalProperties"], value, field);
  } else if (field.kind == FieldKind::items) {
    addEntries(schema["items"], value, field);
  } else if (field.kind == FieldKind::list) {
    field.itemKind = scalarKind(schema["items"]);
    field.choices = texts(schema["items"], "enum");
    takeRange(schema["items"], field);
  }
  return field;
}

QString numberText(double value) {
  return QString::number(value, 'g', 12);
}

}  // namespace

FormField formOf(const Json& schema, const Json& document) {
  if (!schema.is_object()) return {};
  return fieldOf(schema, &document, {}, {}, true);
}

QString rangeText(const FormField& field) {
  // Limits of the type of a number are not worth saying.
  constexpr double kMuch = 1e5;
  const bool hasMaximum = field.maximum && *field.maximum <= kMuch;
  const auto tr = [](const char* text) { return QCoreApplication::translate("FormField", text); };
  if (field.minimum && hasMaximum && !field.minimumExcluded)
    return tr("%1 to %2").arg(numberText(*field.minimum), numberText(*field.maximum));
  if (field.minimum && hasMaximum)
    return tr("above %1, at most %2").arg(numberText(*field.minimum), numberText(*field.maximum));
  if (field.minimum)
    return (field.minimumExcluded ? tr("above %1") : tr("at least %1")).arg(numberText(*field.minimum));
  return hasMaximum ? tr("at most %1").arg(numberText(*field.maximum)) : QString();
}

QString placeholderText(const FormField& field) {
  const auto tr = [](const char* text) { return QCoreApplication::translate("FormField", text); };
  if (field.defaultValue) {
    const QString value = fieldText(field, *field.defaultValue);
    const bool isNothing = field.defaultValue->is_structured() && field.defaultValue->empty();
    return value.isEmpty() || isNothing ? tr("default: none") : tr("default %1").arg(value);
  }
  if (!field.example.isEmpty()) return tr("as %1").arg(field.example);
  return field.required ? tr("required") : tr("not set");
}

std::shared_ptr<const Json> firstValue(const FormField& field) {
  if (field.defaultValue) return field.defaultValue;
  Json value;
  switch (field.kind) {
    case FieldKind::group:
    case FieldKind::map:
      value = Json::object();
      for (const FormField& inner : field.fields)
        if (inner.required) value[inner.key] = *firstValue(inner);
      break;
    case FieldKind::boolean:
      value = false;
      break;
    case FieldKind::integer:
      value = static_cast<std::int64_t>(field.minimum.value_or(0)) + (field.minimumExcluded ? 1 : 0);
      break;
    case FieldKind::number:
      value = field.minimum.value_or(0) + (field.minimumExcluded ? 1 : 0);
      break;
    case FieldKind::choice:
      value = field.choices.value(0).toStdString();
      break;
    case FieldKind::list:
    case FieldKind::items:
      value = Json::array();
      break;
    default:
      value = (field.example.isEmpty() ? field.suggestions.value(0) : field.example).toStdString();
  }
  return std::make_shared<const Json>(std::move(value));
}

const FormField* findField(const FormField& form, const std::string& pointer) {
  if (form.pointer == pointer) return &form;
  for (const FormField& field : form.fields)
    if (const FormField* found = findField(field, pointer)) return found;
  return nullptr;
}

}  // namespace moesim::gui
