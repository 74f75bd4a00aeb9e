//===- FourierTransform.cpp - transforms of sixteen sequences -------------===//
//
// Decimation in frequency forwards, in time backwards, both in place: a step of
// radix 4 on a block of m points leaves four blocks of m/4, whose transforms
// are the frequencies congruent 0, 1, 2, 3 modulo 4. The last 4 or 8 points of
// a block are one step.
//
// Every 64 or 128 points a line is left out. Without that, the points that one
// butterfly combines, a power of two apart, would compete for one set of the
// cache.
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/CpuKernels/FourierTransform.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <cmath>

using namespace mlir;
using namespace ssmc;

namespace {
constexpr int64_t half = laneCount / 2; // complex numbers of a point
// Points of a block that is finished before the next one begins: with its
// tables it stays in a second-level cache.
constexpr int64_t blockPoints = 2048;
} // namespace

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value FourierTransform::splat(double value) { return e.constant(value, half); }

Value FourierTransform::shiftRight(Value value, Value bits) {
  return e.builder.createOrFold<arith::ShRUIOp>(e.loc, value, bits);
}

ComplexLanes FourierTransform::add(ComplexLanes a, ComplexLanes b) {
  return {arith::AddFOp::create(e.builder, e.loc, a.re, b.re),
          arith::AddFOp::create(e.builder, e.loc, a.im, b.im)};
}

ComplexLanes FourierTransform::sub(ComplexLanes a, ComplexLanes b) {
  return {arith::SubFOp::create(e.builder, e.loc, a.re, b.re),
          arith::SubFOp::create(e.builder, e.loc, a.im, b.im)};
}

ComplexLanes FourierTransform::mul(ComplexLanes a, std::pair<Value, Value> w,
                                   bool conjugate) {
  auto mulf = [&](Value x, Value y) -> Value {
    return arith::MulFOp::create(e.builder, e.loc, x, y);
  };
  auto fma = [&](Value x, Value y, Value z) -> Value {
    return math::FmaOp::create(e.builder, e.loc, x, y, z);
  };
  auto neg = [&](Value x) -> Value {
    return arith::NegFOp::create(e.builder, e.loc, x);
  };
  auto [c, s] = w;
  Value cross = mulf(a.im, s), straight = mulf(a.re, s);
  if (conjugate) // (re + i im) (c - i s)
    return {fma(a.re, c, cross), fma(a.im, c, neg(straight))};
  return {fma(a.re, c, neg(cross)), fma(a.im, c, straight)};
}

