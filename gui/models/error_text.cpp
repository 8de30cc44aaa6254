#include "gui/models/error_text.hpp"

#include <new>

namespace moesim::gui {

QString errorText(const std::exception_ptr& fault) {
  try {
    std::rethrow_exception(fault);
  } catch (const std::bad_alloc&) {
    return QStringLiteral("there is not enough memory");
  } catch (const std::exception& error) {
    return QString::fromUtf8(error.what());
  } catch (...) {
    return QStringLiteral("unknown fault");
  }
}

}  // namespace moesim::gui
