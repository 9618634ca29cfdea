# One INTERFACE target carries the language level, warnings and code generation flags.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

add_library(kinflow_options INTERFACE)
target_include_directories(kinflow_options INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_definitions(kinflow_options INTERFACE EIGEN_DONT_PARALLELIZE)
target_compile_options(kinflow_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers
  # Contraction off: a*b+c must round the same on every machine (results are compared bit by bit).
  -ffp-contract=off)
# GCC 12 sees overlapping copies in the inlined code of std::string's operator+ (bug 105651).
target_compile_options(kinflow_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(KINFLOW_SANITIZE)
  target_compile_options(kinflow_options INTERFACE
    -fsanitize=${KINFLOW_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    $<$<CXX_COMPILER_ID:Clang>:-fsanitize-ignorelist=${CMAKE_CURRENT_LIST_DIR}/sanitize-ignore.txt>)
  # Not position independent: relocating a binary of this size is half of what a test costs.
  target_link_options(kinflow_options INTERFACE -fsanitize=${KINFLOW_SANITIZE} -no-pie)
else()
  target_compile_options(kinflow_options INTERFACE -fstack-protector-strong)
  target_compile_definitions(kinflow_options INTERFACE
    $<$<CONFIG:Release,RelWithDebInfo>:_FORTIFY_SOURCE=2> _GLIBCXX_ASSERTIONS)
endif()
target_link_options(kinflow_options INTERFACE -Wl,--as-needed -Wl,-z,relro,-z,now)

# Unity builds (CMAKE_UNITY_BUILD, on in most presets, for time to compile) compile several sources
# as one. kinflow_alone(SOURCES): compiled by themselves are those whose local names are also
# another's, and Highway's, which include themselves once an instruction set.
set(CMAKE_UNITY_BUILD_BATCH_SIZE 6)
if(CMAKE_UNITY_BUILD)
  # GCC takes the sources that a unit includes for headers.
  target_compile_options(kinflow_options INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
function(kinflow_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# Code that runs once a run: GCC compiles a unit of it in 11 s at -O1, in 18 s at -O3.
function(kinflow_cold target)
  target_compile_options(${target} PRIVATE $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-O1>)
endfunction()

# kinflow_library(base SOURCES a.cc ALONE b.cc LINK data fmt::fmt): static library kinflow_base. HOT: its
# code runs once a genotype or fits models, so that the sanitizer build, -O0 for the sake of compile
# time, optimises it all the same. COLD: kinflow_cold.
function(kinflow_library name)
  cmake_parse_arguments(ARG "HOT;COLD" "" "SOURCES;ALONE;LINK;PRIVATE" ${ARGN})
  kinflow_alone(${ARG_ALONE})
  add_library(kinflow_${name} STATIC ${ARG_SOURCES} ${ARG_ALONE})
  if(KINFLOW_SANITIZE AND ARG_HOT)
    target_compile_options(kinflow_${name} PRIVATE -O1)
  endif()
  if(ARG_COLD)
    kinflow_cold(kinflow_${name})
  endif()
  target_link_libraries(kinflow_${name} PUBLIC kinflow_options ${ARG_LINK} PRIVATE ${ARG_PRIVATE})
endfunction()
