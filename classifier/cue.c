#include "classifier/cue.h"

#include "base/fold.h"
#include "base/matcher.h"

#include <string.h>

#define SIGNED_BYTES 12 /* a name */
#define BLANK_BYTES  80 /* what is longer says something */

/* A text that says nothing is made of these alone, one of the first at least:
 * 我公司对各部门均无意见. */
static const char *const nothing[] = {
    "已阅",     "无",       "没有",     "没",       "暂无",     "空",     "空白",
    "略",       "好",       "很好",     "挺好",     "正常",     "没问题", "没啥",
    "没什么",   "顺利",     "不填",     "没填",     "无事",     "没事",   "无可",
    "想不起来", "想不出",   "没碰到",   "没遇到",   "未遇到",   "未碰到", "良好",
    "未开业",   "尚未开业", "还没开业", "未营业",   "没营业",   "未经营", "没经营",
    "想不到",   "不涉及",   "未涉及",   "挺顺",     "很顺",     "未发生", "没发生",
    "无特别",   "不提",     "不作评价", "不做评价", "不予评价", "无异议", "都还可以",
    "无往来",   "没往来",   "没意见",   "没想法",   "没想好",   "没接触", "没有接触",
    "未接触",   "免填",     "暂空",     "不用填",   "没啥说",   "无话",   "没什么说",
    "未投产",   "还没投产", "无事项",   "没有别的", "别无他事", "无他",   "没有内容要写",
    "不提了",   "没打交道", "信已阅",
};
static const char *const filling[] = {
    "我公司",   "我司",     "本公司",       "本单位",       "我单位",
    "我厂",     "本厂",     "我店",         "本店",         "我们",
    "公司",     "企业",     "单位",         "目前",         "暂时",
    "暂",       "现在",     "对",           "各部门",       "部门",
    "各单位",   "各局",     "贵办",         "政府",         "工作",
    "服务",     "均",       "都",           "也",           "全",
    "全部",     "其他",     "其它",         "其余",         "另外",
    "此外",     "别的",     "什么",         "任何",         "啥",
    "的",       "了",       "呢",           "意见",         "建议",
    "和",       "与",       "及",           "或",           "问题",
    "可提",     "要提",     "想提",         "需要",         "谢谢",
    "感谢",     "要",       "遇到",         "碰到",         "遇上",
    "碰上",     "相关",     "本年度",       "本年",         "满意",
    "补充",     "同上次",   "同上",         "同前",         "好讲",
    "好说",     "讲",       "说",           "难处",         "困难",
    "难题",     "麻烦",     "诉求",         "需求",         "想法",
    "看法",     "往来",     "贵区",         "本区",         "有什么",
    "有啥",     "哪些",     "有了再联系",   "以后再说",     "有再说",
    "有再联系", "再联系",   "阅",           "已停产",       "停产",
    "刚成立",   "成立",     "刚注册",       "注册",         "业务",
    "生产",     "经营",     "情况",         "状况",         "到",
    "过",       "大家",     "各方面",       "各部",         "来",
    "事项",     "内容",     "事",           "值得",         "一提",
    "可写",     "想写",     "写",           "填",           "要填",
    "要反映",   "反映",     "特别",         "今年",         "本次",
    "此次",     "这次",     "方面",         "就",           "是",
    "一切",     "所有",     "这边",         "上述",         "要说",
    "可说",     "填写",     "祝",           "工作顺利",     "工作愉快",
    "身体健康", "万事如意", "关心",         "往年",         "同往年",
    "停工",     "一直",     "奉告",         "评议",         "发函",
    "来函",     "贵单位",   "领导",         "贵局",         "辛苦",
    "各位",     "您好",     "你好",         "打扰",         "顺致",
    "敬意",     "本院",     "本校",         "本社",         "本人",
    "来信收悉", "收悉",     "本季度",       "此栏",         "该栏",
    "这一栏",   "谢了",     "多谢",         "无可反映事项", "本季度经营平稳",
    "经营平稳", "有了再说", "以后有了再说", "有了再提",
};

