#include "compiler/Target/Cpu/Link.h"
#include "lld/Common/Driver.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace llvm;
using namespace ssmc;

// Everything that is loaded goes into the one section `.image`; what the linker
// adds for a dynamic loader goes away. A section of any other name that would
// be loaded stays outside, where `readImage` finds and refuses it.
static constexpr StringLiteral linkerScript = R"(
PHDRS { image PT_LOAD FLAGS(5); }
SECTIONS {
  . = 0;
  .image : ALIGN(64) {
    *(.text .text.*)
    . = ALIGN(64);
    *(.rodata .rodata.*)
  } :image
  /DISCARD/ : {
    *(.comment) *(.note.*) *(.dynsym) *(.dynstr) *(.dynamic) *(.hash)
    *(.gnu.hash) *(.eh_frame) *(.debug_*) *(.llvm_addrsig)
  }
}
)";

static Error imageError(const Twine &text) {
  return createStringError("ssmc internal error: " + text);
}

static Error checkUndefined(const object::ObjectFile &object) {
  for (const object::SymbolRef &symbol : object.symbols()) {
    Expected<uint32_t> flags = symbol.getFlags();
    if (!flags)
      return flags.takeError();
    if (!(*flags & object::SymbolRef::SF_Undefined) ||
        (*flags & object::SymbolRef::SF_FormatSpecific))
      continue;
    Expected<StringRef> name = symbol.getName();
    if (!name)
      return name.takeError();
    if (!name->empty())
      return imageError("kernels need the symbol '" + *name +
                        "', but a code image can refer to nothing outside "
                        "itself");
  }
  return Error::success();
}

static Error writeFile(StringRef path, StringRef content) {
  std::error_code ec;
  raw_fd_ostream os(path, ec);
  if (!ec) {
    os << content;
    os.close();
    ec = os.error();
    os.clear_error();
  }
  return ec ? createFileError(path, ec) : Error::success();
}

/// Runs the linker on the files in `directory`.
static Error runLinker(StringRef directory, StringRef emulation) {
  std::string object = (directory + "/kernels.o").str();
  std::string script = (directory + "/image.ld").str();
  std::string output = (directory + "/image.elf").str();
  std::string machine = emulation.str();
  // A position-independent executable makes the linker resolve what is at a
  // fixed distance and complain about the rest (`text`), instead of writing
  // addresses that assume a place in memory.
  const char *args[] = {"ld.lld",
                        "-m",
                        machine.c_str(),
                        "-pie",
                        "--no-dynamic-linker",
                        "-z",
                        "text",
                        "-z",
                        "defs",
                        "--build-id=none",
                        "--threads=1",
                        "--no-gc-sections",
                        "-T",
                        script.c_str(),
                        "-o",
                        output.c_str(),
                        object.c_str()};
  std::string log;
  raw_string_ostream os(log);
  // The linker keeps its state in globals.
  std::unique_lock<std::shared_mutex> lock(optionsMutex());
  static bool usable = true;
  if (!usable)
    return imageError("the linker crashed before");
  lld::Result result =
      lld::lldMain(args, os, os, {{lld::Gnu, &lld::elf::link}});
  usable = result.canRunAgain;
  if (result.retCode)
    return imageError("linking failed: " + StringRef(log).trim());
  return Error::success();
}

/// Checks that `elf` is nothing but the section `.image` and takes it out.
static Expected<LinkedImage> readImage(const object::ELFObjectFileBase &elf,
                                       ArrayRef<StringRef> symbols) {
  LinkedImage image;
  for (const object::ELFSectionRef section : elf.sections()) {
    Expected<StringRef> name = section.getName();
    if (!name)
      return name.takeError();
    bool loaded = section.getFlags() & ELF::SHF_ALLOC;
    if (!loaded)
      continue;
    if (*name != ".image")
      return imageError("kernels need the section '" + *name +
                        "', but a code image holds only code and constants");
    if (section.getFlags() & (ELF::SHF_WRITE | ELF::SHF_TLS) ||
        section.getAddress() != 0)
      return imageError("the code image is writable or not at offset 0");
    Expected<StringRef> content = section.getContents();
    if (!content)
      return content.takeError();
    image.bytes.assign(content->bytes_begin(), content->bytes_end());
  }

  StringMap<uint64_t> addresses;
  for (const object::ELFSymbolRef symbol : elf.symbols()) {
    Expected<StringRef> name = symbol.getName();
    Expected<uint64_t> address = symbol.getAddress();
    if (!name)
      return joinErrors(name.takeError(), address.takeError());
    if (!address)
      return address.takeError();
    addresses[*name] = *address;
  }
  for (StringRef symbol : symbols) {
    auto it = addresses.find(symbol);
    if (it == addresses.end() || it->second >= image.bytes.size())
      return imageError("kernel '" + symbol + "' is not in the code image");
    image.entries.push_back(it->second);
  }
  return image;
}

std::shared_mutex &ssmc::optionsMutex() {
  static std::shared_mutex mutex;
  return mutex;
}

Expected<LinkedImage> ssmc::linkImage(ArrayRef<char> object,
                                      StringRef emulation,
                                      ArrayRef<StringRef> symbols) {
  StringRef bytes(object.data(), object.size());
  auto relocatable = object::ObjectFile::createELFObjectFile(
      MemoryBufferRef(bytes, "kernels"));
  if (!relocatable)
    return relocatable.takeError();
  if (Error error = checkUndefined(**relocatable))
    return error;

  // The linker reads and writes files; theirs is a fresh directory.
  SmallString<128> directory;
  if (std::error_code ec =
          sys::fs::createUniqueDirectory("ssmc-link", directory))
    return createStringError(ec, "cannot make a temporary directory: " +
                                     ec.message());
  scope_exit cleanup([&] { sys::fs::remove_directories(directory); });
  if (Error error = writeFile((directory + "/kernels.o").str(), bytes))
    return error;
  if (Error error = writeFile((directory + "/image.ld").str(), linkerScript))
    return error;
  if (Error error = runLinker(directory, emulation))
    return error;

  auto output = MemoryBuffer::getFile((directory + "/image.elf").str());
  if (!output)
    return createStringError(output.getError(), "cannot read the linked image");
  auto linked = object::ObjectFile::createELFObjectFile(**output);
  if (!linked)
    return linked.takeError();
  return readImage(*cast<object::ELFObjectFileBase>(linked->get()), symbols);
}
