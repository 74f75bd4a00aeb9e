/// The parts of the decoder for what an artifact runs: kernels, code variants
/// and the dispatches of its entries.
#include "runtime/src/decoder.h"
#include <algorithm>

using namespace ssmc;

ssmc_status Decoder::decodeKernels() {
  for (uint32_t i = 0; i < model.kernels.size(); ++i) {
    const fb::Kernel *in = program.kernels()->Get(i);
    Kernel &out = model.kernels[i];
    out.operandCount = in->operand_count();
    out.scratchBytes = in->scratch_bytes();
    out.scratchBytesPerStep = in->scratch_bytes_per_step();
    if (ssmc_status status = decodeName(in->name(), "kernel", i, out.name))
      return status;
    if (out.operandCount > maxOperands)
      return corrupt("kernel '%s' has %u operands, at most %u are possible",
                     out.name, out.operandCount, maxOperands);
    if (out.scratchBytes > maxElements || out.scratchBytesPerStep > maxElements)
      return corrupt("kernel '%s' wants more than 2^48 bytes of scratch",
                     out.name);
    model.maxScratchBytes = std::max(model.maxScratchBytes, out.scratchBytes);
  }
  return checkUnique(model.kernels, "kernels");
}

ssmc_status Decoder::decodeVariants() {
  Range features, entries;
  for (uint32_t i = 0; i < model.variants.size(); ++i) {
    const fb::CodeVariant *in = program.variants()->Get(i);
    CodeVariant &out = model.variants[i];
    ssmc_status status;
    if ((status = decodeName(in->arch(), "the architecture of variant", i,
                             out.architecture)) ||
        (status =
             decodeName(in->level(), "the level of variant", i, out.level)))
      return status;
    out.segment = in->segment();
    if ((status = checkSegment(out.segment, SegmentKind::code, out.level)))
      return status;
    features.count = in->features()->size();
    if (features.count > maxFeatures)
      return corrupt("variant '%s' wants %u features, at most %u are "
                     "possible",
                     out.level, features.count, maxFeatures);
    out.features = features;
    for (uint32_t j = 0; j < features.count; ++j)
      if ((status = decodeName(in->features()->Get(j), "feature", j,
                               model.featureNames[features.first + j])))
        return status;
    features.first += features.count;
    entries.count = static_cast<uint32_t>(model.kernels.size());
    if (in->entries()->size() != entries.count)
      return corrupt("expected variant '%s' to have %u entries, got %u",
                     out.level, entries.count, in->entries()->size());
    out.entries = entries;
    for (uint32_t j = 0; j < entries.count; ++j) {
      uint64_t offset = wordAt(in->entries(), j);
      // Compilers align functions to 16; anything else is no entry.
      if (offset >= model.segments[out.segment].size || offset % 16)
        return corrupt("kernel '%s' of variant '%s' begins at %" PRIu64
                       ", no multiple of 16 inside the code of %" PRIu64
                       " bytes",
                       model.kernels[j].name, out.level, offset,
                       model.segments[out.segment].size);
      model.codeEntries[entries.first + j] = offset;
    }
    entries.first += entries.count;
  }
  return SSMC_OK;
}

ssmc_status Decoder::decodeEntries() {
  for (uint32_t i = 0; i < model.entries.size(); ++i)
    if (ssmc_status status =
            decodeEntry(i, *program.entries()->Get(i), model.entries[i]))
      return status;
  return checkUnique(model.entries, "entries");
}

