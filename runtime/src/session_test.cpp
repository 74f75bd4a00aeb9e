#include "runtime/src/testing/artifact.h"
#include <cfenv>
#include <cmath>
#include <gtest/gtest.h>
#include <thread>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace ssmc;
using namespace ssmc::testing;

namespace {
/// A model from a file with sessions on the CPU device.
class SessionTest : public ::testing::TestWithParam<int> {
protected:
  void SetUp() override {
    if (!canRunKernels())
      GTEST_SKIP() << "no test kernels for this architecture";
    openModel(TestArtifact().build());
    ssmc_device *made;
    ASSERT_EQ(ssmc_device_create_cpu(threads(), nullptr, &made, &error),
              SSMC_OK);
    device.reset(made);
    session = makeSession();
  }
  virtual int threads() { return 2; }
  void openModel(const Bytes &bytes) {
    model = openFile(bytes, &error);
    ASSERT_TRUE(model) << error.message;
  }
  Session makeSession() {
    ssmc_session *made;
    EXPECT_EQ(ssmc_session_create(model.get(), device.get(), &made, &error),
              SSMC_OK)
        << error.message;
    return Session(made);
  }
  State makeState(int64_t batch) {
    ssmc_state *made;
    EXPECT_EQ(ssmc_state_create(model.get(), batch, &made, &error), SSMC_OK);
    return State(made);
  }
  template <typename Id>
  ssmc_status call(const char *entry, std::vector<Id> &ids, int64_t batch,
                   int64_t length, ssmc_state *state, std::vector<float> &y) {
    ssmc_tensor input = tensorOf(ids, {batch, length});
    ssmc_tensor output = tensorOf(y, {batch, length, channels});
    return ssmc_session_call(session.get(), entry, &input, 1, state, &output, 1,
                             &error);
  }

