#include "followup/mask.h"

#include "base/json.h"

#include <string.h>

/* The text as it is compared: half-width, small letters, without white space; and where each byte
 * of it stood. */
struct folded {
	GString *text;
	GArray *start; /* guint: of each byte, where its character began … */
	GArray *end;   /* … and ended in the original */
};

struct range {
	guint start; /* in the original */
	guint end;
	const char *what;  /* static */
	const char *token; /* static: what stands there instead */
};

static gunichar fold_char(gunichar c)
{
	if (c >= 0xff01 && c <= 0xff5e)
		c -= 0xfee0;
	return g_unichar_tolower(c);
}

static gboolean is_skipped(gunichar c)
{
	return g_unichar_isspace(c) || c == 0x3000 || c == 0x200b || c == 0x200c || c == 0x200d ||
	       c == 0xfeff;
}

static struct folded fold(const char *text)
{
	struct folded folded = {g_string_new(NULL), g_array_new(FALSE, FALSE, sizeof(guint)),
				g_array_new(FALSE, FALSE, sizeof(guint))};

	for (const char *at = text; *at; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		guint start = (guint)(at - text);
		guint end = (guint)(g_utf8_next_char(at) - text);
		gsize before = folded.text->len;

		if (is_skipped(c))
			continue;
		g_string_append_unichar(folded.text, fold_char(c));
		for (gsize i = before; i < folded.text->len; i++) {
			g_array_append_val(folded.start, start);
			g_array_append_val(folded.end, end);
		}
	}
	return folded;
}

static void folded_clear(struct folded *folded)
{
	g_string_free(folded->text, TRUE);
	g_array_unref(folded->start);
	g_array_unref(folded->end);
}

static char *fold_fact(const char *fact)
{
	struct folded folded = fold(fact);
	char *text = g_strdup(folded.text->str);

	folded_clear(&folded);
	return text;
}

static void add_range(GArray *ranges, const struct folded *folded, gsize from, gsize to,
		      const char *what, const char *token)
{
	struct range range = {g_array_index(folded->start, guint, from),
			      g_array_index(folded->end, guint, to - 1), what, token};

	/* the first rule that covers a place names it; later ones may only widen it */
	for (guint i = 0; i < ranges->len; i++) {
		struct range *other = &g_array_index(ranges, struct range, i);

		if (range.start < other->end && other->start < range.end) {
			other->start = MIN(other->start, range.start);
			other->end = MAX(other->end, range.end);
			return;
		}
	}
	g_array_append_val(ranges, range);
}

/* Every place of a fact; one of fewer than two characters says nothing. */
static void find_fact(GArray *ranges, const struct folded *folded, const char *fact,
		      const char *what, const char *token)
{
	g_autofree char *wanted = fact ? fold_fact(fact) : NULL;
	const char *at = folded->text->str;

	if (!wanted || g_utf8_strlen(wanted, -1) < 2)
		return;
	while ((at = strstr(at, wanted)) != NULL) {
		gsize from = (gsize)(at - folded->text->str);

		add_range(ranges, folded, from, from + strlen(wanted), what, token);
		at += strlen(wanted);
	}
}

static void find_pattern(GArray *ranges, const struct folded *folded, const char *pattern,
			 const char *what, const char *token)
{
	g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_OPTIMIZE, 0, NULL);
	g_autoptr(GMatchInfo) info = NULL;

	g_assert(regex);
	for (g_regex_match(regex, folded->text->str, 0, &info); g_match_info_matches(info);
	     g_match_info_next(info, NULL)) {
		int from = 0;
		int to = 0;

		if (g_match_info_fetch_pos(info, 0, &from, &to) && to > from)
			add_range(ranges, folded, (gsize)from, (gsize)to, what, token);
	}
}

