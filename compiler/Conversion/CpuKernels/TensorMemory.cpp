//===- TensorMemory.cpp - where tensors are, and their elements -----------===//

#include "compiler/Conversion/CpuKernels/TensorEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace ssmc;

//===----------------------------------------------------------------------===//
// Scratch memory
//===----------------------------------------------------------------------===//

/// Floats of a cache line: what allocations are aligned to.
static constexpr int64_t lineFloats = 16;

int64_t ScratchMap::allocate(int64_t elements) {
  elements = llvm::alignTo(std::max<int64_t>(elements, 1), lineFloats);
  for (auto &[first, size] : gaps) {
    if (size < elements)
      continue;
    int64_t taken = first;
    first += elements;
    size -= elements;
    return taken;
  }
  int64_t taken = end;
  end += elements;
  peak = std::max(peak, end);
  return taken;
}

void ScratchMap::release(int64_t first, int64_t elements) {
  elements = llvm::alignTo(std::max<int64_t>(elements, 1), lineFloats);
  gaps.push_back({first, elements});
  llvm::sort(gaps);
  SmallVector<std::pair<int64_t, int64_t>> merged;
  for (auto [begin, size] : gaps) {
    if (size == 0)
      continue;
    if (!merged.empty() && merged.back().first + merged.back().second == begin)
      merged.back().second += size;
    else
      merged.push_back({begin, size});
  }
  gaps = merged;
  if (!gaps.empty() && gaps.back().first + gaps.back().second == end) {
    end = gaps.back().first;
    gaps.pop_back();
  }
}

static int64_t countElements(ArrayRef<int64_t> shape) {
  int64_t elements = 1;
  for (int64_t extent : shape)
    elements *= extent;
  return elements;
}

Place TensorEmitter::rowMajor(Value buffer, Value offset,
                              ArrayRef<int64_t> shape) {
  Place place;
  place.buffer = buffer;
  place.offset = offset;
  place.shape.assign(shape.begin(), shape.end());
  place.strides.resize(shape.size());
  int64_t elements = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    place.strides[axis] = e.index(elements);
    elements *= shape[axis];
  }
  return place;
}

bool TensorEmitter::isRowMajor(const Place &place, size_t from) {
  int64_t elements = 1;
  for (size_t axis = place.shape.size(); axis-- > from;) {
    if (place.panels || getConstantIntValue(place.strides[axis]) != elements)
      return false;
    elements *= place.shape[axis];
  }
  return true;
}

Place TensorEmitter::allocate(ArrayRef<int64_t> shape) {
  int64_t first = scratch.allocate(countElements(shape));
  return rowMajor(e.scratch, e.index(first), shape);
}

void TensorEmitter::release(const Place &place) {
  scratch.release(*getConstantIntValue(place.offset),
                  countElements(place.shape));
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

Value TensorEmitter::zero(const Position &at) {
  if (at.laneAxis)
    return e.constant(0.0, at.lanes);
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0.0f));
}

/// `value` in float32.
static Value widen(OpBuilder &b, Location loc, Value value) {
  if (getElementTypeOrSelf(value.getType()).isF32())
    return value;
  Type type = b.getF32Type();
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    type = vector.clone(type);
  return arith::ExtFOp::create(b, loc, type, value);
}

Value TensorEmitter::load(const Place &place, const Position &at) {
  Type element = cast<MemRefType>(place.buffer.getType()).getElementType();
  Value offset = place.offset, stride = e.index(1);
  if (place.panels) {
    Value panel = e.div(at.indices[0], e.index(panelWidth));
    Value lane = e.rem(at.indices[0], e.index(panelWidth));
    Value column = e.add(e.mul(panel, e.index(place.shape[1])), at.indices[1]);
    offset = e.add(offset, e.add(e.mul(column, e.index(panelWidth)), lane));
    if (at.laneAxis == 1u)
      stride = e.index(panelWidth);
  } else {
    for (auto [index, each] : llvm::zip_equal(at.indices, place.strides))
      offset = e.add(offset, e.mul(index, each));
    if (at.laneAxis)
      stride = place.strides[*at.laneAxis];
  }
  if (!at.laneAxis)
    return widen(b, loc, memref::LoadOp::create(b, loc, place.buffer, offset));
  auto type = VectorType::get(at.lanes, element);
  if (getConstantIntValue(stride) == 1)
    return widen(b, loc,
                 vector::LoadOp::create(b, loc, type, place.buffer, offset));
  SmallVector<Value> lanes;
  for (int64_t lane = 0; lane < at.lanes; ++lane)
    lanes.push_back(memref::LoadOp::create(
        b, loc, place.buffer, e.add(offset, e.mul(stride, e.index(lane)))));
  return widen(b, loc, vector::FromElementsOp::create(b, loc, type, lanes));
}

