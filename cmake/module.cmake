# A module of libs/common: one folder, one target. What it may include is what it links, so that the layers
# (see ARCHITECTURE.md) are kept by the build and not by discipline.
#
#   aftercare_module(pg DEPENDS arena fault PRIVATE PkgConfig::LIBPQ [SQL sql])
#
# tests/NAME_test.c beside the module becomes the ctest NAME_test (label unit); fuzz/NAME_fuzz.c a libFuzzer target,
# with NAME_fuzz.seeds (inputs to begin with, one a line, as printf's %b reads them) and NAME_fuzz.dict where they help.
add_custom_target(fuzzers) # all of them, and what they link

set(AFTERCARE_PROGRAMS lib/aftercare) # below the prefix: the services, and what they find beside themselves

function(aftercare_module name)
	cmake_parse_arguments(ARG "" "SQL" "DEPENDS;PRIVATE;PUBLIC" ${ARGN})
	set(dir ${CMAKE_CURRENT_SOURCE_DIR}/${name})
	file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.c ${dir}/*.cc)
	if(NOT sources) # headers only
		add_library(${name} INTERFACE)
		target_include_directories(${name} INTERFACE ${dir})
		target_link_libraries(${name} INTERFACE ${ARG_DEPENDS} ${ARG_PUBLIC})
		return()
	endif()
	add_library(${name} STATIC ${sources})
	set_target_properties(${name} PROPERTIES OUTPUT_NAME aftercare_${name})
	target_include_directories(${name} PUBLIC ${dir})
	target_link_libraries(${name} PUBLIC ${ARG_DEPENDS} ${ARG_PUBLIC} PRIVATE aftercare_options ${ARG_PRIVATE})
	if(ARG_SQL)
		aftercare_statements(${name} ${dir}/${ARG_SQL})
	endif()
	aftercare_tests(${name} ${dir} ${ARG_PRIVATE})
endfunction()

# What module NAME starts (a program) or loads (LIBRARY) from the folder of the program that uses it, see beside/beside.h:
# the sources of DIR and SOURCES, which see the headers of the module. In a build each service has a link to it; it
# is installed with them.
#
#   aftercare_beside(print aftercare-printer DIR print/printer SOURCES print/frame.c DEPENDS arena PRIVATE PkgConfig::CAIRO)
function(aftercare_beside name thing)
	cmake_parse_arguments(ARG "LIBRARY" "DIR" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
	set(dir ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_DIR})
	file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.c ${dir}/*.cc)
	if(ARG_LIBRARY)
		add_library(${thing} MODULE ${sources} ${ARG_SOURCES})
		set_target_properties(${thing} PROPERTIES PREFIX "")
		set(file ${thing}.so)
	else()
		add_executable(${thing} ${sources} ${ARG_SOURCES})
		set(file ${thing})
	endif()
	target_include_directories(${thing} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/${name})
	target_link_libraries(${thing} PRIVATE ${ARG_DEPENDS} ${ARG_PRIVATE} aftercare_options)
	add_dependencies(${name} ${thing})
	install(TARGETS ${thing} DESTINATION ${AFTERCARE_PROGRAMS})
	set_property(GLOBAL APPEND PROPERTY AFTERCARE_BESIDE ${CMAKE_CURRENT_BINARY_DIR}/${file})
endfunction()

# Every DIR/tests/X_test.c is a cmocka program linked with TARGET and what it uses itself; every DIR/fuzz/X_fuzz.c a
# fuzzer. Those in DIR/tests/integration need a real PostgreSQL or Kafka, named by the environment (label backing), and
# fail without.
function(aftercare_tests target dir)
	file(GLOB tests CONFIGURE_DEPENDS ${dir}/tests/*_test.c ${dir}/tests/integration/*_test.c)
	foreach(source ${tests})
		get_filename_component(test ${source} NAME_WE)
		add_executable(${test} ${source})
		target_link_libraries(${test} PRIVATE ${target} ${ARGN} aftercare_options PkgConfig::CMOCKA)
		add_test(NAME ${test} COMMAND ${test})
		if(source MATCHES "/tests/integration/")
			target_link_libraries(${test} PRIVATE backing)
			set_tests_properties(${test} PROPERTIES LABELS "backing;sql" TIMEOUT 300)
		else()
			set_tests_properties(${test} PROPERTIES LABELS unit TIMEOUT 300)
		endif()
	endforeach()
	if(AFTERCARE_FUZZ)
		file(GLOB fuzzers CONFIGURE_DEPENDS ${dir}/fuzz/*_fuzz.c)
		foreach(source ${fuzzers})
			get_filename_component(fuzzer ${source} NAME_WE)
			add_executable(${fuzzer} ${source})
			target_link_libraries(${fuzzer} PRIVATE ${target} ${ARGN} fuzz aftercare_options)
			target_link_options(${fuzzer} PRIVATE -fsanitize=fuzzer)
			add_dependencies(fuzzers ${fuzzer})
			string(REGEX REPLACE "[.]c$" "" base ${source})
			add_test(NAME ${fuzzer} COMMAND ${CMAKE_SOURCE_DIR}/tests/fuzz/run.sh $<TARGET_FILE:${fuzzer}> ${base}
				WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
			set_tests_properties(${fuzzer} PROPERTIES LABELS fuzz TIMEOUT 1200)
		endforeach()
	endif()
endfunction()

# A service: the folder it is called in, with main.c, routes.c, sql/, schema/, migrations/ and functions/, becomes the program NAME.
#
#   aftercare_service(calls DEPENDS phone [PRIVATE PkgConfig::ZLIB])
function(aftercare_service name)
	cmake_parse_arguments(ARG "" "" "DEPENDS;PRIVATE" ${ARGN})
	set(dir ${CMAKE_CURRENT_SOURCE_DIR})
	file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.c)
	list(REMOVE_ITEM sources ${dir}/main.c)
	# All of the service but main, so that its tests can link it.
	add_library(${name}_service STATIC ${sources})
	target_include_directories(${name}_service PUBLIC ${dir})
	target_link_libraries(${name}_service PUBLIC service ${ARG_DEPENDS} PRIVATE aftercare_options ${ARG_PRIVATE})
	aftercare_statements(${name}_service ${dir}/sql)
	aftercare_migrations(${name}_service ${name} ${dir})
	aftercare_tests(${name}_service ${dir})
	add_executable(${name} main.c)
	target_link_libraries(${name} PRIVATE ${name}_service aftercare_options)
	install(TARGETS ${name} DESTINATION ${AFTERCARE_PROGRAMS})
	get_property(beside GLOBAL PROPERTY AFTERCARE_BESIDE)
	foreach(file ${beside})
		get_filename_component(link ${file} NAME)
		file(CREATE_LINK ${file} ${CMAKE_CURRENT_BINARY_DIR}/${link} SYMBOLIC)
	endforeach()
endfunction()
