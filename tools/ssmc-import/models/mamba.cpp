// Mamba (S6) language models: `mamba`, and `falcon_mamba`, which also
// normalizes the step size, B and C.
#include "dialects/Ssm/SsmChannelScans.h"
#include "tools/ssmc-import/models/backbone.h"
#include "tools/ssmc-import/models/models.h"

using namespace mlir;

namespace ssmc::importer {
namespace {

struct MambaConfig : Backbone {
  int64_t states, rank;
  std::optional<double> mixerEps; // falcon_mamba
};

/// Checkpoints may pad the table so that its rows divide evenly.
int64_t readVocabulary(Config &config) {
  int64_t vocabulary = config.integer("vocab_size");
  int64_t multiple = config.integer("pad_vocab_size_multiple", 1);
  return (vocabulary + multiple - 1) / multiple * multiple;
}

int64_t readRank(Config &config, StringRef key, int64_t hidden) {
  if (!config.has(key) || config.isText(key, "auto"))
    return (hidden + 15) / 16;
  return config.integer(key);
}

/// The columns that follow from `inner`.
void setColumns(MambaConfig &c) {
  c.projected = 2 * c.inner; // what is mixed, and its gate
  c.convolved = c.inner;
}

MambaConfig readConfig(Config &config) {
  MambaConfig c;
  c.vocabulary = readVocabulary(config);
  readBackbone(config, c, /*tiedByDefault=*/true);
  c.inner = config.integer("intermediate_size",
                           config.integer("expand", 2) * c.hidden);
  setColumns(c);
  c.states = config.integer("state_size", 16);
  c.rank = readRank(config, "time_step_rank", c.hidden);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (config.limits("time_step_limit", {0.0, infinity}) !=
      std::make_pair(0.0, infinity))
    config.mismatch("time_step_limit", "[0, Infinity], as the architecture "
                                       "does not clamp its steps");
  return c;
}

/// The layout of the original state-spaces repository, without a model_type.
MambaConfig readOriginalConfig(Config &config) {
  MambaConfig c;
  c.vocabulary = readVocabulary(config);
  c.hidden = config.integer("d_model");
  c.layers = config.integer("n_layer");
  c.tied = config.flag("tie_embeddings", true);
  c.eps = 1e-5;
  if (!config.flag("rms_norm", true))
    config.mismatch("rms_norm", "true");
  Config mixer = config.section("ssm_cfg");
  mixer.choice("layer", {"Mamba1"}, "Mamba1");
  c.inner = mixer.integer("expand", 2) * c.hidden;
  setColumns(c);
  c.states = mixer.integer("d_state", 16);
  c.taps = mixer.integer("d_conv", 4, /*least=*/2);
  c.rank = readRank(mixer, "dt_rank", c.hidden);
  c.bias = mixer.flag("bias", false);
  c.convBias = mixer.flag("conv_bias", true);
  return c;
}

enum MixerArgument { XProj = FirstOfMixer, DtProj, DtBias, A, D };

SmallVector<Value> mixerWeights(const MambaConfig &c, ModelBuilder &m,
                                const std::string &at) {
  return {
      m.weight(at + "x_proj.weight", {c.rank + 2 * c.states, c.inner}),
      m.weight(at + "dt_proj.weight", {c.inner, c.rank}),
      m.decayWeight(at + "dt_proj.bias", {c.inner}),
      m.negativeExp(at + "A_log", {c.inner, c.states}),
      m.decayWeight(at + "D", {c.inner}),
  };
}

Value mix(const MambaConfig &c, ModelBuilder &m, Value projected,
          ArrayRef<Value> a) {
  auto norm = [&](Value value) {
    return c.mixerEps ? m.rmsNorm(value, *c.mixerEps) : value;
  };
  ResultRange xz = m.split(projected, {c.inner, c.inner});
  Value u = m.shortConvSilu(xz[0], a[Conv], a[ConvBias]);
  ResultRange dtBC =
      m.split(m.linear(u, a[XProj]), {c.rank, c.states, c.states});
  Value delta = m.linear(norm(dtBC[0]), a[DtProj]);
  Value B = norm(dtBC[1]), C = norm(dtBC[2]);
  auto scan =
      ssm::SelectiveScanOp::create(m.ops(), u, delta, a[A], B, C, a[D],
                                   /*z=*/xz[1], a[DtBias],
                                   /*imag=*/ValueRange(),
                                   /*init=*/ValueRange(),
                                   /*reset=*/Value(), /*softplus=*/true);
  return scan.getY();
}

void build(const MambaConfig &c, ModelBuilder &m) {
  buildBackbone(
      c, m, [&](const std::string &at) { return mixerWeights(c, m, at); },
      [&](Value projected, ArrayRef<Value> a) {
        return mix(c, m, projected, a);
      });
}

} // namespace

void importMamba(Config &config, ModelBuilder &model) {
  MambaConfig c = config.has("model_type") ? readConfig(config)
                                           : readOriginalConfig(config);
  if (!model.failed())
    build(c, model);
}

void importFalconMamba(Config &config, ModelBuilder &model) {
  MambaConfig c = readConfig(config);
  c.mixerEps = config.positive("mixer_rms_eps", 1e-6);
  if (!model.failed())
    build(c, model);
}

} // namespace ssmc::importer