void TensorEmitter::store(const Place &place, const Position &at, Value value) {
  Value offset = place.offset;
  for (auto [index, stride] : llvm::zip_equal(at.indices, place.strides))
    offset = e.add(offset, e.mul(index, stride));
  if (!at.laneAxis) {
    memref::StoreOp::create(b, loc, value, place.buffer, offset);
    return;
  }
  Value stride = place.strides[*at.laneAxis];
  if (getConstantIntValue(stride) == 1) {
    vector::StoreOp::create(b, loc, value, place.buffer, offset);
    return;
  }
  for (int64_t lane = 0; lane < at.lanes; ++lane)
    memref::StoreOp::create(
        b, loc, vector::ExtractOp::create(b, loc, value, lane), place.buffer,
        e.add(offset, e.mul(stride, e.index(lane))));
}

Place TensorEmitter::step(const Place &place, Value i) {
  Place result = place;
  result.offset = e.add(place.offset, e.mul(i, place.strides[0]));
  result.strides.erase(result.strides.begin());
  result.shape.erase(result.shape.begin());
  return result;
}

Position ssmc::prepend(Value first, const Position &at) {
  Position result = at;
  result.indices.insert(result.indices.begin(), first);
  if (at.laneAxis)
    result.laneAxis = *at.laneAxis + 1;
  return result;
}

void TensorEmitter::forSpace(ArrayRef<int64_t> shape,
                             function_ref<void(const Position &)> fn) {
  Position at;
  auto visit = [&]() {
    known.clear();
    fn(at);
    known.clear();
  };
  if (shape.empty())
    return visit();
  std::function<void()> nest = [&]() {
    size_t axis = at.indices.size();
    if (axis + 1 < shape.size()) {
      e.forLoop(e.index(0), extent(shape[axis]), e.index(1), [&](Value i) {
        at.indices.push_back(i);
        nest();
        at.indices.pop_back();
      });
      return;
    }
    at.laneAxis = axis;
    e.forLanes(e.index(0), shape[axis], [&](Value first, int64_t lanes) {
      at.lanes = lanes;
      at.indices.push_back(first);
      visit();
      at.indices.pop_back();
    });
  };
  nest();
}

const Part *TensorEmitter::findPart(Value value) const {
  if (!block.parts)
    return nullptr;
  auto part = block.parts->find(value);
  return part == block.parts->end() ? nullptr : &part->second;
}

void TensorEmitter::forRuns(const Part &part, function_ref<void(Value)> fn) {
  ArrayRef<int64_t> offsets = part.offsets;
  int64_t count = offsets.size();
  int64_t distance = count > 1 ? offsets[1] - offsets[0] : 0;
  bool isEven = count > 1;
  for (int64_t i = 0; i < count; ++i)
    isEven &= offsets[i] == offsets[0] + i * distance;
  if (isEven) { // such as the gates of a cell: one piece of code
    Value first = e.add(block.first, e.index(offsets[0]));
    return e.forLoop(e.index(0), e.index(count), e.index(1), [&](Value i) {
      fn(e.add(first, e.mul(i, e.index(distance))));
    });
  }
  for (int64_t offset : offsets)
    fn(e.add(block.first, e.index(offset)));
}

void TensorEmitter::forPart(const Part &part, ArrayRef<int64_t> shape,
                            function_ref<void(const Position &)> fn) {
  SmallVector<int64_t> run(shape);
  run[part.axis] = block.size;
  forRuns(part, [&](Value first) {
    forSpace(run, [&](const Position &at) {
      Position there = at;
      there.indices[part.axis] = e.add(first, at.indices[part.axis]);
      fn(there);
    });
  });
}

void TensorEmitter::forNeeded(Value value, ArrayRef<int64_t> shape,
                              function_ref<void(const Position &)> fn) {
  if (const Part *part = findPart(value))
    forPart(*part, shape, fn);
  else
    forSpace(shape, fn);
}

void TensorEmitter::fill(const Place &target, Value value) {
  forSpace(target.shape,
           [&](const Position &at) { store(target, at, evaluate(value, at)); });
}

void TensorEmitter::copy(const Place &target, const Place &source) {
  forSpace(target.shape,
           [&](const Position &at) { store(target, at, load(source, at)); });
}
