#include "runtime/src/model.h"
#include "runtime/src/artifact_header.h"
#include "runtime/src/error.h"
#include "runtime/src/processor.h"
#include <cinttypes>
#include <climits>
#include <cstdio>
#include <cstring>

using namespace ssmc;

/// Metadata describes; it has no reason to be large.
static constexpr uint64_t maxMetadataSize = uint64_t(256) << 20;

const Entry *ssmc_model::findEntry(const char *entryName) const {
  for (const Entry &entry : entries)
    if (!strcmp(entry.name, entryName))
      return &entry;
  return nullptr;
}

const Asset *ssmc_model::findAsset(const char *assetName) const {
  for (const Asset &asset : assets)
    if (!strcmp(asset.name, assetName))
      return &asset;
  return nullptr;
}

/// Reads and checks the header. The version is judged before the hash, because
/// another major version may hash differently.
static ssmc_status readHeader(Span artifact, ArtifactHeader &header,
                              ssmc_error *error) {
  uint8_t magic[sizeof artifactMagic];
  if (!artifact.read(0, magic) || memcmp(magic, artifactMagic, 5))
    return fail(error, SSMC_CORRUPT, "not an ssmc artifact");
  if (memcmp(magic, artifactMagic, sizeof magic))
    return fail(error, SSMC_CORRUPT,
                "an ssmc artifact damaged by a transfer in text mode");
  if (!artifact.read(0, header))
    return fail(error, SSMC_CORRUPT,
                "expected a header of %zu bytes, the file has %" PRIu64,
                sizeof header, artifact.size());
  if (header.formatMajor != artifactFormatMajor)
    return fail(error, SSMC_INCOMPATIBLE,
                "expected artifact format %u, got %u.%u; compile the model "
                "again or use another runtime",
                artifactFormatMajor, header.formatMajor, header.formatMinor);
  Span hashed(&header, offsetof(ArtifactHeader, headerHash));
  if (hashOf(hashed) != Hash{header.headerHash[0], header.headerHash[1]})
    return fail(error, SSMC_CORRUPT, "the header does not match its hash");
  if (header.formatMinor > artifactFormatMinor)
    return fail(error, SSMC_INCOMPATIBLE,
                "expected artifact format %u.%u or older, got %u.%u; use a "
                "newer runtime",
                artifactFormatMajor, artifactFormatMinor, header.formatMajor,
                header.formatMinor);
  if (uint64_t unknown = header.requiredFeatures & ~artifactFeatures)
    return fail(error, SSMC_INCOMPATIBLE,
                "the artifact requires features 0x%" PRIx64
                " that this runtime does not have",
                unknown);
  for (uint64_t word : header.reserved)
    if (word)
      return fail(error, SSMC_CORRUPT,
                  "expected reserved header fields to be 0");
  if (header.headerSize != sizeof header)
    return fail(error, SSMC_CORRUPT,
                "expected a header of %zu bytes, it says %" PRIu64,
                sizeof header, header.headerSize);
  if (header.fileSize != artifact.size())
    return fail(error, SSMC_CORRUPT,
                "expected a file of %" PRIu64 " bytes, got %" PRIu64,
                header.fileSize, artifact.size());
  return SSMC_OK;
}

static ssmc_status readMetadata(ssmc_model &model, const ArtifactHeader &header,
                                ssmc_error *error) {
  Span metadata;
  if (header.metadataOffset != sizeof header ||
      header.metadataSize > maxMetadataSize || !header.metadataSize ||
      !model.artifact.slice(header.metadataOffset, header.metadataSize,
                            metadata))
    return fail(error, SSMC_CORRUPT,
                "expected 1 to 2^28 bytes of metadata at %zu, got %" PRIu64
                " at %" PRIu64,
                sizeof header, header.metadataSize, header.metadataOffset);
  if (!model.metadata.allocateUninitialized(model.allocator, metadata.size()))
    return failMemory(error, metadata.size(), "metadata");
  memcpy(model.metadata.data(), metadata.data(),
         static_cast<size_t>(metadata.size()));
  if (hashOf({model.metadata.data(), model.metadata.size()}) !=
      Hash{header.metadataHash[0], header.metadataHash[1]})
    return fail(error, SSMC_CORRUPT, "the metadata does not match its hash");
  return decodeMetadata(model, header.metadataOffset + header.metadataSize,
                        error);
}

