//===- RowKernels.cpp - kernels that work row by row ----------------------===//
//
// Linear layers, norms, embeddings and pointwise kernels: each row, one time
// step of one batch row, is computed on its own.
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/CpuKernels/CpuKernelModels.h"
#include "compiler/Conversion/CpuKernels/StepBlocks.h"

#include "dialects/Ssm/SsmDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <functional>

using namespace mlir;
using namespace ssmc;

#include "compiler/Conversion/CpuKernels/CpuKernelInterface.cpp.inc"

/// Rows of one work item: few enough to spread a short block over threads.
static constexpr int64_t rowTile = 8;

/// Whether the length of `type` is the length of the call.
static bool hasCallLength(RankedTensorType type) {
  return type.getRank() < 2 || type.isDynamicDim(1);
}

plan::GridAttr ssmc::getRowGrid(Value result) {
  auto type = cast<RankedTensorType>(result.getType());
  MLIRContext *context = type.getContext();
  if (hasCallLength(type))
    return plan::GridAttr::get(context, 1, false, rowTile);
  return plan::GridAttr::get(
      context, llvm::divideCeil(type.getDimSize(1), rowTile), true, 0);
}

void ssmc::forRows(KernelEmitter &e, Value result,
                   function_ref<void(Value, Value)> body) {
  auto type = cast<RankedTensorType>(result.getType());
  if (hasCallLength(type)) {
    Value rows = e.mul(e.batch, e.length);
    Value first = e.mul(e.begin, e.index(rowTile));
    Value last = e.min(e.mul(e.end, e.index(rowTile)), rows);
    e.forLoop(first, last, e.index(1), [&](Value row) {
      auto [b, t] = e.splitRow(row);
      body(b, t);
    });
    return;
  }
  // The length of the call is that of another tensor: items are tiles of one
  // batch row each.
  int64_t length = type.getDimSize(1);
  Value tiles = e.index(llvm::divideCeil(length, rowTile));
  e.forLoop(e.begin, e.end, e.index(1), [&](Value item) {
    Value first = e.mul(e.rem(item, tiles), e.index(rowTile));
    Value last = e.min(e.add(first, e.index(rowTile)), e.index(length));
    Value b = e.div(item, tiles);
    e.forLoop(first, last, e.index(1), [&](Value t) { body(b, t); });
  });
}

Position RowPart::at(Value batch, Value time) const {
  Position position{{batch, time}, std::nullopt, 1};
  llvm::append_range(position.indices, later);
  if (lanes) {
    position.laneAxis = position.indices.size() - 1;
    position.lanes = lanes;
  }
  return position;
}

static void forRowParts(KernelEmitter &e, ArrayRef<int64_t> extents,
                        RowPart &part,
                        function_ref<void(const RowPart &)> body) {
  if (extents.empty())
    return body(part);
  auto visit = [&](Value index) {
    part.later.push_back(index);
    forRowParts(e, extents.drop_front(), part, body);
    part.later.pop_back();
  };
  if (extents.size() > 1)
    return e.forLoop(e.index(0), e.index(extents.front()), e.index(1), visit);
  e.forLanes(e.index(0), extents.front(), [&](Value first, int64_t lanes) {
    part.lanes = lanes;
    visit(first);
  });
}

void ssmc::forRow(KernelEmitter &e, Value tensor,
                  function_ref<void(const RowPart &)> body) {
  RowPart part;
  forRowParts(e,
              cast<RankedTensorType>(tensor.getType()).getShape().drop_front(2),
              part, body);
}

