# shellcheck shell=bash
# Random secrets, made once, one file each, readable only by the user whose process needs it.

# secret_make NAME OWNER COMMAND...: keeps what COMMAND prints, unless NAME exists.
secret_make() {
	local file=$PLACE/secrets/$1 owner=$2
	shift 2
	if [[ ! -s $file ]]; then
		(umask 077 && "$@" >"$file.new")
		if [[ -n $owner ]]; then
			give_to "$owner" "$file.new"
		fi
		mv "$file.new" "$file"
	fi
}

random_hex() {
	od -An -vtx1 -N"$1" /dev/urandom | tr -d ' \n'
}

# A key of 32 bytes in base64url, as the services read it.
random_key() {
	head -c 32 /dev/urandom | basenc --base64url -w0 | tr -d '='
}

# Passwords people type: 16 letters and digits, 95 bits.
random_password() {
	local text
	text=$(head -c 256 /dev/urandom | base64 -w0 | tr -dc 'a-zA-Z0-9')
	printf '%s' "${text:0:16}"
}

# Login roles of PostgreSQL, but for the superuser.
login_roles() {
	local service
	echo aftercare_migrate
	for service in "${SERVICES[@]}"; do
		printf '%s\n' "$service" "${service}_worker"
	done
}

secrets_make() {
	local role
	secret_make postgres_password '' random_hex 24
	for role in $(login_roles); do
		secret_make "${role}_password" "$SERVICE_USER" random_hex 24
	done
	secret_make platform_password "$SERVICE_USER" random_password
	secret_make demo_password '' random_password
	secret_make key_encryption "$SERVICE_USER" random_key
}

# Passwords by login role as JSON, for cluster.sql.
secrets_json() {
	local role comma=''
	printf '{'
	for role in $(login_roles); do
		printf '%s"%s":"%s"' "$comma" "$role" "$(<"$PLACE/secrets/${role}_password")"
		comma=,
	done
	printf '}'
}