struct phrase {
	const char *text;
	gsize length;
	gboolean says; /* that there is nothing */
};

static gint by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(((const struct phrase *)a)->text, ((const struct phrase *)b)->text);
}

static void add_phrases(GArray *phrases, const char *const *words, gsize count, gboolean says)
{
	for (gsize i = 0; i < count; i++) {
		struct phrase phrase = {words[i], strlen(words[i]), says};

		g_array_append_val(phrases, phrase);
	}
}

static gpointer make_phrases(gpointer unused)
{
	GArray *phrases = g_array_new(FALSE, FALSE, sizeof(struct phrase));

	(void)unused;
	add_phrases(phrases, nothing, G_N_ELEMENTS(nothing), TRUE);
	add_phrases(phrases, filling, G_N_ELEMENTS(filling), FALSE);
	g_array_sort(phrases, by_text);
	return phrases;
}

static const GArray *all_phrases(void)
{
	static GOnce once = G_ONCE_INIT;

	return g_once(&once, make_phrases, NULL);
}

static const struct phrase *phrase_at(guint i)
{
	return &g_array_index(all_phrases(), struct phrase, i);
}

/* Whether a phrase begins with the same character (of three bytes) as a text. */
static gboolean begins_alike(guint i, const char *text)
{
	return i < all_phrases()->len && strncmp(phrase_at(i)->text, text, 3) == 0;
}

