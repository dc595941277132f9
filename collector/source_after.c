#include "collector/source.h"

#include "base/error.h"

#include <string.h>

static const struct {
	const char *word;
	enum source_after after;
	gboolean imap, pop3;
} words[] = {
    {"seen", SOURCE_SEEN, TRUE, TRUE},      {"flag", SOURCE_FLAG, TRUE, TRUE},
    {"move", SOURCE_MOVE, TRUE, FALSE},     {"keep", SOURCE_KEEP, TRUE, TRUE},
    {"delete", SOURCE_DELETE, FALSE, TRUE},
};

gboolean source_after_read(const char *text, gboolean pop3, enum source_after *after_out,
			   const char **folder_out, GError **error)
{
	gsize length = strcspn(text, " ");
	const char *folder = text + length + strspn(text + length, " ");

	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		gboolean moves = words[i].after == SOURCE_MOVE;

		if (strlen(words[i].word) != length || strncmp(text, words[i].word, length) != 0)
			continue;
		if (moves != (*folder != '\0') || !(pop3 ? words[i].pop3 : words[i].imap))
			break;
		*after_out = words[i].after;
		*folder_out = moves ? folder : NULL;
		return TRUE;
	}
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    pop3 ? _("after = %s: by POP3 it is keep or delete")
			 : _("after = %s: by IMAP it is seen, flag, move FOLDER or keep"),
		    text);
	return FALSE;
}
