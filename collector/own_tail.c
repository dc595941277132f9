#include "collector/own_tail.h"

#include "collector/marker.h"

#include <string.h>

#define TAIL_LINES_MAX 8
#define TAIL_LINE_MAX  120 /* bytes */
#define SHORT_LINE_MAX 60  /* bytes of a line below a closing */

#define SURNAME                                                                                                                              \
	"[王李张刘陈杨赵黄周吴徐孙胡朱林郭罗梁宋郑韩唐冯董萧曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶" \
	"阎余潘"                                                                                                                          \
	"戴夏钟汪田姜范姚谭廖邹熊陆郝孔崔邱秦顾侯邵孟段钱汤尹黎乔贺赖龚于马何高谢程]"
#define TITLE                                                                                                                       \
	"(?:总|经理|总经理|副总经理|副总|主任|厂长|会计|工|女士|先生|老板|董事长|书记|秘书|老师|" \
	"同志)"
#define PHONE "(?:1\\d{2}[- ]?\\d{4}[- ]?\\d{4}|(?:0\\d{2,3}[- ]?)?\\d{7,8})"
#define DAY   "(?:\\d{1,2}|[一二三四五六七八九十]{1,3})"
#define YEAR  "(?:\\d{4}|[二〇○零一三四五六七八九]{4})"

enum shape { OTHER, PERSON, TITLED, FIRM, SHAPES };

/* What is no name though it begins like one: 马路差, 高税负. */
static const char unlike[] = "[难慢差贵坏乱少多重低快好税费不没无太很]";

static gboolean matches(const char *pattern, const char *text)
{
	return g_regex_match_simple(pattern, text, G_REGEX_CASELESS, 0);
}

static enum shape shape_of(const char *token)
{
	if (matches(
		"^\\p{Han}[\\p{Han}A-Za-z0-9()（）·]{3,}(公司|集团|厂|商行|合作社|经营部|加油站)"
		"(办公室|综合部|行政部)?([（(]盖?章[)）])?$",
		token) &&
	    !matches("供电|供水|自来水|燃气|热力|烟草|电力|水务|联通|移动|电信|关停|希望|请",
		     token))
		return FIRM;
	if (matches("^" TITLE "$", token))
		return TITLED;
	if ((matches("^" SURNAME "\\p{Han}{1,2}$", token) ||
	     matches("^" SURNAME "\\p{Han}{0,2}" TITLE "$", token)) &&
	    !matches(unlike, token))
		return PERSON;
	return OTHER;
}

/* A line of nothing but firm, name and title, perhaps with a telephone, a date or a dash. `sure`:
 * not a name alone. */
static gboolean is_who(const char *line, gboolean *sure)
{
	g_auto(GStrv) phone = g_regex_split_simple("[\\s　]*" PHONE "$", line, 0, 0);
	g_auto(GStrv) tokens = g_regex_split_simple("[\\s　/、,，|]+", phone[0], 0, 0);
	gboolean dash = g_str_has_prefix(line, "—") || g_str_has_prefix(line, "--");
	gboolean called = phone[0] && phone[1];
	guint count[SHAPES] = {0};

	for (guint i = 0; tokens[i]; i++) {
		const char *token = tokens[i] + (dash && i == 0 ? strspn(tokens[i], "-—") : 0);

		if (*token)
			count[shape_of(token)]++;
	}
	*sure = count[FIRM] || called || dash;
	return count[FIRM] + count[PERSON] > 0 ? count[OTHER] <= (called || dash ? 1 : 0)
					       : called && !count[OTHER] && !count[TITLED];
}

static gboolean is_date(const char *line)
{
	return matches("^[（(]?" YEAR "\\s*[年./-]\\s*" DAY "\\s*[月./-]\\s*" DAY "\\s*日?[)）]?$",
		       line) ||
	       matches("^[（(]?" DAY "\\s*月\\s*" DAY "\\s*日[)）]?$", line);
}

