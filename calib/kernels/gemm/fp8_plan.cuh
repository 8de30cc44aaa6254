#pragma once

#include <cutlass/cutlass.h>
#include <cutlass/gemm/device/gemm_universal_adapter.h>
#include <cutlass/detail/blockwise_scale_layout.hpp>
#include <cutlass/epilogue/collective/collective_builder.hpp>
#include <cutlass/gemm/collective/collective_builder.hpp>
#include <cutlass/gemm/dispatch_policy.hpp>
#include <cutlass/gemm/group_array_problem_shape.hpp>
#include <cutlass/gemm/kernel/gemm_universal.hpp>

#include <cstdint>
#include <vector>

#include "calib/kernels/device_buffer.hpp"
#include "calib/kernels/gemm/fp8_grouped.hpp"
#include "calib/kernels/gemm/scale_layout.hpp"

namespace moesim {

/// The kernel that CUTLASS builds for a tile, a cluster of thread blocks and a schedule: TMA, wgmma in E4M3,
/// partial sums scaled and added in FP32 after every 128 of k.
template <class TileShape, class Cluster, class Schedule, class EpilogueSchedule>
struct Fp8Kernel {
  using Input = cutlass::float_e4m3_t;
  using Output = cutlass::bfloat16_t;
  using RowMajor = cutlass::layout::RowMajor;
  using ColumnMajor = cutlass::layout::ColumnMajor;
  using Scales = cutlass::detail::Sm90BlockwiseScaleConfig<1, kScaleBlock, kScaleBlock>;
  using MScales = typename Scales::LayoutSFA;
  using NScales = typename Scales::LayoutSFB;
  using Problem = cutlass::gemm::GroupProblemShape<cute::Shape<int, int, int>>;

  using Epilogue = typename cutlass::epilogue::collective::CollectiveBuilder<
      cutlass::arch::Sm90, cutlass::arch::OpClassTensorOp, TileShape, Cluster,
      cutlass::epilogue::collective::EpilogueTileAuto, float, float, void, RowMajor*, 8, Output, RowMajor*, 8,
      EpilogueSchedule>::CollectiveOp;
  using Stages = cutlass::gemm::collective::StageCountAutoCarveout<static_cast<int>(
      sizeof(typename Epilogue::SharedStorage))>;
  using Mainloop = typename cutlass::gemm::collective::CollectiveBuilder<
      cutlass::arch::Sm90, cutlass::arch::OpClassTensorOp, Input, cute::tuple<RowMajor*, MScales*>, 16, Input,
      cute::tuple<ColumnMajor*, NScales*>, 16, float, TileShape, Cluster, Stages, Schedule>::CollectiveOp;
  using Kernel = cutlass::gemm::kernel::GemmUniversal<Problem, Mainloop, Epilogue>;
  using Gemm = cutlass::gemm::device::GemmUniversalAdapter<Kernel>;
};

inline void check_cutlass(cutlass::Status status, const char* call,
                          std::source_location where = std::source_location::current()) {
  check_call(status == cutlass::Status::kSuccess, call, cutlass::cutlassGetStatusString(status), where);
}

/// The arrays that a grouped kernel reads on the device, one entry a group.
template <class Config>
struct Fp8Arrays {
  using Kernel = typename Config::Kernel;
  using StrideA = typename Kernel::InternalStrideA;
  using StrideB = typename Kernel::InternalStrideB;
  using StrideD = typename Kernel::InternalStrideD;
  using Shape = typename Config::Problem::UnderlyingProblemShape;

  std::vector<Shape> host_shapes;
  DeviceBuffer<Shape> shapes;
  DeviceBuffer<const typename Config::Input*> m_sides, n_sides;
  DeviceBuffer<const float*> m_scales, n_scales;
  DeviceBuffer<typename Config::Output*> outs;
  DeviceBuffer<StrideA> m_strides;
  DeviceBuffer<StrideB> n_strides;
  DeviceBuffer<StrideD> out_strides;
  DeviceBuffer<typename Config::MScales> m_layouts;
  DeviceBuffer<typename Config::NScales> n_layouts;

