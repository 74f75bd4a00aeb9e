/// Runs the tool itself, on an artifact with kernels made for tests: its logits
/// are sums over a table of the tokens read.
#include "runtime/src/testing/artifact.h"
#include "tools/npy/npy.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <sys/wait.h>

using namespace ssmc;
namespace toys = ssmc::testing;
using toys::Bytes;
using toys::temporaryPath;

namespace {

using Ids = std::vector<int64_t>;
constexpr int64_t letters = toys::channels; // "a" to "d"

/// What token `id` adds to the logit of token `next`: less for itself, so that
/// texts do not end in one letter.
float weight(int64_t id, int64_t next) {
  return id == next ? -5 : float((id * 3 + next * 5) % 7);
}

/// The most likely continuation of `ids`.
Ids expectedTokens(Ids ids, size_t count) {
  Ids result;
  float sums[letters] = {1, 1, 1, 1};
  for (size_t i = 0; result.size() < count; ++i) {
    if (i >= ids.size()) {
      result.push_back(std::max_element(sums, sums + letters) - sums);
      ids.push_back(result.back());
    }
    for (int64_t next = 0; next < letters; ++next)
      sums[next] += weight(ids[i], next);
  }
  return result;
}

std::string textOf(const Ids &ids) {
  std::string text;
  for (int64_t id : ids)
    text += char('a' + id);
  return text;
}

const char *tokenizerJson =
    R"({"version":"1.0","decoder":{"type":"Fuse"},"model":{"type":"BPE",)"
    R"("vocab":{"a":0,"b":1,"c":2,"d":3},"merges":[]}})";

Bytes bytesOf(const std::string &text) {
  return Bytes(text.begin(), text.end());
}

/// The artifact, with these files carried along.
struct ToyModel : toys::TestArtifact {
  explicit ToyModel(const char *tokenizer = tokenizerJson) {
    for (int64_t id = 0; id < toys::vocabulary; ++id)
      for (int64_t next = 0; next < letters; ++next)
        setWeight(id, next, weight(id, next));
    if (tokenizer)
      contents[2] = bytesOf(tokenizer);
    else
      program.assets[0]->name = "readme";
    program.selftests.clear();
  }
  void setWeight(int64_t id, int64_t next, float value) {
    std::memcpy(&contents[0][(id * letters + next) * sizeof value], &value,
                sizeof value);
    Hash hash = hashOf({contents[0].data(), contents[0].size()});
    program.weights[0]->hash_low = hash.low;
    program.weights[0]->hash_high = hash.high;
  }
  void addAsset(const char *name, const std::string &text) {
    program.assets.push_back(std::make_unique<fb::AssetT>());
    program.assets.back()->name = name;
    program.assets.back()->segment = uint32_t(program.segments.size());
    program.segments.push_back(std::make_unique<fb::SegmentT>());
    program.segments.back()->kind = fb::SegmentKind_asset;
    contents.push_back(bytesOf(text));
  }
};

struct Result {
  int status;
  std::string out, err;
};

std::string readText(const std::string &path) {
  Bytes bytes = toys::readFile(path);
  return std::string(bytes.begin(), bytes.end());
}

/// Runs a shell command in which TOOL stands for the tool and `model.fb`.
Result shell(std::string command) {
  std::string tool = SSMC_GENERATE " '" + temporaryPath("model.fb") + "'";
  for (size_t at; (at = command.find("TOOL")) != command.npos;)
    command.replace(at, 4, tool);
  std::string out = temporaryPath("out.txt"), err = temporaryPath("err.txt");
  int status = std::system(
      ("{ " + command + "\n} >'" + out + "' 2>'" + err + "'").c_str());
  return {WEXITSTATUS(status), readText(out), readText(err)};
}

class Command : public ::testing::Test {
protected:
  void SetUp() override {
    if (!toys::canRunKernels())
      GTEST_SKIP() << "no kernels for this processor";
    use(ToyModel());
  }
  void use(ToyModel model) {
    toys::writeFile(temporaryPath("model.fb"), model.build());
  }
  void expectText(const std::string &arguments, const std::string &text) {
    Result result = shell("TOOL " + arguments);
    EXPECT_EQ(result.out, text) << arguments;
    EXPECT_EQ(result.err, "") << arguments;
    EXPECT_EQ(result.status, 0) << arguments;
  }
  void expectError(const std::string &arguments, const std::string &message,
                   int status = 1) {
    Result result = shell("TOOL " + arguments);
    EXPECT_EQ(result.err, "ssmc-generate: error: " + message + "\n");
    EXPECT_EQ(result.status, status) << arguments;
  }
  /// Writes a file of ids and returns the argument that names it.
  template <typename T>
  std::string tokens(const char *name, std::vector<int64_t> shape,
                     const std::vector<T> &ids) {
    NpyArray array{sizeof(T) == 8 ? SSMC_I64 : SSMC_I32, std::move(shape), {}};
    array.data.resize(ids.size() * sizeof(T));
    if (!ids.empty())
      std::memcpy(array.data.data(), ids.data(), array.data.size());
    std::string error;
    EXPECT_TRUE(writeNpy(temporaryPath(name), array, error)) << error;
    return "'@" + temporaryPath(name) + "'";
  }
  Ids readTokens(const char *name, std::vector<int64_t> shape) {
    NpyArray array;
    std::string error;
    EXPECT_TRUE(readNpy(temporaryPath(name), array, error)) << error;
    EXPECT_EQ(array.dtype, SSMC_I64);
    EXPECT_EQ(array.shape, shape);
    Ids ids(array.data.size() / 8);
    if (!ids.empty())
      std::memcpy(ids.data(), array.data.data(), array.data.size());
    return ids;
  }
  std::string path(const char *name) { return "'" + temporaryPath(name) + "'"; }
  std::string at(const char *name) { return "'@" + temporaryPath(name) + "'"; }
};

TEST_F(Command, ContinuesText) {
  Ids expected = expectedTokens({0, 1}, 128);
  ASSERT_EQ(std::set<int64_t>(expected.begin(), expected.end()).size(), 4u)
      << "a model that writes all letters";
  expectText("--prompt ab", textOf(expected));
  expectText("--prompt ab --max-new-tokens=5 --threads=1 --verify=full",
             textOf(expectedTokens({0, 1}, 5)));
  expectText("--prompt ab --max-new-tokens=0", "");
  toys::writeFile(temporaryPath("prompt.txt"), bytesOf("abba"));
  expectText("--max-new-tokens=9 --prompt-file=" + path("prompt.txt"),
             textOf(expectedTokens({0, 1, 1, 0}, 9)));
  Result piped = shell("printf abba | TOOL --max-new-tokens=9 --prompt-file=-");
  EXPECT_EQ(piped.out, textOf(expectedTokens({0, 1, 1, 0}, 9)));
}

TEST_F(Command, ContinuesRowsOfTokens) {
  std::vector<int32_t> rows = {0, 1, 2, 3, 3, 3};
  expectText("--tokens=" + tokens("ids.npy", {2, 3}, rows) +
                 " --max-new-tokens=40 --output-tokens=" + at("new.npy"),
             "");
  Ids expected = expectedTokens({0, 1, 2}, 40);
  Ids second = expectedTokens({3, 3, 3}, 40);
  expected.insert(expected.end(), second.begin(), second.end());
  EXPECT_EQ(readTokens("new.npy", {2, 40}), expected);

  // Ids that are no letter can be read, and one row has text too.
  expectText("--tokens=" + tokens("ids.npy", {1, 3}, Ids{15, 9, 2}) +
                 " --max-new-tokens=7 --output-tokens=" + at("new.npy"),
             textOf(expectedTokens({15, 9, 2}, 7)));
  EXPECT_EQ(readTokens("new.npy", {1, 7}), expectedTokens({15, 9, 2}, 7));
}

TEST_F(Command, ReadsLongPromptsInBlocks) {
  for (size_t length : {255, 256, 257, 1000}) {
    Ids ids;
    for (size_t i = 0; i < length; ++i)
      ids.push_back(i * i % 13);
    expectText("--max-new-tokens=9 --tokens=" +
                   tokens("ids.npy", {1, int64_t(length)}, ids),
               textOf(expectedTokens(ids, 9)));
  }
}

TEST_F(Command, StopsWhereTheModelEndsItsText) {
  Ids whole = expectedTokens({0, 1}, 30);
  int64_t end = whole[4];
  Ids stopped(whole.begin(), std::find(whole.begin(), whole.end(), end) + 1);
  ASSERT_LT(stopped.size(), 30u);
  ToyModel model;
  model.addAsset("config.json",
                 "{\"eos_token_id\": " + std::to_string(end) + "}");
  use(std::move(model));
  expectText("--prompt ab --max-new-tokens=30", textOf(stopped));
  expectText("--prompt ab --max-new-tokens=30 --ignore-eos", textOf(whole));

  // generation_config.json has the last word.
  ToyModel both;
  both.addAsset("config.json", "{\"eos_token_id\": 0}");
  both.addAsset("generation_config.json",
                "{\"eos_token_id\": [9, " + std::to_string(end) + "]}");
  use(std::move(both));
  expectText("--prompt ab --max-new-tokens=30", textOf(stopped));

  ToyModel broken;
  broken.addAsset("generation_config.json", "{\"eos_token_id\": \"a\"}");
  use(std::move(broken));
  expectError("--prompt ab",
              "asset 'generation_config.json': expected an id, a list of ids "
              "or null for 'eos_token_id', got \"a\"");
}

TEST_F(Command, ContinuesASavedStateLikeOneRun) {
  std::string state = path("run.state");
  Ids whole = expectedTokens({0, 1}, 50);
  Result first =
      shell("TOOL --prompt ab --max-new-tokens=20 --save-state=" + state);
  EXPECT_EQ(first.status, 0);
  EXPECT_EQ(first.out, textOf({whole.begin(), whole.begin() + 20}));
  EXPECT_EQ(first.err, "ssmc-generate: state saved after 22 tokens; next would "
                       "come --next-token=" +
                           std::to_string(whole[20]) + "\n");
  expectText("--load-state=" + state + " --max-new-tokens=30 --next-token=" +
                 std::to_string(whole[20]),
             textOf({whole.begin() + 20, whole.end()}));

  // A prompt follows the text that the state has read.
  Ids read = {0, 1};
  read.insert(read.end(), whole.begin(), whole.begin() + 20);
  read.insert(read.end(), {3, 0});
  expectText("--load-state=" + state + " --max-new-tokens=30 --prompt=da",
             textOf(expectedTokens(read, 30)));
}

TEST_F(Command, ContinuesSavedRowsLikeOneRun) {
  std::string ids = tokens("ids.npy", {2, 2}, Ids{0, 1, 3, 2});
  std::string draw =
      " --temperature=3 --seed=8 --top-k=3 --output-tokens=" + at("new.npy");
  expectText("--tokens=" + ids + " --max-new-tokens=40" + draw, "");
  Ids whole = readTokens("new.npy", {2, 40});

  Result first = shell("TOOL --max-new-tokens=15 --tokens=" + ids + draw +
                       " --save-state=" + path("two.state"));
  Ids start = readTokens("new.npy", {2, 15});
  EXPECT_EQ(first.err, "ssmc-generate: state saved after 17 tokens; next would "
                       "come --next-token=" +
                           std::to_string(whole[15]) + "," +
                           std::to_string(whole[55]) + "\n");
  expectText("--max-new-tokens=25 --load-state=" + path("two.state") +
                 " --next-token=" + std::to_string(whole[15]) + "," +
                 std::to_string(whole[55]) + draw,
             "");
  Ids rest = readTokens("new.npy", {2, 25});
  for (int64_t row = 0; row < 2; ++row)
    for (int64_t i = 0; i < 40; ++i)
      EXPECT_EQ(i < 15 ? start[row * 15 + i] : rest[row * 25 + i - 15],
                whole[row * 40 + i]);

  expectError("--prompt=a --load-state=" + path("two.state"),
              "'" + temporaryPath("two.state") +
                  "': expected a state of 1 rows, got 2");
}

TEST_F(Command, DrawsTheSameWithTheSameSeed) {
  auto draw = [](const std::string &seed) {
    return shell("TOOL --prompt ab --max-new-tokens=60 --temperature=30 "
                 "--top-p=0.95 --seed=" +
                 seed)
        .out;
  };
  EXPECT_EQ(draw("1"), draw("1"));
  EXPECT_NE(draw("1"), draw("2"));
  EXPECT_EQ(draw("1").size(), 60u);
}

TEST_F(Command, SaysWhatIsWrong) {
  std::string wanted = "expected ids [batch, length] of i32 or i64, at least "
                       "one, got ";
  expectError("--prompt xyz", "the prompt: expected text of the vocabulary's "
                              "characters or an 'unk_token', got 'x'");
  expectError("--prompt ''",
              "expected a prompt of at least one token, got none");
  expectError("--tokens=" + tokens("ids.npy", {2}, Ids{1, 2}),
              "'" + temporaryPath("ids.npy") + "': " + wanted + "i64 [2]");
  expectError("--tokens=" + tokens("ids.npy", {2, 0}, Ids{}),
              "'" + temporaryPath("ids.npy") + "': " + wanted + "i64 [2, 0]");
  expectError("--tokens=" + tokens("ids.npy", {2, 1}, Ids{1, 2}),
              "expected --output-tokens for 2 rows, for text is shown of one "
              "only");
  expectError("--prompt-file=/", "'/': cannot read: Is a directory");
  Result bound = shell("TOOL --tokens=" + tokens("ids.npy", {1, 1}, Ids{16}));
  EXPECT_EQ(bound.status, 1);
  EXPECT_NE(bound.err.find("16"), bound.err.npos) << bound.err;

  EXPECT_EQ(shell("TOOL --prompt a --save-state=" + path("run.state")).status,
            0);
  expectError("--load-state=" + path("run.state") + " --next-token=4",
              "--next-token: expected an id in [0, 4), got 4");
  expectError("--load-state=" + path("run.state") + " --next-token=1,2",
              "'" + temporaryPath("run.state") +
                  "': expected a state of 2 rows, got 1");

  ToyModel nan;
  nan.setWeight(1, 2, NAN);
  use(std::move(nan));
  expectError("--prompt ab", "expected logits below infinity, got NaN for "
                             "token 2 at position 2 of row 0");

  use(ToyModel(nullptr));
  expectError("--prompt ab",
              "expected --tokens, for the artifact carries no tokenizer.json "
              "to read the prompt with");
  expectError("--tokens=" + tokens("ids.npy", {1, 1}, Ids{1}),
              "expected --output-tokens, for the artifact carries no "
              "tokenizer.json to show text with");
  expectText("--max-new-tokens=3 --tokens=" + at("ids.npy") +
                 " --output-tokens=" + at("new.npy"),
             "");
  EXPECT_EQ(readTokens("new.npy", {1, 3}), expectedTokens({1}, 3));

  use(ToyModel("{}"));
  expectError("--prompt ab", "asset 'tokenizer.json': 'version': expected a "
                             "value, got none");
}

TEST_F(Command, RefusesModelsOfSomethingElse) {
  ToyModel other;
  other.entry("prefill").name = "read";
  use(std::move(other));
  Result result = shell("TOOL --prompt ab");
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("'prefill'"), result.err.npos) << result.err;

