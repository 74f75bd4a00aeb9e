// Rules for kernels, code variants, entries and what they dispatch.
#include "runtime/src/testing/rules.h"

using namespace ssmc;
using namespace ssmc::testing;

namespace {
const Rule rules[] = {
    corrupt(
        "KernelOperands",
        [](TestArtifact &a) { a.program.kernels[0]->operand_count = 257; },
        "at most 256"),
    corrupt(
        "KernelScratch",
        [](TestArtifact &a) {
          a.program.kernels[0]->scratch_bytes = UINT64_MAX;
        },
        "2^48 bytes of scratch"),
    corrupt(
        "KernelScratchPerStep",
        [](TestArtifact &a) {
          a.program.kernels[0]->scratch_bytes_per_step = UINT64_MAX;
        },
        "2^48 bytes of scratch"),
    corrupt(
        "KernelNames",
        [](TestArtifact &a) { a.program.kernels[0]->name = "count"; },
        "two kernels are named"),
    corrupt(
        "VariantSegment",
        [](TestArtifact &a) { a.program.variants[0]->segment = 0; },
        "another kind"),
    corrupt(
        "VariantEntryCount",
        [](TestArtifact &a) { a.program.variants[0]->entries.pop_back(); },
        "to have 6 entries, got 5"),
    corrupt(
        "VariantEntryOutside",
        [](TestArtifact &a) { a.program.variants[0]->entries[3] = 1 << 20; },
        "kernel 'blend' of variant 'baseline'"),
    corrupt(
        "VariantEntryMisaligned",
        [](TestArtifact &a) { a.program.variants[0]->entries[3] += 8; },
        "no multiple of 16"),
    corrupt(
        "VariantFeatures",
        [](TestArtifact &a) {
          a.program.variants[0]->features.assign(257, "avx");
        },
        "257 features"),

    corrupt(
        "EntryNames",
        [](TestArtifact &a) { a.program.entries[0]->name = "step"; },
        "two entries are named 'step'"),
    corrupt(
        "EntryStateUse",
        [](TestArtifact &a) {
          a.entry("step").state_use = static_cast<fb::StateUse>(3);
        },
        "unknown use of state"),
    corrupt(
        "EntryFixedLength",
        [](TestArtifact &a) { a.entry("step").fixed_length = UINT64_MAX; },
        "fixed length"),
    corrupt(
        "EntryArenaUnaligned",
        [](TestArtifact &a) { a.entry("step").arena_row = 100; },
        "multiples of 64"),
    corrupt(
        "EntryArenaHuge",
        [](TestArtifact &a) { a.entry("step").arena_batch = UINT64_MAX - 63; },
        "multiples of 64"),
    corrupt(
        "InputDType",
        [](TestArtifact &a) {
          a.entry("step").inputs[0]->dtype = static_cast<fb::DType>(9);
        },
        "unknown element type 9"),
    corrupt(
        "InputBoundOfFloat",
        [](TestArtifact &a) { a.entry("blend").inputs[0]->bound = 3; },
        "only integers"),
    corrupt(
        "InputLengthFirst",
        [](TestArtifact &a) {
          std::swap(a.entry("step").inputs[0]->dims[0],
                    a.entry("step").inputs[0]->dims[1]);
        },
        "[batch, length, fixed...]"),
    corrupt(
        "InputDimKind",
        [](TestArtifact &a) {
          a.entry("step").inputs[0]->dims[0]->kind =
              static_cast<fb::DimKind>(3);
        },
        "[batch, length, fixed...]"),
    corrupt(
        "OutputProduct",
        [](TestArtifact &a) {
          a.entry("step").outputs[0]->dims[2]->size = uint64_t(1) << 48;
          a.entry("step").outputs[0]->dims.push_back(
              std::make_unique<fb::DimT>(*a.entry("step").outputs[0]->dims[2]));
        },
        "more than 2^48 elements"),
    corrupt(
        "OutputNotWritten",
        [](TestArtifact &a) {
          a.dispatch("step", 1).operands[2]->written = false;
        },
        "nothing in entry 'step' writes output 'y'"),
    corrupt(
        "InstructionType",
        [](TestArtifact &a) { a.entry("step").instructions[0]->body.Reset(); },
        "well-formed"),
    corrupt(
        "DispatchKernel",
        [](TestArtifact &a) { a.dispatch("step", 0).kernel = 6; },
        "runs kernel 6 of 6"),
    corrupt(
        "ManyInputs",
        [](TestArtifact &a) {
          for (int i = 0; i < 256; ++i)
            a.entry("step").inputs.push_back(
                std::make_unique<fb::TensorSpecT>(*a.entry("step").inputs[0]));
        },
        "an entry has 257 inputs"),
    corrupt(
        "ManyEntries",
        [](TestArtifact &a) {
          for (int i = 0; i < 256; ++i)
            a.program.entries.push_back(
                std::make_unique<fb::EntryT>(a.entry("echo")));
        },
        "at most 256 entries"),
    corrupt(
        "OutputRank",
        [](TestArtifact &a) {
          for (int i = 0; i < 6; ++i)
            a.entry("step").outputs[0]->dims.push_back(
                std::make_unique<fb::DimT>());
        },
        "'y' has rank 9"),
    corrupt(
        "DispatchOperandCount",
        [](TestArtifact &a) { a.dispatch("step", 0).operands.pop_back(); },
        "expected 3 operands for kernel 'lookup'"),
    corrupt(
        "DispatchNoItems",
        [](TestArtifact &a) { a.dispatch("step", 0).grid->items = 0; },
        "grid of 0 items"),
    corrupt(
        "DispatchManyItems",
        [](TestArtifact &a) { a.dispatch("step", 0).grid->items = UINT64_MAX; },
        "has a grid of"),
    corrupt(
        "DispatchManyRounds",
        [](TestArtifact &a) {
          a.dispatch("step", 0).grid->rounds_per_step = UINT64_MAX;
        },
        "18446744073709551615 rounds per step"),
    corrupt(
        "DispatchGrain",
        [](TestArtifact &a) { a.dispatch("step", 0).grain = 0; }, "grain 0"),
    corrupt(
        "OperandKind",
        [](TestArtifact &a) {
          a.dispatch("step", 0).operands[0]->kind =
              static_cast<fb::OperandKind>(7);
        },
        "has an unknown kind"),
    corrupt(
        "OperandWeightIndex",
        [](TestArtifact &a) { a.dispatch("step", 0).operands[1]->index = 1; },
        "index outside its table"),
    corrupt(
        "OperandInputIndex",
        [](TestArtifact &a) { a.dispatch("step", 0).operands[0]->index = 1; },
        "index outside its table"),
    corrupt(
        "OperandOutputIndex",
        [](TestArtifact &a) {
          a.dispatch("step", 1).operands[2]->index = UINT32_MAX;
        },
        "index outside its table"),
    corrupt(
        "OperandStateIndex",
        [](TestArtifact &a) { a.dispatch("step", 1).operands[1]->index = 2; },
        "index outside its table"),
    corrupt(
        "OperandArenaIndex",
        [](TestArtifact &a) { a.dispatch("step", 0).operands[2]->index = 1; },
        "index outside its table"),
    corrupt(
        "OperandArenaMisaligned",
        [](TestArtifact &a) { a.dispatch("step", 0).operands[2]->offset = 4; },
        "not aligned to 64 bytes"),
    corrupt(
        "OperandWeightOffset",
        [](TestArtifact &a) { a.dispatch("step", 0).operands[1]->offset = 64; },
        "not in the arena"),
    corrupt(
        "OperandArenaOutside",
        [](TestArtifact &a) { a.dispatch("step", 0).operands[2]->size = 65; },
        "not inside its region"),
    corrupt(
        "OperandArenaWraps",
        [](TestArtifact &a) {
          a.dispatch("step", 0).operands[2]->size = UINT64_MAX - 63;
        },
        "not inside its region"),
    corrupt(
        "OperandArenaFixedOutside",
        [](TestArtifact &a) {
          auto &operand = *a.dispatch("step", 0).operands[2];
          operand.kind = fb::OperandKind_arena_fixed;
        },
        "not inside its region"),
    corrupt(
        "OperandArenaBatchOutside",
        [](TestArtifact &a) {
          auto &operand = *a.dispatch("step", 0).operands[2];
          operand.kind = fb::OperandKind_arena_batch;
        },
        "not inside its region"),
    corrupt(
        "OperandWeightOutside",
        [](TestArtifact &a) { a.dispatch("step", 0).operands[1]->size = 257; },
        "not inside its region"),
    corrupt(
        "OperandStateOutside",
        [](TestArtifact &a) { a.dispatch("step", 1).operands[1]->size = 17; },
        "not inside its region"),
    corrupt(
        "OperandInputOutside",
        [](TestArtifact &a) { a.dispatch("step", 0).operands[0]->size = 9; },
        "not inside its region"),
    corrupt(
        "OperandOutputOutside",
        [](TestArtifact &a) { a.dispatch("step", 1).operands[2]->size = 17; },
        "not inside its region"),
    corrupt(
        "OperandWritesWeight",
        [](TestArtifact &a) {
          a.dispatch("step", 0).operands[1]->written = true;
        },
        "writes a weight"),
    corrupt(
        "OperandWritesInput",
        [](TestArtifact &a) {
          a.dispatch("step", 0).operands[0]->written = true;
        },
        "writes an input"),
    corrupt(
        "OperandStateWithoutState",
        [](TestArtifact &a) { a.entry("step").state_use = fb::StateUse_none; },
        "the entry has none"),
};

INSTANTIATE_TEST_SUITE_P(Code, Verifier, ::testing::ValuesIn(rules), ruleName);
} // namespace
