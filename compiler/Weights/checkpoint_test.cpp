#include "compiler/Weights/Checkpoint.h"
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace ssmc::weights;
namespace fs = std::filesystem;

namespace {

/// A safetensors file with the named U8 tensors of one byte each.
std::string shard(const std::vector<std::string> &names) {
  std::string header = "{";
  for (size_t i = 0; i < names.size(); ++i)
    header += (i ? ",\"" : "\"") + names[i] +
              R"(":{"dtype":"U8","shape":[1],"data_offsets":[)" +
              std::to_string(i) + "," + std::to_string(i + 1) + "]}";
  header += "}";
  std::string out;
  for (int i = 0; i < 8; ++i)
    out += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return out + header + std::string(names.size(), '\7');
}

class CheckpointTest : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "checkpoint-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root = pattern;
    directory = root + "/model";
    fs::create_directory(directory);
  }
  void TearDown() override { fs::remove_all(root); }

  void write(const std::string &name, const std::string &text) {
    std::ofstream(directory + "/" + name, std::ios::binary) << text;
  }
  void writeIndex(const std::string &map) {
    write(
        "model.safetensors.index.json",
        R"({"metadata":{"total_size":2.5e1,"x":[{"y":null}]},"weight_map":{)" +
            map + "}}");
  }
  /// Expects that opening `path` fails with `message` in the error.
  void expectError(const std::string &path, const std::string &message) {
    Checkpoint checkpoint;
    std::string error;
    EXPECT_FALSE(Checkpoint::open(path, checkpoint, error));
    EXPECT_NE(error.find(message), std::string::npos) << "got: " << error;
    EXPECT_TRUE(checkpoint.tensors().empty());
  }
  void expectError(const std::string &message) {
    expectError(directory, message);
  }

  std::string root, directory;
};

TEST_F(CheckpointTest, OpensADirectoryWithOneFile) {
  write("model.safetensors", shard({"b", "a"}));
  Checkpoint checkpoint;
  std::string error;
  ASSERT_TRUE(Checkpoint::open(directory, checkpoint, error)) << error;
  ASSERT_EQ(checkpoint.files().size(), 1u);
  EXPECT_EQ(checkpoint.files()[0].name, "model.safetensors");
  EXPECT_EQ(checkpoint.files()[0].path, directory + "/model.safetensors");
  EXPECT_EQ(checkpoint.files()[0].bytes,
            fs::file_size(directory + "/model.safetensors"));
  const TensorView *view = checkpoint.find("a");
  ASSERT_NE(view, nullptr);
  EXPECT_EQ(*view->data, 7);
  EXPECT_EQ(view->file, "model.safetensors");
  EXPECT_EQ(checkpoint.find("c"), nullptr);
  EXPECT_EQ(checkpoint.tensors().begin()->first, "a");

  Checkpoint moved = std::move(checkpoint);
  EXPECT_EQ(*moved.find("b")->data, 7);
}

TEST_F(CheckpointTest, OpensShardsThroughTheirIndex) {
  write("s1.safetensors", shard({"a", "b"}));
  write("s2.safetensors", shard({"c"}));
  writeIndex(R"("a":"s1.safetensors","c":"s2.safetensors",)"
             R"("b":"s1.safetensors")");
  for (std::string path :
       {directory, directory + "/model.safetensors.index.json"}) {
    Checkpoint checkpoint;
    std::string error;
    ASSERT_TRUE(Checkpoint::open(path, checkpoint, error)) << error;
    EXPECT_EQ(checkpoint.files().size(), 2u);
    EXPECT_EQ(checkpoint.tensors().size(), 3u);
    EXPECT_EQ(checkpoint.find("c")->file, "s2.safetensors");
  }
}