  ssmc_error error = {};
  Model model;
  Device device;
  Session session; // ends before the device and the model
};

class Threads : public SessionTest {
  int threads() override { return GetParam(); }
};

std::vector<int64_t> someIds(int64_t count, int64_t seed) {
  std::vector<int64_t> ids(static_cast<size_t>(count));
  for (int64_t &id : ids) {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    id = (seed >> 8) % vocabulary;
  }
  return ids;
}

/// What the entries compute, from the definition.
std::vector<float> reference(const std::vector<int64_t> &ids, int64_t batch,
                             int64_t length) {
  std::vector<float> y;
  for (int64_t b = 0; b < batch; ++b) {
    float sum[channels] = {1, 1, 1, 1};
    for (int64_t t = 0; t < length; ++t)
      for (int64_t c = 0; c < channels; ++c)
        y.push_back(sum[c] +=
                    tableValue(ids[static_cast<size_t>(b * length + t)], c));
  }
  return y;
}

TEST_P(Threads, ForwardAgreesWithTheDefinition) {
  for (int64_t batch : {1, 2, 7})
    for (int64_t length : {1, 2, 7, 8, 9, 16, 17, 100}) {
      auto ids = someIds(batch * length, batch + length);
      std::vector<float> y(static_cast<size_t>(batch * length * channels));
      // Twice: the second call must begin at the initial state again.
      for (int i = 0; i < 2; ++i) {
        ASSERT_EQ(call("forward", ids, batch, length, nullptr, y), SSMC_OK)
            << error.message;
        EXPECT_EQ(y, reference(ids, batch, length));
      }
    }
}

TEST_P(Threads, AnySplitOfAPrefillGivesTheSameBits) {
  constexpr int64_t batch = 3, length = 21;
  auto ids = someIds(batch * length, 5);
  auto expected = reference(ids, batch, length);
  for (int64_t first : {1, 4, 8, 13, 20}) {
    State state = makeState(batch);
    std::vector<float> y(expected.size());
    int64_t done = 0;
    for (int64_t part : {first, length - first}) {
      std::vector<int64_t> partIds;
      for (int64_t b = 0; b < batch; ++b)
        for (int64_t t = done; t < done + part; ++t)
          partIds.push_back(ids[static_cast<size_t>(b * length + t)]);
      std::vector<float> partY(static_cast<size_t>(batch * part * channels));
      ASSERT_EQ(call("prefill", partIds, batch, part, state.get(), partY),
                SSMC_OK)
          << error.message;
      for (int64_t b = 0; b < batch; ++b)
        std::copy_n(&partY[static_cast<size_t>(b * part * channels)],
                    part * channels,
                    &y[static_cast<size_t>((b * length + done) * channels)]);
      done += part;
      EXPECT_EQ(ssmc_state_position(state.get()), static_cast<uint64_t>(done));
    }
    EXPECT_EQ(y, expected) << first;
    int64_t steps[batch];
    ASSERT_EQ(ssmc_state_read(state.get(), 1, steps, sizeof steps, &error),
              SSMC_OK);
    for (int64_t count : steps)
      EXPECT_EQ(count, length);
  }
}

INSTANTIATE_TEST_SUITE_P(Counts, Threads, ::testing::Values(1, 2, 3, 8));

TEST_F(SessionTest, StepsContinueAPrefill) {
  constexpr int64_t length = 12;
  auto ids = someIds(length, 9);
  auto expected = reference(ids, 1, length);
  State state = makeState(1);
  std::vector<int64_t> head(ids.begin(), ids.begin() + 5);
  std::vector<float> y(5 * channels);
  ASSERT_EQ(call("prefill", head, 1, 5, state.get(), y), SSMC_OK);
  for (int64_t t = 5; t < length; ++t) {
    std::vector<int64_t> one = {ids[static_cast<size_t>(t)]};
    std::vector<float> out(channels);
    ASSERT_EQ(call("step", one, 1, 1, state.get(), out), SSMC_OK);
    for (int64_t c = 0; c < channels; ++c)
      EXPECT_EQ(out[static_cast<size_t>(c)],
                expected[static_cast<size_t>(t * channels + c)]);
  }
}

TEST_F(SessionTest, NarrowIdsAreWidened) {
  auto ids = someIds(20, 3);
  std::vector<int32_t> narrow(ids.begin(), ids.end());
  std::vector<float> y(20 * channels);
  ASSERT_EQ(call("forward", narrow, 2, 10, nullptr, y), SSMC_OK)
      << error.message;
  EXPECT_EQ(y, reference(ids, 2, 10));
}

TEST_F(SessionTest, WideIntegersAreNarrowed) {
  std::vector<int64_t> tag = {7, 0, 999};
  std::vector<int32_t> back(3);
  ssmc_tensor in = tensorOf(tag, {3});
  ssmc_tensor out = tensorOf(back, {3});
  auto echo = [&] {
    return ssmc_session_call(session.get(), "echo", &in, 1, nullptr, &out, 1,
                             &error);
  };
  ASSERT_EQ(echo(), SSMC_OK) << error.message;
  EXPECT_EQ(back, (std::vector<int32_t>{7, 0, 999}));
  tag[2] = (int64_t(1) << 32) + 5; // 5 if it were cut first
  EXPECT_EQ(echo(), SSMC_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message, "input 'tag' has token 4294967301 at [2], "
                              "expected a value in [0, 1000)");
}

TEST_F(SessionTest, ArenaRegionsOfEveryBatchAreApart) {
  for (int64_t batch : {1, 2, 5, 16, 3}) {
    std::vector<int32_t> tag(static_cast<size_t>(batch)), back(tag.size());
    for (size_t i = 0; i < tag.size(); ++i)
      tag[i] = static_cast<int32_t>(100 + i);
    ssmc_tensor in = tensorOf(tag, {batch});
    ssmc_tensor out = tensorOf(back, {batch});
    ASSERT_EQ(ssmc_session_call(session.get(), "echo", &in, 1, nullptr, &out, 1,
                                &error),
              SSMC_OK)
        << error.message;
    EXPECT_EQ(back, tag);
  }
}

TEST_F(SessionTest, RefusesNullArguments) {
  ssmc_session *made;
  std::vector<int64_t> ids = {1};
  std::vector<float> y(channels);
  ssmc_tensor in = tensorOf(ids, {1, 1});
  ssmc_tensor out = tensorOf(y, {1, 1, channels});
  EXPECT_EQ(ssmc_session_create(nullptr, device.get(), &made, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(
      ssmc_session_call(nullptr, "forward", &in, 1, nullptr, &out, 1, &error),
      SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_session_call(session.get(), nullptr, &in, 1, nullptr, &out, 1,
                              &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_session_call(session.get(), "forward", nullptr, 1, nullptr,
                              &out, 1, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_session_call(session.get(), "forward", &in, 1, nullptr, &out,
                              1, nullptr),
            SSMC_OK);
  ssmc_session_destroy(nullptr);
}

TEST_F(SessionTest, AnEmptyCallCannotFillAnOutput) {
  TestArtifact artifact;
  auto &dims = artifact.entry("forward").outputs[0]->dims;
  dims.erase(dims.begin() + 1); // scores of the last step only
  session.reset();
  openModel(artifact.build());
  session = makeSession();
  std::vector<int64_t> ids;
  std::vector<float> y(2 * channels);
  ssmc_tensor in = tensorOf(ids, {2, 0});
  ssmc_tensor out = tensorOf(y, {2, channels});
  EXPECT_EQ(ssmc_session_call(session.get(), "forward", &in, 1, nullptr, &out,
                              1, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message, "a call for 2 sequences of length 0 has no value "
                              "for output 'y'");
}

TEST_F(SessionTest, OutputsMustNotOverlap) {
  TestArtifact artifact;
  fb::EntryT &entry = artifact.entry("blend");
  entry.outputs.push_back(std::make_unique<fb::TensorSpecT>(*entry.outputs[0]));
  entry.outputs.back()->name = "z";
  entry.instructions.push_back(
      std::make_unique<fb::InstructionT>(*entry.instructions[0]));
  entry.instructions.back()->body.AsDispatch()->operands[1]->index = 1;
  artifact.program.selftests.clear();
  session.reset();
  openModel(artifact.build());
  session = makeSession();
  std::vector<float> x(8, 2), y(12);
  ssmc_tensor in = tensorOf(x, {1, 2, channels});
  ssmc_tensor out[] = {tensorOf(y, {1, 2, channels}),
                       tensorOf(y, {1, 2, channels})};
  out[1].data = &y[4];
  EXPECT_EQ(ssmc_session_call(session.get(), "blend", &in, 1, nullptr, out, 2,
                              &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message, "the memory of outputs 'z' and 'y' overlaps");
}

TEST_F(SessionTest, RefusesAGridThatIsTooLarge) {
  TestArtifact artifact;
  artifact.dispatch("echo", 0).grid->items = uint64_t(1) << 47;
  session.reset();
  openModel(artifact.build());
  session = makeSession();
  std::vector<int32_t> tag(4), back(4);
  ssmc_tensor in = tensorOf(tag, {4});
  ssmc_tensor out = tensorOf(back, {4});
  EXPECT_EQ(ssmc_session_call(session.get(), "echo", &in, 1, nullptr, &out, 1,
                              &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message,
               "a call for 4 sequences of length 1 is too large");
}

TEST_F(SessionTest, EmptyCallsDoNothing) {
  std::vector<int64_t> ids;
  std::vector<float> y;
  EXPECT_EQ(call("forward", ids, 0, 5, nullptr, y), SSMC_OK) << error.message;
  EXPECT_EQ(call("forward", ids, 3, 0, nullptr, y), SSMC_OK) << error.message;
  State state = makeState(2);
  EXPECT_EQ(call("prefill", ids, 2, 0, state.get(), y), SSMC_OK)
      << error.message;
  EXPECT_EQ(ssmc_state_position(state.get()), 0u);
  State nobody = makeState(0);
  EXPECT_EQ(call("prefill", ids, 0, 4, nobody.get(), y), SSMC_OK)
      << error.message;
}

TEST_F(SessionTest, ChecksEverythingBeforeItRuns) {
  State state = makeState(1);
  float before[4];
  ASSERT_EQ(ssmc_state_read(state.get(), 0, before, sizeof before, &error),
            SSMC_OK);
  std::vector<int64_t> ids = {1, 2, 3, 4, 5, 16};
  std::vector<float> y(6 * channels);
  auto expect = [&](ssmc_status seen, ssmc_status wanted, const char *message) {
    EXPECT_EQ(seen, wanted);
    EXPECT_STREQ(error.message, message);
  };
  expect(call("prefill", ids, 1, 6, state.get(), y), SSMC_INVALID_ARGUMENT,
         "input 'ids' has token 16 at [0, 5], expected a value in [0, 16)");
  ids[5] = -1;
  expect(call("prefill", ids, 1, 6, state.get(), y), SSMC_INVALID_ARGUMENT,
         "input 'ids' has token -1 at [0, 5], expected a value in [0, 16)");
  std::vector<int32_t> narrow = {1, INT32_MIN};
  expect(call("prefill", narrow, 1, 2, state.get(), y), SSMC_INVALID_ARGUMENT,
         "input 'ids' has token -2147483648 at [0, 1], expected a value in [0, "
         "16)");
  ids[5] = 0;
  expect(call("absent", ids, 1, 6, state.get(), y), SSMC_NOT_FOUND,
         "model 'cumulative-sum' has no entry 'absent'");
  expect(call("prefill", ids, 1, 6, nullptr, y), SSMC_INVALID_ARGUMENT,
         "entry 'prefill' needs a state");
  expect(call("forward", ids, 1, 6, state.get(), y), SSMC_INVALID_ARGUMENT,
         "entry 'forward' takes no state");
  expect(call("prefill", ids, 2, 3, state.get(), y), SSMC_INVALID_ARGUMENT,
         "expected a state for 2 sequences, got one for 1");
  expect(call("step", ids, 1, 6, state.get(), y), SSMC_INVALID_ARGUMENT,
         "expected input 'ids' to have shape [1, 1], got [1, 6]");

  ssmc_tensor input = tensorOf(ids, {1, 6});
  ssmc_tensor output = tensorOf(y, {1, 6, channels});
  auto run = [&](ssmc_tensor in, ssmc_tensor out) {
    return ssmc_session_call(session.get(), "prefill", &in, 1, state.get(),
                             &out, 1, &error);
  };
  ssmc_tensor wrong = output;
  wrong.shape[2] = 3;
  expect(run(input, wrong), SSMC_INVALID_ARGUMENT,
         "expected output 'y' to have shape [1, 6, 4], got [1, 6, 3]");
  wrong = output;
  wrong.rank = 2;
  expect(run(input, wrong), SSMC_INVALID_ARGUMENT,
         "expected output 'y' to have rank 3, got 2");
  wrong = output;
  wrong.dtype = SSMC_F16;
  expect(run(input, wrong), SSMC_INVALID_ARGUMENT,
         "expected output 'y' to have type f32, got f16");
  int unknown = 50;
  memcpy(&wrong.dtype, &unknown, sizeof unknown);
  expect(run(input, wrong), SSMC_INVALID_ARGUMENT,
         "output 'y' has the unknown type 50");
  wrong = output;
  wrong.data = nullptr;
  expect(run(input, wrong), SSMC_INVALID_ARGUMENT, "output 'y' has no data");
  wrong.data = reinterpret_cast<char *>(y.data()) + 1;
  expect(run(input, wrong), SSMC_INVALID_ARGUMENT,
         "expected the data of output 'y' at a multiple of its element size, 4 "
         "bytes");
  wrong = input;
  wrong.shape[1] = -6;
  expect(run(wrong, output), SSMC_INVALID_ARGUMENT,
         "expected input 'ids' to have shape [1, length], got [1, -6]");
  wrong = output;
  wrong.data = ids.data();
  expect(run(input, wrong), SSMC_INVALID_ARGUMENT,
         "the memory of output 'y' and input 'ids' overlaps");
  expect(ssmc_session_call(session.get(), "prefill", &input, 1, state.get(),
                           &output, 0, &error),
         SSMC_INVALID_ARGUMENT,
         "expected 1 inputs and 1 outputs for entry 'prefill', got 1 and 0");

  Model other = openFile(TestArtifact().build(), &error);
  ssmc_state *foreign;
  ASSERT_EQ(ssmc_state_create(other.get(), 1, &foreign, &error), SSMC_OK);
  State owner(foreign);
  expect(call("prefill", ids, 1, 6, foreign, y), SSMC_INVALID_ARGUMENT,
         "the state was made from another model");

  // None of it touched the state.
  float after[4];
  ASSERT_EQ(ssmc_state_read(state.get(), 0, after, sizeof after, &error),
            SSMC_OK);
  EXPECT_EQ(memcmp(before, after, sizeof before), 0);
  EXPECT_EQ(ssmc_state_position(state.get()), 0u);
}

TEST_F(SessionTest, RoundsFollowEachOther) {
  constexpr int64_t batch = 3, length = 50;
  std::vector<float> x(batch * length * channels), y(x.size());
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = static_cast<float>(i % 89);
  std::vector<float> expected = x;
  for (int64_t i = 0; i < batch * length; ++i)
    for (int64_t c = 0; c < channels && i % length; ++c)
      expected[size_t(i * channels + c)] +=
          expected[size_t((i - 1) * channels + (c + 1) % channels)];
  for (int threads : {1, 2, 3, 8}) {
    ssmc_device *made;
    ASSERT_EQ(ssmc_device_create_cpu(threads, nullptr, &made, &error), SSMC_OK);
    session.reset();
    device.reset(made);
    session = makeSession();
    for (int repeat = 0; repeat < 20; ++repeat) {
      std::fill(y.begin(), y.end(), 0);
      ssmc_tensor in = tensorOf(x, {batch, length, channels});
      ssmc_tensor out = tensorOf(y, {batch, length, channels});
      ASSERT_EQ(ssmc_session_call(session.get(), "relay", &in, 1, nullptr, &out,
                                  1, &error),
                SSMC_OK)
          << error.message;
      ASSERT_EQ(y, expected) << threads << " threads";
    }
  }
}

TEST_F(SessionTest, ManyRoundsAreRefused) {
  TestArtifact artifact;
  artifact.dispatch("relay", 0).grid->rounds_per_step = uint64_t(1) << 47;
  session.reset();
  openModel(artifact.build());
  session = makeSession();
  std::vector<float> x(channels), y(channels);
  ssmc_tensor in = tensorOf(x, {1, 1, channels});
  ssmc_tensor out = tensorOf(y, {1, 1, channels});
  EXPECT_EQ(ssmc_session_call(session.get(), "relay", &in, 1, nullptr, &out, 1,
                              &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_NE(strstr(error.message, "is too large"), nullptr) << error.message;
}

TEST_F(SessionTest, ScratchGrowsWithTheLength) {
  TestArtifact artifact;
  for (auto &kernel : artifact.program.kernels)
    kernel->scratch_bytes_per_step = uint64_t(1) << 47;
  session.reset();
  openModel(artifact.build());
  // A session needs none of it, two steps more than any address space has.
  session = makeSession();
  std::vector<int64_t> ids = someIds(2, 1);
  std::vector<float> y(2 * channels);
  EXPECT_EQ(call("forward", ids, 1, 2, nullptr, y), SSMC_OUT_OF_MEMORY);
  EXPECT_NE(strstr(error.message, "kernel scratch"), nullptr) << error.message;
}

TEST_F(SessionTest, HugeShapesAreRefused) {
  std::vector<float> one(1);
  for (int64_t huge : {int64_t(1) << 40, int64_t(1) << 47, INT64_MAX}) {
    ssmc_tensor x = tensorOf(one, {huge, huge, channels});
    EXPECT_EQ(ssmc_session_call(session.get(), "blend", &x, 1, nullptr, &x, 1,
                                &error),
              SSMC_INVALID_ARGUMENT);
  }
  ssmc_state *state;
  EXPECT_EQ(ssmc_state_create(model.get(), INT64_MAX, &state, &error),
            SSMC_OUT_OF_MEMORY);
  EXPECT_EQ(ssmc_state_create(model.get(), -1, &state, &error),
            SSMC_INVALID_ARGUMENT);
}

TEST_F(SessionTest, KernelsSeeTheDefaultFloatingPointEnvironment) {
  // Enough rows for every thread, subnormal halves, and sums that round.
  constexpr int64_t rows = 4096;
  std::vector<float> x(rows * channels), y(x.size());
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = i % 2 ? 1.5e-38f : 1.0f + static_cast<float>(i) * 0x1p-23f;
  std::vector<float> expected;
  for (float value : x)
    expected.push_back(value * 0.5f + value);
  ssmc_tensor in = tensorOf(x, {1, rows, channels});
  ssmc_tensor out = tensorOf(y, {1, rows, channels});
  fesetround(FE_UPWARD);
#if defined(__x86_64__)
  unsigned before = _mm_getcsr() | 0x8040; // flush to zero both ways
  _mm_setcsr(before);
#endif
  ssmc_status status = ssmc_session_call(session.get(), "blend", &in, 1,
                                         nullptr, &out, 1, &error);
#if defined(__x86_64__)
  unsigned after = _mm_getcsr();
  _mm_setcsr(before & ~0x8040u);
  EXPECT_EQ(after, before);
#endif
  EXPECT_EQ(fegetround(), FE_UPWARD);
  fesetround(FE_TONEAREST);
  ASSERT_EQ(status, SSMC_OK) << error.message;
  EXPECT_EQ(memcmp(y.data(), expected.data(), y.size() * sizeof(float)), 0);
}

TEST_F(SessionTest, ProfileCountsKernels) {
  auto ids = someIds(20, 1);
  std::vector<float> y(20 * channels);
  ssmc_profile_row row;
  EXPECT_EQ(ssmc_session_profile_row(session.get(), 0, &row), SSMC_NOT_FOUND);
  ssmc_session_profile(session.get(), 1);
  ASSERT_EQ(call("forward", ids, 2, 10, nullptr, y), SSMC_OK);
  ssmc_session_profile(session.get(), 0);
  ASSERT_EQ(call("forward", ids, 2, 10, nullptr, y), SSMC_OK);
  const char *names[] = {"lookup", "accumulate", "count"};
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(ssmc_session_profile_row(session.get(), i, &row), SSMC_OK);
    EXPECT_STREQ(row.kernel, names[i]);
    EXPECT_EQ(row.calls, 2u); // blocks of 8 and 2 steps
    EXPECT_GT(row.nanoseconds, 0u);
    EXPECT_EQ(row.flops, 200u);
    EXPECT_EQ(row.bytes, 20u * 20 + 10 * 6 + 2 * (30 + 2 * 40));
    EXPECT_EQ(row.elementary, 100u);
    EXPECT_EQ(row.weight_bytes, 10u * 6 + 2 * 30);
  }
  EXPECT_EQ(ssmc_session_profile_row(session.get(), 3, &row), SSMC_NOT_FOUND);
  ssmc_session_profile(session.get(), 1);
  EXPECT_EQ(ssmc_session_profile_row(session.get(), 0, &row), SSMC_NOT_FOUND);
}

TEST_F(SessionTest, SessionsOnOneDeviceTakeTurns) {
  constexpr int64_t length = 50;
  std::vector<std::thread> users;
  for (int64_t user = 0; user < 4; ++user)
    users.emplace_back([&, user] {
      ssmc_error local;
      ssmc_session *own;
      ASSERT_EQ(ssmc_session_create(model.get(), device.get(), &own, &local),
                SSMC_OK);
      Session owner(own);
      auto ids = someIds(length, user);
      auto expected = reference(ids, 1, length);
      for (int i = 0; i < 50; ++i) {
        std::vector<float> y(length * channels);
        ssmc_tensor in = tensorOf(ids, {1, length});
        ssmc_tensor out = tensorOf(y, {1, length, channels});
        ASSERT_EQ(
            ssmc_session_call(own, "forward", &in, 1, nullptr, &out, 1, &local),
            SSMC_OK);
        ASSERT_EQ(y, expected);
      }
    });
  for (std::thread &user : users)
    user.join();
}

TEST_F(SessionTest, EveryFailedAllocationLeavesTheStateAlone) {
  Bytes bytes = TestArtifact().build();
  std::vector<int32_t> ids = {1, 2, 3};
  std::vector<float> y(3 * channels), expected;
  expected = reference({1, 2, 3}, 1, 3);
  for (int64_t k = 0;; ++k) {
    FaultyAllocator allocator;
    ssmc_allocator functions = allocator.functions();
    ssmc_model_options options;
    ssmc_model_options_init(&options);
    options.allocator = &functions;
    Model own = openFile(bytes, &error, &options);
    ASSERT_TRUE(own) << error.message;
    allocator.failAt = allocator.calls + k;
    ssmc_device *cpu = nullptr;
    ssmc_session *made = nullptr;
    ssmc_state *state = nullptr;
    ssmc_tensor in = tensorOf(ids, {1, 3});
    ssmc_tensor out = tensorOf(y, {1, 3, channels});
    ssmc_status status;
    bool called = false;
    if (!(status = ssmc_device_create_cpu(3, &functions, &cpu, &error)) &&
        !(status = ssmc_session_create(own.get(), cpu, &made, &error)) &&
        !(status = ssmc_state_create(own.get(), 1, &state, &error)) &&
        !(status = ssmc_session_call(made, "forward", &in, 1, nullptr, &out, 1,
                                     &error)))
      status =
          ssmc_session_call(made, "prefill", &in, 1, state, &out, 1, &error);
    called = status == SSMC_OK;
    if (status) {
      EXPECT_EQ(status, SSMC_OUT_OF_MEMORY) << error.message;
      EXPECT_EQ(error.status, SSMC_OUT_OF_MEMORY);
      if (state) {
        EXPECT_EQ(ssmc_state_position(state), 0u);
      }
    } else {
      EXPECT_EQ(y, expected);
    }
    if (made && state && status) {
      // The same handles work once there is memory.
      allocator.failAt = INT64_MAX;
      EXPECT_EQ(
          ssmc_session_call(made, "prefill", &in, 1, state, &out, 1, &error),
          SSMC_OK);
      EXPECT_EQ(y, expected);
    }
    ssmc_state_destroy(state);
    ssmc_session_destroy(made);
    ssmc_device_destroy(cpu);
    own.reset();
    EXPECT_EQ(allocator.live, 0);
    if (called) {
      EXPECT_GE(k, 8);
      break;
    }
  }
}
} // namespace
