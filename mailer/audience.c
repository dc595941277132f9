#include "mailer/audience.h"

#include "base/credit_code.h"
#include "base/error.h"
#include "mailer/smtp_text.h"

#include <string.h>

enum field { NAME, CODE, SHORT, STRATUM, CONTACT, PHONE, EMAIL, ADDRESS, POSTCODE, FIELDS };

/* Headings as offices write them; a number behind CONTACT, PHONE and EMAIL counts contacts. */
static const char *const headings[FIELDS] = {
    [NAME] = "企业名称|单位名称|名称|企业|单位|公司名称|name|enterprise",
    [CODE] = "统一社会信用代码|社会信用代码|信用代码|统一信用代码|credit code|uscc",
    [SHORT] = "简称|企业简称|short name",
    [STRATUM] = "层别|企业类别|类别|企业类型|类型|stratum|type",
    [CONTACT] = "联系人|联系人姓名|姓名|contact",
    [PHONE] = "电话|联系电话|手机|手机号|手机号码|电话号码|phone|mobile",
    [EMAIL] = "邮箱|电子邮箱|电子邮件|邮件地址|e-mail|email|mail",
    [ADDRESS] = "地址|通讯地址|通信地址|联系地址|address",
    [POSTCODE] = "邮编|邮政编码|postcode|zip",
};

static const struct {
	const char *stratum;
	const char *names;
} strata[] = {
    {"foreign", "外来投资企业|外来投资|外资企业|外商投资企业|foreign"},
    {"industry", "限额以上工业企业|规模以上工业企业|工业企业|工业|industry"},
    {"trade", "贸易餐饮企业|商贸餐饮企业|贸易餐饮|商贸企业|trade"},
};

/* Which column holds which field; contacts by their number from 0. */
struct layout {
	int of[FIELDS][AUDIENCE_CONTACTS_MAX]; /* -1: none */
};

struct reading {
	struct audience *audience;
	const struct table_row *head;
	const struct table_row *row;
	gboolean bad; /* the present row */
};

static void contact_free(gpointer data)
{
	struct audience_contact *contact = data;

	g_free(contact->name);
	g_free(contact->email);
	g_free(contact->phone);
	g_free(contact);
}

static void row_free(gpointer data)
{
	struct audience_row *row = data;

	if (!row)
		return;
	g_free(row->name);
	g_free(row->short_name);
	g_free(row->credit_code);
	g_free(row->address);
	g_free(row->postcode);
	g_ptr_array_unref(row->contacts);
	g_free(row);
}

static void problem_free(gpointer data)
{
	struct audience_problem *problem = data;

	g_free(problem->column);
	g_free(problem->reason);
	g_free(problem);
}

void audience_free(struct audience *audience)
{
	if (!audience)
		return;
	g_ptr_array_unref(audience->rows);
	g_ptr_array_unref(audience->problems);
	g_free(audience);
}

static gboolean listed(const char *names, const char *text, gsize length)
{
	g_auto(GStrv) all = g_strsplit(names, "|", -1);

	for (char **name = all; *name; name++)
		if (strlen(*name) == length && g_ascii_strncasecmp(*name, text, length) == 0)
			return TRUE;
	return FALSE;
}

static void problem(struct reading *reading, int column, char *reason)
{
	struct audience_problem *p = g_new0(struct audience_problem, 1);

	p->line = reading->row->line;
	p->column = g_strdup(column < 0 ? "" : table_cell(reading->head, (guint)column));
	p->reason = reason;
	g_ptr_array_add(reading->audience->problems, p);
	reading->bad = TRUE;
}

static void find_columns(const struct table_row *head, struct layout *layout)
{
	memset(layout->of, -1, sizeof layout->of);
	for (guint column = 0; column < head->count; column++) {
		const char *text = table_cell(head, column);
		gsize length = strlen(text);
		guint number = 0;

		while (length && g_ascii_isdigit(text[length - 1]))
			length--;
		if (text[length])
			number = (guint)CLAMP(g_ascii_strtoull(text + length, NULL, 10), 1,
					      AUDIENCE_CONTACTS_MAX) -
				 1;
		while (length && text[length - 1] == ' ')
			length--;
		for (guint field = 0; field < FIELDS; field++)
			if (listed(headings[field], text, length) && layout->of[field][number] < 0)
				layout->of[field][number] = (int)column;
	}
}

static const char *cell(const struct reading *reading, int column)
{
	return column < 0 ? "" : table_cell(reading->row, (guint)column);
}

static char *optional(const char *text)
{
	return *text ? g_strdup(text) : NULL;
}

/* A number that Excel wrote as 1.3812345678E+10 or 13812345678.0, as it was; NULL when digits are
 * gone for good. Anything else is left as it is. */