static gboolean is_labelled(const char *line)
{
	return matches(
		   "^[（(]?((单位|企业|公司)名称|单位|(填报|反映)(单位|企业)|联系人|经办人|填表人|"
		   "填报人|反映人|签名|签字|署名|落款|法定代表人)\\s*[:：]\\s*\\S[^，,]*$",
		   line) ||
	       matches("^[（(]?(联系)?(电话|手机|方式)(号码?)?\\s*[:：]?\\s*[^，,]*\\d{4}", line) ||
	       matches("^[（(]?(微信|微信号|微信同号|QQ|邮箱|(填表|填报)?日期)\\s*[:：]\\s*[^，,]*"
		       "(\\d{4}|@)",
		       line);
}

static gboolean is_closing(const char *line)
{
	return matches("^(此致|(此致[，,\\s　]*)?敬礼|顺[祝颂]\\S{0,8}|祝\\S{0,12}|谢谢|"
		       "特此(反映|函复|回复|报告|说明|函告))[！!，,。.]*$",
		       line);
}

/* No sentence, no item of a list. */
static gboolean is_short(const char *line, gsize max)
{
	return strlen(line) <= max && !strstr(line, "。") && !strstr(line, "；") &&
	       !strstr(line, "！") && !strstr(line, "？") && !marker_item(line);
}

static gboolean ends_sentence(const char *line)
{
	return g_str_has_suffix(line, "。") || g_str_has_suffix(line, "！") ||
	       g_str_has_suffix(line, "？") || g_str_has_suffix(line, ".") ||
	       g_str_has_suffix(line, "!");
}

/* The line of text before `at`, plus one; `from` where there is none. */
static guint above(const struct lines *lines, guint from, guint at)
{
	while (at > from && lines->kind[at - 1] != LINE_TEXT)
		at--;
	return at;
}

struct tail {
	guint top;       /* the lines that tell who writes begin here */
	guint closing;   /* likewise, with the closing above them; 0: there is none */
	guint lines;     /* above them, of all short ones */
	gboolean sure;   /* one of them is more than a name … */
	gboolean listed; /* … the first is "联系人：…" */
};

/* Looks at one line more; FALSE at the first that belongs to what is said. */
static gboolean look_at(struct tail *tail, const char *line, guint at, gboolean *all_who)
{
	gboolean sure = TRUE, listed = FALSE, who;

	if (is_closing(line)) {
		if (tail->closing || (tail->lines && tail->sure))
			tail->closing = at;
		*all_who = FALSE;
		return tail->closing == at;
	}
	if (tail->closing || !is_short(line, TAIL_LINE_MAX))
		return FALSE;
	listed = is_labelled(line);
	who = listed || is_date(line) || is_who(line, &sure);
	if (!who && strlen(line) > SHORT_LINE_MAX)
		return FALSE;
	tail->lines++;
	tail->sure |= who && sure;
	*all_who &= who;
	if (*all_who) {
		tail->top = at;
		tail->listed = listed;
	}
	return TRUE;
}

/* Where the signature begins that lines [from, end) end with; `end` where there is none. */
static guint tail_of(const struct lines *lines, guint from, guint end)
{
	struct tail tail = {.top = end};
	gboolean all_who = TRUE, apart;
	guint at = end, said;

	while (tail.lines < TAIL_LINES_MAX && (at = above(lines, from, at)) > from) {
		g_autofree char *line = g_strstrip(g_strdup(lines->text[--at]));

		if (!look_at(&tail, line, at, &all_who))
			break;
	}
	if (tail.closing)
		return tail.closing;
	said = above(lines, from, tail.top);
	if (tail.top == end || said == from)
		return end;
	apart = ends_sentence(lines->text[said - 1]);
	if (tail.sure)
		return apart || tail.listed || said < tail.top ? tail.top : end;
	return apart && g_utf8_strlen(lines->text[tail.top], -1) >= 3 ? tail.top : end;
}

void own_tail_cut(struct lines *lines)
{
	guint end = lines->n;
	guint from, top;

	while (end > 0 && !own_lines_is_text(lines, end - 1))
		end--;
	for (from = end;
	     from > 0 && lines->fate[from - 1] == FATE_OWN &&
	     (lines->kind[from - 1] == LINE_TEXT || lines->kind[from - 1] == LINE_EMPTY);)
		from--;
	top = tail_of(lines, from, end);
	if (own_lines_before(lines, top))
		own_lines_give(lines, top, end, FATE_SIGNATURE);
}
