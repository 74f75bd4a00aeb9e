#include "runtime/src/error.h"
#include "runtime/src/processor.h"
#include "ssmc/tensor.h"
#include <gtest/gtest.h>
#include <set>
#include <string>

using namespace ssmc;

namespace {
TEST(Status, EveryValueHasItsName) {
  std::set<std::string> names;
  for (int status = SSMC_OK; status <= SSMC_DEVICE_LOST; ++status)
    names.insert(ssmc_status_name(static_cast<ssmc_status>(status)));
  EXPECT_EQ(names.size(), 8u);
  EXPECT_EQ(names.count("unknown status"), 0u);
}

TEST(Status, DTypes) {
  const char *names[] = {"f32", "bf16", "f16", "f64", "i64", "i32", "u8"};
  size_t sizes[] = {4, 2, 2, 8, 8, 4, 1};
  for (int i = 0; i < 7; ++i) {
    EXPECT_STREQ(ssmc_dtype_name(static_cast<ssmc_dtype>(i)), names[i]);
    EXPECT_EQ(ssmc_dtype_size(static_cast<ssmc_dtype>(i)), sizes[i]);
  }
  ssmc_dtype none = static_cast<ssmc_dtype>(7);
  EXPECT_STREQ(ssmc_dtype_name(none), "?");
  EXPECT_EQ(ssmc_dtype_size(none), 0u);
}

TEST(Status, LongMessagesAreCut) {
  ssmc_error error;
  std::string text(5000, 'x');
  EXPECT_EQ(fail(&error, SSMC_IO, "%s", text.c_str()), SSMC_IO);
  EXPECT_EQ(strlen(error.message), sizeof error.message - 1);
  addContext(&error, text.c_str());
  EXPECT_LT(strlen(error.message), sizeof error.message);
  EXPECT_NE(strstr(error.message, "x': x"), nullptr);
  EXPECT_EQ(fail(nullptr, SSMC_IO, "nobody listens"), SSMC_IO);
}

TEST(Processor, KnowsItsBaseline) {
  std::string architecture = processorArchitecture();
  EXPECT_FALSE(processorHas("no such feature"));
  EXPECT_FALSE(processorHas(""));
  if (architecture == "x86_64") {
    EXPECT_TRUE(processorHas("sse2"));
    // The compiler's run-time library asks the processor by itself.
#if defined(__x86_64__)
    EXPECT_EQ(processorHas("avx2"), bool(__builtin_cpu_supports("avx2")));
    EXPECT_EQ(processorHas("fma"), bool(__builtin_cpu_supports("fma")));
    EXPECT_EQ(processorHas("bmi2"), bool(__builtin_cpu_supports("bmi2")));
    EXPECT_EQ(processorHas("avx512f"), bool(__builtin_cpu_supports("avx512f")));
    EXPECT_EQ(processorHas("avx512vl"),
              bool(__builtin_cpu_supports("avx512vl")));
    EXPECT_EQ(processorHas("avx512vnni"),
              bool(__builtin_cpu_supports("avx512vnni")));
#endif
  } else if (architecture == "aarch64") {
    EXPECT_TRUE(processorHas("neon"));
  }
}
} // namespace
