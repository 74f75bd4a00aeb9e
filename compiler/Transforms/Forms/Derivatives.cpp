//===- Derivatives.cpp - forward-mode derivatives of pointwise ops --------===//

#include "compiler/Transforms/Forms/Derivatives.h"

#include "dialects/Ssm/SsmDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace ssmc {

using Tangent = std::optional<ChunkTensor>;

namespace {
/// Arithmetic on tangents, of which absent ones are zero.
struct Rules {
  ChunkArithmetic &a;
  const Differential &at;

  const ChunkTensor &x(unsigned i) const { return at.operands[i]; }
  const Tangent &dx(unsigned i) const { return at.tangents[i]; }
  ChunkTensor number(double value) { return a.constant(value); }
  ChunkTensor negative(const ChunkTensor &tensor) {
    return a.multiply(tensor, number(-1));
  }

  Tangent sum(const Tangent &left, const Tangent &right) {
    if (!left || !right)
      return left ? left : right;
    return a.add(*left, *right);
  }
  Tangent times(const Tangent &tangent, const ChunkTensor &factor) {
    return tangent ? Tangent(a.multiply(*tangent, factor)) : std::nullopt;
  }
  /// `left` where the condition holds, else `right`.
  Tangent choose(const ChunkTensor &condition, const Tangent &left,
                 const Tangent &right) {
    if (!left && !right)
      return std::nullopt;
    ChunkTensor zero = number(0);
    return a.select(condition, left ? *left : zero, right ? *right : zero);
  }
  ChunkTensor compare(arith::CmpFPredicate predicate, const ChunkTensor &left,
                      const ChunkTensor &right) {
    Dims dims = ChunkArithmetic::allDims({left, right});
    SmallVector<Dim, 4> names;
    for (auto [dim, extent] : dims)
      names.push_back(dim);
    return {arith::CmpFOp::create(a.builder, a.loc, predicate,
                                  a.align(left, dims).value,
                                  a.align(right, dims).value),
            names};
  }
  template <typename Op> ChunkTensor apply(const ChunkTensor &tensor) {
    return {Op::create(a.builder, a.loc, tensor.value.getType(), tensor.value),
            tensor.dims};
  }
};
} // namespace