/// The name of a damaged weight in segment `index`, or null if the damage is
/// between weights. Weights may share bytes; the total bounds the work.
static const char *findDamage(const ssmc_model &model, uint64_t index) {
  uint64_t budget = model.segments[index].size;
  for (const Weight &weight : model.weights) {
    Span bytes;
    if (weight.storage != Storage::segment || weight.source != index)
      continue;
    if (weight.bytes > budget ||
        !model.artifact.slice(model.segments[index].offset + weight.offset,
                              weight.bytes, bytes))
      return nullptr;
    budget -= weight.bytes;
    if (hashOf(bytes) != weight.hash)
      return weight.name;
  }
  return nullptr;
}

ssmc_status ssmc::verifyHashes(const ssmc_model &model, bool full,
                               ssmc_error *error) {
  for (uint64_t i = 0; i < model.segments.size(); ++i) {
    const Segment &segment = model.segments[i];
    bool isWeights = segment.kind == SegmentKind::weights;
    Span bytes;
    if ((isWeights && !full) ||
        (model.artifact.slice(segment.offset, segment.size, bytes) &&
         hashOf(bytes) == segment.hash))
      continue;
    if (const char *weight = isWeights ? findDamage(model, i) : nullptr)
      return fail(error, SSMC_CORRUPT, "weight '%s' does not match its hash",
                  weight);
    return fail(error, SSMC_CORRUPT,
                "segment %" PRIu64 " at %" PRIu64 " does not match its hash", i,
                segment.offset);
  }
  return SSMC_OK;
}

static bool isSupported(const ssmc_model &model, const CodeVariant &variant) {
  if (strcmp(variant.architecture, processorArchitecture()))
    return false;
  for (uint32_t i = 0; i < variant.features.count; ++i)
    if (!processorHas(model.featureNames[variant.features.first + i]))
      return false;
  return true;
}

void ssmc::listLevels(const ssmc_model &model, char *out, size_t size) {
  snprintf(out, size, "%s", model.variants.size() ? "" : "none");
  size_t used = 0;
  for (const CodeVariant &variant : model.variants) {
    int length =
        snprintf(out + used, size - used, "%s'%s' (%s)", used ? ", " : "",
                 variant.level, variant.architecture);
    if (length < 0 || static_cast<size_t>(length) >= size - used)
      return;
    used += static_cast<size_t>(length);
  }
}

/// Chooses the first variant, so the best, that this processor can run, or the
/// one named `wanted`. Finding none is no error: the null device needs none.
static ssmc_status chooseVariant(const ssmc_model &model, const char *wanted,
                                 const CodeVariant *&out, ssmc_error *error) {
  out = nullptr;
  bool exists = false;
  for (const CodeVariant &variant : model.variants) {
    if (wanted && strcmp(variant.level, wanted))
      continue;
    exists = true;
    if (isSupported(model, variant)) {
      out = &variant;
      return SSMC_OK;
    }
  }
  if (!wanted)
    return SSMC_OK;
  char levels[256];
  listLevels(model, levels, sizeof levels);
  return fail(error, exists ? SSMC_INCOMPATIBLE : SSMC_NOT_FOUND,
              exists ? "this processor cannot run the code for '%.60s'; the "
                       "artifact has %s"
                     : "the artifact has no code for '%.60s'; it has %s",
              wanted, levels);
}

