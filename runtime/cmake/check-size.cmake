# cmake -P: links all of the runtime in PREFIX into one shared library in BUILD,
# strips it and compares its size with LIMIT bytes.
cmake_minimum_required(VERSION 3.25)
set(library ${BUILD}/libssmc_all.so)
execute_process(COMMAND ${LINKER} -shared -o ${library} -Wl,--whole-archive
  ${PREFIX}/lib/libssmc_runtime.a -Wl,--no-whole-archive -Wl,--gc-sections -pthread
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${STRIP} ${library} COMMAND_ERROR_IS_FATAL ANY)
file(SIZE ${library} size)
message("the runtime takes ${size} bytes of ${LIMIT}")
if(size GREATER LIMIT)
  message(FATAL_ERROR "expected at most ${LIMIT} bytes, got ${size}")
endif()
