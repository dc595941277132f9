#include "collector/cover.h"

#include "collector/courtesy.h"
#include "collector/words.h"

#include <string.h>

#define NOTE_MAX   24u  /* characters of a note */
#define SHORT_MAX  4u   /* of a clause that is a name or says next to nothing */
#define THANKS_MAX 8u   /* of thanks that are no praise */
#define POLITE_MAX 2000 /* bytes: nobody is polite for so long */

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

/* A clause in lower case, not empty, beside something attached. */
static gboolean is_polite(const char *clause, gboolean document)
{
	static const char greetings[] =
	    "您好|你好|大家好|尊敬的|敬爱的|领导您好|领导你好|祝您|祝贵|"
	    "祝工作|祝各位|祝领导|顺祝|顺颂|dear |hi |hello ";
	static const char thanks[] = "感谢|谢谢|多谢|非常感谢|十分感谢|衷心感谢|再次感谢|特此感谢|"
				     "thank";
	static const char kindness[] = "支持|帮助|关心|服务很好|服务好|很满意|都很好|都满意|辛苦";
	static const char notes[] = "意见|建议|材料|情况|反馈|回复|答复|问卷|如下|表";
	glong length = g_utf8_strlen(clause, -1);

	if (courtesy_is(clause) || words_begin(clause, greetings))
		return TRUE;
	if (!document)
		return length <= (glong)THANKS_MAX && words_begin(clause, thanks);
	return length <= (glong)SHORT_MAX || words_begin(clause, thanks) ||
	       words_in(clause, kindness) || words_end(clause, notes);
}

gboolean cover_is_polite(const char *own, gboolean document)
{
	g_autofree char *low = strlen(own) <= POLITE_MAX ? words_fold(own, -1) : NULL;
	const char *at = low;

	if (!low)
		return FALSE;
	while (TRUE) {
		g_autofree char *clause = courtesy_clause(&at);

		if (!clause)
			return TRUE;
		if (!is_polite(clause, document))
			return FALSE;
	}
}
