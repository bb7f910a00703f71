# shellcheck shell=bash
# The one list of services, in the order in which they are migrated and started. The gateway comes first: it issues
# the tokens and tells the others of tenants.
readonly SERVICES=(gateway calls inventory)

# What runs on the machine, in the order in which it starts; it stops in reverse.
readonly PARTS=(postgres kafka "${SERVICES[@]}")
