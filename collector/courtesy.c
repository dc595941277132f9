#include "collector/courtesy.h"

#include "collector/words.h"

#include <string.h>

#define PERSON_MIN 2 /* characters of a person's name */
#define PERSON_MAX 3
#define TITLED_MAX 6  /* … with a title */
#define FIRM_MAX   30 /* characters of a firm's name */

/* Pieces of which greetings and courtesies are made, longer ones first. */
static const char pieces[] =
    "尊敬的|敬爱的|亲爱的|上午好|下午好|早上好|晚上好|工作人员|办公室|评议办|各位好|各位|大家好|"
    "大家|领导好|领导们|领导|老师好|老师|同志们|同志|朋友|您们|你们|先生|女士|贵办|贵局|贵委|"
    "贵单位|贵方|您好|你好|您|你|非常感谢|十分感谢|感谢|多谢|谢谢|致谢|辛苦了|辛苦|打扰了|打扰|"
    "此致|敬礼|敬上|谨上|敬启|祝好|祝|工作顺利|工作愉快|生活愉快|万事如意|身体健康|顺颂商祺|"
    "顺祝商祺|商祺|顺颂|顺祝|收|联系人|电话|手机|地址|日期|dear|hello|hi|thanks|thank you|thank|"
    "you|yours|sincerely|best regards|kind regards|regards|best|sirs|sir|madam|all|cheers|good "
    "morning|good afternoon";

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

static const char firms[] =
    "有限公司|责任公司|股份公司|集团公司|分公司|公司|集团|合作社|经营部|商行|酒店|超市|事务所|厂|"
    "总经办|综合部|行政部|财务部|人事部|公司办";

/* What is said of a firm, or by one, rather than its name. */
static const char of_firms[] = "我|他们|本公司|被|太|对|是|为|加入|下称|不|没|难|慢|乱|多|希望|"
			       "建议|要求|反映|应";

static gboolean is_word_end(gunichar c)
{
	return c < 0x80 && g_ascii_isalnum((char)c);
}

/* Whether the character at `p` stands between clauses. */
static gboolean divides(const char *start, const char *p)
{
	gunichar c = g_utf8_get_char(p);

	if (c != ' ')
		return g_unichar_ispunct(c) || g_unichar_isspace(c);
	return p == start || !is_word_end(g_utf8_get_char(g_utf8_prev_char(p))) ||
	       !is_word_end(g_utf8_get_char(p + 1));
}

char *courtesy_clause(const char **at_inout)
{
	const char *start = *at_inout, *p;

	while (*start && divides(start, start))
		start = g_utf8_next_char(start);
	for (p = start; *p && !divides(start, p);)
		p = g_utf8_next_char(p);
	*at_inout = p;
	return p > start ? g_strndup(start, (gsize)(p - start)) : NULL;
}

/* Nothing but pieces. */
static gboolean is_polite(const char *clause)
{
	while (*clause) {
		gsize length = words_begin_length(clause, pieces);

		if (length == 0)
			return FALSE;
		clause += length;
		clause += strspn(clause, " ");
	}
	return TRUE;
}

static gboolean is_person(const char *clause)
{
	static const char greeted[] = "您好|你好|好";
	g_autofree char *name = g_strdup(clause);
	glong characters;

	if (!words_begin(clause, surnames) || words_begin(clause, no_names))
		return FALSE;
	for (gsize i = strlen(name); i > 0; i--)
		if (words_equal(name + i, greeted)) {
			name[i] = '\0';
			break;
		}
	characters = g_utf8_strlen(name, -1);
	if (characters < PERSON_MIN)
		return FALSE;
	return characters <= PERSON_MAX || (characters <= TITLED_MAX && words_end(name, titles));
}

static gboolean is_firm(const char *clause)
{
	return g_utf8_strlen(clause, -1) <= FIRM_MAX && words_end(clause, firms) &&
	       !words_in(clause, of_firms);
}

/* Days, hours, telephone numbers. */
static gboolean is_number(const char *clause)
{
	static const char units[] = "年月日时分号周一二三四五六";
	gboolean any = FALSE;

	for (const char *p = clause; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (g_unichar_isalpha(c) && !g_utf8_strchr(units, -1, c))
			return FALSE;
		any = TRUE;
	}
	return any;
}

gboolean courtesy_is(const char *clause)
{
	return is_polite(clause) || is_number(clause) || is_firm(clause) || is_person(clause);
}
