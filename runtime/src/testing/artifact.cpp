#include "runtime/src/testing/artifact.h"
#include "runtime/src/processor.h"
#include "runtime/src/testing/model_file.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace ssmc;
using namespace ssmc::testing;

/// Out of memory is an answer here, not the end, also for the sanitizers.
extern "C" const char *__asan_default_options();
const char *__asan_default_options() { return "allocator_may_return_null=1"; }
extern "C" const char *__tsan_default_options();
const char *__tsan_default_options() { return "allocator_may_return_null=1"; }

float testing::tableValue(int64_t token, int64_t channel) {
  return static_cast<float>(token * 8 + channel);
}

static std::unique_ptr<fb::TensorSpecT> spec(const char *name, fb::DType dtype,
                                             bool hasLength, uint64_t bound) {
  auto result = std::make_unique<fb::TensorSpecT>();
  result->name = name;
  result->dtype = dtype;
  result->bound = bound;
  auto dim = [&](fb::DimKind kind, uint64_t size) {
    result->dims.push_back(std::make_unique<fb::DimT>());
    result->dims.back()->kind = kind;
    result->dims.back()->size = size;
  };
  dim(fb::DimKind_batch, 0);
  if (hasLength)
    dim(fb::DimKind_length, 0);
  if (dtype == fb::DType_f32)
    dim(fb::DimKind_fixed, channels);
  return result;
}

static void add(fb::DispatchT &dispatch, fb::OperandKind kind, uint32_t index,
                uint64_t size, bool written) {
  auto operand = std::make_unique<fb::OperandT>();
  operand->kind = kind;
  operand->index = index;
  operand->size = size;
  operand->written = written;
  dispatch.operands.push_back(std::move(operand));
}

static fb::DispatchT &addDispatch(fb::EntryT &entry, KernelId kernel,
                                  uint64_t items, bool perBatch,
                                  uint64_t rowTile) {
  auto instruction = std::make_unique<fb::InstructionT>();
  fb::DispatchT dispatch;
  dispatch.kernel = kernel;
  dispatch.grid = std::make_unique<fb::GridT>();
  dispatch.grid->items = items;
  dispatch.grid->per_batch = perBatch;
  dispatch.grid->row_tile = rowTile;
  dispatch.flops_per_row = 10;
  dispatch.bytes_per_row = 20;
  dispatch.bytes_fixed = 30;
  dispatch.bytes_per_batch = 40;
  dispatch.elementary_per_row = 5;
  dispatch.weight_bytes_per_step = 6;
  instruction->body.Set(std::move(dispatch));
  entry.instructions.push_back(std::move(instruction));
  return *entry.instructions.back()->body.AsDispatch();
}

static std::unique_ptr<fb::EntryT>
sumEntry(const char *name, fb::StateUse stateUse, uint64_t fixedLength) {
  auto entry = std::make_unique<fb::EntryT>();
  entry->name = name;
  entry->inputs.push_back(spec("ids", fb::DType_i64, true, vocabulary));
  entry->outputs.push_back(spec("y", fb::DType_f32, true, 0));
  entry->state_use = stateUse;
  entry->sequence_block = sequenceBlock;
  entry->fixed_length = fixedLength;
  entry->arena_fixed = 64;
  entry->arena_batch = 64;
  entry->arena_row = 128;
  constexpr uint64_t rowBytes = channels * sizeof(float);
  fb::DispatchT &first = addDispatch(*entry, lookup, 1, false, 1);
  add(first, fb::OperandKind_input, 0, 8, false);
  add(first, fb::OperandKind_weight, 0, vocabulary * rowBytes, false);
  add(first, fb::OperandKind_arena_row, 0, rowBytes, true);
  first.operands.back()->offset = 64;
  fb::DispatchT &second = addDispatch(*entry, accumulate, channels, true, 0);
  add(second, fb::OperandKind_arena_row, 0, rowBytes, false);
  second.operands.back()->offset = 64;
  add(second, fb::OperandKind_state, 0, rowBytes, true);
  add(second, fb::OperandKind_output, 0, rowBytes, true);
  fb::DispatchT &third = addDispatch(*entry, count, 1, true, 0);
  add(third, fb::OperandKind_state, 1, 8, true);
  return entry;
}

