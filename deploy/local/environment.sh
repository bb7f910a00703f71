# shellcheck shell=bash
# The environment of each service, written to run/SERVICE.env as "export NAME='value'": the only thing that
# configures it. Sourcing the file in a shell and starting the binary gives the same service.

readonly AUDIENCE=aftercare
readonly PLATFORM_EMAIL=platform@aftercare.local

gateway_url() {
	printf 'http://127.0.0.1:%s' "$(port_of gateway)"
}

variable() {
	printf "export %s='%s'\n" "$1" "$2"
}

# variable_postgres NAME ROLE: how to connect, and the file with the password.
variable_postgres() {
	variable "$1" "host=127.0.0.1 port=$(port_of postgres) dbname=aftercare user=$2"
	variable "$1_PASSWORD_FILE" "$PLACE/secrets/$2_password"
}

environment_gateway() {
	local service name
	for service in "${SERVICES[@]}"; do
		if [[ $service != gateway ]]; then
			name=${service^^}
			variable "AFTERCARE_UPSTREAM_${name//-/_}" "http://127.0.0.1:$(port_of "$service")"
		fi
	done
	variable AFTERCARE_BOOTSTRAP_EMAIL "$PLATFORM_EMAIL"
	variable AFTERCARE_BOOTSTRAP_PASSWORD_FILE "$PLACE/secrets/platform_password"
	variable AFTERCARE_KEY_ENCRYPTION_FILE "$PLACE/secrets/key_encryption"
	variable AFTERCARE_SWAGGER_UI "$(swagger_directory)"
}

# What only the stacks of tests and benches have (see stack.sh): a place where sanitizers write what they find, and no
# end to the logins that all their tests get wrong on purpose from one address.
environment_tests() {
	local options
	if [[ -d $PLACE/reports ]]; then
		options="log_path=$PLACE/reports/$1:print_stacktrace=1"
		variable ASAN_OPTIONS "$options:detect_stack_use_after_return=1"
		variable UBSAN_OPTIONS "$options"
		variable TSAN_OPTIONS "log_path=$PLACE/reports/$1"
		if [[ $1 == gateway ]]; then
			variable AFTERCARE_LOGIN_FAILURES_PER_MINUTE 0
		fi
	fi
}

environment_service() {
	variable AFTERCARE_LISTEN "127.0.0.1:$(port_of "$1")"
	variable AFTERCARE_INTERNAL_LISTEN "127.0.0.1:$(port_of "$1_internal")"
	variable_postgres AFTERCARE_POSTGRES "$1"
	variable_postgres AFTERCARE_POSTGRES_WORKER "$1_worker"
	variable_postgres AFTERCARE_POSTGRES_MIGRATE aftercare_migrate
	variable AFTERCARE_KAFKA "$(kafka_address)"
	variable AFTERCARE_ISSUER "$(gateway_url)"
	variable AFTERCARE_AUDIENCE "$AUDIENCE"
	variable AFTERCARE_JWKS_URL "$(gateway_url)/.well-known/jwks.json"
	environment_tests "$1"
	if [[ $1 == gateway ]]; then
		environment_gateway
	fi
}

environment_write() {
	local service
	for service in "${SERVICES[@]}"; do
		environment_service "$service" >"$STATE/run/$service.env"
	done
}

# Fills ENVIRONMENT with the NAME=value pairs of a service.
environment_read() {
	local line
	ENVIRONMENT=()
	while read -r _ line; do
		line=${line/=\'/=}
		ENVIRONMENT+=("${line%\'}")
	done <"$STATE/run/$1.env"
}
