#include "collector/cover.h"

#include "collector/words.h"

#include <string.h>

#define NOTE_MAX   24u  /* characters of a note */
#define SHORT_MAX  4u   /* of a clause that is a name or says next to nothing */
#define THANKS_MAX 8u   /* of thanks that are no praise */
#define POLITE_MAX 2000 /* bytes: nobody is polite for so long */
#define NAMED_MAX  30u  /* of a firm's or a person's name, with what they are */

gboolean cover_is_note(const char *own)
{
	static const char words[] = "附件|查收|意见表|已填|attached|attachment|enclosed";
	static const char complaints[] = "太|不|没|难|慢|乱|失败|无法"; /* "网上提交附件总是失败" */
	g_autofree char *low = words_fold(own, -1);

	return g_utf8_strlen(own, -1) <= NOTE_MAX && words_in(low, words) &&
	       !words_in(low, complaints);
}

gboolean cover_points(const char *own, gboolean document)
{
	static const char anything[] = "附件|附上|附后|附表|附图|附文|附在|附于|随附|后附|所附|"
				       "见附|如图|见图|上图|如下图|见下图|"
				       "下图所示|扫描件|截图|详见|attach|enclos";
	static const char documents[] =
	    "查收|查阅|审阅|阅示|请阅|现将|呈上|呈报|呈送|报上|奉上|发上|发您|发给您|随信|随函|"
	    "随邮件|文档|压缩包|打包|意见表|回执|已填|word|excel|pdf|please find|herewith";
	g_autofree char *low = words_fold(own, -1);

	return words_in(low, anything) || (document && words_in(low, documents));
}

static gboolean ends_with(const char *clause, const char *words)
{
	g_auto(GStrv) all = g_strsplit(words, "|", -1);

	for (guint i = 0; all[i]; i++)
		if (g_str_has_suffix(clause, all[i]))
			return TRUE;
	return FALSE;
}

/* Days, hours, telephone numbers. */
static gboolean is_number(const char *clause)
{
	static const char units[] = "年月日时分号周一二三四五六";

	for (const char *p = clause; *p; p = g_utf8_next_char(p))
		if (g_unichar_isalpha(g_utf8_get_char(p)) &&
		    !g_utf8_strchr(units, -1, g_utf8_get_char(p)))
			return FALSE;
	return TRUE;
}

/* "测试商贸有限公司", "吴经理". */
static gboolean is_name(const char *clause, glong length)
{
	static const char ends[] = "公司|集团|厂|商行|酒店|超市|合作社|事务所|经理|先生|女士|厂长|"
				   "主任|会计|董事长|同志|部";
	static const char opinions[] = "太|不|没|难|慢|乱|多|希望|建议|要求|反映|应";

	return length <= (glong)NAMED_MAX && ends_with(clause, ends) && !words_in(clause, opinions);
}

/* A clause in lower case, not empty. */
static gboolean is_polite(const char *clause, gboolean document)
{
	static const char whole[] =
	    "hi|hello|领导|各位领导|领导好|各位领导好|辛苦了|打扰了|敬礼|"
	    "此致|商祺|敬上|谨上|收|贵办|贵单位|best|联系人|电话|手机|地址|日期";
	static const char greetings[] =
	    "您好|你好|大家好|尊敬的|敬爱的|领导您好|领导你好|祝您|祝贵|祝工作|祝各位|祝领导|顺祝|"
	    "顺颂|"
	    "此致敬礼|dear |hi |hello |best regards|kind regards|regards|yours|sincerely";
	static const char thanks[] = "感谢|谢谢|多谢|非常感谢|十分感谢|衷心感谢|再次感谢|特此感谢|"
				     "thank";
	static const char kindness[] = "支持|帮助|关心|服务很好|服务好|很满意|都很好|都满意|辛苦";
	static const char notes[] = "意见|建议|材料|情况|反馈|回复|答复|问卷|如下|表";
	glong length = g_utf8_strlen(clause, -1);

	if (is_number(clause) || words_equal(clause, whole) || words_begin(clause, greetings) ||
	    is_name(clause, length))
		return TRUE;
	if (!document)
		return length <= (glong)THANKS_MAX && words_begin(clause, thanks);
	return length <= (glong)SHORT_MAX || words_begin(clause, thanks) ||
	       words_in(clause, kindness) || ends_with(clause, notes);
}

static gboolean divides(gunichar c)
{
	return g_unichar_ispunct(c) || c == '\n' || c == '\r' || c == '\t' || c == 0x3000;
}

gboolean cover_is_polite(const char *own, gboolean document)
{
	g_autofree char *low = strlen(own) <= POLITE_MAX ? words_fold(own, -1) : NULL;
	const char *start = low;

	if (!low)
		return FALSE;
	for (const char *p = low;; p = g_utf8_next_char(p)) {
		g_autofree char *clause = NULL;

		if (*p && !divides(g_utf8_get_char(p)))
			continue;
		clause = g_strstrip(g_strndup(start, (gsize)(p - start)));
		if (*clause && !is_polite(clause, document))
			return FALSE;
		if (!*p)
			return TRUE;
		start = g_utf8_next_char(p);
	}
}
