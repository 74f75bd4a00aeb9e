#include "compiler/Target/Cpu/CodeImage.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "ssmc/abi.h"
#include "llvm/Support/Endian.h"
#include <cmath>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>

using namespace mlir;
using namespace ssmc;

namespace {
/// What all kernels here have in common: `body` sees %x and %y of `type`.
std::string kernel(StringRef name, StringRef body, StringRef type = "f32") {
  return ("func.func @" + name + "(%x: memref<?x" + type + ">, %y: memref<?x" +
          type +
          ">, %xs: index, %ys: index, %batch: index, %length: index, "
          "%scratch: memref<?xf32>, %begin: index, %end: index) "
          "attributes {plan.kernel} {\n" +
          body + "\nreturn\n}\n")
      .str();
}

class CodeImageTest : public testing::Test {
protected:
  CodeImageTest() {
    context.allowUnregisteredDialects();
    context.loadDialect<arith::ArithDialect, func::FuncDialect,
                        math::MathDialect, memref::MemRefDialect,
                        scf::SCFDialect, vector::VectorDialect>();
  }

  CpuTarget target(StringRef level) {
    std::string error;
    FailureOr<CpuTarget> target = parseCpuTarget(level, error);
    EXPECT_TRUE(succeeded(target)) << error;
    return target.value_or(CpuTarget());
  }

  /// Compiles all of `names` out of `text`; `errors` gets the diagnostics.
  FailureOr<CodeImage> compile(StringRef text, ArrayRef<StringRef> names,
                               StringRef level = "native",
                               EmitOptions options = {}) {
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      errors += diagnostic.str() + "\n";
    });
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
    EXPECT_TRUE(module) << errors;
    if (!module)
      return failure();
    return compileKernels(*module, names, target(level), options);
  }

  MLIRContext context{MLIRContext::Threading::DISABLED};
  std::string errors;
};

/// A code image in memory where the system happens to put it.
class Mapped {
public:
  explicit Mapped(const CodeImage &image)
      : image(image),
        base(mmap(nullptr, image.bytes.size(), PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    std::memcpy(base, image.bytes.data(), image.bytes.size());
    EXPECT_EQ(mprotect(base, image.bytes.size(), PROT_READ | PROT_EXEC), 0);
  }
  ~Mapped() { munmap(base, image.bytes.size()); }

  template <typename T>
  void run(size_t kernel, ArrayRef<T *> operands, int64_t batch, int64_t length,
           int64_t begin, int64_t end) {
    std::vector<void *> buffers(operands.begin(), operands.end());
    std::vector<int64_t> strides(operands.size(), length + 1000);
    ssmc_kernel_args args{buffers.data(), strides.data(), batch, length};
    alignas(64) float scratch[64];
    auto *code = static_cast<char *>(base) + image.entries[kernel];
    reinterpret_cast<ssmc_kernel_fn>(code)(&args, scratch, begin, end);
  }

private:
  const CodeImage &image;
  void *base;
};

const char *scaleBody = R"(
  %c8 = arith.constant 8 : index
  %scale = arith.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]>
      : vector<8xf32>
  scf.for %i = %begin to %end step %c8 {
    %v = vector.load %x[%i] : memref<?xf32>, vector<8xf32>
    %w = vector.load %y[%i] : memref<?xf32>, vector<8xf32>
    %r = vector.fma %v, %scale, %w : vector<8xf32>
    vector.store %r, %y[%i] : memref<?xf32>, vector<8xf32>
  })";
} // namespace

TEST_F(CodeImageTest, RunsWhereverItIsMapped) {
  auto image = compile(kernel("scale", scaleBody), {"scale"});
  ASSERT_TRUE(succeeded(image)) << errors;
  float x[16], y[16];
  for (int place = 0; place < 3; ++place) {
    for (int i = 0; i < 16; ++i)
      x[i] = i, y[i] = 100;
    Mapped mapped(*image);
    mapped.run<float>(0, {x, y}, 1, 16, 8, 16);
    for (int i = 0; i < 16; ++i)
      EXPECT_EQ(y[i], i < 8 ? 100 : 100.0f + x[i] * (i - 7)) << i;
  }
}