ssmc_status Decoder::decodeEntry(uint32_t index, const fb::Entry &in,
                                 Entry &out) {
  ssmc_status status;
  if ((status = decodeName(in.name(), "entry", index, out.name)) ||
      (status = decodeSpecs(*in.inputs(), "input", out.inputs)) ||
      (status = decodeSpecs(*in.outputs(), "output", out.outputs)))
    return status;
  if (in.state_use() > fb::StateUse_MAX)
    return corrupt("entry '%s' has the unknown use of state %u", out.name,
                   unsigned(in.state_use()));
  out.stateUse = static_cast<StateUse>(in.state_use());
  out.sequenceBlock = in.sequence_block();
  out.fixedLength = in.fixed_length();
  out.fixedBatch = in.fixed_batch();
  if (out.fixedLength > maxElements || out.fixedBatch > maxElements)
    return corrupt("entry '%s' has a fixed length or batch above 2^48",
                   out.name);
  out.arenaFixed = in.arena_fixed();
  out.arenaBatch = in.arena_batch();
  out.arenaRow = in.arena_row();
  for (uint64_t bytes : {out.arenaFixed, out.arenaBatch, out.arenaRow})
    if (bytes > maxElements || bytes % memoryAlignment)
      return corrupt("expected the arena sizes of entry '%s' to be multiples "
                     "of %u of at most 2^48, got %" PRIu64,
                     out.name, unsigned(memoryAlignment), bytes);
  out.dispatches.first = nextDispatch;
  out.dispatches.count = in.instructions()->size();
  Array<uint8_t> written;
  if ((status = allocate(written, out.outputs.count, "output marks")))
    return status;
  for (uint32_t i = 0; i < out.dispatches.count; ++i) {
    // The body's type is a union tag: a tag of a later version is no
    // Dispatch.
    const fb::Dispatch *dispatch =
        in.instructions()->Get(i)->body_as_Dispatch();
    if (!dispatch)
      return corrupt("instruction %u of entry '%s' has the unknown type %u", i,
                     out.name,
                     unsigned(in.instructions()->Get(i)->body_type()));
    if ((status = decodeDispatch(*dispatch, out, i, written)))
      return status;
  }
  for (uint32_t i = 0; i < out.outputs.count; ++i)
    if (!written[i])
      return corrupt("nothing in entry '%s' writes output '%s'", out.name,
                     model.specs[out.outputs.first + i].name);
  return SSMC_OK;
}

ssmc_status Decoder::decodeSpecs(const Offsets<fb::TensorSpec> &in,
                                 const char *what, Range &out) {
  out = {nextSpec, in.size()};
  if (out.count > maxSpecs)
    return corrupt("an entry has %u %ss, at most %u are possible", out.count,
                   what, maxSpecs);
  for (uint32_t i = 0; i < in.size(); ++i)
    if (ssmc_status status =
            decodeSpec(*in.Get(i), what, i, model.specs[nextSpec++]))
      return status;
  return checkUnique(model.specs.data() + out.first, out.count,
                     "inputs or outputs of an entry");
}

ssmc_status Decoder::decodeSpec(const fb::TensorSpec &in, const char *what,
                                uint32_t index, TensorSpec &out) {
  ssmc_status status;
  if ((status = decodeName(in.name(), what, index, out.name)) ||
      (status = decodeDType(in.dtype(), out.name, out.dtype)))
    return status;
  if (in.dims()->size() > SSMC_MAX_RANK)
    return corrupt("'%s' has rank %u, at most %d is possible", out.name,
                   in.dims()->size(), SSMC_MAX_RANK);
  out.rank = static_cast<int32_t>(in.dims()->size());
  Checked product(1);
  for (int32_t i = 0; i < out.rank; ++i) {
    const fb::Dim *dim = in.dims()->Get(i);
    // Kernels address rows as row * stride + step: no other order exists.
    if (dim->kind() == fb::DimKind_batch && i == 0) {
      out.shape[i] = SSMC_DIM_BATCH;
      out.perBatch = true;
    } else if (dim->kind() == fb::DimKind_length && i == 1 && out.perBatch) {
      out.shape[i] = SSMC_DIM_LENGTH;
      out.perLength = true;
    } else if (dim->kind() == fb::DimKind_fixed && dim->size() <= maxElements) {
      out.shape[i] = static_cast<int64_t>(dim->size());
      product = product * dim->size();
    } else {
      return corrupt("expected the axes of %s '%s' to be [batch, length, "
                     "fixed...], axis %d is not",
                     what, out.name, int(i));
    }
  }
  if (!product.isAtMost(maxElements))
    return corrupt("%s '%s' has more than 2^48 elements", what, out.name);
  out.unitBytes = product.value() * ssmc_dtype_size(out.dtype);
  out.bound = in.bound();
  bool isInteger =
      out.dtype == SSMC_I64 || out.dtype == SSMC_I32 || out.dtype == SSMC_U8;
  if (out.bound && !isInteger)
    return corrupt("%s '%s' of type %s has a bound; only integers can", what,
                   out.name, ssmc_dtype_name(out.dtype));
  return SSMC_OK;
}

