# shellcheck shell=bash
# Swagger UI for the gateway's /docs, from npm; package.json pins the version.

swagger_directory() {
	printf '%s/swagger-%s/node_modules/swagger-ui-dist' "$CACHE" \
		"$(sha256sum "$ROOT/deploy/local/package-lock.json" | cut -c1-12)"
}

swagger_fetch() {
	local wanted home work
	wanted=$(swagger_directory)
	if [[ -d $wanted ]]; then
		return 0
	fi
	home=${wanted%/node_modules/*}
	work=$home.new.$$
	rm -rf "$home".new.*
	mkdir -p "$work"
	cp "$ROOT"/deploy/local/package{,-lock}.json "$work/"
	job_run npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=warn \
		>"$STATE/log/npm.log" 2>&1 ||
		fail 'npm could not fetch Swagger UI' "$STATE/log/npm.log" \
			'check that this machine reaches registry.npmjs.org'
	mv -T "$work" "$home" 2>/dev/null || rm -rf "$work"
	chmod -R a+rX "$home"
}