/// Maps the variant's code and resolves every kernel. The hash is taken through
/// the executable mapping itself: what was checked is what runs.
static ssmc_status mapCode(ssmc_model &model, const File &file,
                           const CodeVariant &variant, ssmc_error *error) {
  const Segment &segment = model.segments[variant.segment];
  if (!model.kernels.size())
    return SSMC_OK;
  if (ssmc_status status =
          model.code.mapFile(file, segment.offset, segment.size,
                             Mapping::Access::readExecute, error))
    return status;
  if (hashOf(model.code.span()) != segment.hash)
    return fail(error, SSMC_CORRUPT, "the code does not match its hash");
  for (uint32_t i = 0; i < variant.entries.count; ++i) {
    uint8_t *entry =
        model.code.data() + model.codeEntries[variant.entries.first + i];
    model.kernels[i].function = reinterpret_cast<ssmc_kernel_fn>(entry);
  }
  return SSMC_OK;
}

void ssmc_model_options_init(ssmc_model_options *options) {
  memset(options, 0, sizeof *options);
  options->struct_size = sizeof *options;
}

/// Completes the caller's options, which may come from an older header.
static ssmc_status readOptions(const ssmc_model_options *given,
                               ssmc_model_options &out, ssmc_error *error) {
  ssmc_model_options_init(&out);
  if (!given)
    return SSMC_OK;
  if (given->struct_size != sizeof out)
    return fail(error, SSMC_INVALID_ARGUMENT,
                "expected options of %zu bytes, got %zu; call "
                "ssmc_model_options_init first",
                sizeof out, given->struct_size);
  out = *given;
  if (rawValue(out.verify) > SSMC_VERIFY_FULL)
    return fail(error, SSMC_INVALID_ARGUMENT, "unknown verification level %u",
                rawValue(out.verify));
  if (!Allocator(out.allocator).isComplete())
    return fail(error, SSMC_INVALID_ARGUMENT,
                "expected an allocator with both functions");
  return SSMC_OK;
}

/// Checks and decodes `model.artifact`, whose bytes come from `file` if not
/// null.
static ssmc_status load(ssmc_model &model, const File *file,
                        const ssmc_model_options &options,
                        const char *directory, ssmc_error *error) {
  ArtifactHeader header;
  const CodeVariant *variant = nullptr;
  ssmc_status status;
  if ((status = readHeader(model.artifact, header, error)) ||
      (status = readMetadata(model, header, error)) ||
      (status =
           verifyHashes(model, options.verify == SSMC_VERIFY_FULL, error)) ||
      (status = chooseVariant(model, options.cpu_level, variant, error)))
    return status;
  if (file && variant) {
    if ((status = mapCode(model, *file, *variant, error)))
      return status;
    model.level = variant->level;
  }
  return bindWeights(model, directory, error);
}

/// Creates the model that `read(model, options)` fills.
template <typename Read>
static ssmc_status create(const ssmc_model_options *given, ssmc_model **out,
                          ssmc_error *error, Read read) {
  clear(error);
  if (!out)
    return fail(error, SSMC_INVALID_ARGUMENT, "'out_model' is null");
  *out = nullptr;
  ssmc_model_options options;
  if (ssmc_status status = readOptions(given, options, error))
    return status;
  Allocator allocator(options.allocator);
  ssmc_model *model = make<ssmc_model>(allocator, allocator);
  if (!model)
    return failMemory(error, sizeof *model, "the model");
  if (ssmc_status status = read(*model, options)) {
    dispose(allocator, model);
    return status;
  }
  *out = model;
  return SSMC_OK;
}

static ssmc_status readFile(ssmc_model &model, const char *path,
                            const ssmc_model_options &options,
                            ssmc_error *error) {
  if (!path)
    return fail(error, SSMC_INVALID_ARGUMENT, "'path' is null");
  File file;
  if (ssmc_status status = file.open(path, error))
    return status;
  if (!file.size())
    return fail(error, SSMC_CORRUPT, "'%.200s' is empty", path);

  char parent[PATH_MAX];
  const char *slash = strrchr(path, '/');
  size_t length = slash ? static_cast<size_t>(slash - path) + 1 : 0;
  snprintf(parent, sizeof parent, "%.*s", int(length), path);
  const char *directory = options.weights_directory ? options.weights_directory
                          : slash                   ? parent
                                                    : ".";
  ssmc_status status =
      model.file.mapFile(file, 0, file.size(), Mapping::Access::read, error);
  if (!status) {
    model.artifact = model.file.span();
    status = load(model, &file, options, directory, error);
  }
  if (status)
    addContext(error, path);
  return status;
}

