#include "compiler/Target/Artifact/Artifact.h"
#include "compiler/Target/Artifact/OutputFile.h"
#include "runtime/src/artifact_header.h"
#include <algorithm>
#include <cstring>
#include <map>
#include <tuple>
#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace ssmc;

WeightContent WeightContent::inMemory(const void *data) {
  auto read = [data](uint64_t offset, uint64_t, const uint8_t *&out,
                     std::string &) {
    out = static_cast<const uint8_t *>(data) + offset;
    return true;
  };
  return {read, data};
}

namespace {
/// XXH3-128 of bytes that come in pieces.
class Hasher {
public:
  Hasher() { XXH3_128bits_reset(&state); }
  void add(const void *data, uint64_t size) {
    XXH3_128bits_update(&state, data, size);
  }
  void finish(uint64_t &low, uint64_t &high) const {
    XXH128_hash_t hash = XXH3_128bits_digest(&state);
    low = hash.low64;
    high = hash.high64;
  }

private:
  XXH3_state_t state;
};

uint64_t alignUp(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

class Writer {
public:
  Writer(ArtifactDescription &description, const WriteProgress &progress,
         std::string &error)
      : description(description), program(description.program),
        progress(progress), error(error) {}

  bool run(const std::string &path) {
    if (!check())
      return false;
    placeWeights();
    placeSegments();
    // The content's hashes are not known yet, but the metadata's size is.
    metadataSize = pack().size();
    uint64_t end = moveSegments(sizeof(ArtifactHeader) + metadataSize);
    return file.open(path, error) && writeSegments() && hashUnstored() &&
           file.skipTo(end, error) && writeHead() && file.commit(error);
  }

private:
  bool fail(const std::string &text) {
    error = "ssmc internal error: " + text;
    return false;
  }

  /// Checks what would otherwise be read out of bounds; the runtime's decoder
  /// judges the rest.
  bool check() {
    if (description.weights.size() != program.weights.size() ||
        description.code.size() != program.variants.size() ||
        description.assets.size() != program.assets.size())
      return fail("expected content for " +
                  std::to_string(program.weights.size()) + " weights, " +
                  std::to_string(program.variants.size()) + " variants and " +
                  std::to_string(program.assets.size()) + " assets, got " +
                  std::to_string(description.weights.size()) + ", " +
                  std::to_string(description.code.size()) + " and " +
                  std::to_string(description.assets.size()));
    for (size_t i = 0; i < program.weights.size(); ++i) {
      const fb::WeightT &weight = *program.weights[i];
      bool splat = weight.storage == fb::WeightStorage_splat;
      if (splat == bool(description.weights[i].read))
        return fail(
            "weight '" + weight.name +
            (splat ? "' is a splat with content" : "' is without content"));
      if (weight.layout == fb::Layout_panels16 && weight.shape.size() != 2)
        return fail("weight '" + weight.name + "' in panels has rank " +
                    std::to_string(weight.shape.size()));
      if (!isPermutation(weight))
        return fail("weight '" + weight.name + "' has no valid permutation");
    }
    return true;
  }

  static bool isPermutation(const fb::WeightT &weight) {
    std::vector<uint8_t> axes = weight.permutation;
    std::sort(axes.begin(), axes.end());
    size_t rank =
        weight.layout == fb::Layout_permuted ? weight.shape.size() : 0;
    bool valid = axes.size() == rank;
    for (size_t i = 0; valid && i < rank; ++i)
      valid = axes[i] == i;
    return valid;
  }

  /// Gives every weight its size and, in the segment, its place; the same
  /// content in the same layout has one.
  void placeWeights() {
    using Identity = std::tuple<const void *, fb::DType, std::vector<uint64_t>,
                                fb::Layout, std::vector<uint8_t>>;
    std::map<Identity, size_t> stored;
    sameAs.resize(program.weights.size());
    for (size_t i = 0; i < program.weights.size(); ++i) {
      fb::WeightT &weight = *program.weights[i];
      sameAs[i] = i;
      bool inFile = weight.storage == fb::WeightStorage_file;
      weight.size = inFile ? rowMajorBytes(weight) : laidOutBytes(weight);
      if (weight.storage != fb::WeightStorage_segment)
        continue;
      const void *key = description.weights[i].key;
      if (key) {
        Identity identity(key, weight.dtype, weight.shape, weight.layout,
                          weight.permutation);
        sameAs[i] = stored.emplace(identity, i).first->second;
        if (sameAs[i] != i) {
          weight.offset = program.weights[sameAs[i]]->offset;
          continue;
        }
      }
      weight.offset = alignUp(weightBytes, segmentAlignment);
      weightBytes = weight.offset + weight.size;
    }
  }

  uint32_t addSegment(fb::SegmentKind kind, uint64_t size) {
    auto segment = std::make_unique<fb::SegmentT>();
    segment->kind = kind;
    segment->size = size;
    total += size;
    program.segments.push_back(std::move(segment));
    return static_cast<uint32_t>(program.segments.size() - 1);
  }

  /// Small segments first, so that tools find them at the file's beginning.
  void placeSegments() {
    program.segments.clear();
    for (size_t i = 0; i < program.assets.size(); ++i)
      program.assets[i]->segment =
          addSegment(fb::SegmentKind_asset, description.assets[i].size);
    for (size_t i = 0; i < program.variants.size(); ++i)
      program.variants[i]->segment =
          addSegment(fb::SegmentKind_code, description.code[i].size);
    weightSegment = static_cast<uint32_t>(program.segments.size());
    bool any = false;
    for (std::unique_ptr<fb::WeightT> &weight : program.weights)
      if (weight->storage == fb::WeightStorage_segment) {
        weight->source = weightSegment;
        any = true;
      }
    if (any)
      addSegment(fb::SegmentKind_weights, weightBytes);
    for (std::unique_ptr<fb::WeightT> &weight : program.weights)
      if (weight->storage == fb::WeightStorage_file)
        total += weight->size;
  }

  /// Lays the segments out from `begin` on; returns the end of the file.
  uint64_t moveSegments(uint64_t begin) {
    for (std::unique_ptr<fb::SegmentT> &segment : program.segments) {
      bool code = segment->kind == fb::SegmentKind_code;
      segment->offset = alignUp(begin, code ? codeAlignment : segmentAlignment);
      begin = segment->offset + segment->size;
    }
    return begin;
  }

  flatbuffers::DetachedBuffer pack() const {
    flatbuffers::FlatBufferBuilder builder(1 << 16);
    // Numbers that happen to be defaults take their place too, so that the size
    // depends on no hash.
    builder.ForceDefaults(true);
    builder.Finish(fb::Program::Pack(builder, &program),
                   fb::ProgramIdentifier());
    return builder.Release();
  }

  bool put(const uint8_t *data, uint64_t size, Hasher &segment) {
    segment.add(data, size);
    if (!file.append(data, size, error))
      return false;
    advance(size);
    return true;
  }

  void advance(uint64_t size) {
    done += size;
    if (progress && size > 0)
      progress(done, total);
  }

  bool writeSegments() {
    for (std::unique_ptr<fb::SegmentT> &segment : program.segments)
      segment->hash_low = segment->hash_high = 0;
    for (size_t i = 0; i < program.assets.size(); ++i)
      if (!writeBytes(description.assets[i], program.assets[i]->segment))
        return false;
    for (size_t i = 0; i < program.variants.size(); ++i)
      if (!writeBytes(description.code[i], program.variants[i]->segment))
        return false;
    return weightSegment == program.segments.size() || writeWeights();
  }

  bool writeBytes(ByteView bytes, uint32_t index) {
    fb::SegmentT &segment = *program.segments[index];
    Hasher hash;
    if (!file.skipTo(segment.offset, error) ||
        !put(bytes.data, bytes.size, hash))
      return false;
    hash.finish(segment.hash_low, segment.hash_high);
    return true;
  }

  bool writeWeights() {
    fb::SegmentT &segment = *program.segments[weightSegment];
    if (!file.skipTo(segment.offset, error))
      return false;
    Hasher hash;
    values.resize(program.weights.size());
    for (size_t i = 0; i < program.weights.size(); ++i)
      if (program.weights[i]->storage == fb::WeightStorage_segment &&
          !writeWeight(i, segment.offset, hash))
        return false;
    hash.finish(segment.hash_low, segment.hash_high);
    return true;
  }

  bool writeWeight(size_t index, uint64_t segmentOffset, Hasher &segment) {
    fb::WeightT &weight = *program.weights[index];
    if (sameAs[index] != index) {
      const fb::WeightT &first = *program.weights[sameAs[index]];
      weight.hash_low = first.hash_low;
      weight.hash_high = first.hash_high;
      values[index] = values[sameAs[index]];
      return true;
    }
    static const uint8_t zeros[segmentAlignment] = {};
    uint64_t gap = segmentOffset + weight.offset - file.position();
    if (!put(zeros, gap, segment))
      return false;
    bool sameOrder = weight.layout == fb::Layout_row_major;
    Hasher stored, rowMajor;
    auto read = [&](uint64_t offset, uint64_t size, const uint8_t *&out,
                    std::string &readError) {
      if (!description.weights[index].read(offset, size, out, readError))
        return false;
      if (!sameOrder)
        rowMajor.add(out, size);
      return true;
    };
    auto write = [&](const uint8_t *data, uint64_t size, std::string &) {
      stored.add(data, size);
      return put(data, size, segment);
    };
    if (!layOut(weight, read, write, error))
      return false;
    stored.finish(weight.hash_low, weight.hash_high);
    (sameOrder ? stored : rowMajor)
        .finish(values[index].low, values[index].high);
    return true;
  }

  /// Hashes weights that stay in their own files, and names the model by its
  /// definition and the values of all weights, however they are stored.
  bool hashUnstored() {
    values.resize(program.weights.size());
    std::vector<size_t> order;
    for (size_t i = 0; i < program.weights.size(); ++i) {
      order.push_back(i);
      fb::WeightT &weight = *program.weights[i];
      if (weight.storage == fb::WeightStorage_splat)
        hashSplat(weight, values[i]);
      if (weight.storage == fb::WeightStorage_file && !hashFile(i))
        return false;
    }
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return program.weights[a]->name < program.weights[b]->name;
    });
    Hasher hash;
    uint64_t definition[2] = {program.model_id_low, program.model_id_high};
    hash.add(definition, sizeof definition);
    for (size_t i : order) {
      const std::string &name = program.weights[i]->name;
      hash.add(name.c_str(), name.size() + 1);
      hash.add(&values[i], sizeof values[i]);
    }
    hash.finish(program.model_id_low, program.model_id_high);
    return true;
  }

