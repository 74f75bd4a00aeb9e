# cmake -P: checks what the runtime in PREFIX imports and exports.
cmake_minimum_required(VERSION 3.25)
set(library ${PREFIX}/lib/libssmc_runtime.a)
execute_process(COMMAND ${NM} --undefined-only --format=posix ${library}
                OUTPUT_VARIABLE imports COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${NM} --defined-only --extern-only --format=posix ${library}
                OUTPUT_VARIABLE exports COMMAND_ERROR_IS_FATAL ANY)

# Nothing may end the process, load code, start programs, print, or need the C++
# runtime library.
set(forbidden abort exit _exit quick_exit __assert_fail dlopen dlsym system popen execve fork vfork
    signal sigaction printf puts fprintf fputs fwrite putchar perror setenv getenv __gxx_personality_v0
    __cxa_throw __cxa_pure_virtual __cxa_guard_acquire __cxa_atexit _Znwm _ZdlPv _ZdlPvm
    __stack_chk_guard)
string(REGEX MATCHALL "[^\n]+" lines "${imports}")
foreach(line IN LISTS lines)
  string(REGEX REPLACE " .*" "" symbol "${line}")
  if(symbol IN_LIST forbidden OR symbol MATCHES "^_ZSt|^_ZNSt|^_ZNKSt")
    message(SEND_ERROR "the runtime must not import '${symbol}'")
  endif()
endforeach()

# The C API and, since this is an archive, its parts among each other.
string(REGEX MATCHALL "[^\n]+" lines "${exports}")
set(count 0)
foreach(line IN LISTS lines)
  string(REGEX REPLACE " .*" "" symbol "${line}")
  if(symbol MATCHES "^ssmc_")
    math(EXPR count "${count} + 1")
  elseif(NOT symbol MATCHES "^_ZN?K?.*4ssmc|ssmc_|flatbuffers|^_ZSt|^_ZNSt|:$")
    message(SEND_ERROR "the runtime must not define '${symbol}'")
  endif()
endforeach()
if(count LESS 40)
  message(SEND_ERROR "expected the C API among the exports, got ${count} functions")
endif()