static char *undo_excel(const char *text)
{
	static const char zeros[] = ".0";
	const char *e = strpbrk(text, "eE");
	gsize length = strlen(text);
	gsize places;
	guint64 exponent;

	if (strspn(text, "0123456789") == length - strlen(zeros) && length > strlen(zeros) &&
	    g_str_has_suffix(text, zeros))
		return g_strndup(text, length - strlen(zeros));
	if (!e || strspn(text, "0123456789.") != (gsize)(e - text) || e[1] != '+' ||
	    !g_ascii_isdigit(e[2]))
		return g_strdup(text);
	exponent = g_ascii_strtoull(e + 2, NULL, 10);
	if (text[1] != '.' || exponent > 20)
		return NULL;
	places = (gsize)(e - text) - 2;
	if (places != exponent)
		return NULL;
	return g_strdup_printf("%c%.*s", text[0], (int)places, text + 2);
}

static char *read_phone(struct reading *reading, int column)
{
	const char *text = cell(reading, column);
	char *phone = *text ? undo_excel(text) : NULL;

	if (!*text || phone)
		return phone;
	problem(
	    reading, column,
	    g_strdup_printf(_("“%s”: Excel has cut its digits; format the column as text"), text));
	return NULL;
}

static char *read_postcode(struct reading *reading, int column)
{
	const char *text = cell(reading, column);
	g_autofree char *code = *text ? undo_excel(text) : NULL;

	if (!*text)
		return NULL;
	/* Excel drops the zero of 010020 */
	if (code && strlen(code) == 5 && strspn(code, "0123456789") == 5)
		return g_strconcat("0", code, NULL);
	if (code && strlen(code) == 6 && strspn(code, "0123456789") == 6)
		return g_steal_pointer(&code);
	problem(reading, column, g_strdup_printf(_("“%s” is no postcode of six digits"), text));
	return NULL;
}

/* Whether the letters of a name are of one script: "王芳wang@…" is a name and an address that stand
 * without a space between them. */
static gboolean is_one_script(const char *text, gsize length)
{
	gboolean ascii = FALSE;
	gboolean other = FALSE;

	for (const char *c = text; c < text + length; c = g_utf8_next_char(c)) {
		gunichar letter = g_utf8_get_char(c);

		if (letter >= 0x80 && !g_unichar_isalnum(letter))
			return FALSE;
		ascii |= letter < 0x80 && g_ascii_isalpha((char)letter);
		other |= letter >= 0x80;
	}
	return !(ascii && other);
}

/* An address as it is kept and compared: a domain of other letters in its ASCII form (RFC 5891).
 * Returns: (transfer full) NULL when it is none. */
static char *read_email(const char *text)
{
	gboolean utf8 = FALSE;
	g_autofree char *address = smtp_text_address(text, &utf8);
	const char *at = address ? strchr(address, '@') : NULL;

	if (!at || at[1] == '.' || !strchr(at, '.') || strpbrk(address, "[]") || strstr(at, "..") ||
	    address[strlen(address) - 1] == '.' || !is_one_script(address, (gsize)(at - address)))
		return NULL;
	return g_steal_pointer(&address);
}

/* The parts of a cell that lists several, at any usual separator. Returns: (transfer full) */
static char **parts_of(const char *text)
{
	g_autoptr(GString) same = g_string_new(text);

	for (const char *const *mark = (const char *const[]){"；", "、", "，", ",", "/", " ", NULL};
	     *mark; mark++)
		g_string_replace(same, *mark, ";", 0);
	return g_strsplit(same->str, ";", -1);
}

/* The contacts of one group of columns: several addresses in a cell are several contacts. */
static void read_contacts(struct reading *reading, const struct layout *layout, guint group,
			  struct audience_row *row)
{
	int column = layout->of[EMAIL][group];
	g_auto(GStrv) emails = parts_of(cell(reading, column));
	g_autofree char *phone = read_phone(reading, layout->of[PHONE][group]);
	g_autofree char *name = optional(cell(reading, layout->of[CONTACT][group]));
	guint before = row->contacts->len;

	for (char **email = emails; *email; email++) {
		struct audience_contact *contact;
		g_autofree char *address = NULL;

		if (!**email)
			continue;
		address = read_email(*email);
		if (!address) {
			problem(reading, column,
				g_strdup_printf(_("“%s” is no mail address"), *email));
			continue;
		}
		if (row->contacts->len >= AUDIENCE_CONTACTS_MAX) {
			problem(reading, column, g_strdup(_("too many contacts")));
			return;
		}
		contact = g_new0(struct audience_contact, 1);
		contact->email = g_steal_pointer(&address);
		contact->name = g_strdup(name);
		contact->phone = g_strdup(phone);
		g_ptr_array_add(row->contacts, contact);
	}
	if (row->contacts->len == before && (name || phone)) {
		struct audience_contact *contact = g_new0(struct audience_contact, 1);

		contact->name = g_steal_pointer(&name);
		contact->phone = g_steal_pointer(&phone);
		g_ptr_array_add(row->contacts, contact);
	}
}

