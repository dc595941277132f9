#include "collector/pdf.h"

#include "base/charset.h"
#include "base/error.h"
#include "collector/cage.h"
#include "collector/child.h"
#include "collector/frame.h"
#include "collector/name.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define MAGIC     "%PDF-"
#define HEAD_SIZE 1024u /* how far readers look for MAGIC (ISO 32000-1, H.3.4.1 note 13) */

static pdf_converter used;
static void *used_by;

gboolean pdf_is(GBytes *content, const char *type, const char *name)
{
	gsize size;
	const char *bytes = g_bytes_get_data(content, &size);

	if (size < strlen(MAGIC))
		return FALSE;
	if (memcmp(bytes, MAGIC, strlen(MAGIC)) == 0)
		return TRUE;
	return (g_strcmp0(type, "application/pdf") == 0 || name_ends_with(name, ".pdf")) &&
	       memmem(bytes, MIN(size, HEAD_SIZE), MAGIC, strlen(MAGIC));
}

void pdf_use(pdf_converter converter, void *user)
{
	used = converter;
	used_by = user;
}

char *pdf_read(GBytes *pdf, enum pdf_want want, GError **error)
{
	if (g_bytes_get_size(pdf) > PDF_BYTES_MAX) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("the PDF has more than %u MB"), PDF_BYTES_MAX >> 20);
		return NULL;
	}
	return used ? used(used_by, pdf, want, error) : NULL;
}

/* The document as a file without a name, which nobody can change any more. */
static int as_file(GBytes *pdf, GError **error)
{
	gsize size;
	const char *bytes = g_bytes_get_data(pdf, &size);
	int fd = memfd_create("pdf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	gsize done = 0;

	while (fd >= 0 && done < size) {
		ssize_t n = write(fd, bytes + done, size - done);

		if (n < 0 && errno != EINTR)
			break;
		done += n > 0 ? (gsize)n : 0;
	}
	if (fd >= 0 && done == size && lseek(fd, 0, SEEK_SET) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK) == 0)
		return fd;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
		    _("cannot start the process that reads messages: %s"), g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Starts the second cage; `from_out` is where the text comes from. */
static int start(const char *program, GBytes *pdf, enum pdf_want want, int *from_out,
		 GError **error)
{
	char name[] = "pingyi", command[] = "reader", text[] = "pdf", places[] = "pdf-places";
	char *argv[] = {name, command, want == PDF_PLACES ? places : text, NULL};
	int file;

	if (access(PDF_PROGRAM, X_OK) != 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("%s is absent: install poppler-utils"), PDF_PROGRAM);
		return 0;
	}
	file = as_file(pdf, error);
	if (file < 0)
		return 0;
	return child_start_piped(program, argv, file, from_out, error);
}

/* How pdftotext ended: 1 cannot open, 3 locked against copying (pdftotext(1)). */
static gboolean check_end(int status, GError **error)
{
	g_autofree char *death = NULL;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return TRUE;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EX_TEMPFAIL) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("the cage around pdftotext cannot be closed"));
		return FALSE;
	}
	death = child_death(status, CAGE_PDF_MEMORY_MB, CAGE_PDF_CPU_S);
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("pdftotext cannot read the PDF (%s)"), death);
	return FALSE;
}

/* A stranger's words: valid UTF-8, a page's end a line's end, NULL when nothing was said. */
static char *clean(GString *text)
{
	const char *stop;
	gboolean said = FALSE;

	/* the limit may have cut a character in two */
	g_utf8_validate_len(text->str, text->len, &stop);
	if (text->len - (gsize)(stop - text->str) < 4)
		g_string_truncate(text, (gsize)(stop - text->str));
	for (gsize i = 0; i < text->len; i++) {
		if (text->str[i] == '\f')
			text->str[i] = '\n';
		said = said || !g_ascii_isspace(text->str[i]);
	}
	return said ? charset_to_utf8(text->str, text->len, "UTF-8", NULL) : NULL;
}

char *pdf_caged_text(const char *program, GBytes *pdf, enum pdf_want want, guint timeout_ms,
		     GError **error)
{
	gint64 deadline = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
	g_autoptr(GString) text = NULL;
	int from = -1, status;
	int pid = start(program, pdf, want, &from, error);
	enum frame_end end;

	if (pid <= 0)
		return NULL;
	text = g_string_new(NULL);
	end = frame_get_all(from, PDF_TEXT_MAX, text, deadline);
	close(from);
	/* one that says more than we take is ended, and what it said is kept */
	status = child_end(pid, end != FRAME_DONE || text->len >= PDF_TEXT_MAX ? 0 : deadline);
	if (end == FRAME_LATE) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("reading the PDF took longer than %u s"), timeout_ms / 1000);
		return NULL;
	}
	if (text->len < PDF_TEXT_MAX && !check_end(status, error))
		return NULL;
	if (text->len >= PDF_TEXT_MAX && want == PDF_PLACES) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("it has more text than is read"));
		return NULL;
	}
	return clean(text);
}

char *pdf_by_this_program(void *user, GBytes *pdf, enum pdf_want want, GError **error)
{
	(void)user;
	return pdf_caged_text(NULL, pdf, want, PDF_TIMEOUT_MS, error);
}

gboolean pdf_exec(enum pdf_want want, GError **error)
{
	char name[] = "pdftotext", quiet[] = "-q", encoding[] = "-enc", utf8[] = "UTF-8",
	     ends[] = "-eol", lf[] = "unix", last[] = "-l", pages[] = PDF_PAGES_MAX, in[] = "-",
	     out[] = "-", places[] = "-tsv";
	char *argv[] = {name, quiet, encoding, utf8, ends, lf, last, pages, in, out, NULL, NULL};

	if (want == PDF_PLACES) {
		argv[8] = places;
		argv[9] = in;
		argv[10] = out;
	}
	return cage_exec(PDF_PROGRAM, argv, error);
}
