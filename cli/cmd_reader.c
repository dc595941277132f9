#include "cli/command.h"

#include "base/error.h"
#include "base/language.h"
#include "collector/pdf.h"
#include "collector/reader.h"

#include <string.h>
#include <unistd.h>

/* Not for people: the process in which messages are read (collector/reader.h), or with "pdf" the
 * one that becomes pdftotext (collector/pdf.h). Both are caged. */
gboolean cmd_reader(struct app *app, int argc, char **argv, GError **error)
{
	(void)app;
	language_begin(TRUE); /* what it says is kept */
	if (argc == 2 && strcmp(argv[1], "pdf") == 0)
		return pdf_exec(error);
	if (argc > 1 || isatty(STDIN_FILENO))
		return app_usage(error, "reader");
	return reader_serve(STDIN_FILENO, STDOUT_FILENO, error);
}
