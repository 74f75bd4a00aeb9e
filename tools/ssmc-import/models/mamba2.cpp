// Mamba-2 (SSD) language models: `mamba2`.
#include "dialects/Ssm/SsmNamedOps.h"
#include "tools/ssmc-import/models/models.h"

using namespace mlir;

namespace ssmc::importer {
namespace {

struct Mamba2Config {
  int64_t hidden, inner, heads, channels, groups, states, taps, layers,
      vocabulary;
  bool bias, convBias, tied;
  double eps;
  std::pair<double, double> stepLimit;

  int64_t mixing() const { return groups * states; } // of B, and of C
  int64_t convolved() const { return inner + 2 * mixing(); }
};

Mamba2Config readConfig(Config &config) {
  Mamba2Config c;
  c.vocabulary = config.integer("vocab_size");
  c.hidden = config.integer("hidden_size");
  c.inner = config.integer("expand", 2) * c.hidden;
  c.heads = config.integer("num_heads", 128);
  c.channels = config.integer("head_dim", 64);
  c.groups = config.integer("n_groups", 8);
  c.states = config.integer("state_size", 128);
  c.taps = config.integer("conv_kernel", 4, /*least=*/2);
  c.layers = config.integer("num_hidden_layers");
  c.bias = config.flag("use_bias", false);
  c.convBias = config.flag("use_conv_bias", true);
  c.tied = config.flag("tie_word_embeddings", false);
  c.eps = config.positive("layer_norm_epsilon", 1e-5);
  config.choice("hidden_act", {"silu", "swish"}, "silu");
  c.stepLimit = config.limits("time_step_limit",
                              {0.0, std::numeric_limits<double>::infinity()});
  if (c.heads * c.channels != c.inner)
    config.mismatch("num_heads", "expand * hidden_size / head_dim, " +
                                     Twine(c.inner) + " / " +
                                     Twine(c.channels));
  if (c.heads % c.groups != 0)
    config.mismatch("n_groups", "a divisor of num_heads, " + Twine(c.heads));
  if (!config.flag("rms_norm", true))
    config.mismatch("rms_norm", "true");
  if (!config.flag("residual_in_fp32", true))
    config.reporter().warning(
        config.path() + ": 'residual_in_fp32' is false: the residual stays "
                        "float32, which is more exact than asked");
  return c;
}

enum LayerArgument {
  Residual,
  Norm,
  InProj,
  InProjBias,
  Conv,
  ConvBias,
  DtBias,
  A,
  D,
  GatedNorm,
  OutProj,
  OutProjBias,
  LayerArguments
};

/// One block: residual + mixer(norm(residual)).
Value buildLayer(const Mamba2Config &c, ModelBuilder &m, ArrayRef<Value> a) {
  Value input = m.rmsNorm(a[Residual], c.eps, a[Norm]);
  Value projected = m.linear(input, a[InProj], a[InProjBias]);
  ResultRange parts = m.split(projected, {c.inner, c.convolved(), c.heads});
  Value mixed = m.shortConvSilu(parts[1], a[Conv], a[ConvBias]);
  ResultRange xBC = m.split(mixed, {c.inner, c.mixing(), c.mixing()});
  auto perHead = [&](Value value) {
    return m.reshape(value, {c.heads, c.channels});
  };
  auto perGroup = [&](Value value) {
    return c.groups == 1 ? value : m.reshape(value, {c.groups, c.states});
  };
  // Steps are positive without a limit.
  FloatAttr least, most;
  if (c.stepLimit.first > 0)
    least = m.ops().getF64FloatAttr(c.stepLimit.first);
  if (std::isfinite(c.stepLimit.second))
    most = m.ops().getF64FloatAttr(c.stepLimit.second);
  // The gate comes before the norm, so it is part of the recurrence.
  auto ssd = ssm::SsdOp::create(
      m.ops(), perHead(xBC[0]), /*dt=*/parts[2], a[A], perGroup(xBC[1]),
      perGroup(xBC[2]), a[D], /*z=*/perHead(parts[0]), a[DtBias],
      /*init=*/Value(), /*reset=*/Value(), /*softplus=*/true, least, most);
  Value gated =
      m.rmsNorm(m.reshape(ssd.getY(), {c.inner}), c.eps, a[GatedNorm]);
  return m.add(a[Residual], m.linear(gated, a[OutProj], a[OutProjBias]));
}

/// The weights of the layer whose tensor names begin with `at`.
SmallVector<Value> layerWeights(const Mamba2Config &c, ModelBuilder &m,
                                const std::string &at) {
  SmallVector<Value> a(LayerArguments);
  std::string mixer = at + "mixer.";
  int64_t projected = c.inner + c.convolved() + c.heads;
  a[Norm] = m.weight(at + "norm.weight", {c.hidden});
  a[InProj] = m.weight(mixer + "in_proj.weight", {projected, c.hidden});
  if (c.bias)
    a[InProjBias] = m.weight(mixer + "in_proj.bias", {projected});
  a[Conv] = m.weight(mixer + "conv1d.weight", {c.convolved(), 1, c.taps});
  if (c.convBias)
    a[ConvBias] = m.weight(mixer + "conv1d.bias", {c.convolved()});
  a[DtBias] = m.decayWeight(mixer + "dt_bias", {c.heads});
  a[A] = m.negativeExp(mixer + "A_log", {c.heads});
  a[D] = m.decayWeight(mixer + "D", {c.heads});
  a[GatedNorm] = m.weight(mixer + "norm.weight", {c.inner});
  a[OutProj] = m.weight(mixer + "out_proj.weight", {c.hidden, c.inner});
  if (c.bias)
    a[OutProjBias] = m.weight(mixer + "out_proj.bias", {c.hidden});
  return a;
}

} // namespace

void importMamba2(Config &config, ModelBuilder &m) {
  Mamba2Config c = readConfig(config);
  if (m.failed())
    return;
  Value ids = m.beginForward();
  Value table =
      m.weight("backbone.embeddings.weight", {c.vocabulary, c.hidden});
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

} // namespace ssmc::importer