  explicit Fp8Arrays(const Fp8GroupedCall& call)
      : host_shapes(each<Shape>(call,
                                [&](const Fp8Group& g) {
                                  return Shape{g.rows, call.n, call.k};
                                })),
        shapes(std::span<const Shape>(host_shapes)),
        m_sides(pointers<const typename Config::Input*>(call, &Fp8Group::m_side)),
        n_sides(pointers<const typename Config::Input*>(call, &Fp8Group::n_side)),
        m_scales(pointers<const float*>(call, &Fp8Group::m_scales)),
        n_scales(pointers<const float*>(call, &Fp8Group::n_scales)),
        outs(pointers<typename Config::Output*>(call, &Fp8Group::out)),
        m_strides(on_device<StrideA>(call, [&](const Fp8Group&) { return leading<StrideA>(call.k); })),
        n_strides(on_device<StrideB>(call, [&](const Fp8Group&) { return leading<StrideB>(call.k); })),
        out_strides(on_device<StrideD>(call, [&](const Fp8Group&) { return leading<StrideD>(call.n); })),
        m_layouts(on_device<typename Config::MScales>(call,
                                                      [&](const Fp8Group& g) {
                                                        return Config::Scales::tile_atom_to_shape_SFA(
                                                            cute::make_shape(g.rows, call.n, call.k, 1));
                                                      })),
        n_layouts(on_device<typename Config::NScales>(call, [&](const Fp8Group& g) {
          return Config::Scales::tile_atom_to_shape_SFB(cute::make_shape(g.rows, call.n, call.k, 1));
        })) {}

 private:
  template <class T, class Of>
  static std::vector<T> each(const Fp8GroupedCall& call, const Of& of) {
    std::vector<T> values;
    for (const Fp8Group& group : call.groups) values.push_back(of(group));
    return values;
  }
  template <class T, class Of>
  static DeviceBuffer<T> on_device(const Fp8GroupedCall& call, const Of& of) {
    return DeviceBuffer<T>(std::span<const T>(each<T>(call, of)));
  }
  template <class T, class Member>
  static DeviceBuffer<T> pointers(const Fp8GroupedCall& call, Member member) {
    return on_device<T>(call, [&](const Fp8Group& group) {
      if constexpr (std::is_same_v<T, const float*>) {
        return group.*member;
      } else {
        return static_cast<T>(group.*member);
      }
    });
  }
  /// Rows `stride` elements apart, columns next to each other.
  template <class Stride>
  static Stride leading(int stride) {
    Stride made{};
    cute::get<0>(made) = stride;
    return made;
  }
};

template <class Config>
class Fp8CutlassPlan final : public Fp8Plan {
 public:
  Fp8CutlassPlan(const Fp8GroupedCall& call, TileOrder order) : arrays_(call) {
    const auto arguments = arguments_of(call, order);
    check_cutlass(Gemm::can_implement(arguments), "Gemm::can_implement");
    workspace_ = DeviceBuffer<std::uint8_t>(Gemm::get_workspace_size(arguments));
    check_cutlass(gemm_.initialize(arguments, workspace_.data()), "Gemm::initialize");
  }
  void launch(cudaStream_t stream) override { check_cutlass(gemm_.run(stream), "Gemm::run"); }

 private:
  using Gemm = typename Config::Gemm;
  using Order = typename Config::Kernel::TileScheduler::RasterOrderOptions;

  typename Gemm::Arguments arguments_of(const Fp8GroupedCall& call, TileOrder order) {
    typename Gemm::Arguments arguments{};
    arguments.mode = cutlass::gemm::GemmUniversalMode::kGrouped;
    arguments.problem_shape = {static_cast<int>(call.groups.size()), arrays_.shapes.data(),
                               call.rows_on_host ? arrays_.host_shapes.data() : nullptr};
    arguments.mainloop.ptr_A = arrays_.m_sides.data();
    arguments.mainloop.dA = arrays_.m_strides.data();
    arguments.mainloop.ptr_B = arrays_.n_sides.data();
    arguments.mainloop.dB = arrays_.n_strides.data();
    arguments.mainloop.ptr_SFA = arrays_.m_scales.data();
    arguments.mainloop.layout_SFA = arrays_.m_layouts.data();
    arguments.mainloop.ptr_SFB = arrays_.n_scales.data();
    arguments.mainloop.layout_SFB = arrays_.n_layouts.data();
    arguments.epilogue.thread.alpha = 1;
    arguments.epilogue.thread.beta = 0;
    arguments.epilogue.dC = arrays_.out_strides.data();
    arguments.epilogue.ptr_D = arrays_.outs.data();
    arguments.epilogue.dD = arrays_.out_strides.data();
    arguments.hw_info.sm_count = call.num_sms;
    arguments.scheduler.raster_order = order == TileOrder::along_m ? Order::AlongM : Order::AlongN;
    return arguments;
  }

  Fp8Arrays<Config> arrays_;
  DeviceBuffer<std::uint8_t> workspace_;
  Gemm gemm_;
};

template <class Config>
std::unique_ptr<Fp8Plan> fp8_plan(const Fp8GroupedCall& call, TileOrder order) {
  return std::make_unique<Fp8CutlassPlan<Config>>(call, order);
}

}  // namespace moesim
