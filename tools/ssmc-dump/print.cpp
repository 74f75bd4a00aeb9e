#include "tools/ssmc-dump/print.h"
#include <cstdarg>
#include <cstdio>

using namespace ssmc;
using namespace ssmc::dump;

namespace {
/// Text of the artifact, safe for a terminal.
std::string clean(const flatbuffers::String *text) {
  std::string result;
  for (unsigned char c : text ? text->string_view() : std::string_view())
    result += c < ' ' || c == 0x7f ? '?' : char(c);
  return result;
}

std::string format(const char *pattern, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, pattern);
  std::vsnprintf(text, sizeof text, pattern, arguments);
  va_end(arguments);
  return text;
}

std::string bytesText(uint64_t bytes) {
  if (bytes < 10000)
    return format("%llu B", static_cast<unsigned long long>(bytes));
  if (bytes < 10000000)
    return format("%.1f KB", 1e-3 * double(bytes));
  return bytes < 10000000000 ? format("%.1f MB", 1e-6 * double(bytes))
                             : format("%.1f GB", 1e-9 * double(bytes));
}

template <typename Extents>
std::string typeText(const Extents &shape, fb::DType dtype) {
  std::string text;
  for (auto extent : shape)
    text += std::to_string(extent) + "x";
  return text + fb::EnumNameDType(dtype);
}

std::string tensorText(const fb::TensorSpec &tensor) {
  std::string text = clean(tensor.name()) + ": ";
  for (const fb::Dim *dim : *tensor.dims())
    text += (dim->kind() == fb::DimKind_fixed   ? std::to_string(dim->size())
             : dim->kind() == fb::DimKind_batch ? "B"
                                                : "T") +
            std::string("x");
  text += fb::EnumNameDType(tensor.dtype());
  if (tensor.bound())
    text += " below " + std::to_string(tensor.bound());
  return text;
}

std::string signatureText(const fb::Entry &entry) {
  std::string text = "(";
  for (const fb::TensorSpec *input : *entry.inputs())
    text += (text.size() > 1 ? ", " : "") + tensorText(*input);
  text += ") -> (";
  bool first = true;
  for (const fb::TensorSpec *output : *entry.outputs()) {
    text += (first ? "" : ", ") + tensorText(*output);
    first = false;
  }
  return text + ")";
}

uint64_t segmentBytes(const fb::Program &program, fb::SegmentKind kind) {
  uint64_t sum = 0;
  for (const fb::Segment *segment : *program.segments())
    if (segment->kind() == kind)
      sum += segment->size();
  return sum;
}

/// What an operand's offset and size count per.
const char *unitOf(fb::OperandKind kind) {
  return kind == fb::OperandKind_arena_batch ? "/B"
         : kind == fb::OperandKind_arena_row ? "/(B*T)"
                                             : "";
}

std::string operandText(const fb::Program &program, const fb::Entry &entry,
                        const fb::Operand &operand) {
  std::string text = operand.written() ? "write " : "read  ";
  uint32_t index = operand.index();
  switch (operand.kind()) {
  case fb::OperandKind_weight:
    return text + "weight '" + clean(program.weights()->Get(index)->name()) +
           "'";
  case fb::OperandKind_state:
    return text + "state '" + clean(program.states()->Get(index)->name()) + "'";
  case fb::OperandKind_input:
    return text + "input '" + clean(entry.inputs()->Get(index)->name()) + "'";
  case fb::OperandKind_output:
    return text + "output '" + clean(entry.outputs()->Get(index)->name()) + "'";
  default:
    break;
  }
  const char *unit = unitOf(operand.kind());
  return text + fb::EnumNameOperandKind(operand.kind()) +
         format(" [%llu, +%llu) bytes%s",
                static_cast<unsigned long long>(operand.offset()),
                static_cast<unsigned long long>(operand.size()), unit);
}