ssmc_status ssmc_model_open(const char *path, const ssmc_model_options *given,
                            ssmc_model **out, ssmc_error *error) {
  return create(given, out, error, [&](auto &model, const auto &options) {
    return readFile(model, path, options, error);
  });
}

ssmc_status ssmc_model_open_memory(const void *data, size_t size,
                                   const ssmc_model_options *given,
                                   ssmc_model **out, ssmc_error *error) {
  return create(given, out, error, [&](auto &model, const auto &options) {
    if (!data)
      return fail(error, SSMC_INVALID_ARGUMENT, "'data' is null");
    model.artifact = Span(data, size);
    return load(model, nullptr, options, options.weights_directory, error);
  });
}

void ssmc_model_destroy(ssmc_model *model) {
  if (model)
    dispose(model->allocator, model);
}

const char *ssmc_model_name(const ssmc_model *model) { return model->name; }

const char *ssmc_model_cpu_level(const ssmc_model *model) {
  return model->level;
}

void ssmc_model_id(const ssmc_model *model, uint64_t out_id[2]) {
  out_id[0] = model->id.low;
  out_id[1] = model->id.high;
}

uint64_t ssmc_model_state_bytes(const ssmc_model *model) {
  uint64_t total = 0; // at most 2^48, as decoding checked
  for (const State &state : model->states)
    total += state.bytes;
  return total;
}

uint64_t ssmc_model_weight_bytes(const ssmc_model *model) {
  Checked total(0);
  for (const Weight &weight : model->weights)
    total = total + weight.bytes;
  return total.saturated();
}

int32_t ssmc_model_entry_count(const ssmc_model *model) {
  return static_cast<int32_t>(model->entries.size());
}

/// Null when `index` is out of range.
template <typename T> static const T *at(const Array<T> &array, int32_t index) {
  return index >= 0 && static_cast<uint64_t>(index) < array.size()
             ? &array[static_cast<uint64_t>(index)]
             : nullptr;
}

ssmc_status ssmc_model_entry(const ssmc_model *model, int32_t index,
                             ssmc_entry_info *out) {
  *out = {};
  const Entry *entry = at(model->entries, index);
  if (!entry)
    return SSMC_NOT_FOUND;
  *out = {entry->name, static_cast<int32_t>(entry->inputs.count),
          static_cast<int32_t>(entry->outputs.count),
          entry->stateUse == StateUse::carried,
          static_cast<int64_t>(entry->fixedLength)};
  return SSMC_OK;
}

ssmc_status ssmc_model_find_entry(const ssmc_model *model, const char *name,
                                  int32_t *out, ssmc_error *error) {
  clear(error);
  *out = -1;
  const Entry *entry = model->findEntry(name);
  if (!entry)
    return fail(error, SSMC_NOT_FOUND, "model '%.100s' has no entry '%.100s'",
                model->name, name);
  *out = static_cast<int32_t>(entry - model->entries.begin());
  return SSMC_OK;
}

static ssmc_status describeSpec(const ssmc_model *model, const Range *range,
                                int32_t index, ssmc_tensor_info *out) {
  *out = {};
  if (!range || index < 0 || static_cast<uint32_t>(index) >= range->count)
    return SSMC_NOT_FOUND;
  const TensorSpec &spec =
      model->specs[range->first + static_cast<uint32_t>(index)];
  out->name = spec.name;
  out->dtype = spec.dtype;
  out->rank = spec.rank;
  memcpy(out->shape, spec.shape, sizeof out->shape);
  out->bound = spec.bound;
  return SSMC_OK;
}

ssmc_status ssmc_model_input(const ssmc_model *model, int32_t entry,
                             int32_t index, ssmc_tensor_info *out) {
  const Entry *found = at(model->entries, entry);
  return describeSpec(model, found ? &found->inputs : nullptr, index, out);
}

