/// The one place that reads metadata. It trusts nothing: the flatbuffer
/// verifier proves that every field can be read, and the decoder below proves
/// that every number means something before it is stored in the model's tables.
#include "runtime/src/artifact_header.h"
#include "runtime/src/error.h"
#include "runtime/src/model.h"
#include "runtime/src/schema.h"
#include <algorithm>
#include <cinttypes>
#include <cmath>

using namespace ssmc;

static_assert(int(fb::DType_f32) == SSMC_F32 &&
              int(fb::DType_bf16) == SSMC_BF16 &&
              int(fb::DType_f16) == SSMC_F16 &&
              int(fb::DType_f64) == SSMC_F64 &&
              int(fb::DType_i64) == SSMC_I64 &&
              int(fb::DType_i32) == SSMC_I32 && int(fb::DType_u8) == SSMC_U8);

namespace {
template <typename T>
using Offsets = flatbuffers::Vector<flatbuffers::Offset<T>>;
using Strings = Offsets<flatbuffers::String>;
using Words = flatbuffers::Vector<uint64_t>;

constexpr uint64_t maxNameLength = 255;
// Strings may be shared, so lists of lists of strings could cost quadratic
// time; these bounds, far from any use, keep it linear in the file's size.
constexpr uint32_t maxVariants = 64;
constexpr uint32_t maxFeatures = 256;
constexpr uint32_t maxEntries = 256;
constexpr uint32_t maxSpecs = 256; // inputs or outputs of one entry
constexpr uint32_t maxAssets = 1024;
constexpr uint32_t maxWeightFiles = 1024;
constexpr uint32_t maxSelfTests = 64;

template <typename T> uint32_t sizeOf(const flatbuffers::Vector<T> *vector) {
  return vector ? vector->size() : 0;
}

/// The flatbuffer verifier does not check the alignment of a vector's elements,
/// so they are copied out.
uint64_t wordAt(const Words *words, uint32_t index) {
  uint64_t value;
  memcpy(&value, words->Data() + uint64_t(index) * sizeof value, sizeof value);
  return value;
}

class Decoder {
public:
  Decoder(ssmc_model &model, const fb::Program &program, uint64_t metadataEnd,
          ssmc_error *error)
      : model(model), program(program), metadataEnd(metadataEnd), error(error) {
  }

  ssmc_status run() {
    using Step = ssmc_status (Decoder::*)();
    // Later steps use the tables of earlier ones.
    constexpr Step steps[] = {
        &Decoder::decodeHead,     &Decoder::allocateTables,
        &Decoder::decodeSegments, &Decoder::decodeWeightFiles,
        &Decoder::decodeWeights,  &Decoder::decodeStates,
        &Decoder::decodeKernels,  &Decoder::decodeVariants,
        &Decoder::decodeEntries,  &Decoder::decodeAssets,
        &Decoder::decodeSelfTests};
    for (Step step : steps)
      if (ssmc_status status = (this->*step)())
        return status;
    return SSMC_OK;
  }

private:
  [[gnu::format(printf, 2, 3)]] ssmc_status corrupt(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    failV(error, SSMC_CORRUPT, format, arguments);
    va_end(arguments);
    return SSMC_CORRUPT;
  }

  template <typename T>
  ssmc_status allocate(Array<T> &array, uint64_t count, const char *what) {
    return array.allocate(model.allocator, count)
               ? SSMC_OK
               : failMemory(error, count * sizeof(T), what);
  }

  /// Accepts a name that can be shown in a message and compared with strcmp.
  ssmc_status decodeName(const flatbuffers::String *string, const char *what,
                         uint32_t index, const char *&out) {
    if (!string->size() || string->size() > maxNameLength)
      return corrupt("expected the name of %s %u to have 1 to %u bytes, got %u",
                     what, index, unsigned(maxNameLength), string->size());
    for (uint32_t i = 0; i < string->size(); ++i) {
      unsigned char c = static_cast<unsigned char>(string->c_str()[i]);
      if (c < 0x20 || c == 0x7f)
        return corrupt("the name of %s %u holds the control character 0x%02x",
                       what, index, c);
    }
    out = string->c_str();
    return SSMC_OK;
  }

