//===- AffineForm.cpp - sums of einsum terms ------------------------------===//

#include "compiler/Analysis/AffineForm.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace ssmc {

ArrayRef<int64_t> shapeOf(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? tensor.getShape() : ArrayRef<int64_t>();
}

bool Term::isConditional() const {
  return llvm::any_of(factors, [](const Factor &factor) {
    return factor.kind == Factor::where || factor.kind == Factor::whereNot;
  });
}

bool Factor::operator==(const Factor &other) const {
  return kind == other.kind && operand == other.operand &&
         indices == other.indices && position == other.position;
}

bool StateRead::operator==(const StateRead &other) const {
  return state == other.state && after == other.after &&
         indices == other.indices;
}

bool Term::sameBut(const Term &other) const {
  return state == other.state && factors == other.factors &&
         extents == other.extents;
}

bool AffineForm::readsState() const {
  return llvm::any_of(terms, [](const Term &term) { return term.state; });
}

void AffineForm::add(const AffineForm &other, double scale) {
  for (const Term &term : other.terms) {
    auto same = llvm::find_if(
        terms, [&](const Term &mine) { return mine.sameBut(term); });
    if (same == terms.end()) {
      terms.push_back(term);
      terms.back().scale *= scale;
    } else {
      same->scale += term.scale * scale;
    }
  }
  llvm::erase_if(terms, [](const Term &term) { return term.scale == 0; });
}

void AffineForm::multiply(Factor factor) {
  for (Term &term : terms)
    term.factors.push_back(factor);
}

/// The constant that every element of `value` is, if it is one.
static std::optional<double> splatOf(Value value) {
  Attribute attribute;
  if (!matchPattern(value, m_Constant(&attribute)))
    return std::nullopt;
  if (auto scalar = dyn_cast<FloatAttr>(attribute))
    return scalar.getValueAsDouble();
  if (auto splat = dyn_cast<SplatElementsAttr>(attribute))
    if (isa<FloatType>(splat.getElementType()))
      return splat.getSplatValue<FloatAttr>().getValueAsDouble();
  return std::nullopt;
}

AffineForm formOfValue(Value value) {
  AffineForm form;
  form.shape.assign(shapeOf(value.getType()).begin(),
                    shapeOf(value.getType()).end());
  Term term;
  term.extents.assign(form.shape.begin(), form.shape.end());
  if (std::optional<double> constant = splatOf(value)) {
    term.scale = *constant;
    if (*constant == 0)
      return form;
  } else {
    auto axes = llvm::seq<Index>(0, form.rank());
    term.factors.push_back(
        {Factor::value, value, {axes.begin(), axes.end()}, 0});
  }
  form.terms.push_back(std::move(term));
  return form;
}

AffineForm formOfState(unsigned state, bool after, Type type) {
  AffineForm form;
  form.shape.assign(shapeOf(type).begin(), shapeOf(type).end());
  Term term;
  term.extents.assign(form.shape.begin(), form.shape.end());
  auto axes = llvm::seq<Index>(0, form.rank());
  term.state = {state, after, {axes.begin(), axes.end()}};
  form.terms.push_back(std::move(term));
  return form;
}

//===----------------------------------------------------------------------===//
// Einsum
//===----------------------------------------------------------------------===//

namespace {
/// The product of one term of each form.
struct Product {
  ArrayRef<StringRef> groups;
  StringRef result;
  Term term;
  SmallVector<std::pair<char, Index>> letters;

  Product(ArrayRef<StringRef> groups, StringRef result, ArrayRef<int64_t> shape)
      : groups(groups), result(result) {
    term.extents.assign(shape.begin(), shape.end());
    for (auto [i, letter] : llvm::enumerate(result))
      letters.push_back({letter, i});
  }
  Index indexOf(char letter, int64_t extent) {
    for (auto [known, index] : letters)
      if (known == letter)
        return index;
    letters.push_back({letter, newIndex(extent)});
    return letters.back().second;
  }
  Index newIndex(int64_t extent) {
    term.extents.push_back(extent);
    return term.extents.size() - 1;
  }
  /// False if this makes a product of two states.
  bool multiply(const Term &other, StringRef group) {
    SmallVector<Index> renamed;
    for (auto [i, extent] : llvm::enumerate(other.extents))
      renamed.push_back(i < group.size() ? indexOf(group[i], extent)
                                         : newIndex(extent));
    auto rename = [&](auto &indices) {
      for (Index &index : indices)
        index = renamed[index];
    };
    term.scale *= other.scale;
    for (Factor factor : other.factors) {
      rename(factor.indices);
      term.factors.push_back(std::move(factor));
    }
    if (!other.state)
      return true;
    if (term.state)
      return false;
    term.state = other.state;
    rename(term.state->indices);
    return true;
  }

  /// The term with its sums numbered in the order of their first use, so that
  /// equal terms compare equal. A sum that nothing depends on is a factor.
  Term take() {
    unsigned rank = result.size();
    SmallVector<std::optional<Index>> numbers(term.extents.size());
    SmallVector<int64_t, 4> extents(ArrayRef(term.extents).take_front(rank));
    auto number = [&](auto &indices) {
      for (Index &index : indices) {
        if (index < rank)
          continue;
        if (!numbers[index]) {
          numbers[index] = extents.size();
          extents.push_back(term.extents[index]);
        }
        index = *numbers[index];
      }
    };
    if (term.state)
      number(term.state->indices);
    for (Factor &factor : term.factors)
      number(factor.indices);
    for (Index index = rank; index < term.extents.size(); ++index)
      if (!numbers[index])
        term.scale *= term.extents[index];
    term.extents = std::move(extents);
    return std::move(term);
  }
};
} // namespace

std::optional<AffineForm> einsum(ArrayRef<const AffineForm *> forms,
                                 ArrayRef<StringRef> groups, StringRef result,
                                 ArrayRef<int64_t> shape) {
  AffineForm sum;
  sum.shape.assign(shape.begin(), shape.end());
  SmallVector<size_t> choice(forms.size(), 0);
  for (const AffineForm *form : forms)
    if (form->terms.empty())
      return sum;
  while (true) {
    Product product(groups, result, shape);
    for (auto [i, form] : llvm::enumerate(forms))
      if (!product.multiply(form->terms[choice[i]], groups[i]))
        return std::nullopt;
    AffineForm one;
    one.terms.push_back(product.take());
    sum.add(one);
    size_t i = 0;
    while (i < forms.size() && ++choice[i] == forms[i]->terms.size())
      choice[i++] = 0;
    if (i == forms.size())
      return sum;
  }
}

} // namespace ssmc