TEST_F(CheckpointTest, OpensAListOfFiles) {
  write("x", shard({"a"}));
  write("y", shard({"b"}));
  write("z", shard({"b"}));
  Checkpoint checkpoint;
  std::string error;
  ASSERT_TRUE(
      Checkpoint::open({directory + "/x", directory + "/y"}, checkpoint, error))
      << error;
  EXPECT_EQ(checkpoint.tensors().size(), 2u);
  EXPECT_FALSE(Checkpoint::open({directory + "/y", directory + "/z"},
                                checkpoint, error));
  EXPECT_NE(error.find("got 'b' here and in 'y'"), std::string::npos) << error;
  EXPECT_FALSE(Checkpoint::open({directory + "/y", directory + "/./y"},
                                checkpoint, error));
  EXPECT_NE(error.find("got 'y' twice"), std::string::npos) << error;
  // A failure leaves what was open.
  EXPECT_NE(checkpoint.find("a"), nullptr);
}

TEST_F(CheckpointTest, AlignsWhatTheFileDoesNot) {
  // 63 bytes of header after the length put the float at offset 71.
  std::string header =
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  header.resize(63, ' ');
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(header.size());
  float value = 1.5f;
  bytes += header + std::string(reinterpret_cast<char *>(&value), 4);
  write("model.safetensors", bytes);
  Checkpoint checkpoint;
  std::string error;
  ASSERT_TRUE(Checkpoint::open(directory, checkpoint, error)) << error;
  const TensorView *view = checkpoint.find("a");
  EXPECT_EQ(view->fileOffset, 71u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(view->data) % 4, 0u);
  EXPECT_EQ(*reinterpret_cast<const float *>(view->data), 1.5f);
}

TEST_F(CheckpointTest, SaysWhatIsMissing) {
  expectError("expected 'model.safetensors' or 'model.safetensors.index.json', "
              "got neither");
  write("pytorch_model.bin", "");
  expectError("got 'pytorch_model.bin'; convert it to safetensors");
  expectError(root + "/none", "none: No such file or directory");
  expectError(root + "/none.index.json", "No such file or directory");
  writeIndex(R"("a":"s1.safetensors")");
  expectError("s1.safetensors: No such file or directory");
}

TEST_F(CheckpointTest, RefusesWhatIsNoRegularFile) {
  std::string name = directory + "/model.safetensors";
  ASSERT_EQ(mkfifo(name.c_str(), 0600), 0);
  expectError("expected a regular file, got a pipe");
  expectError(name, "expected a regular file, got a pipe");
  fs::remove(name);
  fs::create_directory(name);
  expectError("expected a regular file, got a directory");
  expectError("/dev/null", "expected a regular file, got a device");
}

TEST_F(CheckpointTest, RefusesLinks) {
  std::ofstream(root + "/outside", std::ios::binary) << shard({"a"});
  std::string name = directory + "/model.safetensors";
  fs::create_symlink("../outside", name);
  expectError("expected a regular file, got a symbolic link");
  fs::remove(name);
  fs::create_hard_link(root + "/outside", name);
  expectError("expected a file with one hard link, got 2");
  fs::remove(name);
  fs::create_symlink("../outside", directory + "/s1.safetensors");
  writeIndex(R"("a":"s1.safetensors")");
  expectError("s1.safetensors: expected a regular file, got a symbolic link");
  fs::remove(directory + "/s1.safetensors");
  fs::create_hard_link(root + "/outside", directory + "/s1.safetensors");
  expectError("s1.safetensors: expected a file with one hard link, got 2");
  // The index itself is held to the same rule.
  fs::rename(directory + "/model.safetensors.index.json", root + "/index");
  fs::create_symlink("../index", directory + "/model.safetensors.index.json");
  expectError("index.json: expected a regular file, got a symbolic link");
}

TEST_F(CheckpointTest, FollowsALinkThatTheUserNamed) {
  std::ofstream(root + "/outside", std::ios::binary) << shard({"a"});
  fs::create_symlink("../outside", directory + "/link");
  Checkpoint checkpoint;
  std::string error;
  EXPECT_TRUE(Checkpoint::open(directory + "/link", checkpoint, error))
      << error;
}

