#include "calib/kernels/mla_prefill/cudnn_attention.hpp"

#define CUDNN_FRONTEND_SKIP_JSON_LIB
#include <cudnn_frontend.h>

#include <unordered_map>
#include <vector>

#include "calib/kernels/cuda_error.hpp"
#include "calib/kernels/device_buffer.hpp"

namespace moesim {
namespace {

namespace fe = cudnn_frontend;
using Tensor = std::shared_ptr<fe::graph::Tensor_attributes>;

/// Names of the tensors of a graph.
enum TensorId : std::int64_t {
  kQuery = 1,
  kKey,
  kValue,
  kOut,
  kStats,
  kOutGradient,
  kQueryGradient,
  kKeyGradient,
  kValueGradient
};

void expect(fe::error_t error, const char* call) {
  check_call(error.is_good(), call, error.get_message());
}
void expect(cudnnStatus_t status, const char* call) {
  check_call(status == CUDNN_STATUS_SUCCESS, call, cudnnGetErrorString(status));
}

std::vector<std::int64_t> sizes_of(const AttentionShape& shape, int columns) {
  return {1, shape.heads, shape.length, columns};
}

/// Of [length, heads, columns].
std::vector<std::int64_t> strides_of(const AttentionShape& shape, int columns) {
  const std::int64_t row = static_cast<std::int64_t>(shape.heads) * columns;
  return {row * shape.length, columns, row, 1};
}

Tensor add_tensor(fe::graph::Graph& graph, const AttentionShape& shape, TensorId id, int columns) {
  return graph.tensor(fe::graph::Tensor_attributes()
                          .set_uid(id)
                          .set_dim(sizes_of(shape, columns))
                          .set_stride(strides_of(shape, columns)));
}

void make_output(const Tensor& tensor, const AttentionShape& shape, TensorId id, int columns) {
  tensor->set_output(true)
      .set_uid(id)
      .set_dim(sizes_of(shape, columns))
      .set_stride(strides_of(shape, columns));
}

std::vector<std::int64_t> stats_strides(const AttentionShape& shape) {
  return {static_cast<std::int64_t>(shape.heads) * shape.length, shape.length, 1, 1};
}

void add_forward(fe::graph::Graph& graph, const AttentionShape& shape, float scale) {
  const Tensor query = add_tensor(graph, shape, kQuery, shape.key_dim);
  const Tensor key = add_tensor(graph, shape, kKey, shape.key_dim);
  const Tensor value = add_tensor(graph, shape, kValue, shape.value_dim);
  auto options =
      fe::graph::SDPA_attributes().set_generate_stats(true).set_attn_scale(scale).set_causal_mask(true);
  const auto [out, stats] = graph.sdpa(query, key, value, options);
  make_output(out, shape, kOut, shape.value_dim);
  stats->set_output(true)
      .set_uid(kStats)
      .set_data_type(fe::DataType_t::FLOAT)
      .set_dim(sizes_of(shape, 1))
      .set_stride(stats_strides(shape));
}

void add_backward(fe::graph::Graph& graph, const AttentionShape& shape, float scale) {
  const Tensor query = add_tensor(graph, shape, kQuery, shape.key_dim);
  const Tensor key = add_tensor(graph, shape, kKey, shape.key_dim);
  const Tensor value = add_tensor(graph, shape, kValue, shape.value_dim);
  const Tensor out = add_tensor(graph, shape, kOut, shape.value_dim);
  const Tensor out_gradient = add_tensor(graph, shape, kOutGradient, shape.value_dim);
  const Tensor stats = graph.tensor(fe::graph::Tensor_attributes()
                                        .set_uid(kStats)
                                        .set_data_type(fe::DataType_t::FLOAT)
                                        .set_dim(sizes_of(shape, 1))
                                        .set_stride(stats_strides(shape)));
  auto options = fe::graph::SDPA_backward_attributes().set_attn_scale(scale).set_causal_mask(true);
  const auto [dq, dk, dv] = graph.sdpa_backward(query, key, value, out, out_gradient, stats, options);
  make_output(dq, shape, kQueryGradient, shape.key_dim);
  make_output(dk, shape, kKeyGradient, shape.key_dim);
  make_output(dv, shape, kValueGradient, shape.value_dim);
}

}  // namespace

struct CudnnAttention::Plan {
  cudnnHandle_t handle = nullptr;
  std::unique_ptr<fe::graph::Graph> graph = std::make_unique<fe::graph::Graph>();
  DeviceBuffer<unsigned char> workspace;
  bool backward = false;

  ~Plan() {
    graph.reset();  // its descriptors before their handle
    if (handle != nullptr) cudnnDestroy(handle);
  }
};

std::unique_ptr<CudnnAttention::Plan> CudnnAttention::find_engines(const AttentionShape& shape, float scale,
                                                                   bool backward) {
  auto found = std::make_unique<Plan>();
  Plan& plan = *found;
  plan.backward = backward;
  expect(cudnnCreate(&plan.handle), "cudnnCreate");
  plan.graph->set_io_data_type(fe::DataType_t::BFLOAT16)
      .set_intermediate_data_type(fe::DataType_t::FLOAT)
      .set_compute_data_type(fe::DataType_t::FLOAT);
  if (backward) {
    add_backward(*plan.graph, shape, scale);
  } else {
    add_forward(*plan.graph, shape, scale);
  }
  expect(plan.graph->validate(), "cudnn validate");
  expect(plan.graph->build_operation_graph(plan.handle), "cudnn build_operation_graph");
  expect(plan.graph->create_execution_plans({fe::HeurMode_t::A}), "cudnn create_execution_plans");
  expect(plan.graph->check_support(), "cudnn check_support");
  return found;
}

CudnnAttention::CudnnAttention(const AttentionShape& shape, float scale, bool backward)
    : plan_(find_engines(shape, scale, backward)) {
  Plan& plan = *plan_;
  expect(plan.graph->build_plans(), "cudnn build_plans");
  plan.workspace = DeviceBuffer<unsigned char>(static_cast<std::size_t>(plan.graph->get_workspace_size()));
}

CudnnAttention::~CudnnAttention() = default;

void CudnnAttention::launch(const PrefillParams& params, cudaStream_t stream) {
  Plan& plan = *plan_;
  const auto input = [](const __nv_bfloat16* data) { return const_cast<__nv_bfloat16*>(data); };
  std::unordered_map<std::int64_t, void*> tensors{{kQuery, input(params.query)},
                                                  {kKey, input(params.key)},
                                                  {kValue, input(params.value)},
                                                  {kOut, params.out},
                                                  {kStats, params.lse}};
  if (plan.backward) {
    tensors.insert({{kOutGradient, input(params.out_gradient)},
                    {kQueryGradient, params.query_gradient},
                    {kKeyGradient, params.key_gradient},
                    {kValueGradient, params.value_gradient}});
  }
  expect(cudnnSetStream(plan.handle, stream), "cudnnSetStream");
  expect(plan.graph->execute(plan.handle, tensors, plan.workspace.data()), "cudnn execute");
}

std::string CudnnAttention::unsupported(const AttentionShape& shape, bool backward) {
  try {
    (void)find_engines(shape, 1.0f, backward);
  } catch (const CudaError& error) {
    (void)cudaGetLastError();  // the next launch must not report it as its own
    return error.what();
  }
  return {};
}

std::string CudnnAttention::library() {
  const std::size_t version = cudnnGetVersion();
  return "cuDNN " + std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) + "." +
         std::to_string(version % 100);
}

}  // namespace moesim
