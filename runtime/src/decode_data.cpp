/// The parts of the decoder for what an artifact holds: segments, weights and
/// states.
#include "runtime/src/artifact_header.h"
#include "runtime/src/decoder.h"
#include <cmath>

using namespace ssmc;

ssmc_status Decoder::decodeSegments() {
  uint64_t end = metadataEnd;
  for (uint32_t i = 0; i < model.segments.size(); ++i) {
    const fb::Segment *in = program.segments()->Get(i);
    if (in->kind() > fb::SegmentKind_MAX)
      return corrupt("segment %u has the unknown kind %u", i,
                     unsigned(in->kind()));
    Segment &out = model.segments[i];
    out = {static_cast<SegmentKind>(in->kind()),
           in->offset(),
           in->size(),
           {in->hash_low(), in->hash_high()}};
    uint64_t alignment =
        out.kind == SegmentKind::code ? codeAlignment : segmentAlignment;
    if (out.offset % alignment)
      return corrupt("expected segment %u at a multiple of %" PRIu64
                     ", got offset %" PRIu64,
                     i, alignment, out.offset);
    if (out.offset < end)
      return corrupt("segment %u begins at %" PRIu64 ", before the end %" PRIu64
                     " of what precedes it",
                     i, out.offset, end);
    if (!model.artifact.contains(out.offset, out.size))
      return corrupt("segment %u, %" PRIu64 " bytes at %" PRIu64
                     ", is not inside the file of %" PRIu64 " bytes",
                     i, out.size, out.offset, model.artifact.size());
    if (ssmc_status status = checkPadding(end, out.offset))
      return status;
    end = out.offset + out.size;
  }
  return checkPadding(end, model.artifact.size());
}

ssmc_status Decoder::checkPadding(uint64_t begin, uint64_t end) {
  Span padding;
  if (end - begin >= codeAlignment ||
      !model.artifact.slice(begin, end - begin, padding) || !padding.isZero())
    return corrupt("expected at most %" PRIu64
                   " zero bytes of padding from %" PRIu64 " to %" PRIu64,
                   codeAlignment - 1, begin, end);
  return SSMC_OK;
}

ssmc_status Decoder::checkSegment(uint32_t index, SegmentKind kind,
                                  const char *owner) {
  if (index >= model.segments.size())
    return corrupt("'%s' is in segment %u of %u", owner, index,
                   unsigned(model.segments.size()));
  if (model.segments[index].kind != kind)
    return corrupt("'%s' is in segment %u, which is of another kind", owner,
                   index);
  return SSMC_OK;
}

ssmc_status Decoder::decodeWeightFiles() {
  for (uint32_t i = 0; i < model.weightFiles.size(); ++i) {
    const fb::WeightFile *in = program.weight_files()->Get(i);
    WeightFile &out = model.weightFiles[i];
    out.size = in->size();
    if (ssmc_status status = decodeName(in->name(), "weight file", i, out.name))
      return status;
    if (strchr(out.name, '/') || !strcmp(out.name, ".") ||
        !strcmp(out.name, ".."))
      return corrupt("expected weight file %u to be a plain file name, got "
                     "'%s'",
                     i, out.name);
  }
  return checkUnique(model.weightFiles, "weight files");
}

ssmc_status Decoder::decodeWeights() {
  for (uint32_t i = 0; i < model.weights.size(); ++i)
    if (ssmc_status status =
            decodeWeight(i, *program.weights()->Get(i), model.weights[i]))
      return status;
  return checkUnique(model.weights, "weights");
}

ssmc_status Decoder::decodeWeight(uint32_t index, const fb::Weight &in,
                                  Weight &out) {
  ssmc_status status;
  uint64_t elements;
  if ((status = decodeName(in.name(), "weight", index, out.name)) ||
      (status = decodeDType(in.dtype(), out.name, out.dtype)) ||
      (status = decodeShape(in.shape(), out.name, out.axes, elements)))
    return status;
  if (in.layout() > fb::Layout_MAX || in.storage() > fb::WeightStorage_MAX)
    return corrupt("weight '%s' has the unknown layout %u or storage %u",
                   out.name, unsigned(in.layout()), unsigned(in.storage()));
  out.layout = static_cast<Layout>(in.layout());
  out.storage = static_cast<Storage>(in.storage());
  if (out.layout == Layout::permuted) {
    if ((status = decodePermutation(in.permutation(), out.name, out.axes)))
      return status;
  } else if (sizeOf(in.permutation())) {
    return corrupt("weight '%s' has a permutation but is not permuted",
                   out.name);
  }
  if (out.layout == Layout::panels16 && out.axes.rank != 2)
    return corrupt("weight '%s' is in panels but has rank %d, not 2", out.name,
                   int(out.axes.rank));
  size_t elementSize = ssmc_dtype_size(out.dtype);
  Checked laidOut(elements);
  if (out.layout == Layout::panels16)
    laidOut =
        Checked(out.axes.shape[0]).alignedUp(panelRows) * out.axes.shape[1];
  if (!laidOut.isAtMost(maxElements))
    return corrupt("weight '%s' has more than 2^48 elements in panels",
                   out.name);
  out.bytes = laidOut.value() * elementSize;
  out.logicalBytes = elements * elementSize;
  out.source = in.source();
  out.offset = in.offset();
  out.splat = in.splat();
  out.hash = {in.hash_low(), in.hash_high()};
  return checkWeightSource(in, out);
}