TEST_F(CheckpointTest, KeepsShardsInsideTheDirectory) {
  std::ofstream(root + "/outside", std::ios::binary) << shard({"a"});
  fs::create_directory(directory + "/sub");
  fs::copy(root + "/outside", directory + "/sub/s");
  for (std::string name :
       {"../outside", "sub/s", "/etc/passwd", "./s", "..", ".", "", "s/",
        "sub//s", "a\\u0000b", "a\\nb", "https://host/s"}) {
    writeIndex("\"a\":\"" + name + "\"");
    expectError("tensor 'a': expected the name of a file beside the index");
  }
  writeIndex("\"a\":\"" + std::string(256, 'n') + "\"");
  expectError("expected the name of a file beside the index");
}

TEST_F(CheckpointTest, HoldsTheIndexAndItsShardsEqual) {
  write("s1", shard({"a"}));
  write("s2", shard({"b"}));
  writeIndex(R"("a":"s1","b":"s2")");
  Checkpoint checkpoint;
  std::string error;
  ASSERT_TRUE(Checkpoint::open(directory, checkpoint, error)) << error;

  writeIndex(R"("a":"s1","b":"s1")");
  expectError("expected tensor 'b' in 's1', which has none of that name");
  writeIndex(R"("a":"s2","b":"s1")");
  expectError("expected tensor 'a' in 's2', got it in 's1'");
  writeIndex(R"("a":"s1","b":"s2","c":"s2")");
  expectError("expected tensor 'c' in 's2', which has none of that name");
  writeIndex(R"("a":"s1","a":"s1")");
  expectError("expected 'weight_map' keys to be unique, got 'a' twice");
  write("s1", shard({"a", "x"}));
  writeIndex(R"("a":"s1","b":"s2")");
  expectError("to list every tensor, got 'x' only in 's1'");
  write("s1", shard({"a", "b"}));
  expectError("got 'b' here and in 's1'");
}

TEST_F(CheckpointTest, RefusesAMalformedIndex) {
  auto refuses = [&](const std::string &text, const std::string &message) {
    write("model.safetensors.index.json", text);
    expectError(message);
  };
  refuses("", "expected an object");
  refuses("[]", "expected an object");
  refuses("{}", "expected a 'weight_map'");
  refuses(R"({"weight_map":[]})", "expected an object");
  refuses(R"({"weight_map":{"a":1}})", "expected a string");
  refuses(R"({"weight_map":{"a":null}})", "expected a string");
  refuses(R"({"weight_map":{},"weight_map":{}})", "expected one 'weight_map'");
  refuses(R"({"weight_map":{}} x)", "nothing after the index's object");
  refuses("{\"weight_map\":{\"\xff\":\"s\"}}", "UTF-8");
  refuses("{\"metadata\":" + std::string(100, '[') + std::string(100, ']') +
              "}",
          "nested less deeply");
  refuses(R"({"metadata":01,"weight_map":{}})", "',' or '}'");
  refuses(R"({"metadata":1.,"weight_map":{}})", "a digit");
  refuses(R"({"metadata":nul,"weight_map":{}})", "a value");
  // No tensors at all is odd but consistent.
  write("model.safetensors.index.json", R"({"weight_map":{}})");
  Checkpoint checkpoint;
  std::string error;
  EXPECT_TRUE(Checkpoint::open(directory, checkpoint, error)) << error;
}

TEST_F(CheckpointTest, NamesTheFileOfABadShard) {
  write("s1", shard({"a"}) + "x");
  writeIndex(R"("a":"s1")");
  expectError("model/s1: expected the tensors to cover 2 bytes");
}

TEST(CheckpointReference, OpensReferenceModels) {
  fs::path shared = SSMC_SHARED_DIR;
  if (!fs::exists(shared / "goldens"))
    GTEST_SKIP() << "no reference data beside the repository";
  int opened = 0;
  for (const char *folder : {"goldens/hf", "models"})
    for (auto &entry : fs::directory_iterator(shared / folder)) {
      Checkpoint checkpoint;
      std::string error;
      EXPECT_TRUE(Checkpoint::open(entry.path(), checkpoint, error)) << error;
      EXPECT_FALSE(checkpoint.tensors().empty());
      ++opened;
    }
  EXPECT_GE(opened, 3);
}

} // namespace
