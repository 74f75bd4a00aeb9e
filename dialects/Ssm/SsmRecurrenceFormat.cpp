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

ParseResult RecurrenceOp::parse(OpAsmParser &parser, OperationState &result) {
  Builder &builder = parser.getBuilder();
  StringRef sequence;
  if (parser.parseKeyword("sequence") || parser.parseLParen() ||
      parser.parseKeyword(&sequence) || parser.parseRParen() ||
      parser.parseKeyword("step"))
    return failure();
  SmallVector<StringRef> step;
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren, [&]() {
        return parser.parseKeyword(&step.emplace_back());
      }))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("reverse")))
    result.addAttribute("reverse", builder.getUnitAttr());

  SmallVector<OpAsmParser::UnresolvedOperand> inputs, init;
  SmallVector<Type> inputTypes, outputTypes, stateTypes;
  SmallVector<Attribute> inputAxes, outputAxes, stateAxes, roles;
  // Gives values with these axes float32 types of the inputs' extents.
  auto inferTypes = [&](SMLoc loc, ArrayRef<Attribute> axes,
                        SmallVectorImpl<Type> &types) -> ParseResult {
    auto extents = getExtents(builder.getArrayAttr(inputAxes), inputTypes);
    for (Attribute list : axes) {
      SmallVector<int64_t> shape;
      for (StringRef axis :
           cast<ArrayAttr>(list).getAsValueRange<StringAttr>()) {
        int64_t &size = shape.emplace_back(1);
        for (StringRef label : llvm::split(axis, ' ')) {
          auto known = extents.find(label);
          if (known == extents.end())
            return parser.emitError(loc, "expected types, for no input has "
                                         "label '")
                   << label << "'";
          if (ShapedType::isDynamic(size) ||
              ShapedType::isDynamic(known->second))
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
  };
  // `axes` are of what may go without types.
  auto parseList =
      [&](function_ref<ParseResult()> element, SmallVectorImpl<Type> &types,
          SmallVectorImpl<Attribute> *axes = nullptr) -> ParseResult {
    if (parser.parseLParen() || parser.parseCommaSeparatedList(element))
      return failure();
    SMLoc loc = parser.getCurrentLocation();
    if (axes ? parser.parseOptionalColonTypeList(types)
             : parser.parseColonTypeList(types))
      return failure();
    if (types.empty() && inferTypes(loc, *axes, types))
      return failure();
    return parser.parseRParen();
  };
  SMLoc initLoc = parser.getCurrentLocation();
  auto parseInput = [&]() -> ParseResult {
    return failure(parser.parseOperand(inputs.emplace_back()) ||
                   parseAxes(parser, inputAxes));
  };
  auto parseOutput = [&]() { return parseAxes(parser, outputAxes); };
  auto parseState = [&]() -> ParseResult {
    std::string role;
    if (parser.parseString(&role) || parseAxes(parser, stateAxes))
      return failure();
    roles.push_back(builder.getStringAttr(role));
    if (failed(parser.parseOptionalKeyword("init")))
      return success();
    return failure(parser.parseLParen() ||
                   parser.parseOperand(init.emplace_back()) ||
                   parser.parseRParen());
  };
  if (parser.parseKeyword("ins") || parseList(parseInput, inputTypes) ||
      parser.parseKeyword("outs") ||
      parseList(parseOutput, outputTypes, &outputAxes))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("states")) &&
      parseList(parseState, stateTypes, &stateAxes))
    return failure();
  if (parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  if (!init.empty() && init.size() != stateTypes.size())
    return parser.emitError(initLoc,
                            "expected 'init' on every state or on none");
  SMLoc loc = parser.getNameLoc();
  if (parser.resolveOperands(inputs, inputTypes, loc, result.operands) ||
      (!init.empty() &&
       parser.resolveOperands(init, stateTypes, loc, result.operands)))
    return failure();
  result.addTypes(outputTypes);
  result.addTypes(stateTypes);
  result.addAttribute("sequence", builder.getStringAttr(sequence));
  result.addAttribute("step", builder.getStrArrayAttr(step));
  result.addAttribute("input_axes", builder.getArrayAttr(inputAxes));
  result.addAttribute("output_axes", builder.getArrayAttr(outputAxes));
  result.addAttribute("state_axes", builder.getArrayAttr(stateAxes));
  result.addAttribute("roles", builder.getArrayAttr(roles));
  auto size = [](auto &list) { return static_cast<int32_t>(list.size()); };
  auto &properties = result.getOrAddProperties<RecurrenceOp::Properties>();
  properties.operandSegmentSizes = {size(inputs), size(init)};
  properties.resultSegmentSizes = {size(outputTypes), size(stateTypes)};
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
    SmallVector<StringRef> tile;
    if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren, [&]() {
          return parser.parseKeyword(&tile.emplace_back());
        }))
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
