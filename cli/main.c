#include "cli/command.h"

#include "base/error.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

const struct command command_table[] = {
    {NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
	setlocale(LC_ALL, "");
	if (argc < 2) {
		for (const struct command *command = command_table; command->name; command++)
			printf("  %-12s %s\n", command->name, _(command->summary));
		return EX_USAGE;
	}
	for (const struct command *command = command_table; command->name; command++) {
		g_autoptr(GError) error = NULL;
		struct app app = {.office_path = "."};

		if (strcmp(command->name, argv[1]) != 0)
			continue;
		if (command->run(&app, argc - 1, argv + 1, &error))
			return 0;
		fprintf(stderr, "pingyi: %s\n", error->message);
		return pingyi_error_exit_code(error);
	}
	fprintf(stderr, "pingyi: no such command: %s\n", argv[1]);
	return EX_USAGE;
}
