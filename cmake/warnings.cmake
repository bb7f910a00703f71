# Warnings are errors; sanitizers and hardening by preset. Everything of ours links aftercare_options.
option(AFTERCARE_HARDEN "Fortify, stack protector, RELRO" OFF)
option(AFTERCARE_FUZZ "Build the libFuzzer targets; needs clang" OFF)
set(AFTERCARE_SANITIZE "" CACHE STRING "Value for -fsanitize=")

add_library(aftercare_options INTERFACE)
target_compile_definitions(aftercare_options INTERFACE _GNU_SOURCE AFTERCARE_VERSION="${PROJECT_VERSION}")
target_compile_options(aftercare_options INTERFACE
	-Wall -Wextra -Wshadow -Wconversion -Wvla -Werror -fno-omit-frame-pointer
	-Wno-missing-field-initializers # our tables rely on the zeroes that C puts in
	$<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition>)
if(AFTERCARE_SANITIZE)
	target_compile_options(aftercare_options INTERFACE -fsanitize=${AFTERCARE_SANITIZE} -fno-sanitize-recover=all)
	target_link_options(aftercare_options INTERFACE -fsanitize=${AFTERCARE_SANITIZE})
endif()
if(AFTERCARE_FUZZ)
	# vptr: what a library of C++ needs for it is not in a program of C that loads it.
	target_compile_options(aftercare_options INTERFACE -fsanitize=address,undefined,fuzzer-no-link
		$<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize=vptr>)
	target_link_options(aftercare_options INTERFACE -fsanitize=address,undefined)
endif()
if(AFTERCARE_HARDEN)
	target_compile_definitions(aftercare_options INTERFACE _FORTIFY_SOURCE=3)
	target_compile_options(aftercare_options INTERFACE -fstack-protector-strong -fstack-clash-protection
		-ftrivial-auto-var-init=zero)
	target_link_options(aftercare_options INTERFACE -Wl,-z,relro,-z,now)
endif()