TEST_F(CodeImageTest, PassesEveryArgument) {
  auto image = compile(kernel("all", R"(
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %c4 = arith.constant 4 : index
    %first = memref.load %x[%c0] : memref<?xi64>
    %0 = arith.index_cast %xs : index to i64
    %1 = arith.index_cast %ys : index to i64
    %2 = arith.index_cast %batch : index to i64
    %3 = arith.index_cast %length : index to i64
    %4 = arith.addi %0, %first : i64
    memref.store %4, %y[%c0] : memref<?xi64>
    memref.store %1, %y[%c1] : memref<?xi64>
    memref.store %2, %y[%c2] : memref<?xi64>
    memref.store %3, %y[%c3] : memref<?xi64>
    %5 = arith.subi %end, %begin : index
    %6 = arith.index_cast %5 : index to i64
    %7 = arith.sitofp %6 : i64 to f32
    memref.store %7, %scratch[%c4] : memref<?xf32>
    %8 = memref.load %scratch[%c4] : memref<?xf32>
    %9 = arith.fptosi %8 : f32 to i64
    memref.store %9, %y[%c4] : memref<?xi64>)",
                              "i64"),
                       {"all"});
  ASSERT_TRUE(succeeded(image)) << errors;
  int64_t x[1] = {5}, y[5] = {};
  Mapped(*image).run<int64_t>(0, {x, y}, 3, 7, 11, 31);
  EXPECT_EQ(y[0], 1012);
  EXPECT_EQ(y[1], 1007);
  EXPECT_EQ(y[2], 3);
  EXPECT_EQ(y[3], 7);
  EXPECT_EQ(y[4], 20);
}

TEST_F(CodeImageTest, ConvertsHalfFloatsWithoutALibrary) {
  // Both directions through both formats; vector and, for the tail, scalar.
  std::string body;
  for (StringRef type : {"bf16", "f16"})
    body += ("%v" + type + " = vector.load %x[%begin] : memref<?xf32>, " +
             "vector<8xf32>\n%h" + type + " = arith.truncf %v" + type +
             " : vector<8xf32> to vector<8x" + type + ">\n%f" + type +
             " = arith.extf %h" + type + " : vector<8x" + type +
             "> to vector<8xf32>\n")
                .str();
  body += R"(
    %c8 = arith.constant 8 : index
    %c16 = arith.constant 16 : index
    vector.store %fbf16, %y[%begin] : memref<?xf32>, vector<8xf32>
    vector.store %ff16, %y[%c8] : memref<?xf32>, vector<8xf32>
    %s = memref.load %x[%begin] : memref<?xf32>
    %b = arith.truncf %s : f32 to bf16
    %w = arith.extf %b : bf16 to f32
    memref.store %w, %y[%c16] : memref<?xf32>)";
  auto image = compile(kernel("half", body), {"half"});
  ASSERT_TRUE(succeeded(image)) << errors;
  // Rounds down, up, to even both ways, keeps the sign, infinity and NaN.
  float x[8] = {
      1.00390625f, 1.01171875f, 1.0f + 0x1p-11f, 1.0f + 0x3p-11f, -0.0f,
      INFINITY,    NAN,         1.0f + 0x1p-7f};
  float y[17] = {};
  Mapped(*image).run<float>(0, {x, y}, 1, 1, 0, 1);
  EXPECT_EQ(y[0], 1.0f);
  EXPECT_EQ(y[1], 1.015625f);
  EXPECT_EQ(y[2], 1.0f);
  EXPECT_EQ(y[7], 1.0f + 0x1p-7f);
  EXPECT_EQ(y[8 + 0], 1.00390625f);
  EXPECT_EQ(y[8 + 2], 1.0f);
  EXPECT_EQ(y[8 + 3], 1.0f + 0x1p-9f);
  for (int base : {0, 8}) {
    EXPECT_TRUE(std::signbit(y[base + 4]) && y[base + 4] == 0);
    EXPECT_EQ(y[base + 5], INFINITY);
    EXPECT_TRUE(std::isnan(y[base + 6]));
  }
  EXPECT_EQ(y[16], 1.0f);
}

