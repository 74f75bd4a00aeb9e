#include "runtime/src/testing/artifact.h"
#include <cmath>
#include <csignal>
#include <filesystem>
#include <gtest/gtest.h>
#include <sys/resource.h>

using namespace ssmc;
using namespace ssmc::testing;

namespace {
class StateTest : public ::testing::Test {
protected:
  void SetUp() override {
    model = openMemory(bytes, &error);
    ASSERT_TRUE(model) << error.message;
  }
  State make(int64_t batch) {
    ssmc_state *made;
    EXPECT_EQ(ssmc_state_create(model.get(), batch, &made, &error), SSMC_OK);
    return State(made);
  }
  /// A state of two sequences with recognizable content.
  State makeFilled() {
    State state = make(2);
    float sum[8] = {1, 2, 3, 4, 5, 6, 7, -8};
    int64_t steps[2] = {11, 12};
    EXPECT_EQ(ssmc_state_write(state.get(), 0, sum, sizeof sum, &error),
              SSMC_OK);
    EXPECT_EQ(ssmc_state_write(state.get(), 1, steps, sizeof steps, &error),
              SSMC_OK);
    return state;
  }
  std::vector<float> sumOf(const State &state) {
    std::vector<float> sum(
        static_cast<size_t>(4 * ssmc_state_batch(state.get())));
    EXPECT_EQ(ssmc_state_read(state.get(), 0, sum.data(),
                              sum.size() * sizeof(float), &error),
              SSMC_OK)
        << error.message;
    return sum;
  }
  State load(const Bytes &file) {
    ssmc_state *made = nullptr;
    ssmc_status status = ssmc_state_load_memory(model.get(), file.data(),
                                                file.size(), &made, &error);
    EXPECT_EQ(status, made ? SSMC_OK : error.status);
    return State(made);
  }
  Bytes save(const State &state) {
    std::string path = temporaryPath("saved");
    EXPECT_EQ(ssmc_state_save(state.get(), path.c_str(), &error), SSMC_OK)
        << error.message;
    return readFile(path);
  }
  /// Files beside saved states: a save must leave none.
  static size_t filesIn(const std::string &path) {
    auto all = std::filesystem::directory_iterator(
        std::filesystem::path(path).parent_path());
    return static_cast<size_t>(std::distance(begin(all), end(all)));
  }