static const char *read_stratum(struct reading *reading, int column)
{
	const char *text = cell(reading, column);

	for (guint i = 0; i < G_N_ELEMENTS(strata); i++)
		if (listed(strata[i].names, text, strlen(text)))
			return strata[i].stratum;
	problem(reading, column,
		g_strdup_printf(_("“%s” is none of 外来投资企业, 限额以上工业企业, 贸易餐饮企业"),
				text));
	return NULL;
}

static char *read_code(struct reading *reading, int column)
{
	g_autofree char *code = g_ascii_strup(cell(reading, column), -1);

	if (!*code)
		return NULL;
	if (credit_code_ok(code))
		return g_steal_pointer(&code);
	problem(reading, column,
		g_strdup_printf(strlen(code) == CREDIT_CODE_LENGTH
				    ? _("“%s”: the check character is wrong (GB 32100)")
				    : _("“%s” is no credit code of 18 characters"),
				code));
	return NULL;
}

static struct audience_row *read_row(struct reading *reading, const struct layout *layout)
{
	struct audience_row *row = g_new0(struct audience_row, 1);

	row->line = reading->row->line;
	row->contacts = g_ptr_array_new_with_free_func(contact_free);
	row->name = g_strdup(cell(reading, layout->of[NAME][0]));
	if (!*row->name)
		problem(reading, layout->of[NAME][0], g_strdup(_("the name is missing")));
	row->credit_code = read_code(reading, layout->of[CODE][0]);
	row->short_name = optional(cell(reading, layout->of[SHORT][0]));
	row->stratum = read_stratum(reading, layout->of[STRATUM][0]);
	row->address = optional(cell(reading, layout->of[ADDRESS][0]));
	row->postcode = read_postcode(reading, layout->of[POSTCODE][0]);
	for (guint group = 0; group < AUDIENCE_CONTACTS_MAX; group++)
		read_contacts(reading, layout, group, row);
	return row;
}

/* Whether the key stands in an earlier row of the same file. */
static void check_twice(struct reading *reading, GHashTable *seen, const struct layout *layout,
			const char *text, enum field field)
{
	gpointer line = text ? g_hash_table_lookup(seen, text) : NULL;

	if (!text || !*text)
		return;
	if (line)
		problem(reading, layout->of[field][0],
			g_strdup_printf(_("“%s” stands in line %u already"), text,
					GPOINTER_TO_UINT(line)));
	else
		g_hash_table_insert(seen, g_strdup(text), GUINT_TO_POINTER(reading->row->line));
}

static gboolean check_headings(const char *file, const struct table_row *head,
			       const struct layout *layout, GError **error)
{
	g_autoptr(GString) found = g_string_new(NULL);

	if (layout->of[NAME][0] >= 0 && layout->of[STRATUM][0] >= 0)
		return TRUE;
	for (guint i = 0; i < head->count && i < 20; i++)
		g_string_append_printf(found, "%s%s", i ? ", " : "", table_cell(head, i));
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("%s:%u: a column 企业名称 and a column 层别 are needed; found: %s"), file,
		    head->line, found->str);
	return FALSE;
}

struct audience *audience_read(const char *file, const GPtrArray *table, GError **error)
{
	g_autoptr(audience_handle) audience = g_new0(struct audience, 1);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct reading reading = {.audience = audience};
	struct layout layout;

	audience->rows = g_ptr_array_new_with_free_func(row_free);
	audience->problems = g_ptr_array_new_with_free_func(problem_free);
	if (table->len == 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s: the file is empty"),
			    file);
		return NULL;
	}
	reading.head = g_ptr_array_index(table, 0);
	find_columns(reading.head, &layout);
	if (!check_headings(file, reading.head, &layout, error))
		return NULL;
	for (guint i = 1; i < table->len; i++) {
		struct audience_row *row;

		reading.row = g_ptr_array_index(table, i);
		reading.bad = FALSE;
		row = read_row(&reading, &layout);
		check_twice(&reading, seen, &layout, row->name, NAME);
		check_twice(&reading, seen, &layout, row->credit_code, CODE);
		if (reading.bad)
			row_free(row);
		else
			g_ptr_array_add(audience->rows, row);
	}
	return g_steal_pointer(&audience);
}