TEST_F(CodeImageTest, FillAndCopyLoopsCallNothing) {
  auto image = compile(kernel("copy", R"(
    %c1 = arith.constant 1 : index
    %zero = arith.constant 0.0 : f32
    %buffer = memref.alloca() : memref<64xf32>
    scf.for %i = %begin to %end step %c1 {
      %v = memref.load %x[%i] : memref<?xf32>
      memref.store %v, %buffer[%i] : memref<64xf32>
      memref.store %zero, %x[%i] : memref<?xf32>
    }
    scf.for %i = %begin to %end step %c1 {
      %v = memref.load %buffer[%i] : memref<64xf32>
      memref.store %v, %y[%i] : memref<?xf32>
    })"),
                       {"copy"});
  ASSERT_TRUE(succeeded(image)) << errors;
  std::vector<float> x(64), y(64);
  for (int i = 0; i < 64; ++i)
    x[i] = i + 1;
  Mapped(*image).run<float>(0, {x.data(), y.data()}, 1, 64, 0, 64);
  for (int i = 0; i < 64; ++i) {
    EXPECT_EQ(x[i], 0);
    EXPECT_EQ(y[i], i + 1);
  }
}

TEST_F(CodeImageTest, LowersVectorOpsOfHigherLevel) {
  auto image = compile(R"(
    memref.global "private" constant @table : memref<4xf32> =
        dense<[1.0, 10.0, 100.0, 1000.0]>
    )" + kernel("dot", R"(
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %a = vector.transfer_read %x[%c0], %zero {in_bounds = [true]}
        : memref<?xf32>, vector<4xf32>
    %table = memref.get_global @table : memref<4xf32>
    %b = vector.load %table[%c0] : memref<4xf32>, vector<4xf32>
    %m = arith.mulf %a, %b : vector<4xf32>
    %s = vector.reduction <add>, %m : vector<4xf32> into f32
    %o = vector.outerproduct %a, %b : vector<4xf32>, vector<4xf32>
    %t = vector.transpose %o, [1, 0] : vector<4x4xf32> to vector<4x4xf32>
    %row = vector.extract %t[1] : vector<4xf32> from vector<4x4xf32>
    vector.store %row, %y[%c0] : memref<?xf32>, vector<4xf32>
    %c4 = arith.constant 4 : index
    memref.store %s, %y[%c4] : memref<?xf32>)"),
                       {"dot"});
  ASSERT_TRUE(succeeded(image)) << errors;
  float x[4] = {1, 2, 3, 4}, y[5] = {};
  Mapped(*image).run<float>(0, {x, y}, 1, 1, 0, 1);
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(y[i], 10.0f * (i + 1));
  EXPECT_EQ(y[4], 4321.0f);
}

