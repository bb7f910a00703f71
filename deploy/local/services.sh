# shellcheck shell=bash
# The services, in the order in which they are migrated and started: the folders of services/ with a main.c. The gateway
# comes first: it issues the tokens and tells the others of tenants.

services_found() {
	local main service
	echo gateway
	for main in "$ROOT"/services/*/main.c; do
		service=${main%/main.c}
		service=${service##*/}
		if [[ $service != gateway ]]; then
			echo "$service"
		fi
	done
}

mapfile -t SERVICES < <(services_found)
readonly SERVICES

# What runs on the machine, in the order in which it starts; it stops in reverse.
readonly PARTS=(postgres kafka "${SERVICES[@]}")