ssmc_status ssmc_model_output(const ssmc_model *model, int32_t entry,
                              int32_t index, ssmc_tensor_info *out) {
  const Entry *found = at(model->entries, entry);
  return describeSpec(model, found ? &found->outputs : nullptr, index, out);
}

ssmc_status ssmc_model_arena_bytes(const ssmc_model *model, int32_t index,
                                   int64_t batch, int64_t length,
                                   uint64_t *out) {
  *out = 0;
  const Entry *entry = at(model->entries, index);
  if (!entry)
    return SSMC_NOT_FOUND;
  if (batch < 0 || length < 0)
    return SSMC_INVALID_ARGUMENT;
  uint64_t rows = static_cast<uint64_t>(batch);
  Checked bytes =
      entry->arenaBytes(rows, entry->blockOf(static_cast<uint64_t>(length)));
  if (entry->stateUse == StateUse::transient)
    bytes = bytes + model->stateBytes(rows);
  if (!bytes.isAtMost(maxElements))
    return SSMC_OUT_OF_MEMORY;
  *out = bytes.value();
  return SSMC_OK;
}

int32_t ssmc_model_state_count(const ssmc_model *model) {
  return static_cast<int32_t>(model->states.size());
}

ssmc_status ssmc_model_state(const ssmc_model *model, int32_t index,
                             ssmc_state_info *out) {
  *out = {};
  const State *state = at(model->states, index);
  if (!state)
    return SSMC_NOT_FOUND;
  out->name = state->name;
  out->role = state->role;
  out->dtype = state->dtype;
  out->rank = state->axes.rank;
  for (int32_t i = 0; i < state->axes.rank; ++i)
    out->shape[i] = static_cast<int64_t>(state->axes.shape[i]);
  out->bytes = state->bytes;
  return SSMC_OK;
}

ssmc_status ssmc_model_asset(const ssmc_model *model, const char *name,
                             const void **out_data, size_t *out_size) {
  const Asset *asset = model->findAsset(name);
  *out_data = asset ? asset->bytes.data() : nullptr;
  *out_size = asset ? static_cast<size_t>(asset->bytes.size()) : 0;
  return asset ? SSMC_OK : SSMC_NOT_FOUND;
}

int32_t ssmc_model_asset_count(const ssmc_model *model) {
  return static_cast<int32_t>(model->assets.size());
}

ssmc_status ssmc_model_asset_name(const ssmc_model *model, int32_t index,
                                  const char **out) {
  const Asset *asset = at(model->assets, index);
  *out = asset ? asset->name : nullptr;
  return asset ? SSMC_OK : SSMC_NOT_FOUND;
}

int32_t ssmc_model_selftest_count(const ssmc_model *model) {
  return static_cast<int32_t>(model->selfTests.size());
}

ssmc_status ssmc_model_selftest(const ssmc_model *model, int32_t index,
                                ssmc_selftest_info *out) {
  *out = {};
  const SelfTest *test = at(model->selfTests, index);
  if (!test)
    return SSMC_NOT_FOUND;
  *out = {test->entry, static_cast<int32_t>(test->inputs.count),
          static_cast<int32_t>(test->expected.count), test->rtol, test->atol};
  return SSMC_OK;
}

static ssmc_status describeAsset(const ssmc_model *model, const Range *range,
                                 int32_t index, const char **out) {
  *out = nullptr;
  if (!range || index < 0 || static_cast<uint32_t>(index) >= range->count)
    return SSMC_NOT_FOUND;
  *out = model->selfTestAssets[range->first + static_cast<uint32_t>(index)];
  return SSMC_OK;
}

ssmc_status ssmc_model_selftest_input(const ssmc_model *model, int32_t selftest,
                                      int32_t index, const char **out) {
  const SelfTest *test = at(model->selfTests, selftest);
  return describeAsset(model, test ? &test->inputs : nullptr, index, out);
}

ssmc_status ssmc_model_selftest_expected(const ssmc_model *model,
                                         int32_t selftest, int32_t index,
                                         const char **out) {
  const SelfTest *test = at(model->selfTests, selftest);
  return describeAsset(model, test ? &test->expected : nullptr, index, out);
}