/// Calls `with` with the op's rule, if it has one: a function from `Rules` to
/// the tangent of the result `y`.
template <typename F> static bool visitRule(Operation *op, F with) {
  auto rule = [&](auto function) {
    with(function);
    return true;
  };
  using R = Rules &;
  return TypeSwitch<Operation *, bool>(op)
      .Case([&](arith::AddFOp) {
        return rule([](R r) { return r.sum(r.dx(0), r.dx(1)); });
      })
      .Case([&](arith::SubFOp) {
        return rule(
            [](R r) { return r.sum(r.dx(0), r.times(r.dx(1), r.number(-1))); });
      })
      .Case([&](arith::NegFOp) {
        return rule([](R r) { return r.times(r.dx(0), r.number(-1)); });
      })
      .Case([&](arith::MulFOp) {
        return rule([](R r) {
          return r.sum(r.times(r.dx(0), r.x(1)), r.times(r.dx(1), r.x(0)));
        });
      })
      .Case([&](math::FmaOp) {
        return rule([](R r) {
          return r.sum(
              r.sum(r.times(r.dx(0), r.x(1)), r.times(r.dx(1), r.x(0))),
              r.dx(2));
        });
      })
      .Case([&](arith::DivFOp) {
        return rule([](R r) -> Tangent {
          Tangent top =
              r.sum(r.dx(0), r.times(r.dx(1), r.negative(r.at.result)));
          return top ? Tangent(r.a.divide(*top, r.x(1))) : std::nullopt;
        });
      })
      .Case([&](arith::MaximumFOp) {
        return rule([](R r) {
          return r.choose(r.compare(arith::CmpFPredicate::OGE, r.x(0), r.x(1)),
                          r.dx(0), r.dx(1));
        });
      })
      .Case([&](arith::MinimumFOp) {
        return rule([](R r) {
          return r.choose(r.compare(arith::CmpFPredicate::OLE, r.x(0), r.x(1)),
                          r.dx(0), r.dx(1));
        });
      })
      .Case([&](arith::SelectOp) {
        return rule([](R r) { return r.choose(r.x(0), r.dx(1), r.dx(2)); });
      })
      .Case([&](arith::CmpFOp) { // jumps count as flat
        return rule([](R) { return Tangent(); });
      })
      .Case([&](math::AbsFOp) {
        return rule([](R r) {
          return r.choose(
              r.compare(arith::CmpFPredicate::OGE, r.x(0), r.number(0)),
              r.dx(0), r.times(r.dx(0), r.number(-1)));
        });
      })
      .Case([&](math::TanhOp) {
        return rule([](R r) {
          ChunkTensor square = r.a.multiply(r.at.result, r.at.result);
          return r.times(r.dx(0), r.a.subtract(r.number(1), square));
        });
      })
      .Case([&](math::ExpOp) {
        return rule([](R r) { return r.times(r.dx(0), r.at.result); });
      })
      .Case([&](math::LogOp) {
        return rule([](R r) -> Tangent {
          return r.dx(0) ? Tangent(r.a.divide(*r.dx(0), r.x(0))) : std::nullopt;
        });
      })
      .Case([&](math::SqrtOp) {
        return rule([](R r) -> Tangent {
          if (!r.dx(0))
            return std::nullopt;
          return r.a.divide(*r.dx(0), r.a.multiply(r.at.result, r.number(2)));
        });
      })
      .Case([&](math::SinOp) {
        return rule(
            [](R r) { return r.times(r.dx(0), r.apply<math::CosOp>(r.x(0))); });
      })
      .Case([&](math::CosOp) {
        return rule([](R r) {
          return r.times(r.dx(0), r.negative(r.apply<math::SinOp>(r.x(0))));
        });
      })
      .Case([&](ssm::SigmoidOp) {
        return rule([](R r) {
          ChunkTensor other = r.a.subtract(r.number(1), r.at.result);
          return r.times(r.dx(0), r.a.multiply(r.at.result, other));
        });
      })
      .Case([&](ssm::SiluOp) { // s + y (1 - s), with s the sigmoid
        return rule([](R r) {
          ChunkTensor s = r.apply<ssm::SigmoidOp>(r.x(0));
          ChunkTensor other = r.a.subtract(r.number(1), s);
          return r.times(r.dx(0), r.a.add(s, r.a.multiply(r.at.result, other)));
        });
      })
      .Case([&](ssm::SoftplusOp) {
        return rule([](R r) {
          return r.times(r.dx(0), r.apply<ssm::SigmoidOp>(r.x(0)));
        });
      })
      .Case([&](ssm::ReluOp) {
        return rule([](R r) {
          return r.choose(
              r.compare(arith::CmpFPredicate::OGE, r.x(0), r.number(0)),
              r.dx(0), std::nullopt);
        });
      })
      .Default([](Operation *) { return false; });
}

bool isDifferentiable(Operation *op) {
  return isa<ssm::ContractOp>(op) || visitRule(op, [](auto) {});
}

/// Contractions are linear in each operand.
static Tangent differentiateContract(ChunkArithmetic &arithmetic,
                                     const Differential &at) {
  auto contract = cast<ssm::ContractOp>(at.op);
  SmallVector<StringRef> groups = contract.getInputAxes();
  StringRef result = contract.getResultAxes();
  auto place = [&](ChunkTensor tensor, StringRef group) {
    for (Dim &dim : tensor.dims)
      if (dim >= 0)
        dim = result.find(group[dim]);
    return tensor;
  };
  Tangent sum;
  for (auto [i, tangent] : llvm::enumerate(at.tangents)) {
    if (!tangent)
      continue;
    ChunkTensor part = place(*tangent, groups[i]);
    if (groups.size() == 2)
      part =
          arithmetic.multiply(part, place(at.operands[1 - i], groups[1 - i]));
    sum = sum ? arithmetic.add(*sum, part) : part;
  }
  return sum;
}

Tangent differentiate(ChunkArithmetic &arithmetic, const Differential &at) {
  if (isa<ssm::ContractOp>(at.op))
    return differentiateContract(arithmetic, at);
  Tangent tangent;
  Rules rules{arithmetic, at};
  visitRule(at.op, [&](auto rule) { tangent = rule(rules); });
  return tangent;
}

} // namespace ssmc
