// Rules for weights and states.
#include "runtime/src/testing/rules.h"
#include <limits>

using namespace ssmc;
using namespace ssmc::testing;

namespace {
const Rule rules[] = {
    corrupt(
        "WeightDType",
        [](TestArtifact &a) {
          a.program.weights[0]->dtype = static_cast<fb::DType>(7);
        },
        "unknown element type 7"),
    corrupt(
        "WeightLayout",
        [](TestArtifact &a) {
          a.program.weights[0]->layout = static_cast<fb::Layout>(3);
        },
        "unknown layout"),
    corrupt(
        "WeightStorage",
        [](TestArtifact &a) {
          a.program.weights[0]->storage = static_cast<fb::WeightStorage>(3);
        },
        "unknown layout 0 or storage 3"),
    corrupt(
        "WeightRank",
        [](TestArtifact &a) { a.program.weights[0]->shape.assign(9, 1); },
        "rank 9"),
    corrupt(
        "WeightProductWraps",
        [](TestArtifact &a) {
          a.program.weights[0]->shape = {uint64_t(1) << 32, uint64_t(1) << 32};
        },
        "more than 2^48 elements"),
    corrupt(
        "WeightZeroHidesHuge",
        [](TestArtifact &a) { a.program.weights[0]->shape = {0, UINT64_MAX}; },
        "more than 2^48 elements"),
    corrupt(
        "WeightSize", [](TestArtifact &a) { a.program.weights[0]->size--; },
        "expected weight 'table' to have 256 bytes, got 255"),
    corrupt(
        "WeightOffset",
        [](TestArtifact &a) { a.program.weights[0]->offset = 64; },
        "not inside its source"),
    corrupt(
        "WeightOffsetWraps",
        [](TestArtifact &a) { a.program.weights[0]->offset = UINT64_MAX - 63; },
        "not inside its source"),
    corrupt(
        "WeightMisaligned",
        [](TestArtifact &a) { a.program.weights[0]->offset = 4; },
        "at a multiple of 64"),
    corrupt(
        "WeightSegment",
        [](TestArtifact &a) { a.program.weights[0]->source = 3; },
        "in segment 3 of 3"),
    corrupt(
        "WeightSegmentKind",
        [](TestArtifact &a) { a.program.weights[0]->source = 1; },
        "another kind"),
    corrupt(
        "WeightPermutationMissing",
        [](TestArtifact &a) {
          a.program.weights[0]->layout = fb::Layout_permuted;
        },
        "no permutation of its 2 axes"),
    corrupt(
        "WeightPermutationRepeats",
        [](TestArtifact &a) {
          a.program.weights[0]->layout = fb::Layout_permuted;
          a.program.weights[0]->permutation = {1, 1};
        },
        "no permutation of its 2 axes"),
    corrupt(
        "WeightPermutationRange",
        [](TestArtifact &a) {
          a.program.weights[0]->layout = fb::Layout_permuted;
          a.program.weights[0]->permutation = {0, 255};
        },
        "no permutation of its 2 axes"),
    corrupt(
        "WeightPermutationUnwanted",
        [](TestArtifact &a) { a.program.weights[0]->permutation = {1, 0}; },
        "is not permuted"),
    corrupt(
        "WeightPanelsRank",
        [](TestArtifact &a) {
          a.program.weights[0]->layout = fb::Layout_panels16;
          a.program.weights[0]->shape = {64};
        },
        "rank 1, not 2"),
    corrupt(
        "WeightPanelsSize",
        [](TestArtifact &a) {
          a.program.weights[0]->layout = fb::Layout_panels16;
          a.program.weights[0]->shape = {17, 4};
        },
        "to have 512 bytes, got 256"),
    corrupt(
        "WeightFileIndex",
        [](TestArtifact &a) {
          a.program.weights[0]->storage = fb::WeightStorage_file;
        },
        "in file 0 of 0"),
    corrupt(
        "WeightSplatInexact",
        [](TestArtifact &a) {
          a.program.weights[0]->storage = fb::WeightStorage_splat;
          a.program.weights[0]->dtype = fb::DType_i32;
          a.program.weights[0]->splat = 0.5;
        },
        "cannot hold the value 0.5"),
    corrupt(
        "WeightFileParent",
        [](TestArtifact &a) {
          a.program.weight_files.push_back(std::make_unique<fb::WeightFileT>());
          a.program.weight_files[0]->name = "..";
        },
        "plain file name"),
    corrupt(
        "WeightFilePath",
        [](TestArtifact &a) {
          a.program.weight_files.push_back(std::make_unique<fb::WeightFileT>());
          a.program.weight_files[0]->name = "../secret";
        },
        "plain file name"),

    corrupt(
        "StateDType",
        [](TestArtifact &a) {
          a.program.states[0]->dtype = static_cast<fb::DType>(200);
        },
        "unknown element type 200"),
    corrupt(
        "StatePermutation",
        [](TestArtifact &a) { a.program.states[0]->permutation = {0}; },
        "no permutation of its 2 axes"),
    corrupt(
        "StateInitialNan",
        [](TestArtifact &a) {
          a.program.states[0]->initial =
              std::numeric_limits<double>::quiet_NaN();
        },
        "cannot begin at"),
    corrupt(
        "StateInitialInexact",
        [](TestArtifact &a) { a.program.states[1]->initial = 1e300; },
        "cannot begin at"),
    corrupt(
        "StateGrowth",
        [](TestArtifact &a) {
          a.program.states[0]->growth = static_cast<fb::Growth>(3);
        },
        "unknown growth"),
    corrupt(
        "StateRollback",
        [](TestArtifact &a) {
          a.program.states[0]->rollback = static_cast<fb::Rollback>(3);
        },
        "roll-back 3"),
    corrupt(
        "StateShardAxis",
        [](TestArtifact &a) { a.program.states[0]->shard_axis = 2; },
        "sharded along axis 2"),
    corrupt(
        "StateFieldAxis",
        [](TestArtifact &a) { a.program.states[0]->fields[0]->axis = 2; },
        "field 'left'"),
    corrupt(
        "StateFieldRange",
        [](TestArtifact &a) {
          a.program.states[0]->fields[0]->offset = UINT64_MAX;
        },
        "field 'left'"),
    corrupt(
        "StatesTooLarge",
        [](TestArtifact &a) {
          a.program.states[1]->shape = {uint64_t(1) << 48};
          a.program.states[1]->permutation = {0};
        },
        "more than 2^48 bytes"),
    corrupt(
        "StateNames",
        [](TestArtifact &a) { a.program.states[1]->name = "sum"; },
        "two states are named 'sum'"),

    corrupt(
        "WeightPanelsProduct",
        [](TestArtifact &a) {
          a.program.weights[0]->storage = fb::WeightStorage_splat;
          a.program.weights[0]->layout = fb::Layout_panels16;
          a.program.weights[0]->shape = {1, uint64_t(1) << 48};
        },
        "2^48 elements in panels"),
};

INSTANTIATE_TEST_SUITE_P(Data, Verifier, ::testing::ValuesIn(rules), ruleName);
} // namespace
