#include "cli/command.h"

#include "base/error.h"
#include "base/language.h"
#include "collector/pdf.h"
#include "collector/reader.h"
#include "collector/unpack.h"

#include <string.h>
#include <unistd.h>

/* Not for people: the process in which messages are read (collector/reader.h), with "zip" the one
 * that unpacks an archive of them (collector/unpack.h), with "pdf" and "pdf-places" the one that
 * becomes pdftotext (collector/pdf.h). All are caged. */
gboolean cmd_reader(struct app *app, int argc, char **argv, GError **error)
{
	(void)app;
	language_begin(TRUE); /* what it says is kept */
	if (argc == 2 && strcmp(argv[1], "pdf") == 0)
		return pdf_exec(PDF_TEXT, error);
	if (argc == 2 && strcmp(argv[1], "pdf-places") == 0)
		return pdf_exec(PDF_PLACES, error);
	if (argc == 2 && strcmp(argv[1], "zip") == 0)
		return unpack_serve(STDIN_FILENO, STDOUT_FILENO, error);
	if (argc > 1 || isatty(STDIN_FILENO))
		return app_usage(error, "reader");
	return reader_serve(STDIN_FILENO, STDOUT_FILENO, error);
}
