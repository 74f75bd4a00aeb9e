// Rules for the header, segments, assets and self-tests.
#include "runtime/src/testing/rules.h"
#include <limits>

using namespace ssmc;
using namespace ssmc::testing;

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

namespace {
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
    header(
        "OtherMajor", [](ArtifactHeader &h) { h.formatMajor = 2; },
        SSMC_INCOMPATIBLE, "expected artifact format 1, got 2.0"),
    header(
        "NewerMinor", [](ArtifactHeader &h) { h.formatMinor = 1; },
        SSMC_INCOMPATIBLE, "use a newer runtime"),
    header(
        "UnknownFeature", [](ArtifactHeader &h) { h.requiredFeatures = 4; },
        SSMC_INCOMPATIBLE, "requires features 0x4"),
    header(
        "Reserved", [](ArtifactHeader &h) { h.reserved[3] = 1; }, SSMC_CORRUPT,
        "reserved"),
    header(
        "HeaderSize", [](ArtifactHeader &h) { h.headerSize = 256; },
        SSMC_CORRUPT, "expected a header of 128 bytes"),
    header(
        "FileSize", [](ArtifactHeader &h) { h.fileSize += 64; }, SSMC_CORRUPT,
        "expected a file of"),
    header(
        "MetadataOffset", [](ArtifactHeader &h) { h.metadataOffset = 192; },
        SSMC_CORRUPT, "of metadata at 128"),
    header(
        "MetadataSizeWraps",
        [](ArtifactHeader &h) { h.metadataSize = UINT64_MAX; }, SSMC_CORRUPT,
        "bytes of metadata"),
    header(
        "MetadataEmpty", [](ArtifactHeader &h) { h.metadataSize = 0; },
        SSMC_CORRUPT, "bytes of metadata"),
    header(
        "MetadataHash", [](ArtifactHeader &h) { h.metadataHash[1] ^= 1; },
        SSMC_CORRUPT, "metadata does not match its hash"),

    {"KernelAbi", [](TestArtifact &a) { a.program.kernel_abi = 99; },
     SSMC_INCOMPATIBLE, "expected kernels of ABI"},
    corrupt(
        "NameEmpty", [](TestArtifact &a) { a.program.name = ""; },
        "1 to 255 bytes"),
    corrupt(
        "NameLong",
        [](TestArtifact &a) { a.program.name = std::string(256, 'x'); },
        "1 to 255 bytes"),
    corrupt(
        "NameControl", [](TestArtifact &a) { a.program.name = "a\x1b[2J"; },
        "control character"),
    corrupt(
        "NameZeroByte",
        [](TestArtifact &a) { a.program.name = std::string("a\0b", 3); },
        "control character"),

    layout(
        "SegmentKind",
        [](fb::ProgramT &p) {
          p.segments[0]->kind = static_cast<fb::SegmentKind>(3);
        },
        "unknown kind"),
    layout(
        "SegmentMisaligned",
        [](fb::ProgramT &p) { p.segments[0]->offset += 8; },
        "at a multiple of 64"),
    layout(
        "CodeMisaligned",
        [](fb::ProgramT &p) { p.segments[1]->offset += 4096; },
        "at a multiple of 65536"),
    layout(
        "SegmentInMetadata",
        [](fb::ProgramT &p) { p.segments[0]->offset = 128; }, "before the end"),
    layout(
        "SegmentsOverlap",
        [](fb::ProgramT &p) {
          p.segments[2]->offset = p.segments[1]->offset + 64;
        },
        "before the end"),
    layout(
        "SegmentOutside", [](fb::ProgramT &p) { p.segments[2]->size += 1; },
        "not inside the file"),
    layout(
        "SegmentWraps",
        [](fb::ProgramT &p) { p.segments[2]->size = UINT64_MAX - 32; },
        "not inside the file"),
    layout(
        "SegmentHash", [](fb::ProgramT &p) { p.segments[2]->hash_low ^= 1; },
        "segment 2 at"),
    layout(
        "TrailingBytes", [](fb::ProgramT &p) { p.segments[2]->size -= 1; },
        "zero bytes of padding"),
    corrupt(
        "LongPadding",
        [](TestArtifact &a) {
          a.contents[1] = Bytes(70000);
          a.afterLayout = [](fb::ProgramT &p) { p.segments[1]->size = 2048; };
        },
        "zero bytes of padding"),

    corrupt(
        "AssetSegment",
        [](TestArtifact &a) { a.program.assets[0]->segment = 9; },
        "in segment 9 of 3"),
    corrupt(
        "AssetSegmentKind",
        [](TestArtifact &a) { a.program.assets[0]->segment = 1; },
        "another kind"),
    corrupt(
        "SelfTestEntry",
        [](TestArtifact &a) { a.program.selftests[0]->entry = "absent"; },
        "inputs and outputs of an entry"),
    corrupt(
        "SelfTestInputs",
        [](TestArtifact &a) { a.program.selftests[0]->inputs.clear(); },
        "inputs and outputs of an entry"),
    corrupt(
        "SelfTestAsset",
        [](TestArtifact &a) { a.program.selftests[0]->expected = {"x"}; },
        "needs an asset 'x'"),
    corrupt(
        "SelfTestTolerance",
        [](TestArtifact &a) {
          a.program.selftests[0]->rtol =
              std::numeric_limits<double>::quiet_NaN();
        },
        "negative tolerance"),
    corrupt(
        "ManyVariants",
        [](TestArtifact &a) {
          for (int i = 0; i < 64; ++i)
            a.program.variants.push_back(
                std::make_unique<fb::CodeVariantT>(*a.program.variants[0]));
        },
        "well-formed"),
    corrupt(
        "ManySelfTests",
        [](TestArtifact &a) {
          for (int i = 0; i < 64; ++i)
            a.program.selftests.push_back(
                std::make_unique<fb::SelfTestT>(*a.program.selftests[0]));
        },
        "well-formed"),
};

INSTANTIATE_TEST_SUITE_P(Head, Verifier, ::testing::ValuesIn(rules), ruleName);
} // namespace
