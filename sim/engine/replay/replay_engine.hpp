#pragma once

#include <memory>

#include "sim/engine/engine.hpp"
#include "sim/engine/lane_program.hpp"

namespace moesim {

/// The engine "replay": an exact event-driven replay of every GPU with max-min fair sharing of SMs, NICs and
/// NVLink. Columns are independent until operations of scope `all` and run side by side on `threads` threads.
/// Cost: about 100 to 200 ns per operation; memory about 0.6 KB per GPU of the columns being run, of all
/// columns when the graph has operations of scope `all` (the columns then wait for each other). run() throws
/// RunError when the graph cannot finish; the text names the first operation that is stuck.
std::unique_ptr<Engine> make_replay_engine();

/// What run() gives where nobody wants the spans, of a graph that is laid out already: `program` is made from
/// input.graph and input.members.
EngineResult replay_times(const EngineInput& input, const LaneProgram& program);

/// The makespan alone that the replay gives, without sorting and summing spans.
double replay_makespan_s(const EngineInput& input);

}  // namespace moesim
