# Debian installs LLVM beside the system prefix: ask the versioned llvm-config where.
if(NOT MLIR_DIR)
  execute_process(COMMAND llvm-config-22 --cmakedir OUTPUT_VARIABLE llvm_cmake
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(llvm_cmake)
    set(MLIR_DIR "${llvm_cmake}/../mlir")
  endif()
endif()
find_package(MLIR 22.1 REQUIRED CONFIG)
list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
include(TableGen)
include(AddLLVM)
include(AddMLIR)

# Everything that compiles against MLIR links this one target.
add_library(ssmc_mlir INTERFACE)
target_include_directories(ssmc_mlir SYSTEM INTERFACE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
target_include_directories(ssmc_mlir INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}
                           ${PROJECT_SOURCE_DIR}/runtime/include)
target_compile_options(ssmc_mlir INTERFACE -fno-exceptions -Wno-unused-parameter)
target_link_libraries(ssmc_mlir INTERFACE MLIR LLVM)

# MLIR's headers cost seconds per file: parse them once.
add_library(ssmc_mlir_pch OBJECT ${CMAKE_CURRENT_LIST_DIR}/mlir_pch.cpp)
target_link_libraries(ssmc_mlir_pch PUBLIC ssmc_mlir)
target_precompile_headers(ssmc_mlir_pch PRIVATE ${CMAKE_CURRENT_LIST_DIR}/mlir_pch.h)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  target_compile_options(ssmc_mlir INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()

# ssmc_add_library(<name> <source>... [LINK <target>...]): a static library of the
# compiler.
function(ssmc_add_library name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC ssmc_mlir ${ARG_LINK})
  target_precompile_headers(${name} REUSE_FROM ssmc_mlir_pch)
endfunction()

# ssmc_add_mlir_tool(<name> <source>... [LINK <target>...]): a program that links MLIR.
function(ssmc_add_mlir_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ssmc_mlir ${ARG_LINK})
  target_precompile_headers(${name} REUSE_FROM ssmc_mlir_pch)
endfunction()

# ssmc_tablegen(<target> <file.td> [<output> "<mlir-tblgen flags>"]...)
function(ssmc_tablegen target source)
  set(LLVM_TARGET_DEFINITIONS ${source})
  set(args ${ARGN})
  while(args)
    list(POP_FRONT args out)
    list(POP_FRONT args flags)
    separate_arguments(flags)
    mlir_tablegen(${out} ${flags} -I${PROJECT_SOURCE_DIR} -I${MLIR_INCLUDE_DIRS})
  endwhile()
  add_public_tablegen_target(${target})
endfunction()
