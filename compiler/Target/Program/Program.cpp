//===- Program.cpp - plan ops to the artifact's tables --------------------===//

#include "compiler/Target/Program/Program.h"

#include "compiler/Pipelines/Pipelines.h"
#include "compiler/Pipelines/Registration.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"
#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace mlir;
using namespace ssmc;

/// Work items of less arithmetic than this, together, do not pay for another
/// thread: about as long as handing them over, 0.35 us (docs/decisions/0001).
static constexpr int64_t minimalWork = 32768;
/// An exponential takes as long as this many operations.
static constexpr int64_t flopsPerElementary = 32;

static fb::DType dtypeOf(Type element) {
  if (element.isBF16())
    return fb::DType_bf16;
  if (element.isF16())
    return fb::DType_f16;
  if (element.isF64())
    return fb::DType_f64;
  if (element.isInteger(64))
    return fb::DType_i64;
  if (element.isInteger(32))
    return fb::DType_i32;
  return fb::DType_f32;
}

/// Bytes of a tensor with every unknown extent 1.
static uint64_t unitBytes(RankedTensorType type) {
  uint64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  for (int64_t extent : type.getShape())
    bytes *= ShapedType::isDynamic(extent) ? 1 : extent;
  return bytes;
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

namespace {
class Translator {
public:
  explicit Translator(ModuleOp module) : module(module) {}

  fb::ProgramT run() {
    for (auto op : module.getOps<plan::WeightOp>()) {
      weights[op.getSymName()] = program.weights.size();
      program.weights.push_back(translate(op));
    }
    for (auto op : module.getOps<plan::StateOp>()) {
      states[op.getSymName()] = program.states.size();
      program.states.push_back(translate(op));
    }
    for (auto function : module.getOps<func::FuncOp>()) {
      if (!function->hasAttr(plan::kernelAttrName))
        continue;
      kernels[function.getSymName()] = program.kernels.size();
      program.kernels.push_back(translateKernel(function));
    }
    for (auto op : module.getOps<plan::EntryOp>())
      program.entries.push_back(translate(op));
    return std::move(program);
  }

private:
  static std::vector<uint8_t> permutationOf(plan::LayoutAttr layout) {
    return {layout.getPermutation().begin(), layout.getPermutation().end()};
  }

  /// That of the checkpoint, and with the layout if it is stored in another,
  /// too.
  std::string nameWeight(plan::WeightOp op) {
    std::string name = op.getSource().str();
    if (!weightNames.insert(name).second) {
      std::string layout;
      llvm::raw_string_ostream(layout) << op.getLayout();
      name +=
          " " +
          StringRef(layout).drop_until([](char c) { return c == '<'; }).str();
    }
    return name;
  }

  std::unique_ptr<fb::WeightT> translate(plan::WeightOp op) {
    auto out = std::make_unique<fb::WeightT>();
    auto type = cast<RankedTensorType>(op.getType());
    plan::LayoutAttr layout = op.getLayout();
    out->name = nameWeight(op);
    out->dtype = dtypeOf(type.getElementType());
    out->shape.assign(type.getShape().begin(), type.getShape().end());
    out->layout = layout.getPanels16()  ? fb::Layout_panels16
                  : layout.isRowMajor() ? fb::Layout_row_major
                                        : fb::Layout_permuted;
    if (out->layout == fb::Layout_permuted)
      out->permutation = permutationOf(layout);
    if (op.getSplat()) {
      out->storage = fb::WeightStorage_splat;
      out->splat = op.getSplat()->convertToDouble();
    }
    return out;
  }

  static std::unique_ptr<fb::StateT> translate(plan::StateOp op) {
    auto out = std::make_unique<fb::StateT>();
    auto type = cast<RankedTensorType>(op.getType());
    out->name = op.getSymName().str();
    out->role = op.getRole().str();
    out->dtype = dtypeOf(type.getElementType());
    out->shape.assign(type.getShape().begin(), type.getShape().end());
    out->permutation = permutationOf(*op.getLayout());
    return out;
  }

  static std::unique_ptr<fb::KernelT> translateKernel(func::FuncOp function) {
    auto out = std::make_unique<fb::KernelT>();
    out->name = function.getSymName().str();
    out->operand_count = function.getNumArguments() + function.getNumResults() +
                         function->hasAttr(plan::sharedAttrName);
    if (auto scratch =
            function->getAttrOfType<IntegerAttr>(plan::scratchAttrName))
      out->scratch_bytes = scratch.getInt();
    if (auto scratch =
            function->getAttrOfType<IntegerAttr>(plan::scratchPerStepAttrName))
      out->scratch_bytes_per_step = scratch.getInt();
    return out;
  }

  static std::unique_ptr<fb::TensorSpecT>
  translateSpec(Type type, StringRef kind, unsigned number, unsigned count,
                uint64_t bound) {
    auto tensor = cast<RankedTensorType>(type);
    auto out = std::make_unique<fb::TensorSpecT>();
    out->name = kind.str();
    if (count > 1)
      out->name += std::to_string(number);
    out->dtype = dtypeOf(tensor.getElementType());
    out->bound = bound;
    for (auto [axis, extent] : llvm::enumerate(tensor.getShape())) {
      auto dim = std::make_unique<fb::DimT>();
      dim->kind = !ShapedType::isDynamic(extent) ? fb::DimKind_fixed
                  : axis == 0                    ? fb::DimKind_batch
                                                 : fb::DimKind_length;
      dim->size = ShapedType::isDynamic(extent) ? 0 : extent;
      out->dims.push_back(std::move(dim));
    }
    return out;
  }

  std::unique_ptr<fb::OperandT> translateOperand(plan::EntryOp entry,
                                                 Attribute place) {
    auto out = std::make_unique<fb::OperandT>();
    auto sized = [&](ArrayAttr types, int64_t index, fb::OperandKind kind) {
      out->kind = kind;
      out->index = index;
      out->size = unitBytes(
          cast<RankedTensorType>(cast<TypeAttr>(types[index]).getValue()));
    };
    llvm::TypeSwitch<Attribute>(place)
        .Case([&](plan::ArenaAttr arena) {
          fb::OperandKind kinds[] = {fb::OperandKind_arena_fixed,
                                     fb::OperandKind_arena_batch,
                                     fb::OperandKind_arena_row};
          out->kind = kinds[static_cast<int>(arena.getRegion())];
          out->offset = arena.getOffset();
          out->size = arena.getSize();
        })
        .Case([&](plan::InputAttr input) {
          sized(entry.getInputs(), input.getIndex(), fb::OperandKind_input);
        })
        .Case([&](plan::OutputAttr output) {
          sized(entry.getOutputs(), output.getIndex(), fb::OperandKind_output);
        })
        .Case([&](plan::WeightRefAttr weight) {
          out->kind = fb::OperandKind_weight;
          out->index = weights.lookup(weight.getSymbol().getValue());
          out->size = laidOutBytes(*program.weights[out->index]);
        })
        .Case([&](plan::StateRefAttr state) {
          out->kind = fb::OperandKind_state;
          out->index = states.lookup(state.getSymbol().getValue());
          const fb::StateT &row = *program.states[out->index];
          out->size = elementBytes(row.dtype);
          for (uint64_t extent : row.shape)
            out->size *= extent;
        });
    return out;
  }

  std::unique_ptr<fb::InstructionT> translateRun(plan::EntryOp entry,
                                                 plan::RunOp run, bool isStep) {
    fb::DispatchT dispatch;
    dispatch.kernel = kernels.lookup(run.getKernel());
    dispatch.grid = std::make_unique<fb::GridT>();
    plan::GridAttr grid = run.getGrid();
    dispatch.grid->items = grid.getItems();
    dispatch.grid->per_batch = grid.getPerBatch();
    dispatch.grid->row_tile = grid.getRowTile();
    dispatch.grid->rounds_per_step = grid.getRoundsPerStep();
    plan::CostAttr cost = run.getCost();
    dispatch.flops_per_row = cost.getFlopsPerRow();
    dispatch.bytes_per_row = cost.getBytesPerRow();
    dispatch.bytes_fixed = cost.getBytesFixed();
    dispatch.bytes_per_batch = cost.getBytesPerBatch();
    dispatch.elementary_per_row = cost.getElementaryPerRow();
    dispatch.weight_bytes_per_step = cost.getWeightBytesPerStep();
    // A tile of rows is as many rows of work as it has; an item of a round is
    // a part of one; else an item spans the block's whole length.
    int64_t steps = isStep ? 1 : std::max<int64_t>(entry.getBlock(), 1);
    int64_t rows = grid.getRowTile() ? std::min(grid.getRowTile(), steps)
                   : grid.getRoundsPerStep() ? 1
                                             : steps;
    int64_t work =
        std::max<int64_t>(1, (cost.getFlopsPerRow() +
                              flopsPerElementary * cost.getElementaryPerRow() +
                              cost.getBytesPerRow() / 4) *
                                 rows / grid.getItems());
    dispatch.grain = llvm::divideCeil(minimalWork, work);
    unsigned first = run.getOperands().size() - run.getWritten();
    for (auto [i, place] : llvm::enumerate(run.getOperands())) {
      dispatch.operands.push_back(translateOperand(entry, place));
      dispatch.operands.back()->written = i >= first;
    }
    auto out = std::make_unique<fb::InstructionT>();
    out->body.Set(std::move(dispatch));
    return out;
  }

  std::unique_ptr<fb::EntryT> translate(plan::EntryOp op) {
    auto out = std::make_unique<fb::EntryT>();
    out->name = op.getSymName().str();
    auto types = [](ArrayAttr list) {
      return llvm::to_vector(list.getAsValueRange<TypeAttr>());
    };
    SmallVector<Type> inputs = types(op.getInputs());
    SmallVector<Type> outputs = types(op.getOutputs());
    for (auto [i, type] : llvm::enumerate(inputs)) {
      bool ids = cast<RankedTensorType>(type).getElementType().isInteger(64);
      out->inputs.push_back(translateSpec(type, ids ? "ids" : "input", i,
                                          inputs.size(), op.getBounds()[i]));
    }
    for (auto [i, type] : llvm::enumerate(outputs))
      out->outputs.push_back(
          translateSpec(type, "output", i, outputs.size(), 0));
    auto first =
        inputs.empty() ? RankedTensorType() : cast<RankedTensorType>(inputs[0]);
    if (first && first.getRank() > 0 && !first.isDynamicDim(0))
      out->fixed_batch = first.getDimSize(0);
    if (first && first.getRank() > 1 && !first.isDynamicDim(1))
      out->fixed_length = first.getDimSize(1);
    out->state_use = static_cast<fb::StateUse>(op.getStateUse());
    out->sequence_block = op.getBlock();
    out->arena_fixed = op.getArenaFixed();
    out->arena_batch = op.getArenaBatch();
    out->arena_row = op.getArenaRow();
    for (auto run : op.getBody().getOps<plan::RunOp>())
      out->instructions.push_back(
          translateRun(op, run, out->fixed_length == 1));
    return out;
  }

  ModuleOp module;
  fb::ProgramT program;
  llvm::StringMap<uint32_t> weights, states, kernels;
  llvm::StringSet<> weightNames;
};
} // namespace

fb::ProgramT ssmc::translateProgram(ModuleOp module) {
  return Translator(module).run();
}

//===----------------------------------------------------------------------===//
// Code and identity
//===----------------------------------------------------------------------===//

ProgramKernels::ProgramKernels(ModuleOp module) : reports(module.getContext()) {
  OwningOpRef<ModuleOp> kernels = ModuleOp::create(module.getLoc());
  OpBuilder builder(kernels->getBodyRegion());
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function->hasAttr(plan::kernelAttrName))
      continue;
    builder.clone(*function);
    names.push_back(function.getSymName().str());
  }
  llvm::raw_string_ostream stream(bytecode);
  (void)writeBytecodeToFile(*kernels, stream);
}

