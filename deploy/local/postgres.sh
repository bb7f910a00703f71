# shellcheck shell=bash
# A PostgreSQL 15 cluster of our own. Clusters of the Debian package are never touched.

readonly POSTGRES_BIN=/usr/lib/postgresql/15/bin
readonly POSTGRES_SECONDS=60
readonly SOCKET_PATH_MAX=107

postgres_data() {
	printf '%s/postgresql/data' "$PLACE"
}

# psql as superuser, connected to database $1; further arguments go to psql.
postgres_psql() {
	local database=$1
	shift
	PGPASSWORD=$(<"$PLACE/secrets/postgres_password") PGCONNECT_TIMEOUT=5 "$POSTGRES_BIN/psql" -X \
		"host=127.0.0.1 port=$(port_of postgres) user=postgres dbname=$database" "$@"
}

# Makes the cluster, unless it exists. An initdb that was interrupted leaves no PG_VERSION in place: it works beside.
postgres_create() {
	local data password
	data=$(postgres_data)
	if [[ -e $data/PG_VERSION ]]; then
		return 0
	fi
	rm -rf "$data" "$data.new"
	password=$PLACE/postgresql/password
	mkdir -p "$data.new"
	chmod 700 "$data.new"
	(umask 077 && cp "$PLACE/secrets/postgres_password" "$password")
	give_to "$POSTGRES_USER" "$data.new" "$password"
	as_user "$POSTGRES_USER"
	(cd / && "${AS_USER[@]}" "$POSTGRES_BIN/initdb" -D "$data.new" -U postgres --pwfile="$password" \
		--auth=scram-sha-256 -E UTF8 --locale=C.UTF-8) >"$STATE/log/initdb.log" 2>&1 ||
		fail 'PostgreSQL could not make its cluster' "$STATE/log/initdb.log" './aftercare doctor'
	rm -f "$password"
	mv "$data.new" "$data"
}

# Configuration beside the data, written at each start: the checkout's settings, this machine's places and port.
postgres_configure() {
	local home=$PLACE/postgresql socket
	socket=$home/socket
	mkdir -p "$socket"
	chmod 755 "$socket"
	give_to "$POSTGRES_USER" "$socket"
	if ((${#socket} + 20 > SOCKET_PATH_MAX)); then
		socket=''
	fi
	cp "$ROOT/deploy/postgresql/pg_hba.conf" "$home/pg_hba.conf"
	{
		cat "$ROOT/deploy/postgresql/postgresql.conf"
		printf "data_directory = '%s'\n" "$home/data"
		printf "hba_file = '%s'\n" "$home/pg_hba.conf"
		printf "ident_file = '%s'\n" "$home/data/pg_ident.conf"
		printf "unix_socket_directories = '%s'\n" "$socket"
		printf "port = %s\n" "$(port_of postgres)"
	} >"$home/postgresql.conf"
	chmod 644 "$home/pg_hba.conf" "$home/postgresql.conf"
}

# Starts without waiting.
postgres_launch() {
	postgres_create
	postgres_configure
	process_launch postgres "$POSTGRES_USER" "$POSTGRES_BIN/postgres" -D "$(postgres_data)" \
		-c "config_file=$PLACE/postgresql/postgresql.conf"
}

# After a kill -9 of the server its children may hold the shared memory for a moment: then try once more.
postgres_wait() {
	local ready=("$POSTGRES_BIN/pg_isready" -q -h 127.0.0.1 -p "$(port_of postgres)")
	if wait_until "$POSTGRES_SECONDS" postgres "${ready[@]}"; then
		return 0
	fi
	if ! process_alive postgres; then
		sleep 2
		postgres_launch
		if wait_until "$POSTGRES_SECONDS" postgres "${ready[@]}"; then
			return 0
		fi
	fi
	fail 'PostgreSQL did not start' "$STATE/log/postgres.log" './aftercare doctor'
}

# Database, roles and schemas; skipped while neither the SQL nor the list of services nor the cluster has changed.
postgres_prepare() {
	local sql=$ROOT/deploy/postgresql mark=$PLACE/postgresql/prepared sum
	sum=$(cat "$sql/cluster.sql" "$sql/base.sql" <(echo "${SERVICES[*]}") | sha256sum)
	if [[ -e $mark && $(<"$mark") == "$sum" ]]; then
		return 0
	fi
	AFTERCARE_SERVICES="${SERVICES[*]}" AFTERCARE_PASSWORDS=$(secrets_json) \
		postgres_psql postgres -q -f "$sql/cluster.sql" >"$STATE/log/cluster.log" 2>&1 ||
		fail 'roles and schemas could not be made' "$STATE/log/cluster.log" \
			'see deploy/postgresql/cluster.sql and base.sql'
	echo "$sum" >"$mark"
}