  /// Names of one kind must differ, or a lookup would be ambiguous.
  template <typename T>
  ssmc_status checkUnique(const T *items, uint64_t count, const char *what) {
    Array<const char *> names;
    if (ssmc_status status = allocate(names, count, "names"))
      return status;
    for (uint64_t i = 0; i < count; ++i)
      names[i] = items[i].name;
    std::sort(names.begin(), names.end(),
              [](const char *a, const char *b) { return strcmp(a, b) < 0; });
    for (uint64_t i = 1; i < count; ++i)
      if (!strcmp(names[i - 1], names[i]))
        return corrupt("two %s are named '%s'", what, names[i]);
    return SSMC_OK;
  }
  template <typename T>
  ssmc_status checkUnique(const Array<T> &items, const char *what) {
    return checkUnique(items.data(), items.size(), what);
  }

  ssmc_status decodeDType(fb::DType in, const char *owner, ssmc_dtype &out) {
    if (in > fb::DType_MAX)
      return corrupt("'%s' has the unknown element type %u", owner,
                     unsigned(in));
    out = static_cast<ssmc_dtype>(in);
    return SSMC_OK;
  }

  ssmc_status decodeShape(const Words *shape, const char *owner,
                          AxisOrder &axes, uint64_t &elements) {
    if (shape->size() > SSMC_MAX_RANK)
      return corrupt("'%s' has rank %u, at most %d is possible", owner,
                     shape->size(), SSMC_MAX_RANK);
    axes.rank = static_cast<int32_t>(shape->size());
    Checked product(1);
    bool inRange = true;
    for (int32_t i = 0; i < axes.rank; ++i) {
      axes.shape[i] = wordAt(shape, i);
      axes.order[i] = static_cast<uint8_t>(i);
      // Each extent is bounded too: a zero must not hide a huge neighbour.
      inRange &= axes.shape[i] <= maxElements;
      product = product * axes.shape[i];
    }
    if (!inRange || !product.isAtMost(maxElements))
      return corrupt("'%s' has more than 2^48 elements", owner);
    elements = product.value();
    return SSMC_OK;
  }

  ssmc_status decodePermutation(const flatbuffers::Vector<uint8_t> *in,
                                const char *owner, AxisOrder &axes) {
    uint32_t seen = 0;
    bool valid = sizeOf(in) == static_cast<uint32_t>(axes.rank);
    for (int32_t i = 0; valid && i < axes.rank; ++i) {
      uint8_t axis = in->Get(i);
      valid = axis < axes.rank && !(seen >> axis & 1);
      seen |= 1u << (axis & 31);
      axes.order[i] = axis;
    }
    if (!valid)
      return corrupt("'%s' has no permutation of its %d axes", owner,
                     int(axes.rank));
    return SSMC_OK;
  }

  ssmc_status decodeHead() {
    if (program.kernel_abi() != SSMC_KERNEL_ABI)
      return fail(error, SSMC_INCOMPATIBLE,
                  "expected kernels of ABI %u, the artifact has ABI %u",
                  unsigned(SSMC_KERNEL_ABI), program.kernel_abi());
    const char *producer;
    if (ssmc_status status =
            decodeName(program.producer(), "producer", 0, producer))
      return status;
    model.id = {program.model_id_low(), program.model_id_high()};
    return decodeName(program.name(), "program", 0, model.name);
  }