/// The place in a file that a location of another context comes from.
static Location findPlace(Location location, MLIRContext *context) {
  Location place = UnknownLoc::get(context);
  location->walk([&](Location part) {
    auto file = dyn_cast<FileLineColLoc>(part);
    if (!file)
      return WalkResult::advance();
    place = FileLineColLoc::get(context, file.getFilename().getValue(),
                                file.getLine(), file.getColumn());
    return WalkResult::interrupt();
  });
  return place;
}

void ProgramKernels::report(const Diagnostic &diagnostic) const {
  Location place = findPlace(diagnostic.getLocation(), reports);
  auto text = StringAttr::get(reports, diagnostic.str());
  std::lock_guard<std::mutex> lock(mutex);
  if (reported.insert({place, text}).second)
    mlir::emitError(place) << text.getValue();
}

FailureOr<CodeImage> ProgramKernels::compile(const CpuTarget &target,
                                             const EmitOptions &options) const {
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.printOpOnDiagnostic(false);
  ScopedDiagnosticHandler handler(
      &context, [&](Diagnostic &diagnostic) { report(diagnostic); });
  OwningOpRef<ModuleOp> kernels =
      parseSourceString<ModuleOp>(bytecode, &context);
  if (!kernels)
    return failure();
  PassManager manager(&context);
  buildLowerPipeline(manager, target.level);
  if (failed(manager.run(*kernels)))
    return failure();
  SmallVector<StringRef> order(names.begin(), names.end());
  return compileKernels(*kernels, order, target, options);
}

std::pair<uint64_t, uint64_t> ssmc::hashDefinition(ModuleOp module) {
  OwningOpRef<ModuleOp> copy = module.clone();
  (*copy)->removeAttr("ssm.checkpoint");
  (*copy)->removeAttr("ssm.assets");
  std::string text;
  llvm::raw_string_ostream stream(text);
  copy->print(stream, OpPrintingFlags().useLocalScope());
  XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return {hash.low64, hash.high64};
}
