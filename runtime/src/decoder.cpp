#include "runtime/src/decoder.h"
#include <algorithm>

using namespace ssmc;

static_assert(int(fb::DType_f32) == SSMC_F32 &&
              int(fb::DType_bf16) == SSMC_BF16 &&
              int(fb::DType_f16) == SSMC_F16 &&
              int(fb::DType_f64) == SSMC_F64 &&
              int(fb::DType_i64) == SSMC_I64 &&
              int(fb::DType_i32) == SSMC_I32 && int(fb::DType_u8) == SSMC_U8);

const char *ssmc::findDuplicate(Array<const char *> &names) {
  auto isBefore = [](const char *a, const char *b) { return strcmp(a, b) < 0; };
  std::sort(names.begin(), names.end(), isBefore);
  auto isSame = [](const char *a, const char *b) { return !strcmp(a, b); };
  auto found = std::adjacent_find(names.begin(), names.end(), isSame);
  return found == names.end() ? nullptr : *found;
}

ssmc_status Decoder::run() {
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

ssmc_status Decoder::decodeName(const flatbuffers::String *string,
                                const char *what, uint32_t index,
                                const char *&out) {
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

ssmc_status Decoder::decodeDType(fb::DType in, const char *owner,
                                 ssmc_dtype &out) {
  if (in > fb::DType_MAX)
    return corrupt("'%s' has the unknown element type %u", owner, unsigned(in));
  out = static_cast<ssmc_dtype>(in);
  return SSMC_OK;
}

ssmc_status Decoder::decodeShape(const Words *shape, const char *owner,
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

ssmc_status Decoder::decodePermutation(const flatbuffers::Vector<uint8_t> *in,
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

ssmc_status Decoder::decodeHead() {
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

ssmc_status Decoder::allocateTables() {
  uint64_t features = 0, codeEntries = 0, specs = 0, dispatches = 0,
           operands = 0, selfTestAssets = 0;
  for (uint32_t i = 0; i < sizeOf(program.selftests()); ++i)
    selfTestAssets += program.selftests()->Get(i)->inputs()->size() +
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
  if ((status =
           allocate(model.segments, sizeOf(program.segments()), "segments")) ||
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

ssmc_status Decoder::decodeAssets() {
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

ssmc_status Decoder::decodeSelfTests() {
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

ssmc_status Decoder::decodeAssetNames(const Strings &in, uint32_t &next,
                                      Range &out) {
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
