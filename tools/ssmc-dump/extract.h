#ifndef SSMC_TOOLS_SSMC_DUMP_EXTRACT_H
#define SSMC_TOOLS_SSMC_DUMP_EXTRACT_H
#include "tools/ssmc-dump/artifact.h"

namespace ssmc::dump {
/// The file name that `name` may have on disk: what follows its last slash or
/// backslash. False if that is empty, ".", ".." or holds a control character.
bool fileNameOf(const std::string &name, std::string &out);

/// Writes assets/NAME, code/ARCH-LEVEL.bin and index.json under `directory`,
/// which is made if it is not there. Files that exist are left alone, with an
/// error.
bool extract(const ArtifactFile &artifact, const std::string &directory,
             std::string &error);
} // namespace ssmc::dump
#endif