/* The first phrase from which on they may begin alike. */
static guint phrases_from(const char *text)
{
	guint low = 0;

	for (guint high = all_phrases()->len; low < high;) {
		guint middle = low + (high - low) / 2;

		if (strncmp(phrase_at(middle)->text, text, 3) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The longest phrase that a text begins with, or NULL: of two, it stands behind. */
static const struct phrase *phrase_of(const char *text)
{
	const struct phrase *longest = NULL;

	for (guint i = phrases_from(text); begins_alike(i, text); i++)
		if (strncmp(phrase_at(i)->text, text, phrase_at(i)->length) == 0)
			longest = phrase_at(i);
	return longest;
}

/* What is made of the same words and complains all the same: 没有来过, 好麻烦. */
static gboolean complains(const char *text)
{
	static const char *const words[] = {
	    "没有来", "没来",     "没有关心", "没关心", "没有服务", "没服务", "没有反映",
	    "没反映", "没有业务", "好麻烦",   "好困难", "好难",     "困难了", "麻烦了",
	    "停产了", "停工了",   "要停",     "我们停", "经营困难", "没有再",
	};

	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		const char *at = strstr(text, words[i]);

		if (at && !g_str_has_prefix(at, "没有业务往来"))
			return TRUE;
	}
	return FALSE;
}

static gboolean says_nothing(const char *text)
{
	gboolean said = FALSE;

	if (complains(text))
		return FALSE;
	while (*text) {
		const struct phrase *phrase = phrase_of(text);

		if (!phrase)
			return FALSE;
		said |= phrase->says;
		text += phrase->length;
	}
	return said;
}

static const char *const english[] = {"none",        "n/a",     "no", "no comment",
				      "no comments", "nothing", NULL};

/* 填表人：王: who filled it in says nothing. */
static const char *const signs[] = {"填表人", "填报人", "联系人", "经办人", NULL};

static gboolean signs_begin(const char *text)
{
	for (const char *const *sign = signs; *sign; sign++)
		if (strncmp(*sign, text, 3) == 0)
			return TRUE;
	return FALSE;
}

/* Whether a text that says nothing may begin with this character: few others do. */
static gboolean may_begin(const char *character, gsize length)
{
	struct folded folded;
	gboolean may;

	fold_text(character, length, &folded);
	may = *folded.text == **english ||
	      (folded.size == 3 &&
	       (begins_alike(phrases_from(folded.text), folded.text) || signs_begin(folded.text)));
	fold_clear(&folded);
	return may;
}

static void cut_signature(char *text)
{
	for (const char *const *sign = signs; *sign; sign++) {
		char *at = strstr(text, *sign);

		if (at && strlen(at) <= strlen(*sign) + SIGNED_BYTES)
			*at = '\0';
	}
}

gboolean cue_is_blank(const char *text)
{
	char bare[BLANK_BYTES + 8];
	gsize size = 0;
	g_autofree char *lower = NULL;

	for (const char *at = text; *at; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		if (!g_unichar_isspace(c) && !g_unichar_ispunct(c)) {
			if (size == 0 && !may_begin(at, (gsize)(g_utf8_next_char(at) - at)))
				return FALSE;
			size += (gsize)g_unichar_to_utf8(c, bare + size);
		} else if (size && g_ascii_isalpha(bare[size - 1])) {
			bare[size++] = c == '/' ? '/' : ' ';
		}
		if (size > BLANK_BYTES)
			return FALSE;
	}
	bare[size] = '\0';
	cut_signature(bare);
	lower = g_strstrip(fold_word(bare));
	return !*lower || g_strv_contains(english, lower) || says_nothing(lower);
}

/* What makes a sentence a courtesy: 1 perhaps, 2 whatever else it says. */
static const struct {
	guint courtesy;
	const char *text;
} courtesies[] = {
    {1, "您好"},     {1, "你好"},     {1, "如下"},       {1, "贵办来函"}, {1, "Dear"},
    {1, "Regards"},  {1, "regards"},  {1, "Hello"},      {1, "谢谢"},     {1, "感谢贵办"},
    {1, "感谢征求"}, {1, "感谢发函"}, {1, "感谢来函"},   {1, "征求意见"}, {1, "我公司系"},
    {1, "以上情况"}, {1, "以上意见"}, {1, "以上是"},     {1, "望转"},     {1, "请予"},
    {1, "心里话"},   {1, "议了一下"}, {1, "我公司是"},   {1, "多谢"},     {2, "尊敬的"},
    {2, "各位领导"}, {2, "领导好"},   {2, "此致"},       {2, "敬礼"},     {2, "商祺"},
    {2, "顺祝"},     {2, "祝好"},     {2, "来函收悉"},   {2, "来信收悉"}, {2, "收悉"},
    {2, "函收到"},   {2, "特此"},     {2, "谨此"},       {2, "为盼"},     {2, "为荷"},
    {2, "敬上"},     {2, "请谅解"},   {2, "见谅"},       {2, "盼复"},     {2, "联系人"},
    {2, "填表人"},   {2, "致评议"},   {2, "祝工作顺利"},
};

static gpointer make_courtesies(gpointer unused)
{
	struct matcher_builder *builder = matcher_builder_new();

	(void)unused;
	for (guint i = 0; i < G_N_ELEMENTS(courtesies); i++)
		matcher_add(builder, courtesies[i].text, courtesies[i].courtesy);
	return matcher_build(builder);
}

/* 恒拓五金制品有限公司, 2025年11月3日 */
static gboolean is_signature(const char *text)
{
	static const char *const ends[] = {"公司", "厂", "敬上", "日", "商行", "集团", NULL};
	gsize size = strlen(text);

	while (size > 0 && g_ascii_isspace(text[size - 1]))
		size--;
	for (const char *const *end = ends; *end; end++) {
		gsize length = strlen(*end);

		if (length <= size && memcmp(text + size - length, *end, length) == 0)
			return !strstr(text, "，") && !strstr(text, "。") && !strchr(text, ',');
	}
	return FALSE;
}

guint cue_courtesy(const char *text)
{
	static GOnce once = G_ONCE_INIT;
	const struct matcher *matcher = g_once(&once, make_courtesies, NULL);
	g_autoptr(GArray) found = matcher_find(matcher, text, strlen(text));
	guint courtesy = is_signature(text) ? 2 : 0;

	for (guint i = 0; i < found->len; i++)
		courtesy = MAX(courtesy, g_array_index(found, struct match, i).word);
	return courtesy;
}