static std::unique_ptr<fb::EntryT> blendEntry() {
  auto entry = std::make_unique<fb::EntryT>();
  entry->name = "blend";
  entry->inputs.push_back(spec("x", fb::DType_f32, true, 0));
  entry->outputs.push_back(spec("y", fb::DType_f32, true, 0));
  fb::DispatchT &only = addDispatch(*entry, blend, 1, false, 2);
  add(only, fb::OperandKind_input, 0, channels * sizeof(float), false);
  add(only, fb::OperandKind_output, 0, channels * sizeof(float), true);
  return entry;
}

static std::unique_ptr<fb::EntryT> echoEntry() {
  auto entry = std::make_unique<fb::EntryT>();
  entry->name = "echo";
  entry->inputs.push_back(spec("tag", fb::DType_i32, false, 1000));
  entry->outputs.push_back(spec("back", fb::DType_i32, false, 0));
  entry->arena_fixed = 128;
  entry->arena_batch = 128;
  fb::DispatchT &first = addDispatch(*entry, echo, 1, true, 0);
  add(first, fb::OperandKind_input, 0, 4, false);
  add(first, fb::OperandKind_arena_batch, 0, 4, true);
  first.operands.back()->offset = 64;
  fb::DispatchT &second = addDispatch(*entry, echo, 1, true, 0);
  add(second, fb::OperandKind_arena_batch, 0, 4, false);
  second.operands.back()->offset = 64;
  add(second, fb::OperandKind_arena_fixed, 0, 64, true);
  second.operands.back()->offset = 64;
  fb::DispatchT &third = addDispatch(*entry, echo, 1, true, 0);
  add(third, fb::OperandKind_arena_fixed, 0, 64, false);
  third.operands.back()->offset = 64;
  add(third, fb::OperandKind_output, 0, 4, true);
  return entry;
}

static std::unique_ptr<fb::EntryT> relayEntry() {
  auto entry = std::make_unique<fb::EntryT>();
  entry->name = "relay";
  entry->inputs.push_back(spec("x", fb::DType_f32, true, 0));
  entry->outputs.push_back(spec("y", fb::DType_f32, true, 0));
  fb::DispatchT &only = addDispatch(*entry, relay, channels, true, 0);
  only.grid->rounds_per_step = 1;
  add(only, fb::OperandKind_input, 0, channels * sizeof(float), false);
  add(only, fb::OperandKind_output, 0, channels * sizeof(float), true);
  return entry;
}

static std::unique_ptr<fb::SegmentT> segment(fb::SegmentKind kind) {
  auto result = std::make_unique<fb::SegmentT>();
  result->kind = kind;
  return result;
}

static std::unique_ptr<fb::StateT> state(const char *name, const char *role,
                                         fb::DType dtype) {
  auto result = std::make_unique<fb::StateT>();
  result->name = name;
  result->role = role;
  result->dtype = dtype;
  return result;
}

