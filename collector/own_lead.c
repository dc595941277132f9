#include "collector/own_lead.h"

#include "collector/courtesy.h"
#include "collector/words.h"

#include <string.h>

#define WORDS_MAX   300 /* bytes of words that only lead on */
#define POINTER_MAX 60  /* bytes of a clause that points on */

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
	return words_begin(clause, begins) && words_end(clause, "意见|答复|回复|批示|内容|建议");
}

/* "我们的意见：" */
static gboolean announces(const char *clause, const char *behind)
{
	return words_begin(behind, "：|:") && strlen(clause) <= POINTER_MAX &&
	       words_in(clause, "意见|建议|反映|答复|回复|反馈");
}

enum own_lead own_lead(const char *words)
{
	g_autofree char *low = NULL;
	enum own_lead lead = LEAD_COURTESY;
	const char *at;

	if (strlen(words) > WORDS_MAX)
		return LEAD_NONE;
	low = words_fold(words, -1);
	at = low;
	while (TRUE) {
		g_autofree char *clause = courtesy_clause(&at);

		if (!clause)
			return lead;
		if (courtesy_is(clause))
			continue;
		if (!is_pointer(clause) && !announces(clause, at))
			return LEAD_NONE;
		lead = LEAD_POINTER;
	}
}
