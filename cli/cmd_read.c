#include "cli/command.h"

#include "base/error.h"
#include "collector/pdf.h"
#include "collector/read.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDER_DEPTH_MAX 20

static gboolean print_message(GBytes *raw, const char *file, gboolean bare, GError **error)
{
	const struct read_options options = {.bare = bare, .file = file};
	struct reading *reading = read_message(raw, &options, error);
	g_autofree char *line = NULL;

	if (!reading)
		return FALSE;
	line = reading_to_line(reading);
	reading_free(reading);
	printf("%s\n", line);
	return TRUE;
}

static GBytes *read_stdin(GError **error)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	guint8 buffer[65536];
	ssize_t n;

	while ((n = read(STDIN_FILENO, buffer, sizeof buffer)) > 0) {
		if (bytes->len + (gsize)n > MIME_MESSAGE_MAX) {
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("standard input: more than %u bytes"), MIME_MESSAGE_MAX);
			return NULL;
		}
		g_byte_array_append(bytes, buffer, (guint)n);
	}
	return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

static gboolean read_path(const char *path, gboolean bare, guint depth, GError **error);

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Every file of a folder, by name, those whose names begin with a point left out. */
static gboolean read_folder(const char *path, gboolean bare, guint depth, GError **error)
{
	g_autoptr(GDir) folder = g_dir_open(path, 0, error);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	const char *name;

	if (!folder || depth > FOLDER_DEPTH_MAX)
		return FALSE;
	while ((name = g_dir_read_name(folder)))
		if (*name != '.')
			g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, by_name);
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *inner = g_build_filename(path, g_ptr_array_index(names, i), NULL);

		if (!read_path(inner, bare, depth + 1, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean read_path(const char *path, gboolean bare, guint depth, GError **error)
{
	g_autofree char *contents = NULL;
	g_autofree char *shown = NULL;
	g_autoptr(GBytes) raw = NULL;
	gsize length;

	if (strcmp(path, "-") == 0) {
		raw = read_stdin(error);
		return raw && print_message(raw, "-", bare, error);
	}
	if (g_file_test(path, G_FILE_TEST_IS_DIR))
		return read_folder(path, bare, depth, error);
	if (!g_file_get_contents(path, &contents, &length, error)) {
		/* GLib's message names the file. */
		if (error && *error)
			(*error)->domain = PINGYI_ERROR, (*error)->code = PINGYI_ERROR_INPUT;
		return FALSE;
	}
	raw = g_bytes_new_take(g_steal_pointer(&contents), length);
	shown = g_filename_display_name(path);
	if (print_message(raw, shown, bare, error))
		return TRUE;
	g_prefix_error(error, "%s: ", shown);
	return FALSE;
}

gboolean cmd_read(struct app *app, int argc, char **argv, GError **error)
{
	gboolean bare = FALSE, json = TRUE;
	const GOptionEntry entries[] = {{"text", 't', 0, G_OPTION_ARG_NONE, &bare,
					 _("the files are bodies without headers"), NULL},
					{"json", 0, 0, G_OPTION_ARG_NONE, &json,
					 _("print JSON, one object a line (always)"), NULL},
					G_OPTION_ENTRY_NULL};

	(void)app;
	if (!app_options(&argc, &argv, entries, "FILE…",
			 _("Shows how messages are understood: one JSON object a line. FILE may be "
			   "a folder, or - for standard input."),
			 error))
		return FALSE;
	if (argc < 2)
		return app_usage(error, "read [--text] FILE…");
	pdf_use(pdf_by_this_program, NULL);
	for (int i = 1; i < argc; i++)
		if (!read_path(argv[i], bare, 0, error))
			return FALSE;
	return TRUE;
}
