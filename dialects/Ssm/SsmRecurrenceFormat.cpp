//===- SsmRecurrenceFormat.cpp - the recurrence as text -------------------===//
//
//   ssm.recurrence sequence(l) step(n) [reverse]
//     ins(%x[b, l, g p], ... : types) outs([b, l, g p], ... : types)
//     states("role" [b, g p, n] init(%h), ... : types) attributes { body }
//     [chunk(64) [tile(p)] { chunk region }]
//
// Types of outputs and of states may be left out: they follow from the labels.
//
//===----------------------------------------------------------------------===//

#include "dialects/Ssm/SsmDialect.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace ssmc::ssm;

/// Parses `[b, l, g p]` into an array of strings.
static ParseResult parseAxes(OpAsmParser &parser,
                             SmallVectorImpl<Attribute> &axes) {
  Builder &builder = parser.getBuilder();
  SmallVector<Attribute> labels;
  auto parseAxis = [&]() -> ParseResult {
    StringRef outer, inner;
    if (parser.parseKeyword(&outer))
      return failure();
    bool split = succeeded(parser.parseOptionalKeyword(&inner));
    labels.push_back(split ? builder.getStringAttr(outer + " " + inner)
                           : builder.getStringAttr(outer));
    return success();
  };
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square, parseAxis))
    return failure();
  axes.push_back(builder.getArrayAttr(labels));
  return success();
}

/// Parses `(a, b)` into labels.
static ParseResult parseLabels(OpAsmParser &parser,
                               SmallVectorImpl<StringRef> &labels) {
  return parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren, [&]() {
    return parser.parseKeyword(&labels.emplace_back());
  });
}

namespace {
/// The lists of a recurrence, as they are parsed.
class Lists {
public:
  explicit Lists(OpAsmParser &parser) : parser(parser) {}

  ParseResult parse();
  ParseResult resolve(OperationState &result);

private:
  /// Parses `(element, ... : types)`. Values with `axes` may go without types.
  ParseResult parseList(function_ref<ParseResult()> element,
                        SmallVectorImpl<Type> &types,
                        const SmallVectorImpl<Attribute> *axes = nullptr);
  ParseResult parseState();
  ParseResult inferTypes(SMLoc loc, ArrayRef<Attribute> axes,
                         SmallVectorImpl<Type> &types);

  OpAsmParser &parser;
  SMLoc begin;
  SmallVector<OpAsmParser::UnresolvedOperand> inputs, init;
  SmallVector<Type> inputTypes, outputTypes, stateTypes;
  SmallVector<Attribute> inputAxes, outputAxes, stateAxes, roles;
};
} // namespace

/// Gives values with these axes float32 types of the inputs' extents.
ParseResult Lists::inferTypes(SMLoc loc, ArrayRef<Attribute> axes,
                              SmallVectorImpl<Type> &types) {
  Builder &builder = parser.getBuilder();
  auto extents =
      RecurrenceOp::getExtents(builder.getArrayAttr(inputAxes), inputTypes);
  for (Attribute list : axes) {
    SmallVector<int64_t> shape;
    for (StringRef axis : cast<ArrayAttr>(list).getAsValueRange<StringAttr>()) {
      int64_t &size = shape.emplace_back(1);
      for (StringRef label : llvm::split(axis, ' ')) {
        auto known = extents.find(label);
        if (known == extents.end())
          return parser.emitError(loc, "expected types, for no input has "
                                       "label '")
                 << label << "'";
        if (ShapedType::isDynamic(size) || ShapedType::isDynamic(known->second))
          size = ShapedType::kDynamic;
        else if (llvm::MulOverflow(size, known->second, size))
          return parser.emitError(loc, "expected the product of the extents "
                                       "of '")
                 << axis << "' to be below 2^63";
      }
    }
    types.push_back(RankedTensorType::get(shape, builder.getF32Type()));
  }
  return success();
}

ParseResult Lists::parseList(function_ref<ParseResult()> element,
                             SmallVectorImpl<Type> &types,
                             const SmallVectorImpl<Attribute> *axes) {
  if (parser.parseLParen() || parser.parseCommaSeparatedList(element))
    return failure();
  SMLoc loc = parser.getCurrentLocation();
  if (axes ? parser.parseOptionalColonTypeList(types)
           : parser.parseColonTypeList(types))
    return failure();
  if (types.empty() && inferTypes(loc, *axes, types))
    return failure();
  return parser.parseRParen();
}

/// Parses `"role" [b, n] init(%h)`.
ParseResult Lists::parseState() {
  std::string role;
  if (parser.parseString(&role) || parseAxes(parser, stateAxes))
    return failure();
  roles.push_back(parser.getBuilder().getStringAttr(role));
  if (failed(parser.parseOptionalKeyword("init")))
    return success();
  return failure(parser.parseLParen() ||
                 parser.parseOperand(init.emplace_back()) ||
                 parser.parseRParen());
}

ParseResult Lists::parse() {
  begin = parser.getCurrentLocation();
  auto parseInput = [&]() -> ParseResult {
    return failure(parser.parseOperand(inputs.emplace_back()) ||
                   parseAxes(parser, inputAxes));
  };
  auto parseOutput = [&]() { return parseAxes(parser, outputAxes); };
  if (parser.parseKeyword("ins") || parseList(parseInput, inputTypes) ||
      parser.parseKeyword("outs") ||
      parseList(parseOutput, outputTypes, &outputAxes))
    return failure();
  if (failed(parser.parseOptionalKeyword("states")))
    return success();
  return parseList([&] { return parseState(); }, stateTypes, &stateAxes);
}