std::string gridText(const fb::Dispatch &dispatch) {
  const fb::Grid &grid = *dispatch.grid();
  std::string text = std::to_string(grid.items());
  if (grid.per_batch())
    text += " * B";
  if (grid.row_tile() == 1)
    text += " * B*T";
  else if (grid.row_tile())
    text += " * ceil(B*T / " + std::to_string(grid.row_tile()) + ")";
  if (grid.rounds_per_step() == 1)
    text += " in rounds: 1 + T";
  else if (grid.rounds_per_step())
    text += " in rounds: 1 + " + std::to_string(grid.rounds_per_step()) + "*T";
  return text + ", grain " + std::to_string(dispatch.grain());
}

void printDispatch(const fb::Program &program, const fb::Entry &entry,
                   const fb::Dispatch &dispatch) {
  std::printf("%s, grid %s\n",
              clean(program.kernels()->Get(dispatch.kernel())->name()).c_str(),
              gridText(dispatch).c_str());
  if (dispatch.flops_per_row() || dispatch.bytes_per_row() ||
      dispatch.bytes_fixed() || dispatch.bytes_per_batch())
    std::printf("         costs %llu flops and %llu bytes per row, %llu bytes "
                "per batch row, %llu bytes of weights\n",
                static_cast<unsigned long long>(dispatch.flops_per_row()),
                static_cast<unsigned long long>(dispatch.bytes_per_row()),
                static_cast<unsigned long long>(dispatch.bytes_per_batch()),
                static_cast<unsigned long long>(dispatch.bytes_fixed()));
  for (const fb::Operand *operand : *dispatch.operands())
    std::printf("         %s\n", operandText(program, entry, *operand).c_str());
}

void printSelfTests(const fb::Program &program) {
  if (!program.selftests() || program.selftests()->size() == 0)
    return;
  std::printf("\nself tests\n");
  for (const fb::SelfTest *test : *program.selftests())
    std::printf("  %s on %u inputs, rtol %g, atol %g\n",
                clean(test->entry()).c_str(), test->inputs()->size(),
                test->rtol(), test->atol());
}
} // namespace

void ssmc::dump::printOverview(const ArtifactFile &artifact) {
  const fb::Program &program = artifact.program();
  uint64_t id[2];
  ssmc_model_id(artifact.model(), id);
  std::printf("model     %s, id %016llx%016llx\n",
              clean(program.name()).c_str(),
              static_cast<unsigned long long>(id[1]),
              static_cast<unsigned long long>(id[0]));
  std::printf("producer  %s, kernel abi %u\n",
              clean(program.producer()).c_str(), program.kernel_abi());
  std::printf("file      %s: metadata %s, weights %s, code %s, assets %s\n",
              bytesText(artifact.size()).c_str(),
              bytesText(artifact.metadataSize()).c_str(),
              bytesText(segmentBytes(program, fb::SegmentKind_weights)).c_str(),
              bytesText(segmentBytes(program, fb::SegmentKind_code)).c_str(),
              bytesText(segmentBytes(program, fb::SegmentKind_asset)).c_str());
  std::printf("weights   %u, %s\n", program.weights()->size(),
              bytesText(ssmc_model_weight_bytes(artifact.model())).c_str());
  std::printf("state     %u tensors, %s per sequence\n",
              program.states()->size(),
              bytesText(ssmc_model_state_bytes(artifact.model())).c_str());
  if (program.weight_files())
    for (const fb::WeightFile *file : *program.weight_files())
      std::printf("external  %s, %s\n", clean(file->name()).c_str(),
                  bytesText(file->size()).c_str());

  std::printf("\nentries\n");
  for (const fb::Entry *entry : *program.entries()) {
    std::printf("  %s%s\n", clean(entry->name()).c_str(),
                signatureText(*entry).c_str());
    std::printf("    state %s, %u instructions, scratch %s + %s*B + %s*B*T\n",
                fb::EnumNameStateUse(entry->state_use()),
                entry->instructions()->size(),
                bytesText(entry->arena_fixed()).c_str(),
                bytesText(entry->arena_batch()).c_str(),
                bytesText(entry->arena_row()).c_str());
    if (entry->sequence_block())
      std::printf("    in blocks of %u time steps\n", entry->sequence_block());
    if (entry->fixed_length())
      std::printf("    length %llu only\n",
                  static_cast<unsigned long long>(entry->fixed_length()));
    if (entry->fixed_batch())
      std::printf("    batch %llu only\n",
                  static_cast<unsigned long long>(entry->fixed_batch()));
  }

  std::printf("\ncode: %u kernels\n", program.kernels()->size());
  for (const fb::CodeVariant *variant : *program.variants()) {
    const fb::Segment &code = *program.segments()->Get(variant->segment());
    std::printf("  %s %s, %s, needs", clean(variant->arch()).c_str(),
                clean(variant->level()).c_str(),
                bytesText(code.size()).c_str());
    for (const flatbuffers::String *feature : *variant->features())
      std::printf(" %s", clean(feature).c_str());
    std::printf("\n");
  }
  if (program.assets() && program.assets()->size()) {
    std::printf("\nassets\n");
    for (const fb::Asset *asset : *program.assets())
      std::printf(
          "  %s, %s\n", clean(asset->name()).c_str(),
          bytesText(program.segments()->Get(asset->segment())->size()).c_str());
  }
  printSelfTests(program);
}