TestArtifact::TestArtifact() {
  program.kernel_abi = SSMC_KERNEL_ABI;
  program.producer = "test";
  program.name = "cumulative-sum";
  program.model_id_low = 0x1122334455667788;
  program.model_id_high = 0x99aabbccddeeff00;

  program.segments.push_back(segment(fb::SegmentKind_weights));
  program.segments.push_back(segment(fb::SegmentKind_code));
  program.segments.push_back(segment(fb::SegmentKind_asset));
  Bytes table;
  for (int64_t v = 0; v < vocabulary; ++v)
    for (int64_t c = 0; c < channels; ++c) {
      float value = tableValue(v, c);
      auto *bytes = reinterpret_cast<const uint8_t *>(&value);
      table.insert(table.end(), bytes, bytes + sizeof value);
    }
  const char asset[] = "tokens";
  contents = {table, readFile(SSMC_TEST_KERNELS),
              Bytes(asset, asset + sizeof asset - 1)};

  auto weight = std::make_unique<fb::WeightT>();
  weight->name = "table";
  weight->dtype = fb::DType_f32;
  weight->shape = {vocabulary, channels};
  weight->size = table.size();
  Hash hash = hashOf({table.data(), table.size()});
  weight->hash_low = hash.low;
  weight->hash_high = hash.high;
  program.weights.push_back(std::move(weight));

  program.states.push_back(state("sum", "recurrent", fb::DType_f32));
  program.states.back()->shape = {2, 2};
  program.states.back()->permutation = {1, 0};
  program.states.back()->initial = 1;
  program.states.back()->fields.push_back(std::make_unique<fb::SubFieldT>());
  program.states.back()->fields.back()->name = "left";
  program.states.back()->fields.back()->axis = 1;
  program.states.back()->fields.back()->size = 1;
  program.states.push_back(state("steps", "counter", fb::DType_i64));

  constexpr struct {
    const char *name;
    uint32_t operands;
    uint64_t scratch;
  } kernels[kernelCount] = {{"lookup", 3, 0}, {"accumulate", 3, 0},
                            {"count", 1, 0},  {"blend", 2, 64},
                            {"echo", 2, 0},   {"relay", 2, 0}};
  auto variant = std::make_unique<fb::CodeVariantT>();
  variant->arch = processorArchitecture();
  variant->level = "baseline";
  variant->segment = 1;
  for (int i = 0; i < kernelCount; ++i) {
    auto kernel = std::make_unique<fb::KernelT>();
    kernel->name = kernels[i].name;
    kernel->operand_count = kernels[i].operands;
    kernel->scratch_bytes = kernels[i].scratch;
    program.kernels.push_back(std::move(kernel));
    variant->entries.push_back(512 * static_cast<uint64_t>(i));
  }
  program.variants.push_back(std::move(variant));

  program.entries.push_back(sumEntry("forward", fb::StateUse_transient, 0));
  program.entries.push_back(sumEntry("prefill", fb::StateUse_carried, 0));
  program.entries.push_back(sumEntry("step", fb::StateUse_carried, 1));
  program.entries.push_back(blendEntry());
  program.entries.push_back(echoEntry());
  program.entries.push_back(relayEntry());

  program.assets.push_back(std::make_unique<fb::AssetT>());
  program.assets.back()->name = "tokenizer.json";
  program.assets.back()->segment = 2;
  auto selfTest = std::make_unique<fb::SelfTestT>();
  selfTest->entry = "blend";
  selfTest->inputs = {"tokenizer.json"};
  selfTest->expected = {"tokenizer.json"};
  program.selftests.push_back(std::move(selfTest));
}

fb::EntryT &TestArtifact::entry(const std::string &name) {
  for (auto &entry : program.entries)
    if (entry->name == name)
      return *entry;
  abort(); // the test names an entry that the constructor did not make
}

fb::DispatchT &TestArtifact::dispatch(const std::string &entryName,
                                      size_t index) {
  return *entry(entryName).instructions.at(index)->body.AsDispatch();
}

static Bytes pack(const fb::ProgramT &program) {
  flatbuffers::FlatBufferBuilder builder;
  builder.ForceDefaults(true); // the size must not depend on the values
  fb::FinishProgramBuffer(builder, fb::Program::Pack(builder, &program));
  return Bytes(builder.GetBufferPointer(),
               builder.GetBufferPointer() + builder.GetSize());
}