/* What is distinctive of a name: without place in front and legal form behind. */
static void find_name_parts(GArray *ranges, const struct folded *folded, const char *name)
{
	g_autoptr(GRegex) brackets = g_regex_new("[(（][^)）]*[)）]", 0, 0, NULL);
	g_autoptr(GRegex) place =
	    g_regex_new("^(.{2,4}省)?(.{2,4}(市|州|盟))?(.{1,4}[区县旗])?", 0, 0, NULL);
	g_autoptr(GRegex) form = g_regex_new(
	    "(股份有限公司|有限责任公司|集团有限公司|有限公司|集团公司|总公司|分公司|公司|集团|厂|"
	    "店|酒店|饭店|宾馆|超市|商行|经营部|合作社)$",
	    0, 0, NULL);
	g_autofree char *bare = g_regex_replace_literal(brackets, name, -1, 0, "", 0, NULL);
	g_autofree char *placeless = g_regex_replace_literal(place, bare, -1, 0, "", 0, NULL);
	g_autofree char *core = g_regex_replace_literal(form, placeless, -1, 0, "", 0, NULL);
	glong length = g_utf8_strlen(core, -1);

	find_fact(ranges, folded, bare, "enterprise", "〔企业〕");
	find_fact(ranges, folded, placeless, "enterprise", "〔企业〕");
	find_fact(ranges, folded, core, "enterprise", "〔企业〕");
	/* 蓝海石化设备 is also called 蓝海石化 and 蓝海 */
	for (glong n = MIN(length - 1, 6); n >= 2; n--) {
		g_autofree char *part = g_utf8_substring(core, 0, n);

		find_fact(ranges, folded, part, "enterprise", "〔企业〕");
	}
}

/* 张伟 is also 张经理, 张总, 张某. */
static void find_contact(GArray *ranges, const struct folded *folded, const char *name)
{
	g_autofree char *wanted = fold_fact(name);
	g_autofree char *surname = NULL;
	g_autofree char *escaped = NULL;
	g_autofree char *pattern = NULL;

	find_fact(ranges, folded, name, "contact", "〔联系人〕");
	if (!*wanted || (guint8)*wanted < 0x80)
		return;
	surname = g_utf8_substring(wanted, 0, g_utf8_strlen(wanted, -1) > 3 ? 2 : 1);
	escaped = g_regex_escape_string(surname, -1);
	pattern = g_strconcat(
	    "(老|小)?", escaped,
	    "(总经理|副总|经理|总监|总|厂长|主任|先生|女士|小姐|老板|董事长|董|工程师|工|某某|"
	    "某|会计|师傅|部长|科长|店长)",
	    NULL);
	find_pattern(ranges, folded, pattern, "contact", "〔联系人〕");
}

/* Whole, and the part that a postman needs: road and number. */
static void find_address(GArray *ranges, const struct folded *folded, const char *address)
{
	g_autoptr(GRegex) door = g_regex_new(
	    "[^省市区县镇]{2,10}(路|街|大道|巷|道|村)[0-9]+(-[0-9]+)?号?.*$", 0, 0, NULL);
	g_autofree char *wanted = fold_fact(address);
	g_autoptr(GMatchInfo) info = NULL;

	find_fact(ranges, folded, address, "address", "〔地址〕");
	if (g_regex_match(door, wanted, 0, &info)) {
		g_autofree char *part = g_match_info_fetch(info, 0);
		g_autoptr(GRegex) number = g_regex_new("^.*?[0-9]+(-[0-9]+)?号?", 0, 0, NULL);
		g_autoptr(GMatchInfo) short_info = NULL;

		find_fact(ranges, folded, part, "address", "〔地址〕");
		if (g_regex_match(number, part, 0, &short_info)) {
			g_autofree char *short_part = g_match_info_fetch(short_info, 0);

			find_fact(ranges, folded, short_part, "address", "〔地址〕");
		}
	}
}

/* Digits of a known phone with anything but digits between them. */
static void find_phone(GArray *ranges, const struct folded *folded, const char *phone)
{
	GString *pattern = g_string_new(NULL);
	guint digits = 0;

	for (const char *at = phone; *at; at++)
		if (g_ascii_isdigit(*at)) {
			if (digits++)
				g_string_append(pattern, "[-—–.()/ ]{0,3}");
			g_string_append_c(pattern, *at);
		}
	if (digits >= 5)
		find_pattern(ranges, folded, pattern->str, "phone", "〔电话〕");
	g_string_free(pattern, TRUE);
}

