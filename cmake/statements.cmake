# SQL lives in .sql files. Each block after "-- name: thing_verb" becomes a `const struct statement sql_thing_verb`
# in the generated header NAME_sql.h, so that a misspelt name fails to compile. What makes the
# schema becomes one set, see pg/migrate.h.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

function(aftercare_statements target dir)
	file(GLOB files CONFIGURE_DEPENDS ${dir}/*.sql)
	set(out ${CMAKE_CURRENT_BINARY_DIR}/${target}_sql)
	add_custom_command(
		OUTPUT ${out}/${target}_sql.h ${out}/${target}_sql.c
		COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/cmake/embed_sql.py statements ${target} ${out} ${files}
		DEPENDS ${CMAKE_SOURCE_DIR}/cmake/embed_sql.py ${files} VERBATIM)
	target_sources(${target} PRIVATE ${out}/${target}_sql.c ${out}/${target}_sql.h)
	target_include_directories(${target} PUBLIC ${out})
endfunction()

# What is in the folders schema/, migrations/ and functions/ of DIR becomes NAME_migrations in NAME_migrations.h, for TARGET.
function(aftercare_migrations target name dir)
	file(GLOB files CONFIGURE_DEPENDS ${dir}/schema/*.sql ${dir}/migrations/*.sql ${dir}/functions/*.sql)
	set(out ${CMAKE_CURRENT_BINARY_DIR}/${name}_migrations)
	add_custom_command(
		OUTPUT ${out}/${name}_migrations.h ${out}/${name}_migrations.c
		COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/cmake/embed_sql.py migrations ${name} ${out} ${files}
		DEPENDS ${CMAKE_SOURCE_DIR}/cmake/embed_sql.py ${files} VERBATIM)
	target_sources(${target} PRIVATE ${out}/${name}_migrations.c ${out}/${name}_migrations.h)
	target_include_directories(${target} PUBLIC ${out})
endfunction()

# The catalogues of a language become the tables of TARGET.
function(aftercare_language target sentences words)
	set(out ${CMAKE_CURRENT_BINARY_DIR}/${target}_catalogue.c)
	add_custom_command(
		OUTPUT ${out}
		COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/cmake/embed_language.py ${sentences} ${words} ${out}
		DEPENDS ${CMAKE_SOURCE_DIR}/cmake/embed_language.py ${sentences} ${words} VERBATIM)
	target_sources(${target} PRIVATE ${out})
endfunction()