ssmc_status Decoder::checkWeightSource(const fb::Weight &in,
                                       const Weight &weight) {
  uint64_t wanted =
      weight.storage == Storage::file ? weight.logicalBytes : weight.bytes;
  if (in.size() != wanted)
    return corrupt("expected weight '%s' to have %" PRIu64
                   " bytes, got %" PRIu64,
                   weight.name, wanted, in.size());
  uint64_t available = 0;
  switch (weight.storage) {
  case Storage::splat: {
    uint64_t element;
    if (!encodeScalar(weight.dtype, weight.splat, &element))
      return corrupt("weight '%s' of type %s cannot hold the value %g",
                     weight.name, ssmc_dtype_name(weight.dtype), weight.splat);
    return SSMC_OK;
  }
  case Storage::segment:
    if (ssmc_status status =
            checkSegment(weight.source, SegmentKind::weights, weight.name))
      return status;
    if (weight.offset % segmentAlignment)
      return corrupt("expected weight '%s' at a multiple of %" PRIu64
                     ", got offset %" PRIu64,
                     weight.name, segmentAlignment, weight.offset);
    available = model.segments[weight.source].size;
    break;
  case Storage::file:
    if (weight.source >= model.weightFiles.size())
      return corrupt("weight '%s' is in file %u of %u", weight.name,
                     weight.source, unsigned(model.weightFiles.size()));
    available = model.weightFiles[weight.source].size;
    break;
  }
  if (!(Checked(weight.offset) + in.size()).isAtMost(available))
    return corrupt("weight '%s', %" PRIu64 " bytes at %" PRIu64
                   ", is not inside its source of %" PRIu64 " bytes",
                   weight.name, in.size(), weight.offset, available);
  return SSMC_OK;
}

ssmc_status Decoder::decodeStates() {
  for (uint32_t i = 0; i < model.states.size(); ++i)
    if (ssmc_status status =
            decodeState(i, *program.states()->Get(i), model.states[i]))
      return status;
  if (!model.stateBytes(1).isAtMost(maxElements))
    return corrupt("the states have more than 2^48 bytes");
  return checkUnique(model.states, "states");
}

ssmc_status Decoder::decodeState(uint32_t index, const fb::State &in,
                                 State &out) {
  ssmc_status status;
  if ((status = decodeName(in.name(), "state", index, out.name)) ||
      (status = decodeName(in.role(), "the role of state", index, out.role)) ||
      (status = decodeDType(in.dtype(), out.name, out.dtype)) ||
      (status = decodeShape(in.shape(), out.name, out.axes, out.elements)) ||
      (status = decodePermutation(in.permutation(), out.name, out.axes)))
    return status;
  out.bytes = out.elements * ssmc_dtype_size(out.dtype);
  out.initial = in.initial();
  uint64_t element;
  if (std::isnan(out.initial) ||
      !encodeScalar(out.dtype, out.initial, &element))
    return corrupt("state '%s' of type %s cannot begin at %g", out.name,
                   ssmc_dtype_name(out.dtype), out.initial);
  if (in.growth() > fb::Growth_MAX || in.rollback() > fb::Rollback_MAX)
    return corrupt("state '%s' has the unknown growth %u or roll-back %u",
                   out.name, unsigned(in.growth()), unsigned(in.rollback()));
  if (in.shard_axis() < -1 || in.shard_axis() >= out.axes.rank)
    return corrupt("state '%s' of rank %d is sharded along axis %d", out.name,
                   int(out.axes.rank), int(in.shard_axis()));
  for (uint32_t i = 0; i < sizeOf(in.fields()); ++i) {
    const fb::SubField *field = in.fields()->Get(i);
    const char *fieldName;
    if ((status = decodeName(field->name(), "state field", i, fieldName)))
      return status;
    if (field->axis() >= out.axes.rank ||
        !(Checked(field->offset()) + field->size())
             .isAtMost(out.axes.shape[field->axis()]))
      return corrupt("field '%s' is not inside state '%s'", fieldName,
                     out.name);
  }
  return SSMC_OK;
}