/// Adds operands, types and what names their axes to `result`.
ParseResult Lists::resolve(OperationState &result) {
  if (!init.empty() && init.size() != stateTypes.size())
    return parser.emitError(begin, "expected 'init' on every state or on none");
  SMLoc loc = parser.getNameLoc();
  if (parser.resolveOperands(inputs, inputTypes, loc, result.operands) ||
      (!init.empty() &&
       parser.resolveOperands(init, stateTypes, loc, result.operands)))
    return failure();
  result.addTypes(outputTypes);
  result.addTypes(stateTypes);
  Builder &builder = parser.getBuilder();
  result.addAttribute("input_axes", builder.getArrayAttr(inputAxes));
  result.addAttribute("output_axes", builder.getArrayAttr(outputAxes));
  result.addAttribute("state_axes", builder.getArrayAttr(stateAxes));
  result.addAttribute("roles", builder.getArrayAttr(roles));
  auto size = [](auto &list) { return static_cast<int32_t>(list.size()); };
  auto &properties = result.getOrAddProperties<RecurrenceOp::Properties>();
  properties.operandSegmentSizes = {size(inputs), size(init)};
  properties.resultSegmentSizes = {size(outputTypes), size(stateTypes)};
  return success();
}

ParseResult RecurrenceOp::parse(OpAsmParser &parser, OperationState &result) {
  Builder &builder = parser.getBuilder();
  StringRef sequence;
  SmallVector<StringRef> step, tile;
  if (parser.parseKeyword("sequence") || parser.parseLParen() ||
      parser.parseKeyword(&sequence) || parser.parseRParen() ||
      parser.parseKeyword("step") || parseLabels(parser, step))
    return failure();
  result.addAttribute("sequence", builder.getStringAttr(sequence));
  result.addAttribute("step", builder.getStrArrayAttr(step));
  if (succeeded(parser.parseOptionalKeyword("reverse")))
    result.addAttribute("reverse", builder.getUnitAttr());

  Lists lists(parser);
  if (lists.parse() ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes) ||
      lists.resolve(result))
    return failure();
  Region &body = *result.addRegion(), &chunk = *result.addRegion();
  if (parser.parseRegion(body))
    return failure();
  if (failed(parser.parseOptionalKeyword("chunk")))
    return success();
  int64_t chunkSize;
  if (parser.parseLParen() || parser.parseInteger(chunkSize) ||
      parser.parseRParen())
    return failure();
  result.addAttribute("chunk_size", builder.getI64IntegerAttr(chunkSize));
  if (succeeded(parser.parseOptionalKeyword("tile"))) {
    if (parseLabels(parser, tile))
      return failure();
    result.addAttribute("tile", builder.getStrArrayAttr(tile));
  }
  return parser.parseRegion(chunk);
}

static void printAxes(OpAsmPrinter &printer, Attribute axes) {
  printer << "[";
  llvm::interleaveComma(cast<ArrayAttr>(axes), printer, [&](Attribute axis) {
    printer << cast<StringAttr>(axis).getValue();
  });
  printer << "]";
}

void RecurrenceOp::print(OpAsmPrinter &printer) {
  printer << " sequence(" << getSequence() << ") step(";
  llvm::interleaveComma(getStep().getAsValueRange<StringAttr>(), printer);
  printer << ")";
  if (getReverse())
    printer << " reverse";
  printer.increaseIndent();
  printer.printNewline();
  printer << "ins(";
  llvm::interleaveComma(llvm::zip(getInputs(), getInputAxes()), printer,
                        [&](auto pair) {
                          printer << std::get<0>(pair);
                          printAxes(printer, std::get<1>(pair));
                        });
  printer << " : " << getInputs().getTypes() << ")";
  printer.printNewline();
  printer << "outs(";
  llvm::interleaveComma(getOutputAxes(), printer,
                        [&](Attribute axes) { printAxes(printer, axes); });
  printer << " : " << getOutputs().getTypes() << ")";
  if (!getFinal().empty()) {
    printer.printNewline();
    printer << "states(";
    for (auto [i, role] : llvm::enumerate(getRoles())) {
      printer << (i ? ", " : "") << role << " ";
      printAxes(printer, getStateAxes()[i]);
      if (!getInit().empty())
        printer << " init(" << getInit()[i] << ")";
    }
    printer << " : " << getFinal().getTypes() << ")";
  }
  printer.decreaseIndent();
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(),
      {"sequence", "step", "input_axes", "output_axes", "state_axes", "roles",
       "reverse", "chunk_size", "tile", "operandSegmentSizes",
       "resultSegmentSizes"});
  printer << " ";
  printer.printRegion(getBody());
  if (!hasChunk())
    return;
  printer << " chunk(" << *getChunkSize() << ")";
  if (getTile()) {
    printer << " tile(";
    llvm::interleaveComma(getTileLabels(), printer);
    printer << ")";
  }
  printer << " ";
  printer.printRegion(getChunk());
}