  /// One allocation per table, its size known from the flatbuffer's counts.
  ssmc_status allocateTables() {
    uint64_t features = 0, codeEntries = 0, specs = 0, dispatches = 0,
             operands = 0, selfTestAssets = 0;
    for (uint32_t i = 0; i < sizeOf(program.selftests()); ++i)
      selfTestAssets +=
          program.selftests()->Get(i)->inputs()->size() +
          uint64_t(program.selftests()->Get(i)->expected()->size());
    for (const fb::CodeVariant *variant : *program.variants()) {
      features += variant->features()->size();
      codeEntries += program.kernels()->size();
    }
    for (const fb::Entry *entry : *program.entries()) {
      specs += entry->inputs()->size() + uint64_t(entry->outputs()->size());
      dispatches += entry->instructions()->size();
      for (const fb::Instruction *instruction : *entry->instructions())
        if (const fb::Dispatch *dispatch = instruction->body_as_Dispatch())
          operands += dispatch->operands()->size();
    }
    // Ranges are 32 bits wide.
    if (std::max({features, codeEntries, specs, dispatches, operands,
                  selfTestAssets}) > UINT32_MAX)
      return corrupt("the metadata has more than 2^32 records of one kind");
    if (sizeOf(program.entries()) > maxEntries ||
        sizeOf(program.assets()) > maxAssets ||
        sizeOf(program.weight_files()) > maxWeightFiles)
      return corrupt("expected at most %u entries, %u assets and %u weight "
                     "files, got %u, %u and %u",
                     maxEntries, maxAssets, maxWeightFiles,
                     sizeOf(program.entries()), sizeOf(program.assets()),
                     sizeOf(program.weight_files()));
    ssmc_status status;
    if ((status = allocate(model.segments, sizeOf(program.segments()),
                           "segments")) ||
        (status = allocate(model.weightFiles, sizeOf(program.weight_files()),
                           "weight files")) ||
        (status =
             allocate(model.weights, sizeOf(program.weights()), "weights")) ||
        (status = allocate(model.states, sizeOf(program.states()), "states")) ||
        (status =
             allocate(model.kernels, sizeOf(program.kernels()), "kernels")) ||
        (status = allocate(model.variants, sizeOf(program.variants()),
                           "code variants")) ||
        (status = allocate(model.featureNames, features, "feature names")) ||
        (status = allocate(model.codeEntries, codeEntries, "code entries")) ||
        (status =
             allocate(model.entries, sizeOf(program.entries()), "entries")) ||
        (status = allocate(model.specs, specs, "inputs and outputs")) ||
        (status = allocate(model.dispatches, dispatches, "dispatches")) ||
        (status = allocate(model.operands, operands, "operands")) ||
        (status = allocate(model.assets, sizeOf(program.assets()), "assets")) ||
        (status = allocate(model.selfTests, sizeOf(program.selftests()),
                           "self-tests")) ||
        (status = allocate(model.selfTestAssets, selfTestAssets, "self-tests")))
      return status;
    return SSMC_OK;
  }

