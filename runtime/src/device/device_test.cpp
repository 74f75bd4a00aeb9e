#include "runtime/src/testing/artifact.h"
#include <cstring>
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::testing;

namespace {
TEST(Devices, NullDeviceChecksAndRunsNothing) {
  ssmc_error error;
  Bytes bytes = TestArtifact().build();
  Model model = openMemory(bytes, &error);
  ASSERT_TRUE(model) << error.message;
  EXPECT_STREQ(ssmc_model_cpu_level(model.get()), "");
  ssmc_device *null;
  ASSERT_EQ(ssmc_device_create_null(nullptr, &null, &error), SSMC_OK);
  Device device(null);
  EXPECT_STREQ(ssmc_device_name(null), "null");
  EXPECT_EQ(ssmc_device_threads(null), 1);
  ssmc_session *made;
  ASSERT_EQ(ssmc_session_create(model.get(), null, &made, &error), SSMC_OK);
  Session session(made);
  ssmc_state *state;
  ASSERT_EQ(ssmc_state_create(model.get(), 1, &state, &error), SSMC_OK);
  State owner(state);
  std::vector<int64_t> ids = {1, 99};
  std::vector<float> y(2 * channels, -1);
  ssmc_tensor in = tensorOf(ids, {1, 2});
  ssmc_tensor out = tensorOf(y, {1, 2, channels});
  EXPECT_EQ(ssmc_session_call(made, "prefill", &in, 1, state, &out, 1, &error),
            SSMC_INVALID_ARGUMENT);
  ids[1] = 2;
  EXPECT_EQ(ssmc_session_call(made, "prefill", &in, 1, state, &out, 1, &error),
            SSMC_OK);
  EXPECT_EQ(y, std::vector<float>(2 * channels, -1));
  EXPECT_EQ(ssmc_state_position(state), 2u);
}

TEST(Devices, CodeFromMemoryIsNotRun) {
  ssmc_error error;
  Bytes bytes = TestArtifact().build();
  Model model = openMemory(bytes, &error);
  ssmc_device *cpu;
  ASSERT_EQ(ssmc_device_create_cpu(1, nullptr, &cpu, &error), SSMC_OK);
  Device device(cpu);
  ssmc_session *session;
  EXPECT_EQ(ssmc_session_create(model.get(), cpu, &session, &error),
            SSMC_INCOMPATIBLE);
  EXPECT_NE(strstr(error.message, "opened from memory"), nullptr)
      << error.message;
}

TEST(Devices, RefusesImpossibleThreadCounts) {
  ssmc_error error;
  ssmc_device *device;
  EXPECT_EQ(ssmc_device_create_cpu(-1, nullptr, &device, &error),
            SSMC_INVALID_ARGUMENT);
  EXPECT_EQ(ssmc_device_create_cpu(100000, nullptr, &device, &error),
            SSMC_INVALID_ARGUMENT);
  ASSERT_EQ(ssmc_device_create_cpu(0, nullptr, &device, &error), SSMC_OK);
  EXPECT_GE(ssmc_device_threads(device), 1);
  ssmc_device_destroy(device);
  ssmc_device_destroy(nullptr);
}

// --- Code variants ----------------------------------------------------------

/// Adds a better variant, first in the list, that wants `feature`.
Bytes withBetterVariant(const char *level, const char *arch,
                        const char *feature) {
  TestArtifact artifact;
  auto better =
      std::make_unique<fb::CodeVariantT>(*artifact.program.variants[0]);
  better->level = level;
  if (arch)
    better->arch = arch;
  better->features = {feature};
  artifact.program.variants.insert(artifact.program.variants.begin(),
                                   std::move(better));
  return artifact.build();
}

TEST(Variants, TakesTheBestThatRuns) {
  ssmc_error error;
#if defined(__x86_64__)
  const char *present = "sse2";
#else
  const char *present = "neon";
#endif
  if (!canRunKernels())
    GTEST_SKIP() << "no test kernels for this architecture";
  Model model = openFile(withBetterVariant("best", nullptr, present), &error);
  ASSERT_TRUE(model) << error.message;
  EXPECT_STREQ(ssmc_model_cpu_level(model.get()), "best");
  model = openFile(withBetterVariant("best", nullptr, "mmx9000"), &error);
  EXPECT_STREQ(ssmc_model_cpu_level(model.get()), "baseline");
  model = openFile(withBetterVariant("best", "riscv64", present), &error);
  EXPECT_STREQ(ssmc_model_cpu_level(model.get()), "baseline");

  ssmc_model_options options;
  ssmc_model_options_init(&options);
  options.cpu_level = "baseline";
  model =
      openFile(withBetterVariant("best", nullptr, present), &error, &options);
  ASSERT_TRUE(model) << error.message;
  EXPECT_STREQ(ssmc_model_cpu_level(model.get()), "baseline");
}

TEST(Variants, SaysWhatThereIs) {
  ssmc_error error;
  ssmc_model_options options;
  ssmc_model_options_init(&options);
  options.cpu_level = "best";
  Bytes bytes = withBetterVariant("best", "riscv64", "v");
  EXPECT_FALSE(openFile(bytes, &error, &options));
  EXPECT_EQ(error.status, SSMC_INCOMPATIBLE);
  EXPECT_NE(strstr(error.message, "cannot run the code for 'best'; the "
                                  "artifact has 'best' (riscv64), 'baseline'"),
            nullptr)
      << error.message;
  options.cpu_level = "absent";
  EXPECT_FALSE(openFile(bytes, &error, &options));
  EXPECT_EQ(error.status, SSMC_NOT_FOUND);
}

TEST(Variants, NoneThatRunsIsAnErrorOnlyForASession) {
  TestArtifact artifact;
  artifact.program.variants[0]->arch = "riscv64";
  ssmc_error error;
  Model model = openFile(artifact.build(), &error);
  ASSERT_TRUE(model) << error.message;
  EXPECT_STREQ(ssmc_model_cpu_level(model.get()), "");
  ssmc_device *cpu;
  ASSERT_EQ(ssmc_device_create_cpu(1, nullptr, &cpu, &error), SSMC_OK);
  Device device(cpu);
  ssmc_session *session;
  EXPECT_EQ(ssmc_session_create(model.get(), cpu, &session, &error),
            SSMC_INCOMPATIBLE);
  EXPECT_STREQ(error.message,
               "this processor can run none of the code in model "
               "'cumulative-sum', which is for 'baseline' (riscv64)");
}
} // namespace