  struct Value {
    uint64_t low = 0;
    uint64_t high = 0;
  };

  static void hashSplat(const fb::WeightT &weight, Value &value) {
    Hasher hash;
    hash.add(&weight.splat, sizeof weight.splat);
    hash.finish(value.low, value.high);
  }

  bool hashFile(size_t index) {
    fb::WeightT &weight = *program.weights[index];
    Hasher hash;
    constexpr uint64_t piece = uint64_t(1) << 20;
    for (uint64_t offset = 0; offset < weight.size; offset += piece) {
      uint64_t size = std::min(piece, weight.size - offset);
      const uint8_t *data;
      if (!description.weights[index].read(offset, size, data, error))
        return false;
      hash.add(data, size);
      advance(size);
    }
    hash.finish(weight.hash_low, weight.hash_high);
    values[index] = {weight.hash_low, weight.hash_high};
    return true;
  }

  bool writeHead() {
    flatbuffers::DetachedBuffer metadata = pack();
    if (metadata.size() != metadataSize)
      return fail("the metadata grew from " + std::to_string(metadataSize) +
                  " to " + std::to_string(metadata.size()) + " bytes");
    ArtifactHeader header = {};
    std::memcpy(header.magic, artifactMagic, sizeof header.magic);
    header.formatMajor = artifactFormatMajor;
    header.formatMinor = artifactFormatMinor;
    header.headerSize = sizeof header;
    header.fileSize = file.position();
    header.metadataOffset = sizeof header;
    header.metadataSize = metadataSize;
    for (const auto &kernel : program.kernels)
      if (kernel->scratch_bytes_per_step)
        header.requiredFeatures |= featureScratchPerStep;
    for (const auto &entry : program.entries)
      for (const auto &instruction : entry->instructions)
        if (const auto *dispatch = instruction->body.AsDispatch())
          if (dispatch->grid->rounds_per_step)
            header.requiredFeatures |= featureRounds;
    Hasher ofMetadata, ofHeader;
    ofMetadata.add(metadata.data(), metadata.size());
    ofMetadata.finish(header.metadataHash[0], header.metadataHash[1]);
    ofHeader.add(&header, offsetof(ArtifactHeader, headerHash));
    ofHeader.finish(header.headerHash[0], header.headerHash[1]);
    return file.overwrite(0, reinterpret_cast<const uint8_t *>(&header),
                          sizeof header, error) &&
           file.overwrite(sizeof header, metadata.data(), metadata.size(),
                          error);
  }

  ArtifactDescription &description;
  fb::ProgramT &program;
  const WriteProgress &progress;
  std::string &error;
  OutputFile file;
  std::vector<size_t> sameAs; // per weight, the one that is stored for it
  std::vector<Value> values;  // per weight, the hash of its row-major content
  uint64_t weightBytes = 0;   // of the weight segment
  uint32_t weightSegment = 0;
  uint64_t metadataSize = 0;
  uint64_t done = 0;
  uint64_t total = 0;
};
} // namespace

bool ssmc::writeArtifact(ArtifactDescription &description,
                         const std::string &path, const WriteProgress &progress,
                         std::string &error) {
  return Writer(description, progress, error).run(path);
}
