/* catalogue: prints tables of the platform as Markdown, for docs/generate. Usage: catalogue rights|problems */
#include "fault.h"
#include "request.h"
#include "rights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void rights_print(void)
{
	printf("| scope |");
	for (int role = 0; role < ROLE_COUNT; role++)
		printf(" %s |", role_name((enum role)role));
	printf("\n|---|");
	for (int role = 0; role < ROLE_COUNT; role++)
		printf(":-:|");
	printf("\n");
	for (int scope = SCOPE_NONE + 1; scope < SCOPE_COUNT; scope++) {
		printf("| `%s` |", scope_name((enum scope)scope));
		for (int role = 0; role < ROLE_COUNT; role++)
			printf(" %s |", role_scopes(ROLE_BIT(role)) & SCOPE_BIT(scope) ? "✓" : "");
		printf("\n");
	}
}

static void problems_print(void)
{
	printf("| code | status | title | titolo | Retry-After |\n|---|---|---|---|---|\n");
	for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++) {
		const struct fault_kind *kind = fault_kind((enum fault)i);

		if (kind->status < 400)
			continue;
		printf("| `%s` | %d | %s | %s |", kind->code, kind->status, kind->title, kind->title_it);
		if (kind->retry_after)
			printf(" %d s", kind->retry_after);
		printf(" |\n");
	}
	printf("\nThe `type` of a problem is `%s` and the code.\n", PROBLEM_TYPE_BASE);
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "rights") == 0) {
		rights_print();
	} else if (argc == 2 && strcmp(argv[1], "problems") == 0) {
		problems_print();
	} else {
		fprintf(stderr, "usage: %s rights|problems\n", argv[0]);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
