#include "runtime/src/testing/model_file.h"
#include "ssmc/ssmc.hpp"
#include <gtest/gtest.h>
#include <string>
#include <type_traits>
#include <vector>

namespace {
static_assert(!std::is_copy_constructible_v<ssmc::Model>);
static_assert(std::is_nothrow_move_constructible_v<ssmc::State>);

TEST(Hpp, ModelToLogitsAndBack) {
  std::string path = ssmc::testing::testModelPath();
  ssmc::Result<ssmc::Model> model = ssmc::Model::open(path.c_str());
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_STREQ(model->name(), "cumulative-sum");
  EXPECT_EQ(model->findEntry("step"), 2);
  EXPECT_EQ(model->findEntry("absent"), std::nullopt);
  EXPECT_EQ(model->input(2, 0)->bound, 16u);
  EXPECT_EQ(model->entry(99), std::nullopt);
  EXPECT_EQ(model->asset("tokenizer.json")->size(), 6u);

  ssmc::Result<ssmc::Device> device = ssmc::Device::cpu(2);
  ASSERT_TRUE(device) << device.error().message();
  ssmc::Result<ssmc::Session> session = ssmc::Session::create(*model, *device);
  if (!session)
    GTEST_SKIP() << session.error().message();
  ssmc::Result<ssmc::State> state = ssmc::State::create(*model, 1);
  ASSERT_TRUE(state) << state.error().message();
  ASSERT_FALSE(state->checkpoint());

  std::vector<int64_t> ids = {1, 2, 3};
  std::vector<float> y(12);
  ssmc_tensor in = ssmc::tensor(ids.data(), {1, 3});
  ssmc_tensor out = ssmc::tensor(y.data(), {1, 3, 4});
  ssmc::Error error = session->call("prefill", {&in, 1}, &*state, {&out, 1});
  ASSERT_FALSE(error) << error.message();
  EXPECT_EQ(y[8], 1 + 8 * (1 + 2 + 3));
  EXPECT_EQ(state->position(), 3u);

  const int64_t rows[] = {0, 0};
  ssmc::Result<ssmc::State> pair = state->gather(rows);
  ASSERT_TRUE(pair);
  std::vector<float> sums(8);
  ASSERT_FALSE(pair->read(0, ssmc::Span<float>(sums)));
  EXPECT_EQ(sums[4], y[8]);
  EXPECT_EQ(pair->read(7, ssmc::Span<float>(sums)).status(), SSMC_NOT_FOUND);
  ASSERT_FALSE(state->restore());
  EXPECT_EQ(state->position(), 0u);

  ids[1] = 16;
  error = session->call("prefill", {&in, 1}, &*state, {&out, 1});
  EXPECT_EQ(error.status(), SSMC_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message(), "input 'ids' has token 16 at [0, 1], expected "
                                "a value in [0, 16)");
}

TEST(Hpp, ErrorsComeAsValues) {
  ssmc::Result<ssmc::Model> model = ssmc::Model::open("/absent/model.fb");
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().status(), SSMC_NOT_FOUND);
}
} // namespace
