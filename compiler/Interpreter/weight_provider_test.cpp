#include "compiler/Interpreter/interpreter_test.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace mlir;
using namespace ssmc::interpreter;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// A directory with a checkpoint of one bf16 tensor, [1, -2].
class CheckpointWeightsTest : public InterpreterTest {
protected:
  void SetUp() override {
    std::string name = "ssmc-weights-" + std::to_string(::getpid());
    directory = std::filesystem::temp_directory_path() / name;
    std::filesystem::create_directory(directory);
    std::ofstream file(directory / "model.safetensors", std::ios::binary);
    std::string header =
        R"({"w":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}})";
    uint64_t size = header.size();
    file.write(reinterpret_cast<const char *>(&size), sizeof(size));
    const uint16_t values[] = {0x3f80, 0xc000};
    file << header;
    file.write(reinterpret_cast<const char *>(values), sizeof(values));
  }
  void TearDown() override { std::filesystem::remove_all(directory); }

  /// The only weight of a module, read from the directory.
  Tensor read(const std::string &attributes, const std::string &weight) {
    parse("module attributes {" + attributes + "} { func.func @f() {\n%w = " +
          "ssm.weight " + weight + "\nreturn\n} }");
    auto opened = CheckpointWeights::open(*module, directory.string());
    if (failed(opened))
      return {};
    ssmc::ssm::WeightOp op;
    module->walk([&](ssmc::ssm::WeightOp found) { op = found; });
    auto tensor =
        opened->find(op.getName(), cast<RankedTensorType>(op.getType()),
                     [&]() { return op.emitOpError(); });
    return failed(tensor) ? Tensor() : *tensor;
  }

  std::filesystem::path directory;
};

const char *kHere = "ssm.checkpoint = \".\"";

TEST_F(CheckpointWeightsTest, WidensValues) {
  Tensor w = read(kHere, R"("w" : tensor<2xbf16>)");
  EXPECT_THAT(w.shape, ElementsAre(2)) << errors;
  EXPECT_THAT(w.floats, ElementsAre(1, -2));
}

TEST_F(CheckpointWeightsTest, ChecksDtype) {
  read(kHere, R"("w" : tensor<2xf32>)");
  EXPECT_THAT(errors, HasSubstr("expected weight 'w' to be 'tensor<2xf32>', "
                                "got 2 BF16 in model.safetensors"));
}

TEST_F(CheckpointWeightsTest, ChecksShape) {
  read(kHere, R"("w" : tensor<1x2xbf16>)");
  EXPECT_THAT(errors, HasSubstr("got 2 BF16"));
}

TEST_F(CheckpointWeightsTest, NamesTheMissingWeight) {
  read(kHere, R"("v" : tensor<2xbf16>)");
  EXPECT_THAT(errors, HasSubstr("expected weight 'v' in the checkpoint"));
}

TEST_F(CheckpointWeightsTest, LiesBesideTheModel) {
  Tensor w = read("", R"("w" : tensor<2xbf16>)");
  EXPECT_THAT(w.floats, ElementsAre(1, -2)) << errors;
}

TEST_F(CheckpointWeightsTest, NeedsACheckpoint) {
  std::filesystem::remove(directory / "model.safetensors");
  read("", R"("w" : tensor<2xbf16>)");
  EXPECT_THAT(errors, HasSubstr("expected weight 'w' in a checkpoint beside "
                                "the model or in that which module attribute "
                                "'ssm.checkpoint' names: "));
  EXPECT_THAT(errors, HasSubstr("expected 'model.safetensors' or"));
  read("ssm.checkpoint = 1", R"("w" : tensor<2xbf16>)");
  EXPECT_THAT(errors, HasSubstr("'ssm.checkpoint' to be a string, got 1"));
  read("ssm.checkpoint = \"absent\"", R"("w" : tensor<2xbf16>)");
  EXPECT_THAT(errors, HasSubstr("absent"));
}

} // namespace