ssmc_status Decoder::decodeDispatch(const fb::Dispatch &in, const Entry &entry,
                                    uint32_t index, Array<uint8_t> &written) {
  Dispatch &out = model.dispatches[nextDispatch++];
  out.kernel = in.kernel();
  if (out.kernel >= model.kernels.size())
    return corrupt("dispatch %u of entry '%s' runs kernel %u of %u", index,
                   entry.name, out.kernel, unsigned(model.kernels.size()));
  const Kernel &kernel = model.kernels[out.kernel];
  if (in.operands()->size() != kernel.operandCount)
    return corrupt("expected %u operands for kernel '%s' in dispatch %u of "
                   "entry '%s', got %u",
                   kernel.operandCount, kernel.name, index, entry.name,
                   in.operands()->size());
  out.items = in.grid()->items();
  out.perBatch = in.grid()->per_batch();
  out.rowTile = in.grid()->row_tile();
  out.roundsPerStep = in.grid()->rounds_per_step();
  out.grain = in.grain();
  out.flopsPerRow = in.flops_per_row();
  out.bytesPerRow = in.bytes_per_row();
  out.bytesFixed = in.bytes_fixed();
  out.bytesPerBatch = in.bytes_per_batch();
  out.elementaryPerRow = in.elementary_per_row();
  out.weightBytesPerStep = in.weight_bytes_per_step();
  if (!out.items || out.items > maxElements || out.rowTile > maxElements ||
      out.roundsPerStep > maxElements || !out.grain)
    return corrupt("dispatch %u of entry '%s' has a grid of %" PRIu64
                   " items, row tile %" PRIu64 ", %" PRIu64
                   " rounds per step, grain %" PRIu64,
                   index, entry.name, out.items, out.rowTile, out.roundsPerStep,
                   out.grain);
  out.operands = {nextOperand, kernel.operandCount};
  for (uint32_t i = 0; i < kernel.operandCount; ++i) {
    const fb::Operand &operand = *in.operands()->Get(i);
    if (const char *problem =
            decodeOperand(operand, entry, model.operands[nextOperand++]))
      return corrupt("operand %u of kernel '%s' in dispatch %u of entry "
                     "'%s' %s",
                     i, kernel.name, index, entry.name, problem);
    if (operand.kind() == fb::OperandKind_output && operand.written())
      written[operand.index()] = 1;
  }
  return SSMC_OK;
}

const char *Decoder::decodeOperand(const fb::Operand &in, const Entry &entry,
                                   Operand &out) {
  if (in.kind() > fb::OperandKind_MAX)
    return "has an unknown kind";
  out = {static_cast<OperandKind>(in.kind()), in.index(), in.offset()};
  uint64_t count = 0;  // of what `index` selects from
  uint64_t region = 0; // bytes, in the unit of `size`
  bool isArena = false;
  switch (out.kind) {
  case OperandKind::arenaFixed:
    isArena = true;
    region = entry.arenaFixed;
    break;
  case OperandKind::arenaBatch:
    isArena = true;
    region = entry.arenaBatch;
    break;
  case OperandKind::arenaRow:
    isArena = true;
    region = entry.arenaRow;
    break;
  case OperandKind::weight:
    count = model.weights.size();
    if (out.index < count)
      region = model.weights[out.index].bytes;
    if (in.written())
      return "writes a weight";
    break;
  case OperandKind::state:
    if (entry.stateUse == StateUse::none)
      return "is a state, but the entry has none";
    count = model.states.size();
    if (out.index < count)
      region = model.states[out.index].bytes;
    break;
  case OperandKind::input:
    count = entry.inputs.count;
    if (out.index < count)
      region = model.specs[entry.inputs.first + out.index].unitBytes;
    if (in.written())
      return "writes an input";
    break;
  case OperandKind::output:
    count = entry.outputs.count;
    if (out.index < count)
      region = model.specs[entry.outputs.first + out.index].unitBytes;
    break;
  }
  if (isArena ? out.index != 0 : out.index >= count)
    return "has an index outside its table";
  if (isArena ? out.offset % memoryAlignment != 0 : out.offset != 0)
    return "is not aligned to 64 bytes in the arena, or has an offset though "
           "it is not in the arena";
  if (!(Checked(out.offset) + in.size()).isAtMost(region))
    return "is not inside its region";
  return nullptr;
}
