// Mamba (S6) language models: `mamba`, and `falcon_mamba`, which also
// normalizes the step size, B and C.
#include "dialects/Ssm/SsmChannelScans.h"
#include "tools/ssmc-import/models/models.h"

using namespace mlir;

namespace ssmc::importer {
namespace {

struct MambaConfig {
  int64_t hidden, inner, states, taps, rank, layers, vocabulary;
  bool bias, convBias, tied;
  double eps;
  std::optional<double> mixerEps; // falcon_mamba
};

/// The sizes both spellings of the configuration share.
void readSizes(Config &config, MambaConfig &c) {
  c.vocabulary = config.integer("vocab_size");
  // Checkpoints may pad the table so that its rows divide evenly.
  int64_t multiple = config.integer("pad_vocab_size_multiple", 1);
  c.vocabulary = (c.vocabulary + multiple - 1) / multiple * multiple;
}

int64_t readRank(Config &config, StringRef key, int64_t hidden) {
  if (!config.has(key) || config.isText(key, "auto"))
    return (hidden + 15) / 16;
  return config.integer(key);
}

MambaConfig readConfig(Config &config) {
  MambaConfig c;
  readSizes(config, c);
  c.hidden = config.integer("hidden_size");
  c.inner = config.integer("intermediate_size",
                           config.integer("expand", 2) * c.hidden);
  c.states = config.integer("state_size", 16);
  c.taps = config.integer("conv_kernel", 4, /*least=*/2);
  c.rank = readRank(config, "time_step_rank", c.hidden);
  c.layers = config.integer("num_hidden_layers");
  c.bias = config.flag("use_bias", false);
  c.convBias = config.flag("use_conv_bias", true);
  c.tied = config.flag("tie_word_embeddings", true);
  c.eps = config.positive("layer_norm_epsilon", 1e-5);
  config.choice("hidden_act", {"silu", "swish"}, "silu");
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (config.limits("time_step_limit", {0.0, infinity}) !=
      std::make_pair(0.0, infinity))
    config.mismatch("time_step_limit", "[0, Infinity], as the architecture "
                                       "does not clamp its steps");
  if (!config.flag("residual_in_fp32", true))
    config.reporter().warning(
        config.path() + ": 'residual_in_fp32' is false: the residual stays "
                        "float32, which is more exact than asked");
  return c;
}

/// The layout of the original state-spaces repository, without a model_type.
MambaConfig readOriginalConfig(Config &config) {
  MambaConfig c;
  readSizes(config, c);
  c.hidden = config.integer("d_model");
  c.layers = config.integer("n_layer");
  c.tied = config.flag("tie_embeddings", true);
  c.eps = 1e-5;
  if (!config.flag("rms_norm", true))
    config.mismatch("rms_norm", "true");
  Config mixer = config.section("ssm_cfg");
  mixer.choice("layer", {"Mamba1"}, "Mamba1");
  c.inner = mixer.integer("expand", 2) * c.hidden;
  c.states = mixer.integer("d_state", 16);
  c.taps = mixer.integer("d_conv", 4, /*least=*/2);
  c.rank = readRank(mixer, "dt_rank", c.hidden);
  c.bias = mixer.flag("bias", false);
  c.convBias = mixer.flag("conv_bias", true);
  return c;
}

enum LayerArgument {
  Residual,
  Norm,
  InProj,
  InProjBias,
  Conv,
  ConvBias,
  XProj,
  DtProj,
  DtBias,
  A,
  D,
  OutProj,
  OutProjBias,
  LayerArguments
};

/// One block: residual + mixer(norm(residual)).
Value buildLayer(const MambaConfig &c, ModelBuilder &m, ArrayRef<Value> a) {
  auto norm = [&](Value value) {
    return c.mixerEps ? m.rmsNorm(value, *c.mixerEps) : value;
  };
  Value input = m.rmsNorm(a[Residual], c.eps, a[Norm]);
  Value projected = m.linear(input, a[InProj], a[InProjBias]);
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
  Value mixed = m.linear(scan.getY(), a[OutProj], a[OutProjBias]);
  return m.add(a[Residual], mixed);
}

/// The weights of the layer whose tensor names begin with `at`.
SmallVector<Value> layerWeights(const MambaConfig &c, ModelBuilder &m,
                                const std::string &at) {
  SmallVector<Value> a(LayerArguments);
  std::string mixer = at + "mixer.";
  a[Norm] = m.weight(at + "norm.weight", {c.hidden});
  a[InProj] = m.weight(mixer + "in_proj.weight", {2 * c.inner, c.hidden});
  if (c.bias)
    a[InProjBias] = m.weight(mixer + "in_proj.bias", {2 * c.inner});
  a[Conv] = m.weight(mixer + "conv1d.weight", {c.inner, 1, c.taps});
  if (c.convBias)
    a[ConvBias] = m.weight(mixer + "conv1d.bias", {c.inner});
  a[XProj] =
      m.weight(mixer + "x_proj.weight", {c.rank + 2 * c.states, c.inner});
  a[DtProj] = m.weight(mixer + "dt_proj.weight", {c.inner, c.rank});
  a[DtBias] = m.decayWeight(mixer + "dt_proj.bias", {c.inner});
  a[A] = m.negativeExp(mixer + "A_log", {c.inner, c.states});
  a[D] = m.decayWeight(mixer + "D", {c.inner});
  a[OutProj] = m.weight(mixer + "out_proj.weight", {c.hidden, c.inner});
  if (c.bias)
    a[OutProjBias] = m.weight(mixer + "out_proj.bias", {c.hidden});
  return a;
}

void build(const MambaConfig &c, ModelBuilder &m) {
  // Original checkpoints say `embedding`, Hugging Face's `embeddings`.
  std::string tableName = m.hasWeight("backbone.embedding.weight")
                              ? "backbone.embedding.weight"
                              : "backbone.embeddings.weight";
  Value ids = m.beginForward();
  Value table = m.weight(tableName, {c.vocabulary, c.hidden});
  Value x = m.embedding(ids, table);
  for (int64_t i = 0; i < c.layers && !m.failed(); ++i) {
    std::string at = "backbone.layers." + std::to_string(i) + ".";
    SmallVector<Value> arguments = layerWeights(c, m, at);
    arguments[Residual] = x;
    x = m.call("layer", arguments,
               [&](ArrayRef<Value> a) { return buildLayer(c, m, a); });
  }
  x = m.rmsNorm(x, c.eps, m.weight("backbone.norm_f.weight", {c.hidden}));
  Value head =
      c.tied ? table : m.weight("lm_head.weight", {c.vocabulary, c.hidden});
  m.endForward(m.linear(x, head));
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
