# shellcheck shell=bash
# Apache Kafka, one node in KRaft mode, from the jars on Maven Central (deploy/kafka/pom.xml names the version).

readonly KAFKA_SECONDS=60
readonly KAFKA_JVM=(-Xms128m -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1)
readonly MAVEN_COPY=org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies

kafka_jars() {
	printf '%s/kafka-%s' "$CACHE" "$(sha256sum "$ROOT/deploy/kafka/pom.xml" | cut -c1-12)"
}

kafka_address() {
	printf '127.0.0.1:%s' "$(port_of kafka)"
}

# Fetches the jars once; a half-finished fetch never counts.
kafka_fetch() {
	local jars
	jars=$(kafka_jars)
	if [[ -d $jars ]]; then
		return 0
	fi
	rm -rf "$jars".new.*
	job_run mvn -q -B -f "$ROOT/deploy/kafka/pom.xml" "$MAVEN_COPY" -DincludeScope=runtime \
		-DoutputDirectory="$jars.new.$$" >"$STATE/log/maven.log" 2>&1 ||
		fail 'Maven could not fetch the Kafka jars' "$STATE/log/maven.log" \
			'check that this machine reaches repo.maven.apache.org (a proxy goes in ~/.m2/settings.xml)'
	mv -T "$jars.new.$$" "$jars" 2>/dev/null || rm -rf "$jars.new.$$"
	chmod -R a+rX "$jars"
}

# A random cluster id: 16 bytes in base64 without padding.
kafka_cluster_id() {
	local id
	id=$(head -c 16 /dev/urandom | base64 | tr '+/' 'AB')
	printf '%s' "${id:0:22}"
}

kafka_java() {
	printf '%s\n' java "${KAFKA_JVM[@]}" -cp "$(kafka_jars)/*" \
		"-Dlog4j.configuration=file:$PLACE/kafka/log4j.properties"
}

kafka_configure() {
	local home=$PLACE/kafka
	sed -e "s|@PORT@|$(port_of kafka)|" -e "s|@CONTROLLER_PORT@|$(port_of kafka_controller)|" \
		-e "s|@DATA@|$home/data|" "$ROOT/deploy/kafka/server.properties" >"$home/server.properties"
	cp "$ROOT/deploy/kafka/log4j.properties" "$home/log4j.properties"
	chmod 644 "$home"/*.properties
}

# Formats the storage, unless that is done.
kafka_create() {
	local data=$PLACE/kafka/data java
	if [[ -e $data/meta.properties ]]; then
		return 0
	fi
	mkdir -p "$data"
	give_to "$SERVICE_USER" "$data"
	mapfile -t java < <(kafka_java)
	as_user "$SERVICE_USER"
	(cd / && "${AS_USER[@]}" "${java[@]}" kafka.tools.StorageTool format -t "$(kafka_cluster_id)" \
		-c "$PLACE/kafka/server.properties") >"$STATE/log/kafka-format.log" 2>&1 ||
		fail 'Kafka could not format its storage' "$STATE/log/kafka-format.log" './aftercare doctor'
}

# Starts without waiting.
kafka_launch() {
	local java
	kafka_configure
	kafka_create
	mapfile -t java < <(kafka_java)
	process_launch kafka "$SERVICE_USER" "${java[@]}" kafka.Kafka "$PLACE/kafka/server.properties"
}

kafka_answers() {
	kcat -L -m 1 -b "$(kafka_address)" -X log_level=0
}

kafka_wait() {
	wait_until "$KAFKA_SECONDS" kafka kafka_answers ||
		fail 'Kafka did not start' "$STATE/log/kafka.log" './aftercare doctor'
}