  ToyModel floats;
  std::swap(floats.entry("blend").name, floats.entry("step").name);
  use(std::move(floats));
  expectError("--prompt ab",
              "entry 'step': expected one of a language model, from ids "
              "[batch, length] and a state to f32 logits [batch, length, "
              "vocabulary]");
}

TEST_F(Command, LeavesNothingHalfWritten) {
  expectError("--prompt ab > /dev/full",
              "cannot write to standard output: No space left on device");
  // A limit on the size of files stands for a full disk: 512 bytes hold the
  // message, but not 128 ids or the state of 100 rows.
  std::string small = "trap '' XFSZ; ulimit -f 1; ";
  shell("TOOL --prompt a --max-new-tokens=0 --output-tokens=" + at("new.npy"));
  std::string rows = tokens("ids.npy", {100, 1}, Ids(100, 1));
  auto files = [] { return shell("ls '" + temporaryPath("") + "'").out; };
  std::string before = files();
  Result result =
      shell(small + "TOOL --prompt ab --output-tokens=" + at("full.npy"));
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.err, "ssmc-generate: error: '" + temporaryPath("full.npy") +
                            "': cannot write: File too large\n");
  EXPECT_EQ(files(), before);
  result = shell(small + "TOOL --max-new-tokens=0 --tokens=" + rows +
                 " --output-tokens=" + at("new.npy") +
                 " --save-state=" + path("full.state"));
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("full.state"), result.err.npos) << result.err;
  EXPECT_EQ(files(), before);
}

