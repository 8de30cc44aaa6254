#include <QCoreApplication>
#include <exception>
#include <nlohmann/json.hpp>

#include "gui/models/schema_form.hpp"

namespace moesim::gui {
namespace {

std::string trimmed(const QString& text) {
  return text.trimmed().toStdString();
}

/// The JSON that a text is, or null.
std::shared_ptr<const Json> parsed(const std::string& text) {
  try {
    return std::make_shared<const Json>(parse_json(text, "text"));
  } catch (const std::exception&) {
    return nullptr;
  }
}

bool looksLikeJson(const std::string& text) {
  return !text.empty() && (text[0] == '{' || text[0] == '[' || text[0] == '"');
}

Json scalarValue(FieldKind kind, const std::string& text) {
  switch (kind) {
    case FieldKind::boolean:
      if (text == "true" || text == "false") return text == "true";
      return text;
    case FieldKind::integer:
    case FieldKind::number:
    case FieldKind::quantity: {
      const auto value = parsed(text);
      return value && value->is_number() ? *value : Json(text);
    }
    default:
      return text;
  }
}

QString scalarText(const Json& value) {
  if (value.is_string()) return QString::fromStdString(value.get<std::string>());
  return QString::fromStdString(write_json(value, -1)).trimmed();
}

bool isScalar(const Json& value) {
  return !value.is_structured();
}

}  // namespace

QString fieldText(const FormField& field, const Json& value) {
  if (field.kind != FieldKind::list || !value.is_array()) return scalarText(value);
  QStringList parts;
  for (const Json& one : value) {
    if (!isScalar(one)) return scalarText(value);
    parts.append(scalarText(one));
  }
  return parts.join(QStringLiteral(", "));
}

std::shared_ptr<const Json> fieldValue(const FormField& field, const QString& text) {
  const std::string content = trimmed(text);
  switch (field.kind) {
    case FieldKind::list: {
      if (looksLikeJson(content)) return parsed(content);
      Json list = Json::array();
      for (const QString& part : text.split(QLatin1Char(','), Qt::SkipEmptyParts))
        if (!part.trimmed().isEmpty()) list.push_back(scalarValue(field.itemKind, trimmed(part)));
      return std::make_shared<const Json>(std::move(list));
    }
    case FieldKind::json:
      if (looksLikeJson(content)) return parsed(content);
      if (auto value = parsed(content); value && !value->is_structured()) return value;
      return std::make_shared<const Json>(content);
    case FieldKind::group:
    case FieldKind::map:
    case FieldKind::items:
      return parsed(content);
    default:
      return std::make_shared<const Json>(scalarValue(field.kind, content));
  }
}

}  // namespace moesim::gui