std::array<ComplexLanes, 4>
FourierTransform::butterfly(bool forward, std::array<ComplexLanes, 4> x) {
  ComplexLanes a = add(x[0], x[2]), b = sub(x[0], x[2]);
  ComplexLanes c = add(x[1], x[3]), d = sub(x[1], x[3]);
  // b -+ i d
  auto turned = [&](bool minus) -> ComplexLanes {
    auto addf = [&](Value p, Value q) -> Value {
      return arith::AddFOp::create(e.builder, e.loc, p, q);
    };
    auto subf = [&](Value p, Value q) -> Value {
      return arith::SubFOp::create(e.builder, e.loc, p, q);
    };
    if (minus)
      return {addf(b.re, d.im), subf(b.im, d.re)};
    return {subf(b.re, d.im), addf(b.im, d.re)};
  };
  return {add(a, c), turned(forward), sub(a, c), turned(!forward)};
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

ComplexLanes FourierTransform::load(Value place) {
  auto at = [&](Value offset) -> Value {
    return vector::LoadOp::create(
        e.builder, e.loc, cast<VectorType>(e.laneType(half)), scratch, offset);
  };
  return {at(place), at(e.add(place, e.index(half)))};
}

void FourierTransform::store(ComplexLanes value, Value place) {
  vector::StoreOp::create(e.builder, e.loc, value.re, scratch, place);
  vector::StoreOp::create(e.builder, e.loc, value.im, scratch,
                          e.add(place, e.index(half)));
}

Value FourierTransform::padded(Value index) {
  return e.add(index, shiftRight(index, lineBits));
}

Value FourierTransform::buffer(int64_t number) {
  Value points = padded(length);
  return e.add(e.mul(length, e.index(2)),
               e.mul(points, e.index(number * laneCount)));
}

Value FourierTransform::point(Value buffer, Value index) {
  return e.add(buffer, e.mul(padded(index), e.index(laneCount)));
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

FourierTransform::FourierTransform(LoopEmitter &emitter, Value scratch,
                                   Value length)
    : e(emitter), scratch(scratch), length(length) {
  auto split = scf::WhileOp::create(
      e.builder, e.loc, TypeRange{length.getType(), length.getType()},
      ValueRange{length, e.index(0)},
      [&](OpBuilder &b, Location loc, ValueRange args) {
        Value eight = arith::ConstantIndexOp::create(b, loc, 8);
        Value isLong = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ugt,
                                             args[0], eight);
        scf::ConditionOp::create(b, loc, isLong, args);
      },
      [&](OpBuilder &b, Location loc, ValueRange args) {
        Value two = arith::ConstantIndexOp::create(b, loc, 2);
        Value one = arith::ConstantIndexOp::create(b, loc, 1);
        Value fewer = arith::ShRUIOp::create(b, loc, args[0], two);
        Value more = arith::AddIOp::create(b, loc, args[1], one);
        scf::YieldOp::create(b, loc, ValueRange{fewer, more});
      });
  leafPoints = split.getResult(0);
  steps = split.getResult(1);
  // Blocks of radix 16 have 16, 256, ... leaves: so that each lies between two
  // left-out lines or has its sixteenths end at them, these are 16 leaves
  // apart.
  lineBits = e.add(e.index(5), e.div(leafPoints, e.index(4)));
}

/// Blocks of m points take 6 (m/4) floats: each of W^j, W^2j, W^3j as real and
/// imaginary parts for j < m/4. Blocks of n, n/4, ... one after the other.
Value FourierTransform::table(Value m) {
  return e.mul(e.index(2), e.sub(length, m));
}

FourierTransform::Twiddles
FourierTransform::loadTwiddles(Value table, Value quarter, Value j) {
  Twiddles result;
  for (int64_t k = 0; k < 3; ++k) {
    auto at = [&](int64_t part) -> Value {
      Value offset =
          e.add(e.add(table, e.mul(quarter, e.index(2 * k + part))), j);
      Value scalar = memref::LoadOp::create(e.builder, e.loc, scratch, offset);
      return vector::BroadcastOp::create(e.builder, e.loc, e.laneType(half),
                                         scalar);
    };
    result[k] = {at(0), at(1)};
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

void FourierTransform::step(bool forward, Value first, Value stride,
                            const Twiddles &w) {
  std::array<Value, 4> places;
  std::array<ComplexLanes, 4> x;
  for (int64_t i = 0; i < 4; ++i) {
    places[i] = e.add(first, e.mul(stride, e.index(i)));
    x[i] = load(places[i]);
    if (!forward && i)
      x[i] = mul(x[i], w[i - 1], /*conjugate=*/true);
  }
  x = butterfly(forward, x);
  for (int64_t i = 0; i < 4; ++i) {
    if (forward && i)
      x[i] = mul(x[i], w[i - 1], /*conjugate=*/false);
    store(x[i], places[i]);
  }
}

void FourierTransform::radix4(bool forward, Value buffer, Value base, Value m) {
  Value quarter = shiftRight(m, e.index(2));
  Value origin = point(buffer, base);
  Value stride = e.mul(padded(quarter), e.index(laneCount));
  e.forLoop(e.index(0), quarter, e.index(1), [&](Value j) {
    step(forward, e.add(origin, e.mul(padded(j), e.index(laneCount))), stride,
         loadTwiddles(table(m), quarter, j));
  });
}

void FourierTransform::radix16(bool forward, Value buffer, Value base,
                               Value m) {
  Value quarter = shiftRight(m, e.index(2)), part = shiftRight(m, e.index(4));
  Value origin = point(buffer, base);
  Value stride = e.mul(padded(part), e.index(laneCount));
  Value fourStrides = e.mul(stride, e.index(4));
  e.forLoop(e.index(0), part, e.index(1), [&](Value j) {
    Value first = e.add(origin, e.mul(padded(j), e.index(laneCount)));
    // Points c, c+4, c+8, c+12: a butterfly of the block.
    auto outerSteps = [&] {
      e.forLoop(e.index(0), e.index(4), e.index(1), [&](Value c) {
        step(forward, e.add(first, e.mul(stride, c)), fourStrides,
             loadTwiddles(table(m), quarter, e.add(j, e.mul(part, c))));
      });
    };
    // Points 4k .. 4k+3: one of the block's k-th quarter.
    auto innerSteps = [&] {
      Twiddles w = loadTwiddles(table(quarter), part, j);
      e.forLoop(e.index(0), e.index(4), e.index(1), [&](Value k) {
        step(forward, e.add(first, e.mul(fourStrides, k)), stride, w);
      });
    };
    if (forward)
      outerSteps();
    innerSteps();
    if (!forward)
      outerSteps();
  });
}

void FourierTransform::leaf(bool forward, Value buffer, Value base,
                            int64_t radix) {
  Value first = point(buffer, base);
  auto place = [&](int64_t i) { return e.add(first, e.index(i * laneCount)); };
  if (radix == 4) {
    std::array<ComplexLanes, 4> x;
    for (int64_t i = 0; i < 4; ++i)
      x[i] = load(place(i));
    x = butterfly(forward, x);
    for (int64_t i = 0; i < 4; ++i)
      store(x[i], place(i));
    return;
  }
  // Even and odd points, then each pair of frequencies k and k+4.
  std::array<ComplexLanes, 4> even, odd;
  for (int64_t i = 0; i < 4; ++i) {
    even[i] = load(place(2 * i));
    odd[i] = load(place(2 * i + 1));
  }
  even = butterfly(forward, even);
  odd = butterfly(forward, odd);
  for (int64_t k = 0; k < 4; ++k) {
    ComplexLanes turned = odd[k];
    if (k)
      turned =
          mul(odd[k],
              {splat(std::cos(k * M_PI / 4)), splat(-std::sin(k * M_PI / 4))},
              /*conjugate=*/!forward);
    store(add(even[k], turned), place(k));
    store(sub(even[k], turned), place(k + 4));
  }
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

void FourierTransform::forBlocks(bool forward,
                                 function_ref<void(Value, Value)> body,
                                 function_ref<void(Value)> leaf, Value top) {
  // Steps of radix 16 on top, top/16, ... leafPoints*16.
  Value levels = e.div(steps, e.index(2));
  // The largest of these, or the leaf, that is at most blockPoints.
  auto search = scf::WhileOp::create(
      e.builder, e.loc, TypeRange{e.builder.getIndexType()}, ValueRange{top},
      [&](OpBuilder &b, Location loc, ValueRange args) {
        Value large = arith::CmpIOp::create(
            b, loc, arith::CmpIPredicate::ugt, args[0],
            arith::ConstantIndexOp::create(b, loc, blockPoints));
        scf::ConditionOp::create(b, loc, large, args);
      },
      [&](OpBuilder &b, Location loc, ValueRange args) {
        Value bits = arith::ConstantIndexOp::create(b, loc, 4);
        Value next = arith::ShRUIOp::create(b, loc, args[0], bits);
        scf::YieldOp::create(b, loc, next);
      });
  Value block = search.getResult(0);

  auto onLevels = [&](Value start) {
    e.forLoop(e.index(0), levels, e.index(1), [&](Value i) {
      Value level = forward ? i : e.sub(e.sub(levels, i), e.index(1));
      Value m = shiftRight(top, e.mul(level, e.index(4)));
      // Blocks above `block` have their turn where they begin; backwards, where
      // they end. The ones below all have it here.
      Value edge = forward ? start : e.add(start, block);
      Value isLarge = arith::CmpIOp::create(
          e.builder, e.loc, arith::CmpIPredicate::ugt, m, block);
      Value isDue =
          arith::CmpIOp::create(e.builder, e.loc, arith::CmpIPredicate::eq,
                                e.rem(edge, m), e.index(0));
      Value one = arith::SelectOp::create(e.builder, e.loc, isDue, e.index(1),
                                          e.index(0));
      Value count = arith::SelectOp::create(e.builder, e.loc, isLarge, one,
                                            e.div(block, m));
      Value first = forward ? start : e.sub(edge, e.mul(m, count));
      e.forLoop(e.index(0), count, e.index(1),
                [&](Value number) { body(e.add(first, e.mul(number, m)), m); });
    });
  };
  e.forLoop(e.index(0), length, block, [&](Value start) {
    if (forward)
      onLevels(start);
    e.forLoop(start, e.add(start, block), leafPoints, leaf);
    if (!forward)
      onLevels(start);
  });
}

void FourierTransform::emitForward(Value buffer) {
  // An odd step of radix 4 comes first.
  Value odd = e.rem(steps, e.index(2));
  e.forLoop(e.index(0), odd, e.index(1),
            [&](Value) { radix4(true, buffer, e.index(0), length); });
  Value top = shiftRight(length, e.mul(odd, e.index(2)));
  Value isEight = arith::CmpIOp::create(
      e.builder, e.loc, arith::CmpIPredicate::eq, leafPoints, e.index(8));
  forBlocks(
      true, [&](Value base, Value m) { radix16(true, buffer, base, m); },
      [&](Value base) {
        auto branch = scf::IfOp::create(e.builder, e.loc, isEight, true);
        OpBuilder::InsertionGuard guard(e.builder);
        e.builder.setInsertionPointToStart(branch.thenBlock());
        leaf(true, buffer, base, 8);
        e.builder.setInsertionPointToStart(branch.elseBlock());
        leaf(true, buffer, base, 4);
      },
      top);
}

void FourierTransform::emitInverse(Value buffer) {
  Value odd = e.rem(steps, e.index(2));
  Value top = shiftRight(length, e.mul(odd, e.index(2)));
  Value isEight = arith::CmpIOp::create(
      e.builder, e.loc, arith::CmpIPredicate::eq, leafPoints, e.index(8));
  forBlocks(
      false, [&](Value base, Value m) { radix16(false, buffer, base, m); },
      [&](Value base) {
        auto branch = scf::IfOp::create(e.builder, e.loc, isEight, true);
        OpBuilder::InsertionGuard guard(e.builder);
        e.builder.setInsertionPointToStart(branch.thenBlock());
        leaf(false, buffer, base, 8);
        e.builder.setInsertionPointToStart(branch.elseBlock());
        leaf(false, buffer, base, 4);
      },
      top);
  e.forLoop(e.index(0), odd, e.index(1),
            [&](Value) { radix4(false, buffer, e.index(0), length); });
}

void FourierTransform::forPairs(
    Value a, Value b, function_ref<void(Value, Value, Value, Value)> body) {
  // A frequency's digits stand in its place from the lowest to the highest.
  // Negation keeps the zeros before the first other digit d, makes that r - d
  // and complements the digits behind it, so within the places [M, r M) of a
  // step of radix r with M places behind each digit, p and (r + 1) M - 1 - p
  // are a pair. Behind the steps of radix 4 come the leaf, with M = 1, and
  // place 0.
  Value levels = e.add(steps, e.index(2));
  e.forLoop(e.index(0), levels, e.index(1), [&](Value i) {
    auto select = [&](Value condition, Value x, Value y) -> Value {
      return arith::SelectOp::create(e.builder, e.loc, condition, x, y);
    };
    auto is = [&](arith::CmpIPredicate predicate, Value bound) -> Value {
      return arith::CmpIOp::create(e.builder, e.loc, predicate, i, bound);
    };
    Value isStep = is(arith::CmpIPredicate::ult, steps);
    Value isLeaf = is(arith::CmpIPredicate::eq, steps);
    Value shift = e.mul(e.add(i, e.index(1)), e.index(2));
    Value places = select(isStep, shiftRight(length, shift), e.index(1));
    Value digits = select(isStep, e.index(5), e.add(leafPoints, e.index(1)));
    Value sum = e.sub(e.mul(digits, places), e.index(1));
    Value from = places, to = e.div(e.add(sum, e.index(2)), e.index(2));
    Value isOuter = arith::OrIOp::create(e.builder, e.loc, isStep, isLeaf);
    from = select(isOuter, from, e.index(0));
    to = select(isOuter, to, e.index(1));
    sum = select(isOuter, sum, e.index(0));
    e.forLoop(from, to, e.index(1), [&](Value p) {
      Value q = e.sub(sum, p);
      body(point(a, p), point(a, q), point(b, p), point(b, q));
    });
  });
}

//===----------------------------------------------------------------------===//
// Products of spectra
//===----------------------------------------------------------------------===//

void FourierTransform::emitMultiply(Value a, Value b) {
  auto f32 = [&](Value integer) -> Value {
    Value number = arith::IndexCastOp::create(e.builder, e.loc,
                                              e.builder.getI64Type(), integer);
    return arith::SIToFPOp::create(e.builder, e.loc, e.builder.getF32Type(),
                                   number);
  };
  // Powers of two, so nothing is rounded.
  Value quarter = arith::DivFOp::create(
      e.builder, e.loc,
      arith::ConstantOp::create(e.builder, e.loc,
                                e.builder.getF32FloatAttr(0.25)),
      f32(length));
  Value scale = vector::BroadcastOp::create(e.builder, e.loc,
                                            e.laneType(laneCount / 2), quarter);
  auto fma = [&](Value a, Value b, Value c) -> Value {
    return math::FmaOp::create(e.builder, e.loc, a, b, c);
  };
  auto add = [&](Value a, Value b) -> Value {
    return arith::AddFOp::create(e.builder, e.loc, a, b);
  };
  auto sub = [&](Value a, Value b) -> Value {
    return arith::SubFOp::create(e.builder, e.loc, a, b);
  };
  auto mul = [&](Value a, Value b) -> Value {
    return arith::MulFOp::create(e.builder, e.loc, a, b);
  };
  auto neg = [&](Value a) -> Value {
    return arith::NegFOp::create(e.builder, e.loc, a);
  };
  // A complex sequence z = a + i b of two real ones, convolved with g for a and
  // h for b: with z' = conj(z[-k]),
  //   y[k] = z (g + h)/2 + z' (g - h)/2,  conj(y[-k]) = z' (g + h)/2 + z (g -
  //   h)/2
  // where g and h come apart likewise from the spectrum of g + i h.
  forPairs(a, b, [&](Value at, Value atNegative, Value bAt, Value bNegative) {
    ComplexLanes z = load(at), w = load(atNegative);
    ComplexLanes k = load(bAt), l = load(bNegative);
    Value p = add(k.re, l.re), q = add(k.im, l.im);
    Value r = sub(k.im, l.im), s = sub(k.re, l.re);
    ComplexLanes mean = {mul(add(p, q), scale), mul(sub(r, s), scale)};
    ComplexLanes rest = {mul(sub(p, q), scale), mul(add(r, s), scale)};
    // a m + conj(b) n
    auto combine = [&](ComplexLanes a, ComplexLanes b, ComplexLanes m,
                       ComplexLanes n) -> ComplexLanes {
      Value re = mul(a.re, m.re);
      re = fma(neg(a.im), m.im, re);
      re = fma(b.re, n.re, re);
      re = fma(b.im, n.im, re);
      Value im = mul(a.re, m.im);
      im = fma(a.im, m.re, im);
      im = fma(b.re, n.im, im);
      im = fma(neg(b.im), n.re, im);
      return {re, im};
    };
    store(combine(z, w, mean, rest), at);
    ComplexLanes y = combine(z, w, rest, mean);
    store({y.re, neg(y.im)}, atNegative);
  });
}

//===----------------------------------------------------------------------===//
// Routines
//===----------------------------------------------------------------------===//

void FourierTransform::call(
    StringRef name, ValueRange buffers,
    function_ref<void(FourierTransform &, ValueRange)> body) {
  SmallVector<Value> operands = {scratch, length};
  llvm::append_range(operands, buffers);
  e.callRoutine(name, operands, [&](LoopEmitter &routine, ValueRange own) {
    FourierTransform transform(routine, own[0], own[1]);
    body(transform, own.drop_front(2));
  });
}

void FourierTransform::prepare() {
  call("fourier_tables", {},
       [](FourierTransform &own, ValueRange) { own.emitTables(); });
}

void FourierTransform::forward(Value buffer) {
  call("fourier_forward", buffer,
       [](FourierTransform &own, ValueRange buffers) {
         own.emitForward(buffers[0]);
       });
}

void FourierTransform::inverse(Value buffer) {
  call("fourier_inverse", buffer,
       [](FourierTransform &own, ValueRange buffers) {
         own.emitInverse(buffers[0]);
       });
}

void FourierTransform::multiply(Value a, Value b) {
  call("fourier_multiply", {a, b},
       [](FourierTransform &own, ValueRange buffers) {
         own.emitMultiply(buffers[0], buffers[1]);
       });
}
