#include "collector/own_lead.h"

#include "collector/words.h"

#include <string.h>

#define WORDS_MAX    300 /* bytes of words that only lead on */
#define POINTER_MAX  60  /* bytes of a clause that points on */
#define PERSON_MIN   2   /* characters of a person's name */
#define PERSON_MAX   3
#define TITLED_MAX   6  /* … with a title */
#define FIRM_MAX     90 /* bytes of a firm's name */
#define DATE_MIN     4  /* bytes of a date */
#define COLON_IS_END "：|:"

static const char divides[] =
    "，|。|！|？|、|；|：|～|—|…|（|）|,|.|!|?|;|:|~|-|_|=|*|(|)|·| |\n|\t|"
    "\r|\xe3\x80\x80|\xc2\xa0";

/* Pieces of which greetings and courtesies are made, longer ones first. */
static const char courtesies[] =
    "尊敬的|敬爱的|亲爱的|上午好|下午好|早上好|晚上好|工作人员|办公室|评议办|各位好|各位|大家好|"
    "大家|领导好|领导们|领导|老师好|老师|同志们|同志|朋友|您们|你们|先生|女士|贵办|贵局|贵委|"
    "贵单位|贵方|您好|你好|您|你|非常感谢|十分感谢|感谢|多谢|谢谢|致谢|辛苦了|辛苦|打扰了|打扰|"
    "此致|敬礼|敬上|敬启|祝好|祝|工作顺利|工作愉快|生活愉快|万事如意|身体健康|顺颂商祺|顺祝商祺|"
    "商祺|顺颂|顺祝|dear|hello|hi|thanks|thank you|thank|you|best regards|kind regards|regards|"
    "best|sirs|sir|madam|all|cheers|good morning|good afternoon";

/* Common surnames, but for those with which what people say often begins ("高效", "方便"). */
static const char surnames[] =
    "王|李|张|刘|陈|杨|黄|赵|吴|周|徐|孙|朱|胡|郭|林|罗|郑|梁|谢|宋|唐|韩|冯|邓|曹|彭|肖|董|袁|"
    "潘|蒋|蔡|杜|苏|魏|吕|丁|沈|姚|卢|姜|崔|钟|谭|陆|汪|范|廖|贾|夏|韦|付|邹|孟|熊|秦|邱|尹|薛|"
    "闫|段|侯|陶|黎|贺|郝|龚|邵|钱|覃|戴|孔|汤";

/* … and words that begin with the others. */
static const char no_names[] = "周到|周全|周边|周末|周期|周围|陈旧|王法|张贴|张口|黄牛|黄了|谢绝|"
			       "罗嗦|罗列|胡来|胡乱|胡闹|夏天|钱多|钱少|孔子|郑重";

static const char titles[] =
    "经理|总|主任|先生|女士|小姐|老师|厂长|会计|董事长|书记|科长|主管|总监|"
    "部长|所长|店长|老板|助理|秘书|工";

static const char firms[] = "有限公司|责任公司|股份公司|集团公司|分公司|集团|合作社|经营部|商行|"
			    "总经办|综合部|行政部|财务部|人事部|公司办";

static gboolean ends_with(const char *text, const char *words)
{
	g_auto(GStrv) list = g_strsplit(words, "|", -1);

	for (guint i = 0; list[i]; i++)
		if (g_str_has_suffix(text, list[i]))
			return TRUE;
	return FALSE;
}

/* How many bytes of `text` one of `words` takes, or 0. */
static gsize begins_with(const char *text, const char *words)
{
	for (const char *word = words; *word;) {
		gsize length = strcspn(word, "|");

		if (length > 0 && strncmp(text, word, length) == 0)
			return length;
		word += length + (word[length] == '|' ? 1 : 0);
	}
	return 0;
}

/* Nothing but such pieces. */
static gboolean is_courtesy(const char *clause)
{
	while (*clause) {
		gsize length = begins_with(clause, courtesies);

		if (length == 0)
			return FALSE;
		clause += length;
	}
	return TRUE;
}

