#ifndef SSMC_TOOLS_IMPORT_MODELS_MODELS_H
#define SSMC_TOOLS_IMPORT_MODELS_MODELS_H
#include "tools/ssmc-import/config.h"
#include "tools/ssmc-import/model_builder.h"

namespace ssmc::importer {

/// Reads the configuration, and if it holds writes `@forward`.
using ImportFunction = void (*)(Config &config, ModelBuilder &model);

#define SSMC_MODEL(type, function)                                             \
  void function(Config &config, ModelBuilder &model);
#include "tools/ssmc-import/models/models.def"
#undef SSMC_MODEL

} // namespace ssmc::importer
#endif
