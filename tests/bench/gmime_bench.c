/*
 * The peer of reading: GMime alone reads all files of a folder and decodes the text of their parts;
 * prints how many a second. gmime_bench FOLDER. It knows nothing of ours.
 */
#include <gmime/gmime.h>
#include <stdio.h>
#include <string.h>

static gsize characters; /* so that no decoding can be left out */

static void read_part(GMimeObject *parent, GMimeObject *part, gpointer user)
{
	(void)parent;
	(void)user;
	if (GMIME_IS_TEXT_PART(part)) {
		g_autofree char *text = g_mime_text_part_get_text((GMimeTextPart *)part);

		characters += text ? strlen(text) : 0;
	}
}

static gboolean read_file(const char *path)
{
	GMimeStream *stream = g_mime_stream_file_open(path, "r", NULL);
	GMimeParser *parser;
	GMimeMessage *message;

	if (!stream)
		return FALSE;
	parser = g_mime_parser_new_with_stream(stream);
	message = g_mime_parser_construct_message(parser, NULL);
	if (message) {
		const char *subject = g_mime_message_get_subject(message);

		characters += subject ? strlen(subject) : 0;
		g_mime_message_foreach(message, read_part, NULL);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(stream);
	return message != NULL;
}

int main(int argc, char **argv)
{
	g_autoptr(GDir) folder = NULL;
	const char *name;
	guint count = 0;
	gint64 start;

	if (argc != 2)
		return 64;
	g_mime_init();
	folder = g_dir_open(argv[1], 0, NULL);
	start = g_get_monotonic_time();
	while (folder && (name = g_dir_read_name(folder)) != NULL) {
		g_autofree char *path = g_build_filename(argv[1], name, NULL);

		count += read_file(path) ? 1 : 0;
	}
	printf("%.1f\n", (double)count * 1e6 / (double)(g_get_monotonic_time() - start));
	return characters > 0 ? 0 : 1;
}
