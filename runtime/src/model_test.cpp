#include "runtime/src/testing/artifact.h"
#include <algorithm>
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

  ASSERT_EQ(ssmc_model_entry_count(model.get()), 5);
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
  for (int32_t wrong : {-1, 5, INT32_MAX, INT32_MIN}) {
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

// --- One test per rule of the verifier --------------------------------------

struct Rule {
  const char *name;
  std::function<void(TestArtifact &)> breakIt;
  ssmc_status status;
  const char *message; // a part of it
};

void PrintTo(const Rule &rule, std::ostream *out) { *out << rule.name; }

class Verifier : public ::testing::TestWithParam<Rule> {};

TEST_P(Verifier, Refuses) {
  TestArtifact artifact;
  GetParam().breakIt(artifact);
  ssmc_error error = {};
  EXPECT_FALSE(openMemory(artifact.build(), &error));
  EXPECT_EQ(error.status, GetParam().status) << error.message;
  EXPECT_NE(std::string(error.message).find(GetParam().message),
            std::string::npos)
      << error.message;
}

/// A rule about a number in the header.
Rule header(const char *name, void (*edit)(ArtifactHeader &),
            ssmc_status status, const char *message) {
  return {name, [=](TestArtifact &a) { a.editHeader = edit; }, status, message};
}
/// A rule about a table that the layout does not touch.
Rule corrupt(const char *name, std::function<void(TestArtifact &)> breakIt,
             const char *message) {
  return {name, std::move(breakIt), SSMC_CORRUPT, message};
}
/// A rule about offsets, falsified after the layout.
Rule layout(const char *name, void (*edit)(fb::ProgramT &),
            const char *message) {
  return {name, [=](TestArtifact &a) { a.afterLayout = edit; }, SSMC_CORRUPT,
          message};
}

const Rule rules[] = {
    {"Magic",
     [](TestArtifact &a) {
       a.editHashedHeader = [](ArtifactHeader &h) { h.magic[1] = 'X'; };
     },
     SSMC_CORRUPT, "not an ssmc artifact"},
    {"TextMode",
     [](TestArtifact &a) {
       a.editHashedHeader = [](ArtifactHeader &h) { h.magic[5] = '\n'; };
     },
     SSMC_CORRUPT, "text mode"},
    {"HeaderHash",
     [](TestArtifact &a) {
       a.editHashedHeader = [](ArtifactHeader &h) { h.metadataSize ^= 1; };
     },
     SSMC_CORRUPT, "header does not match its hash"},
    header("OtherMajor", [](ArtifactHeader &h) { h.formatMajor = 2; },
           SSMC_INCOMPATIBLE, "expected artifact format 1, got 2.0"),
    header("NewerMinor", [](ArtifactHeader &h) { h.formatMinor = 1; },
           SSMC_INCOMPATIBLE, "use a newer runtime"),
    header("UnknownFeature", [](ArtifactHeader &h) { h.requiredFeatures = 4; },
           SSMC_INCOMPATIBLE, "requires features 0x4"),
    header("Reserved", [](ArtifactHeader &h) { h.reserved[3] = 1; },
           SSMC_CORRUPT, "reserved"),
    header("HeaderSize", [](ArtifactHeader &h) { h.headerSize = 256; },
           SSMC_CORRUPT, "expected a header of 128 bytes"),
    header("FileSize", [](ArtifactHeader &h) { h.fileSize += 64; },
           SSMC_CORRUPT, "expected a file of"),
    header("MetadataOffset", [](ArtifactHeader &h) { h.metadataOffset = 192; },
           SSMC_CORRUPT, "of metadata at 128"),
    header("MetadataSizeWraps",
           [](ArtifactHeader &h) { h.metadataSize = UINT64_MAX; },
           SSMC_CORRUPT, "bytes of metadata"),
    header("MetadataEmpty", [](ArtifactHeader &h) { h.metadataSize = 0; },
           SSMC_CORRUPT, "bytes of metadata"),
    header("MetadataHash", [](ArtifactHeader &h) { h.metadataHash[1] ^= 1; },
           SSMC_CORRUPT, "metadata does not match its hash"),

    {"KernelAbi", [](TestArtifact &a) { a.program.kernel_abi = 99; },
     SSMC_INCOMPATIBLE, "expected kernels of ABI"},
    corrupt("NameEmpty", [](TestArtifact &a) { a.program.name = ""; },
            "1 to 255 bytes"),
    corrupt("NameLong",
            [](TestArtifact &a) { a.program.name = std::string(256, 'x'); },
            "1 to 255 bytes"),
    corrupt("NameControl", [](TestArtifact &a) { a.program.name = "a\x1b[2J"; },
            "control character"),
    corrupt("NameZeroByte",
            [](TestArtifact &a) { a.program.name = std::string("a\0b", 3); },
            "control character"),

    layout("SegmentKind",
           [](fb::ProgramT &p) {
             p.segments[0]->kind = static_cast<fb::SegmentKind>(3);
           },
           "unknown kind"),
    layout("SegmentMisaligned",
           [](fb::ProgramT &p) { p.segments[0]->offset += 8; },
           "at a multiple of 64"),
    layout("CodeMisaligned",
           [](fb::ProgramT &p) { p.segments[1]->offset += 4096; },
           "at a multiple of 65536"),
    layout("SegmentInMetadata",
           [](fb::ProgramT &p) { p.segments[0]->offset = 128; },
           "before the end"),
    layout("SegmentsOverlap",
           [](fb::ProgramT &p) {
             p.segments[2]->offset = p.segments[1]->offset + 64;
           },
           "before the end"),
    layout("SegmentOutside",
           [](fb::ProgramT &p) { p.segments[2]->size += 1; },
           "not inside the file"),
    layout("SegmentWraps",
           [](fb::ProgramT &p) { p.segments[2]->size = UINT64_MAX - 32; },
           "not inside the file"),
    layout("SegmentHash",
           [](fb::ProgramT &p) { p.segments[2]->hash_low ^= 1; },
           "segment 2 at"),
    layout("TrailingBytes", [](fb::ProgramT &p) { p.segments[2]->size -= 1; },
           "zero bytes of padding"),
    corrupt("LongPadding",
            [](TestArtifact &a) {
              a.contents[1] = Bytes(70000);
              a.afterLayout = [](fb::ProgramT &p) { p.segments[1]->size = 2048; };
            },
            "zero bytes of padding"),

    corrupt("WeightDType",
            [](TestArtifact &a) {
              a.program.weights[0]->dtype = static_cast<fb::DType>(7);
            },
            "unknown element type 7"),
    corrupt("WeightLayout",
            [](TestArtifact &a) {
              a.program.weights[0]->layout = static_cast<fb::Layout>(3);
            },
            "unknown layout"),
    corrupt("WeightStorage",
            [](TestArtifact &a) {
              a.program.weights[0]->storage = static_cast<fb::WeightStorage>(3);
            },
            "unknown layout 0 or storage 3"),
    corrupt("WeightRank",
            [](TestArtifact &a) {
              a.program.weights[0]->shape.assign(9, 1);
            },
            "rank 9"),
    corrupt("WeightProductWraps",
            [](TestArtifact &a) {
              a.program.weights[0]->shape = {uint64_t(1) << 32,
                                             uint64_t(1) << 32};
            },
            "more than 2^48 elements"),
    corrupt("WeightZeroHidesHuge",
            [](TestArtifact &a) {
              a.program.weights[0]->shape = {0, UINT64_MAX};
            },
            "more than 2^48 elements"),
    corrupt("WeightSize", [](TestArtifact &a) { a.program.weights[0]->size--; },
            "expected weight 'table' to have 256 bytes, got 255"),
    corrupt("WeightOffset",
            [](TestArtifact &a) { a.program.weights[0]->offset = 64; },
            "not inside its source"),
    corrupt("WeightOffsetWraps",
            [](TestArtifact &a) {
              a.program.weights[0]->offset = UINT64_MAX - 63;
            },
            "not inside its source"),
    corrupt("WeightMisaligned",
            [](TestArtifact &a) { a.program.weights[0]->offset = 4; },
            "at a multiple of 64"),
    corrupt("WeightSegment",
            [](TestArtifact &a) { a.program.weights[0]->source = 3; },
            "in segment 3 of 3"),
    corrupt("WeightSegmentKind",
            [](TestArtifact &a) { a.program.weights[0]->source = 1; },
            "another kind"),
    corrupt("WeightPermutationMissing",
            [](TestArtifact &a) {
              a.program.weights[0]->layout = fb::Layout_permuted;
            },
            "no permutation of its 2 axes"),
    corrupt("WeightPermutationRepeats",
            [](TestArtifact &a) {
              a.program.weights[0]->layout = fb::Layout_permuted;
              a.program.weights[0]->permutation = {1, 1};
            },
            "no permutation of its 2 axes"),
    corrupt("WeightPermutationRange",
            [](TestArtifact &a) {
              a.program.weights[0]->layout = fb::Layout_permuted;
              a.program.weights[0]->permutation = {0, 255};
            },
            "no permutation of its 2 axes"),
    corrupt("WeightPermutationUnwanted",
            [](TestArtifact &a) {
              a.program.weights[0]->permutation = {1, 0};
            },
            "is not permuted"),
    corrupt("WeightPanelsRank",
            [](TestArtifact &a) {
              a.program.weights[0]->layout = fb::Layout_panels16;
              a.program.weights[0]->shape = {64};
            },
            "rank 1, not 2"),
    corrupt("WeightPanelsSize",
            [](TestArtifact &a) {
              a.program.weights[0]->layout = fb::Layout_panels16;
              a.program.weights[0]->shape = {17, 4};
            },
            "to have 512 bytes, got 256"),
    corrupt("WeightFileIndex",
            [](TestArtifact &a) {
              a.program.weights[0]->storage = fb::WeightStorage_file;
            },
            "in file 0 of 0"),
    corrupt("WeightSplatInexact",
            [](TestArtifact &a) {
              a.program.weights[0]->storage = fb::WeightStorage_splat;
              a.program.weights[0]->dtype = fb::DType_i32;
              a.program.weights[0]->splat = 0.5;
            },
            "cannot hold the value 0.5"),
    corrupt("WeightFileParent",
            [](TestArtifact &a) {
              a.program.weight_files.push_back(
                  std::make_unique<fb::WeightFileT>());
              a.program.weight_files[0]->name = "..";
            },
            "plain file name"),
    corrupt("WeightFilePath",
            [](TestArtifact &a) {
              a.program.weight_files.push_back(
                  std::make_unique<fb::WeightFileT>());
              a.program.weight_files[0]->name = "../secret";
            },
            "plain file name"),

    corrupt("StateDType",
            [](TestArtifact &a) {
              a.program.states[0]->dtype = static_cast<fb::DType>(200);
            },
            "unknown element type 200"),
    corrupt("StatePermutation",
            [](TestArtifact &a) { a.program.states[0]->permutation = {0}; },
            "no permutation of its 2 axes"),
    corrupt("StateInitialNan",
            [](TestArtifact &a) {
              a.program.states[0]->initial =
                  std::numeric_limits<double>::quiet_NaN();
            },
            "cannot begin at"),
    corrupt("StateInitialInexact",
            [](TestArtifact &a) { a.program.states[1]->initial = 1e300; },
            "cannot begin at"),
    corrupt("StateGrowth",
            [](TestArtifact &a) {
              a.program.states[0]->growth = static_cast<fb::Growth>(3);
            },
            "unknown growth"),
    corrupt("StateRollback",
            [](TestArtifact &a) {
              a.program.states[0]->rollback = static_cast<fb::Rollback>(3);
            },
            "roll-back 3"),
    corrupt("StateShardAxis",
            [](TestArtifact &a) { a.program.states[0]->shard_axis = 2; },
            "sharded along axis 2"),
    corrupt("StateFieldAxis",
            [](TestArtifact &a) { a.program.states[0]->fields[0]->axis = 2; },
            "field 'left'"),
    corrupt("StateFieldRange",
            [](TestArtifact &a) {
              a.program.states[0]->fields[0]->offset = UINT64_MAX;
            },
            "field 'left'"),
    corrupt("StatesTooLarge",
            [](TestArtifact &a) {
              a.program.states[1]->shape = {uint64_t(1) << 48};
              a.program.states[1]->permutation = {0};
            },
            "more than 2^48 bytes"),
    corrupt("StateNames",
            [](TestArtifact &a) { a.program.states[1]->name = "sum"; },
            "two states are named 'sum'"),

    corrupt("KernelOperands",
            [](TestArtifact &a) { a.program.kernels[0]->operand_count = 257; },
            "at most 256"),
    corrupt("KernelScratch",
            [](TestArtifact &a) {
              a.program.kernels[0]->scratch_bytes = UINT64_MAX;
            },
            "2^48 bytes of scratch"),
    corrupt("KernelScratchPerStep",
            [](TestArtifact &a) {
              a.program.kernels[0]->scratch_bytes_per_step = UINT64_MAX;
            },
            "2^48 bytes of scratch"),
    corrupt("KernelNames",
            [](TestArtifact &a) { a.program.kernels[0]->name = "count"; },
            "two kernels are named"),
    corrupt("VariantSegment",
            [](TestArtifact &a) { a.program.variants[0]->segment = 0; },
            "another kind"),
    corrupt("VariantEntryCount",
            [](TestArtifact &a) { a.program.variants[0]->entries.pop_back(); },
            "to have 5 entries, got 4"),
    corrupt("VariantEntryOutside",
            [](TestArtifact &a) { a.program.variants[0]->entries[3] = 1 << 20; },
            "kernel 'blend' of variant 'baseline'"),
    corrupt("VariantEntryMisaligned",
            [](TestArtifact &a) { a.program.variants[0]->entries[3] += 8; },
            "no multiple of 16"),
    corrupt("VariantFeatures",
            [](TestArtifact &a) {
              a.program.variants[0]->features.assign(257, "avx");
            },
            "257 features"),

    corrupt("EntryNames",
            [](TestArtifact &a) { a.program.entries[0]->name = "step"; },
            "two entries are named 'step'"),
    corrupt("EntryStateUse",
            [](TestArtifact &a) {
              a.entry("step").state_use = static_cast<fb::StateUse>(3);
            },
            "unknown use of state"),
    corrupt("EntryFixedLength",
            [](TestArtifact &a) { a.entry("step").fixed_length = UINT64_MAX; },
            "fixed length"),
    corrupt("EntryArenaUnaligned",
            [](TestArtifact &a) { a.entry("step").arena_row = 100; },
            "multiples of 64"),
    corrupt("EntryArenaHuge",
            [](TestArtifact &a) {
              a.entry("step").arena_batch = UINT64_MAX - 63;
            },
            "multiples of 64"),
    corrupt("InputDType",
            [](TestArtifact &a) {
              a.entry("step").inputs[0]->dtype = static_cast<fb::DType>(9);
            },
            "unknown element type 9"),
    corrupt("InputBoundOfFloat",
            [](TestArtifact &a) { a.entry("blend").inputs[0]->bound = 3; },
            "only integers"),
    corrupt("InputLengthFirst",
            [](TestArtifact &a) {
              std::swap(a.entry("step").inputs[0]->dims[0],
                        a.entry("step").inputs[0]->dims[1]);
            },
            "[batch, length, fixed...]"),
    corrupt("InputDimKind",
            [](TestArtifact &a) {
              a.entry("step").inputs[0]->dims[0]->kind =
                  static_cast<fb::DimKind>(3);
            },
            "[batch, length, fixed...]"),
    corrupt("OutputProduct",
            [](TestArtifact &a) {
              a.entry("step").outputs[0]->dims[2]->size = uint64_t(1) << 48;
              a.entry("step").outputs[0]->dims.push_back(
                  std::make_unique<fb::DimT>(
                      *a.entry("step").outputs[0]->dims[2]));
            },
            "more than 2^48 elements"),
    corrupt("OutputNotWritten",
            [](TestArtifact &a) {
              a.dispatch("step", 1).operands[2]->written = false;
            },
            "nothing in entry 'step' writes output 'y'"),
    corrupt("InstructionType",
            [](TestArtifact &a) {
              a.entry("step").instructions[0]->body.Reset();
            },
            "well-formed"),
    corrupt("DispatchKernel",
            [](TestArtifact &a) { a.dispatch("step", 0).kernel = 5; },
            "runs kernel 5 of 5"),
    corrupt("ManyInputs",
            [](TestArtifact &a) {
              for (int i = 0; i < 256; ++i)
                a.entry("step").inputs.push_back(
                    std::make_unique<fb::TensorSpecT>(
                        *a.entry("step").inputs[0]));
            },
            "an entry has 257 inputs"),
    corrupt("ManyEntries",
            [](TestArtifact &a) {
              for (int i = 0; i < 256; ++i)
                a.program.entries.push_back(
                    std::make_unique<fb::EntryT>(a.entry("echo")));
            },
            "at most 256 entries"),
    corrupt("OutputRank",
            [](TestArtifact &a) {
              for (int i = 0; i < 6; ++i)
                a.entry("step").outputs[0]->dims.push_back(
                    std::make_unique<fb::DimT>());
            },
            "'y' has rank 9"),
    corrupt("WeightPanelsProduct",
            [](TestArtifact &a) {
              a.program.weights[0]->storage = fb::WeightStorage_splat;
              a.program.weights[0]->layout = fb::Layout_panels16;
              a.program.weights[0]->shape = {1, uint64_t(1) << 48};
            },
            "2^48 elements in panels"),
    corrupt("DispatchOperandCount",
            [](TestArtifact &a) { a.dispatch("step", 0).operands.pop_back(); },
            "expected 3 operands for kernel 'lookup'"),
    corrupt("DispatchNoItems",
            [](TestArtifact &a) { a.dispatch("step", 0).grid->items = 0; },
            "grid of 0 items"),
    corrupt("DispatchManyItems",
            [](TestArtifact &a) {
              a.dispatch("step", 0).grid->items = UINT64_MAX;
            },
            "has a grid of"),
    corrupt("DispatchGrain",
            [](TestArtifact &a) { a.dispatch("step", 0).grain = 0; },
            "grain 0"),
    corrupt("OperandKind",
            [](TestArtifact &a) {
              a.dispatch("step", 0).operands[0]->kind =
                  static_cast<fb::OperandKind>(7);
            },
            "has an unknown kind"),
    corrupt("OperandWeightIndex",
            [](TestArtifact &a) {
              a.dispatch("step", 0).operands[1]->index = 1;
            },
            "index outside its table"),
    corrupt("OperandInputIndex",
            [](TestArtifact &a) {
              a.dispatch("step", 0).operands[0]->index = 1;
            },
            "index outside its table"),
    corrupt("OperandOutputIndex",
            [](TestArtifact &a) {
              a.dispatch("step", 1).operands[2]->index = UINT32_MAX;
            },
            "index outside its table"),
    corrupt("OperandStateIndex",
            [](TestArtifact &a) {
              a.dispatch("step", 1).operands[1]->index = 2;
            },
            "index outside its table"),
    corrupt("OperandArenaIndex",
            [](TestArtifact &a) {
              a.dispatch("step", 0).operands[2]->index = 1;
            },
            "index outside its table"),
    corrupt("OperandArenaMisaligned",
            [](TestArtifact &a) {
              a.dispatch("step", 0).operands[2]->offset = 4;
            },
            "not aligned to 64 bytes"),
    corrupt("OperandWeightOffset",
            [](TestArtifact &a) {
              a.dispatch("step", 0).operands[1]->offset = 64;
            },
            "not in the arena"),
    corrupt("OperandArenaOutside",
            [](TestArtifact &a) {
              a.dispatch("step", 0).operands[2]->size = 65;
            },
            "not inside its region"),
    corrupt("OperandArenaWraps",
            [](TestArtifact &a) {
              a.dispatch("step", 0).operands[2]->size = UINT64_MAX - 63;
            },
            "not inside its region"),
    corrupt("OperandArenaFixedOutside",
            [](TestArtifact &a) {
              auto &operand = *a.dispatch("step", 0).operands[2];
              operand.kind = fb::OperandKind_arena_fixed;
            },
            "not inside its region"),
    corrupt("OperandArenaBatchOutside",
            [](TestArtifact &a) {
              auto &operand = *a.dispatch("step", 0).operands[2];
              operand.kind = fb::OperandKind_arena_batch;
            },
            "not inside its region"),
    corrupt("OperandWeightOutside",
            [](TestArtifact &a) {
              a.dispatch("step", 0).operands[1]->size = 257;
            },
            "not inside its region"),
    corrupt("OperandStateOutside",
            [](TestArtifact &a) {
              a.dispatch("step", 1).operands[1]->size = 17;
            },
            "not inside its region"),
    corrupt("OperandInputOutside",
            [](TestArtifact &a) {
              a.dispatch("step", 0).operands[0]->size = 9;
            },
            "not inside its region"),
    corrupt("OperandOutputOutside",
            [](TestArtifact &a) {
              a.dispatch("step", 1).operands[2]->size = 17;
            },
            "not inside its region"),
    corrupt("OperandWritesWeight",
            [](TestArtifact &a) {
              a.dispatch("step", 0).operands[1]->written = true;
            },
            "writes a weight"),
    corrupt("OperandWritesInput",
            [](TestArtifact &a) {
              a.dispatch("step", 0).operands[0]->written = true;
            },
            "writes an input"),
    corrupt("OperandStateWithoutState",
            [](TestArtifact &a) {
              a.entry("step").state_use = fb::StateUse_none;
            },
            "the entry has none"),

    corrupt("AssetSegment",
            [](TestArtifact &a) { a.program.assets[0]->segment = 9; },
            "in segment 9 of 3"),
    corrupt("AssetSegmentKind",
            [](TestArtifact &a) { a.program.assets[0]->segment = 1; },
            "another kind"),
    corrupt("SelfTestEntry",
            [](TestArtifact &a) { a.program.selftests[0]->entry = "absent"; },
            "inputs and outputs of an entry"),
    corrupt("SelfTestInputs",
            [](TestArtifact &a) { a.program.selftests[0]->inputs.clear(); },
            "inputs and outputs of an entry"),
    corrupt("SelfTestAsset",
            [](TestArtifact &a) { a.program.selftests[0]->expected = {"x"}; },
            "needs an asset 'x'"),
    corrupt("SelfTestTolerance",
            [](TestArtifact &a) {
              a.program.selftests[0]->rtol =
                  std::numeric_limits<double>::quiet_NaN();
            },
            "negative tolerance"),
    corrupt("ManyVariants",
            [](TestArtifact &a) {
              for (int i = 0; i < 64; ++i)
                a.program.variants.push_back(
                    std::make_unique<fb::CodeVariantT>(*a.program.variants[0]));
            },
            "well-formed"),
    corrupt("ManySelfTests",
            [](TestArtifact &a) {
              for (int i = 0; i < 64; ++i)
                a.program.selftests.push_back(
                    std::make_unique<fb::SelfTestT>(*a.program.selftests[0]));
            },
            "well-formed"),
};

INSTANTIATE_TEST_SUITE_P(Rules, Verifier, ::testing::ValuesIn(rules),
                         [](const auto &info) {
                           return std::string(info.param.name);
                         });
} // namespace