TEST_F(CodeImageTest, AliasedOperandsAreInPlace) {
  auto image = compile(kernel("twice", scaleBody), {"twice"});
  ASSERT_TRUE(succeeded(image)) << errors;
  float x[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  Mapped(*image).run<float>(0, {x, x}, 1, 8, 0, 8);
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(x[i], i + 2);
}

TEST_F(CodeImageTest, KeepsEntryOrderAndAlignment) {
  std::string text = kernel("first", scaleBody) + kernel("second", scaleBody) +
                     kernel("third", "");
  EmitOptions options;
  options.assembly = options.object = true;
  for (StringRef level : {"x86-64-v3", "x86-64-v4", "aarch64"}) {
    auto image = compile(text, {"third", "first", "second"}, level, options);
    ASSERT_TRUE(succeeded(image)) << errors;
    ASSERT_EQ(image->entries.size(), 3u);
    EXPECT_NE(image->entries[1], image->entries[2]);
    // The landing pads: `endbr64` and `bti c`.
    uint32_t pad = level == "aarch64" ? 0xd503245f : 0xfa1e0ff3;
    for (uint64_t entry : image->entries) {
      EXPECT_EQ(entry % 64, 0u);
      ASSERT_LE(entry + 4, image->bytes.size());
      EXPECT_EQ(llvm::support::endian::read32le(&image->bytes[entry]), pad)
          << level.str();
    }
    EXPECT_NE(image->assembly.find("first:"), std::string::npos);
    EXPECT_EQ(std::memcmp(image->object.data(),
                          "\x7f"
                          "ELF",
                          4),
              0);
  }
}

TEST_F(CodeImageTest, TakesOnlyWhatTheKernelsUse) {
  auto image = compile(R"(
    "plan.weight"() {sym_name = "w"} : () -> ()
    func.func private @unused(f32)
    func.func @forward() { call @other() : () -> () return }
    func.func private @other()
    memref.global "private" constant @table : memref<1xf32> = dense<3.0>
    func.func private @triple(%v: f32) -> f32 {
      %c0 = arith.constant 0 : index
      %t = memref.get_global @table : memref<1xf32>
      %f = memref.load %t[%c0] : memref<1xf32>
      %r = arith.mulf %v, %f : f32
      return %r : f32
    })" + kernel("k", R"(
    %v = memref.load %x[%begin] : memref<?xf32>
    %r = func.call @triple(%v) : (f32) -> f32
    memref.store %r, %y[%begin] : memref<?xf32>)"),
                       {"k"});
  ASSERT_TRUE(succeeded(image)) << errors;
  float x[1] = {5}, y[1] = {};
  Mapped(*image).run<float>(0, {x, y}, 1, 1, 0, 1);
  EXPECT_EQ(y[0], 15.0f);
}

TEST_F(CodeImageTest, UsesTheWidestVectorsOfTheLevel) {
  std::string text = kernel("wide", R"(
    %v = vector.load %x[%begin] : memref<?xf32>, vector<16xf32>
    %w = arith.addf %v, %v : vector<16xf32>
    vector.store %w, %y[%begin] : memref<?xf32>, vector<16xf32>)");
  EmitOptions options;
  options.assembly = true;
  auto v3 = compile(text, {"wide"}, "x86-64-v3", options);
  auto v4 = compile(text, {"wide"}, "x86-64-v4", options);
  ASSERT_TRUE(succeeded(v3) && succeeded(v4)) << errors;
  EXPECT_NE(v3->assembly.find("%ymm"), std::string::npos);
  EXPECT_EQ(v3->assembly.find("%zmm"), std::string::npos);
  EXPECT_NE(v4->assembly.find("%zmm"), std::string::npos);
}

