#include "cli/command.h"

#include "base/error.h"
#include "collector/reader.h"

#include <unistd.h>

/* Not for people: the process in which messages are read (collector/reader.h). */
gboolean cmd_reader(struct app *app, int argc, char **argv, GError **error)
{
	(void)app;
	(void)argv;
	if (argc > 1 || isatty(STDIN_FILENO))
		return app_usage(error, "reader");
	return reader_serve(STDIN_FILENO, STDOUT_FILENO, error);
}