namespace {

/// Lanes [first, first + lanes) of the last axis of a [batch, time, channel]
/// tensor.
Position lanesAt(Value b, Value t, Value first, int64_t lanes) {
  return {{b, t, first}, 2, lanes};
}

/// The same of a tensor with any axes before the last, at `row`.
Position lanesAt(ArrayRef<Value> row, Value first, int64_t lanes) {
  Position position;
  position.indices.assign(row.begin(), row.end());
  position.indices.push_back(first);
  position.laneAxis = row.size();
  position.lanes = lanes;
  return position;
}

int64_t lastExtent(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getShape().back();
}

/// Elements of one time step of one batch row.
int64_t elementsPerRow(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  return ShapedType::getNumElements(type.getShape().drop_front(2));
}

//===----------------------------------------------------------------------===//
// Linear
//===----------------------------------------------------------------------===//

struct LinearModel
    : CpuKernelInterface::ExternalModel<LinearModel, ssm::LinearOp> {
  static std::pair<int64_t, int64_t> shape(Operation *op) {
    auto type =
        cast<RankedTensorType>(cast<ssm::LinearOp>(op).getWeight().getType());
    return {type.getDimSize(1), type.getDimSize(0)};
  }
  plan::GridAttr getKernelGrid(Operation *op) const {
    auto [k, n] = shape(op);
    MatmulGrid grid = getMatmulGrid(k, n);
    return plan::GridAttr::get(op->getContext(), grid.panelItems, false,
                               grid.rowBlock);
  }
  int64_t getScratchBytes(Operation *op) const {
    auto [k, n] = shape(op);
    return getMatmulScratchBytes(k, n);
  }
  int64_t getFlopsPerRow(Operation *op) const {
    auto [k, n] = shape(op);
    return 2 * k * n;
  }
  SmallVector<plan::LayoutAttr> getOperandLayouts(Operation *op,
                                                  OpOperand &operand) const {
    if (operand.get() != cast<ssm::LinearOp>(op).getWeight())
      return {};
    return {plan::LayoutAttr::panels(op->getContext())};
  }
  plan::LayoutAttr getStateLayout(Operation *, OpResult) const { return {}; }

  LogicalResult emitKernel(Operation *op, KernelEmitter &e) const {
    auto linear = cast<ssm::LinearOp>(op);
    auto [k, n] = shape(op);
    std::optional<KernelEmitter::Rows> input = e.getRows(linear.getInput());
    std::optional<KernelEmitter::Rows> weight = e.getRows(linear.getWeight());
    if (!input || !weight)
      return op->emitOpError("ssmc internal error: expected input and weight "
                             "in memory");
    MatmulProblem problem;
    problem.k = k;
    problem.n = n;
    problem.rows = e.mul(e.batch, e.length);
    problem.x = input->buffer;
    problem.w = weight->buffer;
    problem.scratch = e.scratch;
    problem.tiles = e.tiles;
    problem.rowOffset = [&](Value row) {
      auto [b, t] = e.splitRow(row);
      return input->offset(b, t);
    };
    emitMatmul(e, problem, e.begin, e.end,
               [&](Value row, Value column, Value acc) {
                 auto [b, t] = e.splitRow(row);
                 int64_t lanes = cast<VectorType>(acc.getType()).getDimSize(0);
                 if (Value bias = linear.getBias()) {
                   Position position{{column}, 0, lanes};
                   acc = arith::AddFOp::create(e.builder, e.loc, acc,
                                               e.load(bias, position));
                 }
                 DenseMap<Value, Value> known = {{linear.getResult(), acc}};
                 e.storeResults(lanesAt(b, t, column, lanes), known);
               });
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Norms
//===----------------------------------------------------------------------===//

/// Calls `body` with the indices of every vector along the last axis of a
/// [batch, time, ...] tensor, of the emitter's items.
void forVectors(KernelEmitter &e, Value tensor,
                function_ref<void(ArrayRef<Value>)> body) {
  ArrayRef<int64_t> inner =
      cast<RankedTensorType>(tensor.getType()).getShape().drop_front(2);
  std::function<void(SmallVector<Value>)> descend = [&](SmallVector<Value> at) {
    if (at.size() == inner.size() + 1)
      return body(at);
    e.forLoop(e.index(0), e.index(inner[at.size() - 2]), e.index(1),
              [&](Value index) {
                SmallVector<Value> next = at;
                next.push_back(index);
                descend(next);
              });
  };
  forRows(e, tensor, [&](Value b, Value t) { descend({b, t}); });
}

/// sum over the channels of `term(lanes at the channel)`, a scalar. One fixed
/// order of additions: lane by lane over the vectors, then over the lanes.
Value sumOverChannels(KernelEmitter &e, ArrayRef<Value> row, int64_t channels,
                      function_ref<Value(const Position &)> term) {
  int64_t whole = channels / laneCount * laneCount;
  Value zero = arith::ConstantOp::create(e.builder, e.loc,
                                         e.builder.getF32FloatAttr(0.0));
  Value sum = zero;
  auto reduce = [&](Value vector) {
    sum = vector::ReductionOp::create(e.builder, e.loc,
                                      vector::CombiningKind::ADD, vector, sum);
  };
  if (whole) {
    auto loop = scf::ForOp::create(e.builder, e.loc, e.index(0), e.index(whole),
                                   e.index(laneCount),
                                   ValueRange{e.constant(0.0, laneCount)});
    {
      OpBuilder::InsertionGuard guard(e.builder);
      e.builder.setInsertionPointToStart(loop.getBody());
      Value value = term(lanesAt(row, loop.getInductionVar(), laneCount));
      Value next = arith::AddFOp::create(e.builder, e.loc,
                                         loop.getRegionIterArg(0), value);
      scf::YieldOp::create(e.builder, e.loc, next);
    }
    reduce(loop.getResult(0));
  }
  if (channels % laneCount)
    reduce(term(lanesAt(row, e.index(whole), channels % laneCount)));
  return sum;
}

/// 1 / sqrt(sum / channels + eps).
Value inverseDeviation(KernelEmitter &e, Value sum, int64_t channels,
                       double eps) {
  auto constant = [&](double value) -> Value {
    return arith::ConstantOp::create(e.builder, e.loc,
                                     e.builder.getF32FloatAttr(value));
  };
  Value mean = arith::DivFOp::create(e.builder, e.loc, sum, constant(channels));
  Value shifted = arith::AddFOp::create(e.builder, e.loc, mean, constant(eps));
  Value root = math::SqrtOp::create(e.builder, e.loc, shifted);
  return arith::DivFOp::create(e.builder, e.loc, constant(1.0), root);
}

/// Norms differ in what they subtract: `center` returns it, or null.
template <typename Op>
LogicalResult emitNorm(Op op, KernelEmitter &e, Value bias,
                       function_ref<Value(ArrayRef<Value> row)> center) {
  int64_t channels = lastExtent(op.getInput());
  auto mul = [&](Value a, Value b) -> Value {
    return arith::MulFOp::create(e.builder, e.loc, a, b);
  };
  auto splat = [&](Value scalar, int64_t lanes) -> Value {
    return vector::BroadcastOp::create(e.builder, e.loc, e.laneType(lanes),
                                       scalar);
  };
  forVectors(e, op.getInput(), [&](ArrayRef<Value> row) {
    Value shift = center(row);
    auto centered = [&](const Position &position) {
      Value x = e.load(op.getInput(), position);
      if (shift)
        x = arith::SubFOp::create(e.builder, e.loc, x,
                                  splat(shift, position.lanes));
      return x;
    };
    Value squares = sumOverChannels(e, row, channels, [&](const Position &p) {
      Value x = centered(p);
      return mul(x, x);
    });
    Value scale =
        inverseDeviation(e, squares, channels, op.getEps().convertToDouble());
    e.forLanes(e.index(0), channels, [&](Value first, int64_t lanes) {
      Position position = lanesAt(row, first, lanes);
      Value y = mul(centered(position), splat(scale, lanes));
      // A parameter has the last axes of the input.
      auto load = [&](Value parameter) {
        size_t rank = cast<RankedTensorType>(parameter.getType()).getRank();
        return e.load(parameter,
                      lanesAt(row.take_back(rank - 1), first, lanes));
      };
      if (op.getWeight())
        y = mul(y, load(op.getWeight()));
      if (bias)
        y = arith::AddFOp::create(e.builder, e.loc, y, load(bias));
      DenseMap<Value, Value> known = {{op.getResult(), y}};
      e.storeResults(position, known);
    });
  });
  return success();
}

struct RmsNormModel
    : CpuKernelInterface::ExternalModel<RmsNormModel, ssm::RmsNormOp> {
  plan::GridAttr getKernelGrid(Operation *op) const {
    return getRowGrid(op->getResult(0));
  }
  int64_t getFlopsPerRow(Operation *op) const {
    return 4 * elementsPerRow(op->getOperand(0));
  }
  LogicalResult emitKernel(Operation *op, KernelEmitter &e) const {
    return emitNorm(cast<ssm::RmsNormOp>(op), e, Value(),
                    [](ArrayRef<Value>) { return Value(); });
  }
};

struct LayerNormModel
    : CpuKernelInterface::ExternalModel<LayerNormModel, ssm::LayerNormOp> {
  plan::GridAttr getKernelGrid(Operation *op) const {
    return getRowGrid(op->getResult(0));
  }
  int64_t getFlopsPerRow(Operation *op) const {
    return 7 * elementsPerRow(op->getOperand(0));
  }
  LogicalResult emitKernel(Operation *op, KernelEmitter &e) const {
    auto norm = cast<ssm::LayerNormOp>(op);
    int64_t channels = lastExtent(norm.getInput());
    return emitNorm(norm, e, norm.getBias(), [&](ArrayRef<Value> row) -> Value {
      Value sum = sumOverChannels(e, row, channels, [&](const Position &p) {
        return e.load(norm.getInput(), p);
      });
      Value count = arith::ConstantOp::create(
          e.builder, e.loc, e.builder.getF32FloatAttr(channels));
      return arith::DivFOp::create(e.builder, e.loc, sum, count);
    });
  }
};

//===----------------------------------------------------------------------===//
// Embedding
//===----------------------------------------------------------------------===//

struct EmbeddingModel
    : CpuKernelInterface::ExternalModel<EmbeddingModel, ssm::EmbeddingOp> {
  plan::GridAttr getKernelGrid(Operation *op) const {
    return getRowGrid(op->getResult(0));
  }
  int64_t getFlopsPerRow(Operation *) const { return 0; }
  bool readsWhole(Operation *op, OpOperand &operand) const {
    return operand.get() != cast<ssm::EmbeddingOp>(op).getTable();
  }
  SmallVector<plan::LayoutAttr> getOperandLayouts(Operation *op,
                                                  OpOperand &operand) const {
    if (operand.get() != cast<ssm::EmbeddingOp>(op).getTable())
      return {};
    // A table that is also an output projection is stored once, in panels.
    return {plan::LayoutAttr::rowMajor(op->getContext(), 2),
            plan::LayoutAttr::panels(op->getContext())};
  }
  LogicalResult emitKernel(Operation *op, KernelEmitter &e) const {
    auto embedding = cast<ssm::EmbeddingOp>(op);
    forRows(e, embedding.getResult(), [&](Value b, Value t) {
      Value id = e.load(embedding.getIds(), {{b, t}, std::nullopt, 1});
      Value row = arith::IndexCastOp::create(e.builder, e.loc,
                                             e.builder.getIndexType(), id);
      e.forLanes(e.index(0), lastExtent(embedding.getTable()),
                 [&](Value first, int64_t lanes) {
                   Value values =
                       e.load(embedding.getTable(), {{row, first}, 1, lanes});
                   DenseMap<Value, Value> known = {
                       {embedding.getResult(), values}};
                   e.storeResults(lanesAt(b, t, first, lanes), known);
                 });
    });
    return success();
  }
};

} // namespace

//===----------------------------------------------------------------------===//
// Pointwise kernels
//===----------------------------------------------------------------------===//

plan::GridAttr ssmc::getPointwiseGrid(func::FuncOp kernel) {
  return getRowGrid(kernel.getBody().front().getTerminator()->getOperand(0));
}

LogicalResult ssmc::emitPointwiseKernel(KernelEmitter &e) {
  Value result = e.getResults()[0];
  auto type = cast<RankedTensorType>(result.getType());
  if (type.getRank() < 2 ||
      llvm::any_of(type.getShape().drop_front(2), ShapedType::isDynamic))
    return emitError(e.loc, "expected a result of shape [batch, length, ...] "
                            "with fixed extents after the length, got ")
           << type;
  forRows(e, result, [&](Value b, Value t) {
    forRow(e, result, [&](const RowPart &part) {
      DenseMap<Value, Value> known;
      e.storeResults(part.at(b, t), known);
    });
  });
  return success();
}

CpuKernelInterface ssmc::getAnchor(func::FuncOp kernel) {
  for (Operation &op : kernel.getBody().front())
    if (auto anchor = dyn_cast<CpuKernelInterface>(op))
      return anchor;
  return nullptr;
}

void ssmc::registerCpuKernelModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, ssm::SsmDialect *) {
    ssm::LinearOp::attachInterface<LinearModel>(*context);
    ssm::RmsNormOp::attachInterface<RmsNormModel>(*context);
    ssm::LayerNormOp::attachInterface<LayerNormModel>(*context);
    ssm::EmbeddingOp::attachInterface<EmbeddingModel>(*context);
  });
  registerCpuRecurrenceModel(registry);
  registerAxisModels(registry);
  registerCpuTraversalModels(registry);
  registerCpuConvolutionModels(registry);
  registerCpuSystemKernelModels(registry);
}