TEST_F(CodeImageTest, RefusesWhatNeedsALibrary) {
  std::string call = "func.func private @outside(f32)\n" + kernel("k", R"(
    %f = arith.constant 1.0 : f32
    func.call @outside(%f) : (f32) -> ())");
  EXPECT_TRUE(failed(compile(call, {"k"})));
  EXPECT_EQ(errors, "'func.call' op expected a private function with a body, "
                    "got 'outside'\n");

  errors.clear();
  std::string exponential = kernel("k", R"(
    %f = memref.load %x[%begin] : memref<?xf32>
    %e = math.exp %f : f32
    memref.store %e, %y[%begin] : memref<?xf32>)");
  EXPECT_TRUE(failed(compile(exponential, {"k"})));
  EXPECT_EQ(errors, "'math.exp' op expected only ops that need no library in a "
                    "kernel\n");

  // The last line of defence: an op that turns into a call in code generation.
  errors.clear();
  std::string wide = kernel("k", R"(
    %f = memref.load %x[%begin] : memref<?xi64>
    %g = memref.load %y[%begin] : memref<?xi64>
    %a = arith.extsi %f : i64 to i128
    %b = arith.extsi %g : i64 to i128
    %m = arith.muli %a, %b : i128
    %m1 = arith.addi %m, %a : i128
    %d = arith.divsi %m1, %b : i128
    %c = arith.trunci %d : i128 to i64
    memref.store %c, %y[%begin] : memref<?xi64>)",
                            "i64");
  EXPECT_TRUE(failed(compile(wide, {"k"})));
  EXPECT_EQ(errors, "ssmc internal error: kernels need the symbol '__divti3', "
                    "but a code image can refer to nothing outside itself\n");
}

TEST_F(CodeImageTest, RefusesWritableGlobals) {
  EXPECT_TRUE(failed(compile(
      "memref.global \"private\" @counter : memref<4xf32> = dense<1.0>\n" +
          kernel("k", R"(
    %c0 = arith.constant 0 : index
    %g = memref.get_global @counter : memref<4xf32>
    %f = memref.load %x[%begin] : memref<?xf32>
    memref.store %f, %g[%begin] : memref<4xf32>
    %h = memref.load %g[%c0] : memref<4xf32>
    memref.store %h, %y[%begin] : memref<?xf32>)"),
      {"k"})));
  EXPECT_EQ(errors, "ssmc internal error: kernels need the section '.data', "
                    "but a code image holds only code and constants\n");
}

TEST_F(CodeImageTest, RefusesTheSizeOfABuffer) {
  EXPECT_TRUE(failed(compile(kernel("k", R"(
    %c0 = arith.constant 0 : index
    %n = memref.dim %y, %c0 : memref<?xf32>)"),
                             {"k"})));
  EXPECT_EQ(errors, "'memref.dim' op expected no use of the size of argument "
                    "1, which no caller passes\n");
}

TEST_F(CodeImageTest, RefusesAnotherSignature) {
  EXPECT_TRUE(failed(compile(
      "func.func @k(%x: memref<?xf32>, %n: index) attributes {plan.kernel} {\n"
      "return\n}",
      {"k"})));
  EXPECT_NE(errors.find("got '(memref<?xf32>, index) -> ()'"),
            std::string::npos)
      << errors;
}

TEST_F(CodeImageTest, RefusesAnUnknownKernel) {
  EXPECT_TRUE(failed(compile(kernel("k", ""), {"other"})));
  EXPECT_EQ(errors, "expected a function with the attribute 'plan.kernel' for "
                    "kernel 'other'\n");
}

TEST(CpuTargetTest, NamesWhatIsKnown) {
  std::string error;
  EXPECT_TRUE(failed(parseCpuTarget("pentium", error)));
  EXPECT_EQ(error, "expected a processor level out of 'native', 'x86-64-v4', "
                   "'x86-64-v3', 'aarch64', got 'pentium'");
}

#ifdef SSMC_AARCH64_DRIVER
TEST_F(CodeImageTest, RunsOnAArch64) {
  auto image = compile(kernel("nothing", "") + kernel("scale", scaleBody),
                       {"nothing", "scale"}, "aarch64");
  ASSERT_TRUE(succeeded(image)) << errors;
  std::string path =
      testing::TempDir() + "/ssmc-aarch64-image." + std::to_string(getpid());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char *>(image->bytes.data()),
             image->bytes.size());
  std::string command = std::string(SSMC_AARCH64_DRIVER) + " " + path + " " +
                        std::to_string(image->entries[1]);
  int status = std::system(command.c_str());
  std::remove(path.c_str());
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}
#endif