  Bytes bytes = TestArtifact().build();
  ssmc_error error = {};
  Model model;
};

const std::vector<float> filled = {1, 2, 3, 4, 5, 6, 7, -8};

TEST_F(StateTest, BeginsAtItsInitialValue) {
  State state = make(3);
  EXPECT_EQ(sumOf(state), std::vector<float>(12, 1));
  EXPECT_EQ(ssmc_state_batch(state.get()), 3);
  EXPECT_EQ(ssmc_state_position(state.get()), 0u);
}

TEST_F(StateTest, ReadsWhatWasWritten) {
  State state = makeFilled();
  EXPECT_EQ(sumOf(state), filled);
  int64_t steps[2];
  ASSERT_EQ(ssmc_state_read(state.get(), 1, steps, sizeof steps, &error),
            SSMC_OK);
  EXPECT_EQ(steps[1], 12);
}

TEST_F(StateTest, ChecksAccess) {
  State state = make(2);
  float sum[9];
  EXPECT_EQ(ssmc_state_read(state.get(), 0, sum, 4, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message, "expected 32 bytes for state 'sum', got 4");
  EXPECT_EQ(ssmc_state_write(state.get(), 0, sum, 36, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_state_write(state.get(), 0, nullptr, 32, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_state_read(state.get(), 2, sum, 32, &error), SSMC_NOT_FOUND);
  EXPECT_EQ(ssmc_state_read(state.get(), -1, sum, 32, &error), SSMC_NOT_FOUND);
}

TEST_F(StateTest, ClonesAreIndependent) {
  State state = makeFilled();
  ssmc_state *made;
  ASSERT_EQ(ssmc_state_clone(state.get(), &made, &error), SSMC_OK);
  State clone(made);
  ssmc_state_reset(state.get());
  EXPECT_EQ(sumOf(clone), filled);
  EXPECT_EQ(sumOf(state), std::vector<float>(8, 1));
}

TEST_F(StateTest, GathersRows) {
  State state = makeFilled();
  int64_t rows[] = {1, 1, 0};
  ssmc_state *made;
  ASSERT_EQ(ssmc_state_gather(state.get(), rows, 3, &made, &error), SSMC_OK);
  State gathered(made);
  EXPECT_EQ(sumOf(gathered),
            (std::vector<float>{5, 6, 7, -8, 5, 6, 7, -8, 1, 2, 3, 4}));
  int64_t wrong[] = {0, 2};
  EXPECT_EQ(ssmc_state_gather(state.get(), wrong, 2, &made, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message,
               "'rows' has 2 at [1], expected a value in [0, 2)");
  EXPECT_EQ(ssmc_state_gather(state.get(), rows, -1, &made, &error),
            SSMC_INVALID_ARGUMENT);
}

TEST_F(StateTest, ReturnsToACheckpoint) {
  State state = makeFilled();
  EXPECT_EQ(ssmc_state_restore(state.get(), &error), SSMC_NOT_FOUND);
  ASSERT_EQ(ssmc_state_checkpoint(state.get(), &error), SSMC_OK);
  std::vector<float> other(8, 42);
  for (int i = 0; i < 2; ++i) { // it stays remembered
    ASSERT_EQ(ssmc_state_write(state.get(), 0, other.data(), 32, &error),
              SSMC_OK);
    ASSERT_EQ(ssmc_state_restore(state.get(), &error), SSMC_OK);
    EXPECT_EQ(sumOf(state), filled);
  }
  ssmc_state_reset(state.get());
  EXPECT_EQ(ssmc_state_restore(state.get(), &error), SSMC_NOT_FOUND);
}

TEST_F(StateTest, SavesAndLoads) {
  State state = makeFilled();
  Bytes file = save(state);
  State loaded = load(file);
  ASSERT_TRUE(loaded) << error.message;
  EXPECT_EQ(sumOf(loaded), filled);
  size_t files = filesIn(temporaryPath("saved"));
  EXPECT_EQ(save(loaded), file);
  EXPECT_EQ(filesIn(temporaryPath("saved")), files);
  State empty = load(save(make(0)));
  ASSERT_TRUE(empty) << error.message;
  EXPECT_EQ(ssmc_state_batch(empty.get()), 0);
}

TEST_F(StateTest, FilesDoNotDependOnTheMemoryLayout) {
  Bytes file = save(makeFilled());
  TestArtifact artifact;
  artifact.program.states[0]->permutation = {0, 1};
  Bytes other = artifact.build();
  model = openMemory(other, &error);
  State loaded = load(file);
  ASSERT_TRUE(loaded) << error.message;
  EXPECT_EQ(sumOf(loaded), filled);
}

TEST_F(StateTest, RefusesEveryTruncationAndEveryFlippedByte) {
  Bytes file = save(makeFilled());
  for (size_t size = 0; size < file.size(); ++size) {
    Bytes part(file.begin(), file.begin() + static_cast<int64_t>(size));
    part.shrink_to_fit();
    EXPECT_FALSE(load(part)) << size;
  }
  for (size_t i = 0; i < file.size(); ++i) {
    Bytes damaged = file;
    damaged[i] ^= static_cast<uint8_t>(1 + i % 255);
    EXPECT_FALSE(load(damaged)) << i;
    EXPECT_TRUE(error.status == SSMC_CORRUPT ||
                error.status == SSMC_INCOMPATIBLE)
        << i;
  }
  file.push_back(0);
  EXPECT_FALSE(load(file));
}

TEST_F(StateTest, RefusesTheStateOfAnotherModel) {
  Bytes file = save(makeFilled());
  TestArtifact artifact;
  artifact.program.model_id_low = 7;
  Bytes other = artifact.build();
  model = openMemory(other, &error);
  EXPECT_FALSE(load(file));
  EXPECT_EQ(error.status, SSMC_INCOMPATIBLE);
  EXPECT_STREQ(error.message,
               "expected a state of model 99aabbccddeeff000000000000000007, "
               "got one of model 99aabbccddeeff001122334455667788");
}

TEST_F(StateTest, RefusesAnotherTableUnderTheSameId) {
  Bytes file = save(makeFilled());
  TestArtifact artifact;
  artifact.program.states[0]->shape = {4, 1};
  artifact.program.states[0]->fields.clear();
  Bytes other = artifact.build();
  model = openMemory(other, &error);
  EXPECT_FALSE(load(file));
  EXPECT_EQ(error.status, SSMC_INCOMPATIBLE) << error.message;
}

TEST_F(StateTest, RefusesFilesWithTrueHashesAndFalseContent) {
  Bytes file = save(makeFilled());
  // Header fields by their place; see state_file.cpp.
  auto refuse = [&](size_t at, uint8_t value, ssmc_status status,
                    const char *message) {
    Bytes other = file;
    other[at] = value;
    Hash hash = hashOf({&other[128], other.size() - 128});
    memcpy(&other[64], &hash, sizeof hash);
    hash = hashOf({other.data(), 112});
    memcpy(&other[112], &hash, sizeof hash);
    EXPECT_FALSE(load(other)) << message;
    EXPECT_EQ(error.status, status) << error.message;
    EXPECT_NE(strstr(error.message, message), nullptr) << error.message;
  };
  refuse(8, 2, SSMC_INCOMPATIBLE,
         "expected state format 1.0 or older, got 2.0");
  refuse(12, 1, SSMC_INCOMPATIBLE, "got 1.1");
  refuse(16, 9, SSMC_CORRUPT, "expected a file of");
  refuse(40, 3, SSMC_CORRUPT, "bytes for 3 sequences");
  refuse(47, 0xff, SSMC_CORRUPT, "expected a file of");
  refuse(56, 1, SSMC_INCOMPATIBLE, "expected 2 states, got 1");
  refuse(80, 1, SSMC_CORRUPT, "reserved");
  refuse(128, 4, SSMC_INCOMPATIBLE, "does not describe state 'sum'");
  refuse(128 + 16 + 16 + 3 + 1, 1, SSMC_CORRUPT, "expected zero padding");
}

TEST_F(StateTest, RefusesNullArguments) {
  State state = make(1);
  ssmc_state *made;
  int64_t row = 0;
  EXPECT_EQ(ssmc_state_create(nullptr, 1, &made, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_state_create(model.get(), 1, nullptr, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_state_clone(nullptr, &made, &error), SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_state_gather(state.get(), nullptr, 1, &made, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_state_gather(nullptr, &row, 1, &made, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_state_checkpoint(nullptr, &error), SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_state_restore(nullptr, &error), SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_state_save(nullptr, "x", &error), SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_state_save(state.get(), nullptr, nullptr),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_state_load(model.get(), nullptr, &made, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_state_load_memory(model.get(), nullptr, 4, &made, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_state_read(nullptr, 0, &row, 8, &error),
            SSMC_INVALID_ARGUMENT);
  ssmc_state_reset(nullptr);
  ssmc_state_destroy(nullptr);
}

TEST_F(StateTest, RefusesNan) {
  State state = makeFilled();
  float sum[8] = {0, 0, 0, 0, 0, 0, NAN, 0};
  ASSERT_EQ(ssmc_state_write(state.get(), 0, sum, sizeof sum, &error), SSMC_OK);
  EXPECT_FALSE(load(save(state)));
  EXPECT_EQ(error.status, SSMC_CORRUPT);
  EXPECT_STREQ(error.message, "state 'sum' holds a NaN");
  sum[6] = -INFINITY; // the initial value of many a maximum
  ASSERT_EQ(ssmc_state_write(state.get(), 0, sum, sizeof sum, &error), SSMC_OK);
  EXPECT_TRUE(load(save(state))) << error.message;
}

TEST_F(StateTest, AFullDiskLeavesTheOldFile) {
  std::string path = temporaryPath("full");
  State state = makeFilled();
  ASSERT_EQ(ssmc_state_save(state.get(), path.c_str(), &error), SSMC_OK);
  Bytes before = readFile(path);
  size_t files = filesIn(path);
  State larger = make(1000);
  rlimit old;
  getrlimit(RLIMIT_FSIZE, &old);
  auto oldHandler = signal(SIGXFSZ, SIG_IGN);
  rlimit small = {4096, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  ssmc_status status = ssmc_state_save(larger.get(), path.c_str(), &error);
  setrlimit(RLIMIT_FSIZE, &old);
  signal(SIGXFSZ, oldHandler);
  EXPECT_EQ(status, SSMC_IO);
  EXPECT_NE(strstr(error.message, "file too large"), nullptr) << error.message;
  EXPECT_EQ(readFile(path), before);
  EXPECT_EQ(filesIn(path), files);
}

TEST_F(StateTest, ReportsPathsThatCannotBeUsed) {
  State state = makeFilled();
  std::string absent = temporaryPath("no/such/directory");
  EXPECT_EQ(ssmc_state_save(state.get(), absent.c_str(), &error),
            SSMC_NOT_FOUND);
  std::string longPath = temporaryPath(std::string(5000, 'x'));
  EXPECT_EQ(ssmc_state_save(state.get(), longPath.c_str(), &error),
            SSMC_INVALID_ARGUMENT);
  ssmc_state *made;
  EXPECT_EQ(ssmc_state_load(model.get(), absent.c_str(), &made, &error),
            SSMC_NOT_FOUND);
  EXPECT_EQ(ssmc_state_load(model.get(), "/dev/zero", &made, &error), SSMC_IO);
  std::string path = temporaryPath("garbage");
  writeFile(path, Bytes(300, 'x'));
  EXPECT_EQ(ssmc_state_load(model.get(), path.c_str(), &made, &error),
            SSMC_CORRUPT);
  EXPECT_NE(strstr(error.message, "garbage': not an ssmc state file"), nullptr)
      << error.message;
}

TEST_F(StateTest, EveryFailedAllocationIsReported) {
  Bytes file = save(makeFilled());
  for (int64_t k = 0;; ++k) {
    FaultyAllocator allocator;
    ssmc_allocator functions = allocator.functions();
    ssmc_model_options options;
    ssmc_model_options_init(&options);
    options.allocator = &functions;
    Model own = openMemory(bytes, &error, &options);
    ASSERT_TRUE(own);
    allocator.failAt = allocator.calls + k;
    ssmc_state *a = nullptr, *b = nullptr, *c = nullptr;
    int64_t rows[] = {0};
    std::string path = temporaryPath("oom");
    ssmc_status status;
    if (!(status = ssmc_state_load_memory(own.get(), file.data(), file.size(),
                                          &a, &error)) &&
        !(status = ssmc_state_clone(a, &b, &error)) &&
        !(status = ssmc_state_gather(a, rows, 1, &c, &error)) &&
        !(status = ssmc_state_checkpoint(a, &error)))
      status = ssmc_state_save(a, path.c_str(), &error);
    if (status) {
      EXPECT_EQ(status, SSMC_OUT_OF_MEMORY) << error.message;
    }
    ssmc_state_destroy(a);
    ssmc_state_destroy(b);
    ssmc_state_destroy(c);
    own.reset();
    EXPECT_EQ(allocator.live, 0);
    if (!status) {
      EXPECT_GE(k, 8);
      break;
    }
  }
}
} // namespace
