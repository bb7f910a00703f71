#include "transition.h"

const struct field action_fields[] = { FIELDS_OF_EVERY_ACTION, { 0 } };
