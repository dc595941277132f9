#include "classifier/cue.h"

#include "base/fold.h"

#include <string.h>

#define SIGNED_BYTES 12 /* a name */
#define BLANK_BYTES  80 /* what is longer says something */

/* The longest of `words`, each of a Chinese character at least, that `text` begins with; 0: none.
 */
static gsize begins_with(const char *text, const char *const *words)
{
	gsize longest = 0;

	for (; *words; words++) {
		gsize length;

		/* most differ in the first character */
		if (strncmp(*words, text, 3) != 0)
			continue;
		length = strlen(*words);
		if (length > longest && strncmp(text, *words, length) == 0)
			longest = length;
	}
	return longest;
}

/* 我公司对各部门均无意见: made of nothing but these, one of the first at least. */
static gboolean says_nothing(const char *text)
{
	static const char *const nothing[] = {
	    "无",       "没有",     "没",     "暂无",     "空",       "空白",     "略",
	    "好",       "很好",     "挺好",   "正常",     "没问题",   "没啥",     "没什么",
	    "顺利",     "不填",     "没填",   "无事",     "没事",     "无可",     "想不起来",
	    "想不出",   "没碰到",   "没遇到", "未遇到",   "未碰到",   "良好",     "未开业",
	    "尚未开业", "还没开业", "未营业", "没营业",   "未经营",   "没经营",   "想不到",
	    "不涉及",   "未涉及",   "挺顺",   "很顺",     "未发生",   "没发生",   "无特别",
	    "无往来",   "没往来",   "不提",   "不作评价", "不做评价", "不予评价", "无异议",
	    "都还可以", NULL,
	};
	static const char *const filling[] = {
	    "我公司",   "我司",     "本公司",   "本单位",     "我单位",   "我厂",   "本厂",
	    "我店",     "本店",     "我们",     "公司",       "企业",     "单位",   "目前",
	    "暂时",     "暂",       "现在",     "对",         "各部门",   "部门",   "各单位",
	    "各局",     "贵办",     "政府",     "工作",       "服务",     "均",     "都",
	    "也",       "全",       "全部",     "其他",       "其它",     "其余",   "另外",
	    "此外",     "别的",     "什么",     "任何",       "啥",       "的",     "了",
	    "呢",       "意见",     "建议",     "和",         "与",       "及",     "或",
	    "问题",     "可提",     "要提",     "想提",       "需要",     "谢谢",   "感谢",
	    "要",       "遇到",     "碰到",     "遇上",       "碰上",     "相关",   "本年度",
	    "本年",     "满意",     "补充",     "同上次",     "同上",     "同前",   "好讲",
	    "好说",     "讲",       "说",       "难处",       "困难",     "难题",   "麻烦",
	    "诉求",     "需求",     "想法",     "看法",       "往来",     "贵区",   "本区",
	    "有什么",   "有啥",     "哪些",     "有了再联系", "以后再说", "有再说", "有再联系",
	    "再联系",   "已阅",     "阅",       "已停产",     "停产",     "刚成立", "成立",
	    "刚注册",   "注册",     "业务",     "生产",       "经营",     "情况",   "状况",
	    "到",       "过",       "大家",     "各方面",     "各部",     "来",     "事项",
	    "内容",     "事",       "值得",     "一提",       "可写",     "想写",   "写",
	    "填",       "要填",     "要反映",   "反映",       "特别",     "今年",   "本次",
	    "此次",     "这次",     "方面",     "就",         "是",       "一切",   "所有",
	    "这边",     "上述",     "要说",     "可说",       "填写",     "祝",     "工作顺利",
	    "工作愉快", "身体健康", "万事如意", "关心",       "往年",     "同往年", "停工",
	    "一直",     "与",       "奉告",     "评议",       "发函",     "来函",   "贵单位",
	    "领导",     "贵局",     "辛苦",     "各位",       "您好",     "你好",   "打扰",
	    "顺致",     "敬意",     "本厂",     "本院",       "本校",     "本社",   "本人",
	    NULL,
	};
	gboolean said = FALSE;

	while (*text) {
		gsize length = begins_with(text, nothing);
		gsize fills = begins_with(text, filling);

		if (MAX(length, fills) == 0)
			return FALSE;
		said |= length > fills;
		text += MAX(length, fills);
	}
	return said;
}

/* 填表人：王: who filled it in says nothing. */
static void cut_signature(GString *text)
{
	static const char *const signs[] = {"填表人", "填报人", "联系人", "经办人", NULL};

	for (const char *const *sign = signs; *sign; sign++) {
		const char *at = strstr(text->str, *sign);

		if (at && strlen(at) <= strlen(*sign) + SIGNED_BYTES)
			g_string_truncate(text, (gsize)(at - text->str));
	}
}

gboolean cue_is_blank(const char *text)
{
	static const char *const english[] = {"none",        "n/a",     "no", "no comment",
					      "no comments", "nothing", NULL};
	g_autoptr(GString) bare = g_string_new(NULL);
	g_autofree char *lower = NULL;

	for (const char *at = text; *at; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		if (!g_unichar_isspace(c) && !g_unichar_ispunct(c))
			g_string_append_unichar(bare, c);
		else if (bare->len && g_ascii_isalpha(bare->str[bare->len - 1]))
			g_string_append_c(bare, c == '/' ? '/' : ' ');
		if (bare->len > BLANK_BYTES)
			return FALSE;
	}
	cut_signature(bare);
	lower = g_strstrip(fold_word(bare->str));
	return !*lower || g_strv_contains(english, lower) || says_nothing(lower);
}

static gboolean holds(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strstr(text, *words))
			return TRUE;
	return FALSE;
}

/* 恒拓五金制品有限公司, 2025年11月3日 */
static gboolean is_signature(const char *text)
{
	static const char *const ends[] = {"公司", "厂", "敬上", "日", "商行", "集团", NULL};
	g_autofree char *copy = g_strstrip(g_strdup(text));

	if (strstr(copy, "，") || strstr(copy, "。") || strchr(copy, ','))
		return FALSE;
	for (const char *const *end = ends; *end; end++)
		if (g_str_has_suffix(copy, *end))
			return TRUE;
	return FALSE;
}

guint cue_courtesy(const char *text)
{
	static const char *const polite[] = {
	    "您好",     "你好",     "如下",     "贵办来函", "Dear",     "Regards",  "regards",
	    "Hello",    "谢谢",     "感谢贵办", "感谢征求", "感谢发函", "感谢来函", "征求意见",
	    "我公司系", "以上情况", "以上意见", "以上是",   "望转",     "请予",     "心里话",
	    "议了一下", "我公司是", "多谢",     NULL,
	};
	static const char *const formal[] = {
	    "尊敬的", "各位领导", "领导好",     "此致",   "敬礼",   "商祺", "顺祝",
	    "祝好",   "来函收悉", "来信收悉",   "收悉",   "函收到", "特此", "谨此",
	    "为盼",   "为荷",     "敬上",       "请谅解", "见谅",   "盼复", "联系人",
	    "填表人", "致评议",   "祝工作顺利", NULL,
	};

	if (holds(text, formal) || is_signature(text))
		return 2;
	return holds(text, polite) ? 1 : 0;
}
