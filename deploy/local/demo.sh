# shellcheck shell=bash
# The demo tenant: its accounts, tokens, and the programs under deploy/demo that fill it.

readonly DEMO_TENANT=demo
readonly DEMO_ROLES=(callcenter operator dispatcher technician storekeeper sales billing manager admin integration portal)

# What deploy/demo/seed and import get told.
demo_environment() {
	DEMO_ENVIRONMENT=(
		"AFTERCARE_URL=$(gateway_url)"
		"AFTERCARE_DATA=$STATE"
		"AFTERCARE_DEMO_TENANT=$DEMO_TENANT"
		"AFTERCARE_DEMO_ROLES=${DEMO_ROLES[*]}"
		"AFTERCARE_DEMO_PASSWORD_FILE=$PLACE/secrets/demo_password"
		"AFTERCARE_PLATFORM_EMAIL=$PLATFORM_EMAIL"
		"AFTERCARE_PLATFORM_PASSWORD_FILE=$PLACE/secrets/platform_password"
	)
}

# token_get TENANT EMAIL PASSWORD-FILE: prints an access token. The password is on no command line.
token_get() {
	local answer status
	answer=$(jq -n --arg tenant "$1" --arg email "$2" --rawfile password "$3" \
		'{tenant: $tenant, email: $email, password: $password}' |
		curl -s -m 10 -w '\n%{http_code}' -H 'Content-Type: application/json' --data-binary @- \
			"$(gateway_url)/v1/sessions") || fail 'the gateway does not answer' "$STATE/log/gateway.log" "$(self status)"
	status=${answer##*$'\n'}
	answer=${answer%$'\n'*}
	if [[ $status != 20? ]]; then
		fail "no token for $2 of tenant $1: $(jq -r '.detail // .title' <<<"$answer" 2>/dev/null || echo "$status")" \
			'' "$(self up), which makes the demo accounts"
	fi
	jq -er .access_token <<<"$answer"
}

token_of_role() {
	if [[ $1 == platform ]]; then
		token_get platform "$PLATFORM_EMAIL" "$PLACE/secrets/platform_password"
	else
		token_get "${2:-$DEMO_TENANT}" "$1@demo.local" "$PLACE/secrets/demo_password"
	fi
}

command_token() {
	need gateway
	if [[ " ${DEMO_ROLES[*]} platform " != *" ${OPTION[role]:-} "* ]]; then
		misuse "token wants --role, one of: ${DEMO_ROLES[*]} platform"
	fi
	token_of_role "${OPTION[role]}" "${OPTION[tenant]:-}"
}

# The header with a token, for curl's -H @FILE: a command line is for all to read.
bearer() {
	printf 'Authorization: Bearer %s\n' "$1"
}

# Asks for a replay of the present state, and waits for its end.
command_snapshot() {
	local service=$1 url token job='{"state":"running"}'
	shift
	[[ " ${SERVICES[*]} " == *" $service "* ]] || misuse "there is no service $service; the services are ${SERVICES[*]}"
	need gateway "$service"
	url=$(gateway_url)/v1/services/$service/snapshots
	token=$(token_of_role admin "${OPTION[tenant]:-}")
	job=$(jq -n 'if $ARGS.positional == [] then {} else {resources: $ARGS.positional} end' --args "$@" |
		curl -s -m 30 -H @<(bearer "$token") -H 'Content-Type: application/json' --data-binary @- "$url")
	if [[ $(jq .status <<<"$job") == 422 ]]; then
		misuse "there is no such resource: $(jq -r '.errors[0].detail // .detail' <<<"$job")"
	fi
	while [[ $(jq -r .state <<<"$job") == running ]]; do
		sleep 0.3
		job=$(curl -s -m 30 -H @<(bearer "$token") "$url/$(jq -r .id <<<"$job")")
	done
	if [[ $(jq -r .state <<<"$job") != 'done' ]]; then
		fail "$service made no snapshot: $(jq -r '.errors[0].detail // .detail // .error' <<<"$job")" \
			"$STATE/log/$service.log" "$(self events "$service")"
	fi
	say "$(jq -r .done <<<"$job") events on aftercare.$service"
}

command_erp_topic() {
	local token tenant
	need gateway kafka
	token=$(token_of_role admin "${OPTION[tenant]:-}")
	tenant=$(curl -s -m 30 -H @<(bearer "$token") "$(gateway_url)/v1/me" | jq -r .tenant.id)
	environment_read inventory
	as_user "$SERVICE_USER"
	job_run "${AS_USER[@]}" env -i "${ENVIRONMENT[@]}" "$(binary_placed inventory)" --erp-topic "$tenant"
}

# demo_import FILE [COLLECTION]: as administrator of the demo tenant.
demo_import() {
	local token
	token=$(token_of_role admin)
	demo_environment
	AFTERCARE_TOKEN=$token job_run env "${DEMO_ENVIRONMENT[@]}" "$ROOT/deploy/demo/import" "$@"
}

command_import() {
	local file
	need gateway
	file=$(realpath -- "$1")
	[[ -r $file ]] || fail "cannot read $1" '' 'name a CSV file'
	guard_begin
	trap - ERR # it says itself which lines are wrong
	demo_import "$file" ${OPTION[as]:+"${OPTION[as]}"}
	guard_release
}

up_summary() {
	cat <<TEXT

  gateway    $(gateway_url)
  reference  $(gateway_url)/docs
  accounts   ROLE@demo.local of tenant $DEMO_TENANT, password $(<"$PLACE/secrets/demo_password")
             ROLE: ${DEMO_ROLES[*]}
             platform: $PLATFORM_EMAIL of tenant platform, password $(<"$PLACE/secrets/platform_password")

  try  curl -H "Authorization: Bearer \$($(self token --role dispatcher))" $(gateway_url)/v1/calls?limit=3
       $(self events)
       $(self status)
TEXT
}