static void find_all(GArray *ranges, const struct folded *folded, const struct mask_facts *facts)
{
	find_pattern(ranges, folded, "https?://[a-z0-9./?=&_%#:~+@-]+", "link", "〔链接〕");
	find_pattern(ranges, folded, "[a-z0-9._%+-]+@[a-z0-9-]+(\\.[a-z0-9-]+)+", "email",
		     "〔邮箱〕");
	find_pattern(ranges, folded, "py-?[2-9a-hjkmnp-z]{8}(?![0-9a-z])", "number", "〔编号〕");
	for (const char *const *email = facts->emails; email && *email; email++)
		find_fact(ranges, folded, *email, "email", "〔邮箱〕");
	find_fact(ranges, folded, facts->credit_code, "code", "〔代码〕");
	find_pattern(
	    ranges, folded,
	    "(?<![0-9a-z])[0-9a-hj-npqrtuwxy]{2}[0-9]{6}[0-9a-hj-npqrtuwxy]{10}(?![0-9a-z])",
	    "code", "〔代码〕");
	find_fact(ranges, folded, facts->name, "enterprise", "〔企业〕");
	if (facts->address)
		find_address(ranges, folded, facts->address);
	for (const char *const *phone = facts->phones; phone && *phone; phone++)
		find_phone(ranges, folded, *phone);
	find_pattern(ranges, folded,
		     "(\\+?86[-.]?)?(?<![0-9])1[3-9][0-9][-—.]?[0-9]{4}[-—.]?[0-9]{4}(?![0-9])",
		     "phone", "〔电话〕");
	find_pattern(ranges, folded,
		     "(?<![0-9])[(]?0[0-9]{2,3}[)]?[-—.]?[2-9][0-9]{2,3}[-—.]?[0-9]{4}(?![0-9])"
		     "((转|-|ext\\.?)[0-9]{1,6})?",
		     "phone", "〔电话〕");
	find_pattern(ranges, folded, "(?<=电话|手机|致电|联系)[:：是为]{0,2}[0-9]{7,8}(?![0-9])",
		     "phone", "〔电话〕");
	find_fact(ranges, folded, facts->short_name, "enterprise", "〔企业〕");
	if (facts->name)
		find_name_parts(ranges, folded, facts->name);
	for (const char *const *contact = facts->contacts; contact && *contact; contact++)
		find_contact(ranges, folded, *contact);
}

static gint by_start(gconstpointer a, gconstpointer b)
{
	const struct range *one = a;
	const struct range *two = b;

	return one->start < two->start ? -1 : one->start > two->start;
}

static JsonNode *ranges_json(const char *text, const GArray *ranges)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_array(builder);
	for (guint i = 0; i < ranges->len; i++) {
		const struct range *range = &g_array_index(ranges, struct range, i);
		g_autofree char *was = g_strndup(text + range->start, range->end - range->start);

		json_builder_begin_object(builder);
		json_add_text(builder, "what", range->what);
		json_add_text(builder, "text", was);
		json_add_int(builder, "start", range->start);
		json_add_int(builder, "end", range->end);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	return json_builder_get_root(builder);
}

char *mask_text(const char *text, const struct mask_facts *facts, JsonNode **replaced_out)
{
	struct folded folded = fold(text);
	g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(struct range));
	GString *out = g_string_new(NULL);
	guint at = 0;

	find_all(ranges, &folded, facts);
	folded_clear(&folded);
	g_array_sort(ranges, by_start);
	for (guint i = 0; i < ranges->len; i++) {
		const struct range *range = &g_array_index(ranges, struct range, i);

		if (range->start < at) { /* two that were widened into one another */
			at = MAX(at, range->end);
			continue;
		}
		g_string_append_len(out, text + at, range->start - at);
		g_string_append(out, range->token);
		at = range->end;
	}
	g_string_append(out, text + at);
	if (replaced_out)
		*replaced_out = ranges_json(text, ranges);
	return g_string_free(out, FALSE);
}
