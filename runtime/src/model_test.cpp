#include "runtime/src/testing/artifact.h"
#include <chrono>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace ssmc;
using namespace ssmc::testing;

namespace {
TEST(Model, OpensAndDescribesItself) {
  ssmc_error error;
  Model model = openFile(TestArtifact().build(), &error);
  ASSERT_TRUE(model) << error.message;
  EXPECT_STREQ(ssmc_model_name(model.get()), "cumulative-sum");
  EXPECT_STREQ(ssmc_model_cpu_level(model.get()), "baseline");
  EXPECT_EQ(ssmc_model_state_bytes(model.get()), 24u);
  EXPECT_EQ(ssmc_model_weight_bytes(model.get()), 256u);
  uint64_t id[2];
  ssmc_model_id(model.get(), id);
  EXPECT_EQ(id[0], 0x1122334455667788u);
  EXPECT_EQ(id[1], 0x99aabbccddeeff00u);

  ASSERT_EQ(ssmc_model_entry_count(model.get()), 6);
  EXPECT_EQ(ssmc_model_state_count(model.get()), 2);
  EXPECT_EQ(ssmc_model_asset_count(model.get()), 1);
  EXPECT_EQ(ssmc_model_selftest_count(model.get()), 1);
  int32_t step;
  ASSERT_EQ(ssmc_model_find_entry(model.get(), "step", &step, &error), SSMC_OK);
  ssmc_entry_info entry;
  ASSERT_EQ(ssmc_model_entry(model.get(), step, &entry), SSMC_OK);
  EXPECT_EQ(entry.fixed_length, 1);
  EXPECT_TRUE(entry.carries_state);
  ssmc_tensor_info tensor;
  ASSERT_EQ(ssmc_model_input(model.get(), step, 0, &tensor), SSMC_OK);
  EXPECT_STREQ(tensor.name, "ids");
  EXPECT_EQ(tensor.shape[0], SSMC_DIM_BATCH);
  EXPECT_EQ(tensor.shape[1], SSMC_DIM_LENGTH);
  EXPECT_EQ(tensor.bound, 16u);
  ASSERT_EQ(ssmc_model_output(model.get(), step, 0, &tensor), SSMC_OK);
  EXPECT_EQ(tensor.shape[2], channels);
  uint64_t bytes;
  ASSERT_EQ(ssmc_model_arena_bytes(model.get(), step, 3, 100, &bytes), SSMC_OK);
  EXPECT_EQ(bytes, 64u + 64 * 3 + 128 * 3 * sequenceBlock);

  ssmc_state_info state;
  ASSERT_EQ(ssmc_model_state(model.get(), 0, &state), SSMC_OK);
  EXPECT_STREQ(state.role, "recurrent");
  EXPECT_EQ(state.bytes, 16u);
  const void *asset;
  size_t size;
  ASSERT_EQ(ssmc_model_asset(model.get(), "tokenizer.json", &asset, &size),
            SSMC_OK);
  EXPECT_EQ(std::string(static_cast<const char *>(asset), size), "tokens");
  ssmc_selftest_info test;
  ASSERT_EQ(ssmc_model_selftest(model.get(), 0, &test), SSMC_OK);
  EXPECT_STREQ(test.entry, "blend");
  const char *name;
  ASSERT_EQ(ssmc_model_selftest_input(model.get(), 0, 0, &name), SSMC_OK);
  EXPECT_STREQ(name, "tokenizer.json");
}

TEST(Model, RefusesIndicesOutsideItsTables) {
  ssmc_error error;
  Model model = openFile(TestArtifact().build(), &error);
  ASSERT_TRUE(model) << error.message;
  ssmc_entry_info entry;
  ssmc_tensor_info tensor;
  ssmc_state_info state;
  ssmc_selftest_info test;
  const char *name;
  const void *data;
  size_t size;
  uint64_t bytes;
  int32_t index;
  for (int32_t wrong : {-1, 6, INT32_MAX, INT32_MIN}) {
    EXPECT_EQ(ssmc_model_entry(model.get(), wrong, &entry), SSMC_NOT_FOUND);
    EXPECT_EQ(ssmc_model_input(model.get(), wrong, 0, &tensor), SSMC_NOT_FOUND);
    EXPECT_EQ(ssmc_model_input(model.get(), 0, wrong, &tensor), SSMC_NOT_FOUND);
    EXPECT_EQ(ssmc_model_output(model.get(), 0, wrong, &tensor),
              SSMC_NOT_FOUND);
    EXPECT_EQ(ssmc_model_state(model.get(), wrong, &state), SSMC_NOT_FOUND);
    EXPECT_EQ(ssmc_model_selftest(model.get(), wrong, &test), SSMC_NOT_FOUND);
    EXPECT_EQ(ssmc_model_selftest_expected(model.get(), 0, wrong, &name),
              SSMC_NOT_FOUND);
    EXPECT_EQ(ssmc_model_asset_name(model.get(), wrong, &name), SSMC_NOT_FOUND);
    EXPECT_EQ(ssmc_model_arena_bytes(model.get(), wrong, 1, 1, &bytes),
              SSMC_NOT_FOUND);
  }
  EXPECT_EQ(
      ssmc_model_arena_bytes(model.get(), 0, INT64_MAX, INT64_MAX, &bytes),
      SSMC_OUT_OF_MEMORY);
  EXPECT_EQ(ssmc_model_asset(model.get(), "nothing", &data, &size),
            SSMC_NOT_FOUND);
  EXPECT_EQ(ssmc_model_find_entry(model.get(), "nothing", &index, &error),
            SSMC_NOT_FOUND);
  EXPECT_STREQ(error.message, "model 'cumulative-sum' has no entry 'nothing'");
}

TEST(Model, ReportsFilesThatCannotBeOpened) {
  ssmc_error error;
  ssmc_model *model;
  EXPECT_EQ(
      ssmc_model_open(temporaryPath("absent").c_str(), nullptr, &model, &error),
      SSMC_NOT_FOUND);
  std::string directory = temporaryPath("directory");
  mkdir(directory.c_str(), 0700);
  EXPECT_EQ(ssmc_model_open(directory.c_str(), nullptr, &model, &error),
            SSMC_IO);
  std::string fifo = temporaryPath("fifo");
  mkfifo(fifo.c_str(), 0600);
  EXPECT_EQ(ssmc_model_open(fifo.c_str(), nullptr, &model, &error), SSMC_IO);
  EXPECT_EQ(ssmc_model_open("/dev/zero", nullptr, &model, &error), SSMC_IO);
  EXPECT_FALSE(model);
  EXPECT_FALSE(openFile({}, &error));
  EXPECT_EQ(error.status, SSMC_CORRUPT);
}

TEST(Model, RefusesOptionsThatWereNotInitialized) {
  Bytes bytes = TestArtifact().build();
  ssmc_error error;
  ssmc_model_options options = {};
  EXPECT_FALSE(openMemory(bytes, &error, &options));
  EXPECT_EQ(error.status, SSMC_INVALID_ARGUMENT);
  ssmc_model_options_init(&options);
  int unknown = 7; // as a C program may write
  memcpy(&options.verify, &unknown, sizeof options.verify);
  EXPECT_FALSE(openMemory(bytes, &error, &options));
  EXPECT_EQ(error.status, SSMC_INVALID_ARGUMENT);
}

TEST(Model, RefusesNullArguments) {
  Bytes bytes = TestArtifact().build();
  ssmc_error error;
  ssmc_model *model;
  EXPECT_EQ(ssmc_model_open("x", nullptr, nullptr, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_model_open(nullptr, nullptr, &model, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_model_open_memory(bytes.data(), bytes.size(), nullptr, nullptr,
                                   &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_model_open_memory(nullptr, 5, nullptr, &model, nullptr),
            SSMC_INVALID_ARGUMENT);
  ssmc_allocator partial = {};
  ssmc_model_options options;
  ssmc_model_options_init(&options);
  options.allocator = &partial;
  EXPECT_FALSE(openMemory(bytes, &error, &options));
  EXPECT_STREQ(error.message, "expected an allocator with both functions");
  ssmc_device *device;
  EXPECT_EQ(ssmc_device_create_cpu(1, &partial, &device, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_device_create_null(&partial, &device, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_device_create_cpu(1, nullptr, nullptr, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_device_create_null(nullptr, nullptr, &error),
            SSMC_INVALID_ARGUMENT);
  ssmc_model_destroy(nullptr);
}

TEST(Model, RefusesAnInstructionOfALaterVersion) {
  // The union's tag is one byte of the metadata: give each its turn. Those that
  // are not tags make another error, or none, but never a crash.
  TestArtifact artifact;
  Bytes bytes = artifact.build();
  uint64_t size = artifact.program.segments[0]->offset;
  size_t found = 0;
  for (size_t i = sizeof(ArtifactHeader); i < size; ++i) {
    if (bytes[i] != fb::InstructionBody_Dispatch)
      continue;
    Bytes other = bytes;
    other[i] = 2;
    ArtifactHeader header;
    memcpy(&header, other.data(), sizeof header);
    Hash hash = hashOf({&other[sizeof header], header.metadataSize});
    header.metadataHash[0] = hash.low;
    header.metadataHash[1] = hash.high;
    hash = hashOf({&header, offsetof(ArtifactHeader, headerHash)});
    header.headerHash[0] = hash.low;
    header.headerHash[1] = hash.high;
    memcpy(other.data(), &header, sizeof header);
    ssmc_error error = {};
    openMemory(other, &error);
    found += strstr(error.message, "has the unknown type 2") &&
             error.status == SSMC_CORRUPT;
  }
  EXPECT_GE(found, 13u); // at least one byte for each instruction
}

TEST(Model, RefusesEveryTruncation) {
  Bytes bytes = TestArtifact().build();
  for (size_t size = 0; size < bytes.size(); ++size) {
    // Most of the file is padding before the code: sample it.
    if (size > 8192 && size + 4096 < bytes.size() && size % 97)
      continue;
    // A copy of its own lets the address sanitizer see reads past the end.
    Bytes part(bytes.begin(), bytes.begin() + static_cast<int64_t>(size));
    part.shrink_to_fit();
    ssmc_error error = {};
    EXPECT_FALSE(openMemory(part, &error)) << size;
    EXPECT_TRUE(error.status == SSMC_CORRUPT ||
                (size == 0 && error.status == SSMC_INVALID_ARGUMENT))
        << size;
  }
  Bytes longer = bytes;
  longer.push_back(0);
  ssmc_error error;
  EXPECT_FALSE(openMemory(longer, &error));
}

TEST(Model, RefusesEveryFlippedByteOutsideWeights) {
  TestArtifact artifact;
  Bytes bytes = artifact.build();
  const fb::SegmentT &weights = *artifact.program.segments[0];
  for (size_t i = 0; i < bytes.size(); ++i) {
    bool isWeight = i >= weights.offset && i < weights.offset + weights.size;
    Bytes damaged = bytes;
    damaged[i] ^= static_cast<uint8_t>(1 + i % 255);
    // Padding is most of the file, and checked the same way everywhere.
    if (!bytes[i] && i > weights.offset + 4096 && i % 251)
      continue;
    ssmc_error error = {};
    EXPECT_EQ(bool(openMemory(damaged, &error)), isWeight) << i;
    EXPECT_TRUE(isWeight || error.status == SSMC_CORRUPT ||
                error.status == SSMC_INCOMPATIBLE)
        << i;
  }
}

TEST(Model, FullVerificationFindsDamagedWeights) {
  TestArtifact artifact;
  Bytes bytes = artifact.build();
  const fb::SegmentT &weights = *artifact.program.segments[0];
  ssmc_model_options options;
  ssmc_model_options_init(&options);
  options.verify = SSMC_VERIFY_FULL;
  ssmc_error error;
  EXPECT_TRUE(openMemory(bytes, &error, &options)) << error.message;
  for (uint64_t i = 0; i < weights.size; ++i) {
    Bytes damaged = bytes;
    damaged[weights.offset + i] ^= 1;
    EXPECT_FALSE(openMemory(damaged, &error, &options)) << i;
    EXPECT_STREQ(error.message, "weight 'table' does not match its hash");
  }
}

TEST(Model, EveryFailedAllocationIsReported) {
  Bytes bytes = TestArtifact().build();
  ssmc_model_options options;
  ssmc_model_options_init(&options);
  for (int64_t k = 0;; ++k) {
    FaultyAllocator allocator;
    allocator.failAt = k;
    ssmc_allocator functions = allocator.functions();
    options.allocator = &functions;
    ssmc_error error = {};
    Model model = openMemory(bytes, &error, &options);
    EXPECT_EQ(error.status, model ? SSMC_OK : SSMC_OUT_OF_MEMORY)
        << error.message;
    bool opened = bool(model);
    model.reset();
    EXPECT_EQ(allocator.live, 0);
    if (opened) {
      EXPECT_GE(k, 10);
      break;
    }
  }
}

TEST(Model, OpeningDoesNotReadWeights) {
  // 5 GiB of weights at the end of a sparse file.
  constexpr uint64_t size = uint64_t(5) << 30;
  TestArtifact artifact;
  std::rotate(artifact.program.segments.begin(),
              artifact.program.segments.begin() + 1,
              artifact.program.segments.end());
  std::rotate(artifact.contents.begin(), artifact.contents.begin() + 1,
              artifact.contents.end());
  artifact.program.variants[0]->segment = 0;
  artifact.program.assets[0]->segment = 1;
  artifact.program.weights[0]->source = 2;
  uint64_t end = 0;
  artifact.afterLayout = [&](fb::ProgramT &program) {
    program.segments[2]->size = size;
    end = program.segments[2]->offset + size;
  };
  artifact.editHeader = [&](ArtifactHeader &header) { header.fileSize = end; };
  std::string path = temporaryPath("huge.fb");
  writeFile(path, artifact.build());
  ASSERT_EQ(truncate(path.c_str(), static_cast<off_t>(end)), 0);

  rusage before, after;
  getrusage(RUSAGE_SELF, &before);
  auto start = std::chrono::steady_clock::now();
  ssmc_error error;
  ssmc_model *model;
  ASSERT_EQ(ssmc_model_open(path.c_str(), nullptr, &model, &error), SSMC_OK)
      << error.message;
  std::chrono::duration<double, std::milli> time =
      std::chrono::steady_clock::now() - start;
  getrusage(RUSAGE_SELF, &after);
  ssmc_model_destroy(model);
  unlink(path.c_str());
  RecordProperty("milliseconds", std::to_string(time.count()));
#ifdef SSMC_EMULATED
  GTEST_SKIP() << "the emulator's own page faults drown those of the test";
#endif
  // Faults count what was touched, whatever else this machine does.
  EXPECT_LT(after.ru_minflt + after.ru_majflt - before.ru_minflt -
                before.ru_majflt,
            1000);
}

// --- Files of every format version that was ever released ------------------

std::string keptFile(const std::string &name) {
  return std::string(SSMC_TEST_KEPT) + "/" + name;
}

TEST(Kept, ArtifactsStillOpen) {
  ssmc_model_options options;
  ssmc_model_options_init(&options);
  options.verify = SSMC_VERIFY_FULL;
  for (const char *name : {"artifact-1.0.fb", "artifact-1.0-permuted.fb"}) {
    ssmc_error error;
    ssmc_model *model;
    ASSERT_EQ(ssmc_model_open(keptFile(name).c_str(), &options, &model, &error),
              SSMC_OK)
        << error.message;
    Model owner(model);
    EXPECT_STREQ(ssmc_model_name(model), "cumulative-sum");
    EXPECT_EQ(ssmc_model_entry_count(model), 4);
    EXPECT_EQ(ssmc_model_state_bytes(model), 24u);
  }
}

TEST(Kept, StatesStillLoad) {
  ssmc_error error;
  ssmc_model *model;
  ASSERT_EQ(ssmc_model_open(keptFile("artifact-1.0.fb").c_str(), nullptr,
                            &model, &error),
            SSMC_OK);
  Model owner(model);
  ssmc_state *state;
  ASSERT_EQ(
      ssmc_state_load(model, keptFile("state-1.0").c_str(), &state, &error),
      SSMC_OK)
      << error.message;
  EXPECT_EQ(ssmc_state_batch(state), 3);
  ssmc_state_destroy(state);
}
} // namespace
