#include "sim/serving/fleet/arrivals.hpp"

#include <utility>

namespace moesim {

Arrivals::Arrivals(OpenedWorkload opened, bool closed, double from_s, double until_s)
    : opened_(std::move(opened)), closed_(closed), from_s_(from_s), until_s_(until_s) {
  if (!closed_) peek();
}

void Arrivals::take_due(Request& request) {
  std::swap(request, next_);
  peek();
}

bool Arrivals::draw(double now_s, Request& request) {
  if (ended_ || now_s >= until_s_ || !opened_.source->next(request)) {
    ended_ = true;
    return false;
  }
  request.arrival_s = now_s;
  return true;
}

void Arrivals::peek() {
  do {
    if (!opened_.source->next(next_) || next_.arrival_s >= until_s_) {
      ended_ = true;
      next_s_ = kNever;
      return;
    }
  } while (next_.arrival_s < from_s_);
  next_s_ = next_.arrival_s;
}

}  // namespace moesim