static gboolean is_name(const char *clause)
{
	static const char greeted[] = "您好|你好|好";
	g_autofree char *name = g_strdup(clause);
	glong characters;

	if (ends_with(clause, firms))
		return strlen(clause) <= FIRM_MAX &&
		       !words_in(clause, "我|他们|本公司|被|太|对|是|为|加入|下称");
	if (begins_with(clause, surnames) == 0 || words_begin(clause, no_names))
		return FALSE;
	for (gsize i = strlen(name); i > 0; i--)
		if (words_equal(name + i, greeted)) {
			name[i] = '\0';
			break;
		}
	characters = g_utf8_strlen(name, -1);
	if (characters < PERSON_MIN)
		return FALSE;
	return characters <= PERSON_MAX || (characters <= TITLED_MAX && ends_with(name, titles));
}

/* "2026年3月2日", a telephone, an hour */
static gboolean is_number(const char *clause)
{
	gsize length = strlen(clause);
	const char *p = clause;

	while (*p) {
		gsize n = g_ascii_isdigit(*p) || *p == '/' ? 1 : begins_with(p, "年|月|日");

		if (n == 0)
			return FALSE;
		p += n;
	}
	return length >= DATE_MIN;
}

/* "意见写在下面红字", "已在原文中答复", "见领导意见", "see my answers below" */
static gboolean is_pointer(const char *clause)
{
	static const char places[] =
	    "下文|下面|下方|以下|如下|见下|下列|原文|原信|原邮件|来信中|信中|邮件中|正文|内文|文中|"
	    "红字|"
	    "红色|蓝字|蓝色|标红|批注|标注|往下|后面|末尾|信里|below|inline|in red|in blue|in "
	    "line|between the lines";
	static const char acts[] =
	    "见|看|写|填|答|回复|批|标|注|意见|建议|内容|如下|inline|in line|see|"
	    "comment|answer|repl|respon|remark|read";
	static const char begins[] = "见|请见|详见|请看|参见|请参见|具体见";

	if (strlen(clause) > POINTER_MAX || words_in(clause, "附件|附表|附上|附后|attach|enclos"))
		return FALSE; /* of what is attached others ask */
	if (words_begin(clause, "没意见|没有意见|无意见|无建议"))
		return FALSE;
	if (words_in(clause, places) && words_in(clause, acts))
		return TRUE;
	return words_begin(clause, begins) && ends_with(clause, "意见|答复|回复|批示|内容|建议");
}

/* "我们的意见：" */
static gboolean announces(const char *clause, const char *behind)
{
	return begins_with(behind, COLON_IS_END) > 0 && strlen(clause) <= POINTER_MAX &&
	       words_in(clause, "意见|建议|反映|答复|回复|反馈");
}

/* Where the clause that begins at `at` ends. */
static const char *clause_end(const char *at)
{
	while (*at && begins_with(at, divides) == 0)
		at = g_utf8_next_char(at);
	return at;
}

/* English is looked at as far as the line or sentence goes, for its words are divided by spaces. */
static const char *english_end(const char *at)
{
	return at + strcspn(at, ".,!?;:\n");
}

enum own_lead own_lead(const char *words)
{
	g_autofree char *low = NULL;
	enum own_lead lead = LEAD_COURTESY;

	if (strlen(words) > WORDS_MAX)
		return LEAD_NONE;
	low = words_fold(words, -1);
	for (const char *p = low; *p;) {
		gsize divided = begins_with(p, divides);
		g_autofree char *clause = NULL;
		const char *end;

		if (divided > 0) {
			p += divided;
			continue;
		}
		end = clause_end(p);
		clause = g_strndup(p, (gsize)(end - p));
		if (is_courtesy(clause) || is_name(clause) || is_number(clause)) {
			p = end;
			continue;
		}
		if (g_ascii_isalpha(*p)) {
			end = english_end(p);
			g_free(clause);
			clause = g_strndup(p, (gsize)(end - p));
		}
		if (!is_pointer(clause) && !announces(clause, end))
			return LEAD_NONE;
		lead = LEAD_POINTER;
		p = end;
	}
	return lead;
}