TEST_F(Command, PrintsFigures) {
  Result result = shell("TOOL --prompt ab --max-new-tokens=5 --stats");
  EXPECT_EQ(result.status, 0);
  float speed;
  char rest[64];
  EXPECT_EQ(std::sscanf(result.err.c_str(),
                        "ssmc-generate: prompt: 2 tokens, %f tokens/s\n"
                        "ssmc-generate: new: 5 tokens, %f tokens/s\n"
                        "ssmc-generate: state: 24 bytes per sequence%60s",
                        &speed, &speed, rest),
            2)
      << result.err;
}

TEST_F(Command, WrongUsageExitsWithTwo) {
  expectError("",
              "expected --prompt, --prompt-file, --tokens or, after a "
              "loaded state, --next-token, got none",
              2);
  expectError("--prompt a --tokens=@x", "--prompt excludes --tokens", 2);
  expectError("--tokens=x", "--tokens: expected '@file.npy', got 'x'", 2);
  expectError("--next-token=1", "--next-token requires --load-state", 2);
  expectError("--prompt a --top-k=2", "--top-k requires --temperature", 2);
  expectError("--prompt a --temperature=0 --top-p=0.5",
              "expected a --temperature above 0 with --top-p, got 0", 2);
  expectError("--prompt a --temperature=nan",
              "--temperature: expected a number from 0 on, got 'nan'", 2);
  expectError("--prompt a --temperature=1 --top-p=0",
              "--top-p: expected a number above 0 and at most 1, got '0'", 2);
  expectError("--prompt a --save-state ''",
              "expected a file for --save-state, got ''", 2);
}

} // namespace
