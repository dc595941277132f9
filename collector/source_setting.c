#include "collector/source_setting.h"

#include "base/error.h"
#include "collector/name.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define HEAD_BYTES 512 /* of a file, that tell what it is */

/* The value of a setting, NULL where it is empty. */
static char *value(struct office *office, const char *group, const char *name)
{
	const char *text = office_setting(office, group, name, "");

	return *text ? g_strdup(text) : NULL;
}

static char *url_of(struct office *office, const char *group)
{
	const char *url = office_setting(office, group, "url", "");
	const char *colon = strchr(url, ':');
	g_autofree char *path = NULL;

	if (!g_str_has_prefix(url, "maildir:") && !g_str_has_prefix(url, "mbox:"))
		return g_strdup(url);
	path = office_path(office, colon + 1);
	return g_strdup_printf("%.*s%s", (int)(colon + 1 - url), url, path);
}

gboolean source_setting_read(struct office *office, const char *group,
			     struct source_setting *setting, GError **error)
{
	const char *secret = office_setting(office, group, "password_file", "");
	const char *ca_file = office_setting(office, group, "ca_file", "");

	*setting = (struct source_setting){
	    .url = url_of(office, group),
	    .user = value(office, group, "user"),
	    .ca_file = *ca_file ? office_path(office, ca_file) : NULL,
	    .starttls = strcmp(office_setting(office, group, "starttls", "required"), "off") != 0,
	    .after = value(office, group, "after"),
	};
	if (*secret)
		setting->password = office_secret(office, secret, error);
	return !*secret || setting->password;
}

void source_setting_clear(struct source_setting *setting)
{
	g_free(setting->url);
	g_free(setting->user);
	g_free(setting->password);
	g_free(setting->ca_file);
	g_free(setting->after);
}

gboolean source_setting_is_imap(const char *url)
{
	return g_str_has_prefix(url, "imap://") || g_str_has_prefix(url, "imaps://");
}

gboolean source_setting_is_pop3(const char *url)
{
	return g_str_has_prefix(url, "pop3://") || g_str_has_prefix(url, "pop3s://");
}

struct imap_options source_setting_imap(const struct source_setting *setting)
{
	return (struct imap_options){.url = setting->url,
				     .user = setting->user,
				     .password = setting->password,
				     .starttls = setting->starttls,
				     .ca_file = setting->ca_file};
}

struct pop3_options source_setting_pop3(const struct source_setting *setting)
{
	return (struct pop3_options){.url = setting->url,
				     .user = setting->user,
				     .password = setting->password,
				     .starttls = setting->starttls,
				     .ca_file = setting->ca_file};
}

/* --- what a person names -------------------------------------------------------------------- */

/* The begin of a file. Returns: (transfer full), ended by a NUL; NULL with an error */
static char *read_head(const char *path, gsize *size_out, GError **error)
{
	g_autofree char *head = g_malloc0(HEAD_BYTES + 1);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = file >= 0 ? read(file, head, HEAD_BYTES) : -1;

	if (got > 0)
		*size_out = (gsize)got;
	else if (got == 0)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s is empty"), path);
	else
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s: %s", path,
			    g_strerror(errno));
	if (file >= 0)
		close(file);
	return got > 0 ? g_steal_pointer(&head) : NULL;
}

/* What a file is by its first bytes (a msgid), where it is certainly no message; else NULL. */
static const char *kind_of_head(const char *head, gsize size)
{
	static const struct {
		const char *bytes;
		gsize size;
		const char *kind;
	} kinds[] = {
	    {"%PDF-", 5, N_("a PDF file")},
	    {"PK\3\4", 4, N_("an Office file or an archive")},
	    {"\xd0\xcf\x11\xe0", 4, N_("an old Office or Outlook file")},
	    {"{\\rtf", 5, N_("an Office file or an archive")},
	    {"\x89PNG", 4, N_("a picture")},
	    {"\xff\xd8\xff", 3, N_("a picture")},
	    {"GIF8", 4, N_("a picture")},
	    {"II*\0", 4, N_("a picture")},
	    {"MM\0*", 4, N_("a picture")},
	    {"RIFF", 4, N_("a picture")},
	    {"BM", 2, N_("a picture")},
	    {"Rar!", 4, N_("an Office file or an archive")},
	    {"7z\xbc\xaf", 4, N_("an Office file or an archive")},
	    {"\x1f\x8b", 2, N_("an Office file or an archive")},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (size >= kinds[i].size && memcmp(head, kinds[i].bytes, kinds[i].size) == 0)
			/* a header may begin with those letters */
			return strcmp(kinds[i].bytes, "BM") != 0 || memchr(head, 0, size)
				   ? kinds[i].kind
				   : NULL;
	return NULL;
}

/* Whether it begins with a header field (RFC 5322, 2.2): a name, a colon. */
static gboolean begins_with_field(const char *head)
{
	gsize n;

	if (g_str_has_prefix(head, "\xef\xbb\xbf"))
		head += 3;
	head += strspn(head, " \t\r\n");
	n = strspn(head, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
	return n > 0 && head[n + strspn(head + n, " \t")] == ':';
}

/* What is named as a message is one, with a "From " line or whatever else it begins with. */
static char *guess_file(const char *path, GError **error)
{
	gsize size = 0;
	g_autofree char *whole = g_canonicalize_filename(path, NULL);
	g_autofree char *head = NULL;
	const char *kind;

	if (name_ends_with(path, ".zip"))
		return g_strdup(path);
	head = read_head(path, &size, error);
	if (!head)
		return NULL;
	if (g_str_has_prefix(head, "From ") && !name_ends_with(path, ".eml"))
		return g_strdup_printf("mbox:%s", whole);
	kind = kind_of_head(head, size);
	if (!kind && (name_ends_with(path, ".eml") || begins_with_field(head)))
		return g_strdup(path);
	g_set_error(
	    error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
	    _("%s is no mail message (%s). If an enterprise gave it as its answer, say which: "
	      "pingyi collect FILE --from ENTERPRISE"),
	    path, kind ? _(kind) : _("it begins with no header"));
	return NULL;
}

char *source_setting_guess(const char *named, GError **error)
{
	g_autofree char *current = g_build_filename(named, "cur", NULL);
	g_autofree char *fresh = g_build_filename(named, "new", NULL);
	g_autofree char *whole = g_canonicalize_filename(named, NULL);

	if (g_str_has_prefix(named, "maildir:") || g_str_has_prefix(named, "mbox:") ||
	    source_setting_is_imap(named) || source_setting_is_pop3(named))
		return g_strdup(named);
	if (!g_file_test(named, G_FILE_TEST_IS_DIR))
		return guess_file(named, error);
	if (g_file_test(current, G_FILE_TEST_IS_DIR) && g_file_test(fresh, G_FILE_TEST_IS_DIR))
		return g_strdup_printf("maildir:%s", whole);
	return g_strdup(named);
}
