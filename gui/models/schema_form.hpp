#pragma once

#include <QString>
#include <QStringList>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace moesim::gui {

/// How a value is edited.
enum class FieldKind {
  group,  ///< an object: `fields`
  map,    ///< an object whose keys are names: `fields` are those of the document
  items,  ///< an array of objects: `fields` are those of the document, `entry` one more
  boolean,
  integer,
  number,
  quantity,  ///< a number with a unit, a text in JSON
  choice,    ///< one of `choices`
  text,
  list,  ///< an array of scalars: texts between commas
  json,  ///< anything else: a text, or JSON
};

/// One value of a form, by its part of a JSON schema.
struct FormField {
  std::string key;
  std::string pointer;  ///< JSON pointer in the document
  FieldKind kind = FieldKind::json;
  QString doc;
  QStringList choices;                   ///< of a choice, or of what stands in a list
  QStringList suggestions;               ///< names of shipped data
  QString example;                       ///< of a quantity
  FieldKind itemKind = FieldKind::text;  ///< of a list
  std::optional<double> minimum;         ///< of numbers
  std::optional<double> maximum;
  bool minimumExcluded = false;
  bool required = false;
  bool isEntry = false;                      ///< of a map or of items, which the user may remove
  std::shared_ptr<const Json> defaultValue;  ///< null: none
  std::vector<FormField> fields;
  std::shared_ptr<const FormField> entry;  ///< of a map or of items: what a new one is, without a key

  /// Whether it is a section of a form, else a line.
  [[nodiscard]] bool isSection() const {
    return kind == FieldKind::group || kind == FieldKind::map || kind == FieldKind::items;
  }
};

/// The form of an object schema (`moesim spec schema`); `document` says which entries its maps and items
/// have. What a schema says that forms do not know makes a field of kind json.
FormField formOf(const Json& schema, const Json& document);

/// What a user writes for the value, and the value of what was written. A text that does not fit the kind is
/// kept as a text, so that moesim says what is wrong with it. nullptr: the text is no JSON, for a kind that
/// needs it.
QString fieldText(const FormField& field, const Json& value);
std::shared_ptr<const Json> fieldValue(const FormField& field, const QString& text);

/// "1 to 3", "above 0", "at least 1"; empty without a range worth saying.
QString rangeText(const FormField& field);
/// What stands in an empty editor: "default 1", "as 2 s".
QString placeholderText(const FormField& field);
/// What a value begins with when it is switched on: its default, its least value, its first choice.
std::shared_ptr<const Json> firstValue(const FormField& field);

/// The field of that pointer, or null.
const FormField* findField(const FormField& form, const std::string& pointer);

}  // namespace moesim::gui
