#pragma once

/*
 * A source as pingyi.conf names it, "[source NAME]": where messages come from, and how one logs in
 * there.
 */
#include "collector/imap.h"
#include "collector/pop3.h"
#include "collector/source.h"
#include "db/office.h"

/* All but the URL is for mail servers alone. */
struct source_setting {
	/* maildir:PATH, mbox:PATH, imap(s)://HOST, pop3(s)://HOST, the path of a file, of a folder
	 * or of a .zip of .eml files */
	char *url;
	char *user;
	char *password;
	char *ca_file;     /* NULL: whom the system trusts */
	gboolean starttls; /* required with imap:// and pop3:// */
	char *after;       /* "seen", "move FOLDER" … (source_after_read()); NULL: seen */
};

/* Relative paths start at the office's folder; the password is read from its file. `setting` is to
 * be cleared also after an error. */
gboolean source_setting_read(struct office *office, const char *group,
			     struct source_setting *setting, GError **error);
void source_setting_clear(struct source_setting *setting);

/*
 * The URL of what a person names: itself; for a folder that is a Maildir maildir:PATH; for a file
 * that begins as an mbox does mbox:PATH; else the path. PINGYI_ERROR_INPUT for what is absent, and
 * for a file that is no message (a PDF, a picture, a text without headers), which then says --from.
 * Returns: (transfer full)
 */
char *source_setting_guess(const char *named, GError **error);

/* Whose server it is, by the URL. */
gboolean source_setting_is_imap(const char *url);
gboolean source_setting_is_pop3(const char *url);

/* What a session needs of it; borrows from `setting`. */
struct imap_options source_setting_imap(const struct source_setting *setting);
struct pop3_options source_setting_pop3(const struct source_setting *setting);