Bytes TestArtifact::build() {
  uint64_t end = sizeof(ArtifactHeader) + pack(program).size();
  for (size_t i = 0; i < contents.size() && i < program.segments.size(); ++i) {
    fb::SegmentT &segment = *program.segments[i];
    uint64_t alignment =
        segment.kind == fb::SegmentKind_code ? codeAlignment : segmentAlignment;
    segment.offset = (end + alignment - 1) / alignment * alignment;
    segment.size = contents[i].size();
    Hash hash = hashOf({contents[i].data(), contents[i].size()});
    segment.hash_low = hash.low;
    segment.hash_high = hash.high;
    end = segment.offset + segment.size;
  }
  Bytes file(end);
  for (size_t i = 0; i < contents.size() && i < program.segments.size(); ++i)
    std::copy(contents[i].begin(), contents[i].end(),
              file.begin() + static_cast<int64_t>(program.segments[i]->offset));
  if (afterLayout)
    afterLayout(program);
  Bytes metadata = pack(program);

  ArtifactHeader header = {};
  memcpy(header.magic, artifactMagic, sizeof header.magic);
  header.formatMajor = artifactFormatMajor;
  header.formatMinor = artifactFormatMinor;
  header.headerSize = sizeof header;
  header.fileSize = file.size();
  header.metadataOffset = sizeof header;
  header.metadataSize = metadata.size();
  Hash hash = hashOf({metadata.data(), metadata.size()});
  header.metadataHash[0] = hash.low;
  header.metadataHash[1] = hash.high;
  header.requiredFeatures = featureRounds;
  if (editHeader)
    editHeader(header);
  hash = hashOf({&header, offsetof(ArtifactHeader, headerHash)});
  header.headerHash[0] = hash.low;
  header.headerHash[1] = hash.high;
  if (editHashedHeader)
    editHashedHeader(header);
  if (file.size() < sizeof header + metadata.size())
    file.resize(sizeof header + metadata.size());
  memcpy(file.data(), &header, sizeof header);
  std::copy(metadata.begin(), metadata.end(), file.begin() + sizeof header);
  return file;
}

Bytes testing::readFile(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

void testing::writeFile(const std::string &path, const Bytes &bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char *>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

std::string testing::temporaryPath(const std::string &name) {
  struct Directory {
    std::filesystem::path path = std::filesystem::temp_directory_path() /
                                 ("ssmc-test-" + std::to_string(getpid()));
    Directory() { std::filesystem::create_directories(path); }
    ~Directory() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
  };
  static Directory directory;
  return (directory.path / name).string();
}

bool testing::canRunKernels() {
  return strcmp(processorArchitecture(), "unknown") != 0;
}

Model testing::openFile(const Bytes &bytes, ssmc_error *error,
                        const ssmc_model_options *options) {
  std::string path = temporaryPath("model.fb");
  writeFile(path, bytes);
  ssmc_model *model = nullptr;
  if (ssmc_model_open(path.c_str(), options, &model, error))
    model = nullptr;
  unlink(path.c_str()); // the mapping keeps the content
  return Model(model);
}

Model testing::openMemory(const Bytes &bytes, ssmc_error *error,
                          const ssmc_model_options *options) {
  ssmc_model *model = nullptr;
  if (ssmc_model_open_memory(bytes.data(), bytes.size(), options, &model,
                             error))
    model = nullptr;
  return Model(model);
}

ssmc_allocator FaultyAllocator::functions() {
  ssmc_allocator result;
  result.user = this;
  result.allocate = [](void *user, size_t size, size_t alignment) -> void * {
    auto *self = static_cast<FaultyAllocator *>(user);
    if (self->calls++ >= self->failAt || size > self->limit)
      return nullptr;
    void *memory = nullptr;
    if (posix_memalign(&memory, alignment, size))
      return nullptr;
    memset(memory, 0xa5, size); // what was not set must not look like zero
    ++self->live;
    return memory;
  };
  result.release = [](void *user, void *pointer, size_t) {
    --static_cast<FaultyAllocator *>(user)->live;
    free(pointer);
  };
  return result;
}

std::string testing::testModelPath() {
  std::string path = temporaryPath("test-model.fb");
  writeFile(path, TestArtifact().build());
  return path;
}