void ssmc::dump::printStates(const fb::Program &program) {
  std::printf("states: name, role, type per sequence, order in memory, initial "
              "value, growth, roll-back\n");
  for (const fb::State *state : *program.states()) {
    std::string order;
    for (uint8_t axis : *state->permutation())
      order += (order.empty() ? "" : ",") + std::to_string(axis);
    std::printf("  %s  %s  %s  [%s]  %g  %s  %s\n",
                clean(state->name()).c_str(), clean(state->role()).c_str(),
                typeText(*state->shape(), state->dtype()).c_str(),
                order.c_str(), state->initial(),
                fb::EnumNameGrowth(state->growth()),
                fb::EnumNameRollback(state->rollback()));
    if (state->fields())
      for (const fb::SubField *field : *state->fields())
        std::printf("    '%s': [%llu, +%llu) of axis %u\n",
                    clean(field->name()).c_str(),
                    static_cast<unsigned long long>(field->offset()),
                    static_cast<unsigned long long>(field->size()),
                    field->axis());
  }
}

void ssmc::dump::printPlan(const fb::Program &program) {
  std::printf("kernels: operands, scratch per thread\n");
  for (const fb::Kernel *kernel : *program.kernels()) {
    std::printf("  %s: %u, %s", clean(kernel->name()).c_str(),
                kernel->operand_count(),
                bytesText(kernel->scratch_bytes()).c_str());
    if (kernel->scratch_bytes_per_step())
      std::printf(" + %s*T",
                  bytesText(kernel->scratch_bytes_per_step()).c_str());
    std::printf("\n");
  }
  for (const fb::Entry *entry : *program.entries()) {
    std::printf("\n%s%s\n", clean(entry->name()).c_str(),
                signatureText(*entry).c_str());
    unsigned index = 0;
    for (const fb::Instruction *instruction : *entry->instructions()) {
      std::printf("  %4u  ", index++);
      if (const fb::Dispatch *dispatch = instruction->body_as_Dispatch())
        printDispatch(program, *entry, *dispatch);
    }
  }
}

void ssmc::dump::printWeights(const fb::Program &program) {
  std::printf("weights: name, type, layout, where\n");
  for (const fb::Weight *weight : *program.weights()) {
    std::printf("  %s  %s  %s  ", clean(weight->name()).c_str(),
                typeText(*weight->shape(), weight->dtype()).c_str(),
                fb::EnumNameLayout(weight->layout()));
    if (weight->storage() == fb::WeightStorage_splat)
      std::printf("splat %g\n", weight->splat());
    else
      std::printf(
          "%s %u at %llu, %s\n", fb::EnumNameWeightStorage(weight->storage()),
          weight->source(), static_cast<unsigned long long>(weight->offset()),
          bytesText(weight->size()).c_str());
  }
}
