#ifndef SSMC_RUNTIME_SCHEMA_H
#define SSMC_RUNTIME_SCHEMA_H
// The library never aborts. What these assertions guard is checked before.
#define FLATBUFFERS_ASSERT(condition) static_cast<void>(0)
#include "runtime/schema/artifact_generated.h"
#endif