  /// Segments must tile the rest of the file: in order, aligned, and with
  /// nothing but short zero padding between, so that no byte goes unchecked.
  ssmc_status decodeSegments() {
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
        return corrupt("segment %u begins at %" PRIu64
                       ", before the end %" PRIu64 " of what precedes it",
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

  ssmc_status checkPadding(uint64_t begin, uint64_t end) {
    Span padding;
    if (end - begin >= codeAlignment ||
        !model.artifact.slice(begin, end - begin, padding) || !padding.isZero())
      return corrupt("expected at most %" PRIu64
                     " zero bytes of padding from %" PRIu64 " to %" PRIu64,
                     codeAlignment - 1, begin, end);
    return SSMC_OK;
  }

  ssmc_status checkSegment(uint32_t index, SegmentKind kind,
                           const char *owner) {
    if (index >= model.segments.size())
      return corrupt("'%s' is in segment %u of %u", owner, index,
                     unsigned(model.segments.size()));
    if (model.segments[index].kind != kind)
      return corrupt("'%s' is in segment %u, which is of another kind", owner,
                     index);
    return SSMC_OK;
  }

  ssmc_status decodeWeightFiles() {
    for (uint32_t i = 0; i < model.weightFiles.size(); ++i) {
      const fb::WeightFile *in = program.weight_files()->Get(i);
      WeightFile &out = model.weightFiles[i];
      out.size = in->size();
      if (ssmc_status status =
              decodeName(in->name(), "weight file", i, out.name))
        return status;
      if (strchr(out.name, '/') || !strcmp(out.name, ".") ||
          !strcmp(out.name, ".."))
        return corrupt("expected weight file %u to be a plain file name, got "
                       "'%s'",
                       i, out.name);
    }
    return checkUnique(model.weightFiles, "weight files");
  }

  ssmc_status decodeWeights() {
    for (uint32_t i = 0; i < model.weights.size(); ++i)
      if (ssmc_status status =
              decodeWeight(i, *program.weights()->Get(i), model.weights[i]))
        return status;
    return checkUnique(model.weights, "weights");
  }

  ssmc_status decodeWeight(uint32_t index, const fb::Weight &in, Weight &out) {
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
      return corrupt("weight '%s' is in panels but has rank %d, not 2",
                     out.name, int(out.axes.rank));
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

  ssmc_status checkWeightSource(const fb::Weight &in, const Weight &weight) {
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
                       weight.name, ssmc_dtype_name(weight.dtype),
                       weight.splat);
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

  ssmc_status decodeStates() {
    for (uint32_t i = 0; i < model.states.size(); ++i)
      if (ssmc_status status =
              decodeState(i, *program.states()->Get(i), model.states[i]))
        return status;
    if (!model.stateBytes(1).isAtMost(maxElements))
      return corrupt("the states have more than 2^48 bytes");
    return checkUnique(model.states, "states");
  }

  ssmc_status decodeState(uint32_t index, const fb::State &in, State &out) {
    ssmc_status status;
    if ((status = decodeName(in.name(), "state", index, out.name)) ||
        (status =
             decodeName(in.role(), "the role of state", index, out.role)) ||
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

  ssmc_status decodeKernels() {
    for (uint32_t i = 0; i < model.kernels.size(); ++i) {
      const fb::Kernel *in = program.kernels()->Get(i);
      Kernel &out = model.kernels[i];
      out.operandCount = in->operand_count();
      out.scratchBytes = in->scratch_bytes();
      if (ssmc_status status = decodeName(in->name(), "kernel", i, out.name))
        return status;
      if (out.operandCount > maxOperands)
        return corrupt("kernel '%s' has %u operands, at most %u are possible",
                       out.name, out.operandCount, maxOperands);
      if (out.scratchBytes > maxElements)
        return corrupt("kernel '%s' wants more than 2^48 bytes of scratch",
                       out.name);
      model.maxScratchBytes = std::max(model.maxScratchBytes, out.scratchBytes);
    }
    return checkUnique(model.kernels, "kernels");
  }

  ssmc_status decodeVariants() {
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

  ssmc_status decodeEntries() {
    for (uint32_t i = 0; i < model.entries.size(); ++i)
      if (ssmc_status status =
              decodeEntry(i, *program.entries()->Get(i), model.entries[i]))
        return status;
    return checkUnique(model.entries, "entries");
  }

  ssmc_status decodeEntry(uint32_t index, const fb::Entry &in, Entry &out) {
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
        return corrupt("instruction %u of entry '%s' has the unknown type %u",
                       i, out.name,
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

  ssmc_status decodeSpecs(const Offsets<fb::TensorSpec> &in, const char *what,
                          Range &out) {
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

  ssmc_status decodeSpec(const fb::TensorSpec &in, const char *what,
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
      } else if (dim->kind() == fb::DimKind_fixed &&
                 dim->size() <= maxElements) {
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

  ssmc_status decodeDispatch(const fb::Dispatch &in, const Entry &entry,
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
    out.grain = in.grain();
    out.flopsPerRow = in.flops_per_row();
    out.bytesPerRow = in.bytes_per_row();
    out.bytesFixed = in.bytes_fixed();
    if (!out.items || out.items > maxElements || out.rowTile > maxElements ||
        !out.grain)
      return corrupt("dispatch %u of entry '%s' has a grid of %" PRIu64
                     " items, row tile %" PRIu64 ", grain %" PRIu64,
                     index, entry.name, out.items, out.rowTile, out.grain);
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

  /// Returns what is wrong, or null.
  const char *decodeOperand(const fb::Operand &in, const Entry &entry,
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

  ssmc_status decodeAssets() {
    for (uint32_t i = 0; i < model.assets.size(); ++i) {
      const fb::Asset *in = program.assets()->Get(i);
      Asset &out = model.assets[i];
      ssmc_status status;
      if ((status = decodeName(in->name(), "asset", i, out.name)) ||
          (status = checkSegment(in->segment(), SegmentKind::asset, out.name)))
        return status;
      const Segment &segment = model.segments[in->segment()];
      if (!model.artifact.slice(segment.offset, segment.size, out.bytes))
        return corrupt("asset '%s' is not inside the file", out.name);
    }
    return checkUnique(model.assets, "assets");
  }

  ssmc_status decodeSelfTests() {
    uint32_t next = 0;
    for (uint32_t i = 0; i < model.selfTests.size(); ++i) {
      const fb::SelfTest *in = program.selftests()->Get(i);
      SelfTest &out = model.selfTests[i];
      const Entry *entry = model.findEntry(in->entry()->c_str());
      if (!entry || in->inputs()->size() != entry->inputs.count ||
          in->expected()->size() != entry->outputs.count)
        return corrupt("self-test %u does not have the inputs and outputs of "
                       "an entry",
                       i);
      if (!(in->rtol() >= 0 && in->atol() >= 0))
        return corrupt("self-test %u has a negative tolerance", i);
      out = {entry->name, {}, {}, in->rtol(), in->atol()};
      ssmc_status status;
      if ((status = decodeAssetNames(*in->inputs(), next, out.inputs)) ||
          (status = decodeAssetNames(*in->expected(), next, out.expected)))
        return status;
    }
    return SSMC_OK;
  }

  ssmc_status decodeAssetNames(const Strings &in, uint32_t &next, Range &out) {
    out = {next, in.size()};
    for (const flatbuffers::String *name : in) {
      const Asset *asset = model.findAsset(name->c_str());
      if (!asset)
        return corrupt("a self-test needs an asset '%.100s' that the artifact "
                       "does not have",
                       name->c_str());
      model.selfTestAssets[next++] = asset->name;
    }
    return SSMC_OK;
  }

  ssmc_model &model;
  const fb::Program &program;
  uint64_t metadataEnd;
  ssmc_error *error;
  uint32_t nextSpec = 0;
  uint32_t nextDispatch = 0;
  uint32_t nextOperand = 0;
};
} // namespace

namespace {
/// The root table before it is verified: only for looking at its long lists.
class Head : private flatbuffers::Table {
public:
  /// True if the lists whose elements hold further lists of strings are short.
  bool isBounded(flatbuffers::Verifier &verifier) const {
    return VerifyTableStart(verifier) &&
           isShort<fb::CodeVariant>(verifier, fb::Program::VT_VARIANTS,
                                    maxVariants) &&
           isShort<fb::SelfTest>(verifier, fb::Program::VT_SELFTESTS,
                                 maxSelfTests);
  }

private:
  template <typename T>
  bool isShort(flatbuffers::Verifier &verifier, flatbuffers::voffset_t field,
               uint32_t limit) const {
    if (!VerifyOffset(verifier, field))
      return false;
    const auto *list = GetPointer<const Offsets<T> *>(field);
    return verifier.VerifyVector(list) && sizeOf(list) <= limit;
  }
};
} // namespace

/// Null if the metadata is not a well-formed flatbuffer of bounded work.
static const fb::Program *verifyForm(const Array<uint8_t> &metadata) {
  flatbuffers::Verifier::Options options;
  options.max_depth = 16; // the schema needs 6
  // A table takes four bytes at least; sharing must not multiply the work.
  options.max_tables = static_cast<flatbuffers::uoffset_t>(metadata.size() / 4);
  const uint8_t *data = metadata.data();
  size_t size = static_cast<size_t>(metadata.size());
  flatbuffers::Verifier forHead(data, size, options);
  flatbuffers::uoffset_t root = forHead.VerifyOffset(size_t(0));
  if (!root || !reinterpret_cast<const Head *>(data + root)->isBounded(forHead))
    return nullptr;
  flatbuffers::Verifier verifier(data, size, options);
  return fb::VerifyProgramBuffer(verifier) ? fb::GetProgram(data) : nullptr;
}

ssmc_status ssmc::decodeMetadata(ssmc_model &model, uint64_t metadataEnd,
                                 ssmc_error *error) {
  const fb::Program *program = verifyForm(model.metadata);
  if (!program)
    return fail(error, SSMC_CORRUPT,
                "the metadata of %" PRIu64 " bytes is not well-formed",
                model.metadata.size());
  return Decoder(model, *program, metadataEnd, error).run();
}
