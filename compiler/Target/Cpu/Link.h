#ifndef SSMC_TARGET_CPU_LINK_H
#define SSMC_TARGET_CPU_LINK_H
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <shared_mutex>
#include <string>
#include <vector>

namespace ssmc {
/// Code and constants as they lie in memory, wherever that is.
struct LinkedImage {
  std::vector<uint8_t> bytes;
  std::vector<uint64_t> entries; ///< offset of each asked-for symbol
};

/// LLVM's options are global: the linker resets them, code generation reads
/// them. Code generation holds this shared; `linkImage` takes it alone.
std::shared_mutex &optionsMutex();

/// Links one relocatable ELF object into a flat image that can be mapped
/// read-execute at any page and needs nothing else: no symbol from outside, no
/// relocation, no writable data, no initializer. Anything else is an error.
/// `emulation` is the linker's name of the machine, such as "elf_x86_64".
llvm::Expected<LinkedImage> linkImage(llvm::ArrayRef<char> object,
                                      llvm::StringRef emulation,
                                      llvm::ArrayRef<llvm::StringRef> symbols);
} // namespace ssmc
#endif
