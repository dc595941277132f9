#include "collector/marker.h"

#include "collector/words.h"

#include <string.h>

#define ATTRIBUTION_MAX 500 /* bytes */
#define SHORT_LINE_MAX  160 /* bytes of a line that is an advertisement */
#define BANNER_MAX      400 /* … a gateway's banner */

static const char *skip_space(const char *p)
{
	while (*p) {
		if (g_ascii_isspace(*p) || *p == '*')
			p++;
		else if (g_str_has_prefix(p, "\xe3\x80\x80")) /* ideographic space */
			p += 3;
		else if (g_str_has_prefix(p, "\xc2\xa0"))
			p += 2;
		else
			break;
	}
	return p;
}

static gboolean has_time(const char *text)
{
	for (const char *p = text; *p; p++)
		if (g_ascii_isdigit(*p) && (p[1] == ':' || p[1] == '.') && g_ascii_isdigit(p[2]) &&
		    g_ascii_isdigit(p[3]))
			return TRUE;
	return FALSE;
}

static gboolean has_digit(const char *text)
{
	for (; *text; text++)
		if (g_ascii_isdigit(*text))
			return TRUE;
	return FALSE;
}

/* "2016-03-03", "2013/7/20", "26.06.2014" at the beginning. */
static gboolean begins_with_date(const char *text)
{
	guint digits = 0, marks = 0;
	const char *p = text;

	for (; *p; p++) {
		if (g_ascii_isdigit(*p))
			digits++;
		else if ((*p == '-' || *p == '/' || *p == '.') && digits > 0)
			marks++;
		else
			break;
	}
	if (digits >= 5 && marks >= 2)
		return TRUE;
	/* "20 окт. 2016 г. 19:37", "23 mar 2017 21:25", "2016年12月12日" */
	return digits >= 1 && digits <= 4 && marks == 0 &&
	       (g_str_has_prefix(p, "年") || (*p == ' ' && has_time(p)));
}

/* Verbs of writing, lower case. */
static const char verbs[] =
    "wrote|writes|写道|寫道|写到|schrieb|geschrieben|a écrit|escreveu|escribió|ha scritto|"
    "skrev|schreef|geschreven|napisał|написал|писал|пишет|написав|yazdı|kirjoitti|napsal|"
    "napísal|a scris|írta|menulis|đã viết|작성|のメール|書きました|έγραψε|va escriure|"
    "reageeris|skrifaði|rašė|napisao|je napisal|schrieb am|του χρήστη|כתב|كتب|a écrit :|"
    "ha escrit";

/* Chinese ones of them: clients always write the hour or the address with it, people who tell what
 * another letter says do not. */
static const char told[] = "写道|寫道|写到";

/* With what an attribution that runs over several lines begins, lower case. */
static const char openers[] =
    "on |at |in |op |le |el |em |am |il |den |dnia |w dniu |v |dne |på |vào |pada |a |la |fra |"
    "ons |tir |man |mon,|tue,|wed,|thu,|fri,|sat,|sun,|---- |--- |在|於|于|vom |pe |ti |no dia|"
    "quoting |с |da |lähetet|pt., |dana |je |tarihinde";

static gboolean ends_attribution(const char *text)
{
	gsize n = strlen(text);

	while (n > 0 && (g_ascii_isspace(text[n - 1]) || text[n - 1] == '*'))
		n--;
	if (n > 0 && text[n - 1] == ':')
		return TRUE;
	if (n >= 3 && memcmp(text + n - 3, "：", 3) == 0)
		return TRUE;
	return n >= 4 && memcmp(text + n - 4, "----", 4) == 0;
}

static gboolean is_attribution(const char *text)
{
	gboolean ends = ends_attribution(text);
	gboolean address = strchr(text, '@') != NULL;
	gboolean dated = has_digit(text);
	g_autofree char *low = NULL;

	if (strlen(text) > ATTRIBUTION_MAX || (!ends && !begins_with_date(text)))
		return FALSE;
	low = words_fold(text, -1);
	if (ends) {
		if ((address || dated) && words_in(low, verbs))
			return address || has_time(low) || !words_in(low, told);
		/* Yandex, mail.ru: 26.06.2014, 14:41, "Name" <user@host>: */
		if (address && has_time(low) && strstr(low, ">:"))
			return TRUE;
	}
	/* Old Gmail: 2013/7/20 Name <user@host>; 2016-03-03 17:21 GMT+01:00 Name */
	return begins_with_date(low) && ((address && strchr(low, '<')) || strstr(low, " gmt"));
}

/* "Name <user@host>" alone: Gmail breaks its Chinese line behind it. */
static gboolean is_mailbox(const char *line)
{
	gsize n = strlen(line);

	while (n > 0 && g_ascii_isspace(line[n - 1]))
		n--;
	return n > 3 && n < 200 && line[n - 1] == '>' && strchr(line, '@') && strchr(line, '<');
}

static gboolean may_run_over(const char *line)
{
	g_autofree char *low = NULL;

	if (is_mailbox(line))
		return TRUE;
	if (!has_digit(line))
		return FALSE;
	low = words_fold(line, -1);
	return words_begin(low, openers) || begins_with_date(low);
}

guint marker_attribution(char *const *lines, guint count)
{
	const char *first = skip_space(lines[0]);
	g_autoptr(GString) joined = NULL;

	if (!*first || *first == '>' || strlen(first) > ATTRIBUTION_MAX)
		return 0;
	if (is_attribution(first))
		return 1;
	if (!may_run_over(first))
		return 0;
	joined = g_string_new(first);
	for (guint i = 1; i < MIN(count, MARKER_LINES_MAX); i++) {
		const char *next = skip_space(lines[i]);

		if (!*next || *next == '>')
			return 0;
		g_string_append_printf(joined, " %s", next);
		if (is_attribution(joined->str))
			return i + 1;
	}
	return 0;
}

gboolean marker_rule(const char *line)
{
	gsize n = 0;

	for (const char *p = skip_space(line); *p;) {
		if (strchr("-_=*~", *p)) {
			p++;
		} else if (g_str_has_prefix(p, "—") || g_str_has_prefix(p, "─") ||
			   g_str_has_prefix(p, "━")) {
			p += 3;
		} else if (g_ascii_isspace(*p)) {
			p++;
			continue;
		} else {
			return FALSE;
		}
		n++;
	}
	return n >= 5;
}

gboolean marker_signature_rule(const char *line)
{
	gsize n = strlen(line);

	while (n > 0 && g_ascii_isspace(line[n - 1]))
		n--;
	return (n == 2 && memcmp(line, "--", 2) == 0) || (n == 3 && memcmp(line, "—", 3) == 0) ||
	       (n == 6 && memcmp(line, "——", 6) == 0) || (n == 3 && memcmp(line, "---", 3) == 0) ||
	       (n == 2 && memcmp(line, "__", 2) == 0);
}

enum marker_divider marker_divider(const char *line)
{
	static const char replies[] =
	    "original message|original appointment|原始邮件|邮件原件|邮件原文|原始郵件|"
	    "回复的原邮件|回复的邮件|原邮件|message d'origine|message original|ursprüngliche|"
	    "originalnachricht|mensaje original|mensagem original|messaggio originale|"
	    "oorspronkelijk|oprindelig|opprinnelig|ursprungligt|wiadomość oryginalna|"
	    "oryginalna|исходное сообщение|пересылаемое|původní zpráva|eredeti üzenet|"
	    "alkuperäinen|元のメッセージ|원본 메시지|reply message|replied message|"
	    "original mail|원본 이메일| original |orijinal|mesaj original";
	static const char forwards[] =
	    "forwarded message|forwarded by|forwarded mail|转发的邮件|转发邮件|转发邮件信息|"
	    "轉寄|轉寄郵件|message transféré|weitergeleitete|mensaje reenviado|"
	    "mensagem encaminhada|messaggio inoltrato|doorgestuurd|пересланное|videresendt|"
	    "vidarebefordra|przekazana|転送メッセージ";
	const char *start = skip_space(line);
	g_autofree char *low = NULL;
	gsize n = strlen(start);

	if (n < 8 || n > SHORT_LINE_MAX)
		return DIVIDER_NONE;
	low = words_fold(start, -1);
	if (g_str_has_prefix(low, "begin forwarded message") ||
	    g_str_has_prefix(low, "anfang der weitergeleiteten") ||
	    g_str_has_prefix(low, "début du message") ||
	    g_str_has_prefix(low, "start forwarded message") ||
	    g_str_has_prefix(low, "下面是被转发的邮件"))
		return DIVIDER_FORWARD;
	if (!g_str_has_prefix(low, "--") && !g_str_has_prefix(low, "__") &&
	    !g_str_has_prefix(low, "==") && !g_str_has_prefix(low, "—"))
		return DIVIDER_NONE;
	if (words_in(low, forwards))
		return DIVIDER_FORWARD;
	return words_in(low, replies) ? DIVIDER_REPLY : DIVIDER_NONE;
}

enum marker_header marker_header(const char *line)
{
	static const char froms[] =
	    "from|发件人|寄件者|寄件人|发信人|發件人|差出人|보낸 사람|von|de|da|van|fra|från|"
	    "od|от|od:|lähettäjä|kimden|feladó|expéditeur|remitente|mittente";
	/* What people write above a text of their own too. */
	static const char common[] = "date|subject|主题|日期|时间|标题|附件|副本|主旨|重要性|"
				     "organization|importance|attachments";
	static const char others[] =
	    "sent|to|cc|bcc|reply-to|发送时间|收件人|抄送|发送日期|"
	    "收信人|寄件日期|收件者|收件人员|發送時間|密送|送信日時|宛先|件名|"
	    "gesendet|an|betreff|datum|kopie|envoyé|à|objet|enviado|enviado el|para|asunto|"
	    "fecha|assunto|data|inviato|a|oggetto|verzonden|verzonden op|aan|onderwerp|sendt|"
	    "til|emne|dato|skickat|till|ämne|wysłano|do|temat|wysłane|отправлено|кому|тема|"
	    "дата|копия|sent on|envoyé par|"
	    "date d'envoi|sent at|received";
	const char *start = skip_space(line);
	const char *colon = strchr(start, ':');
	const char *wide = strstr(start, "：");
	g_autofree char *name = NULL;
	g_autofree char *low = NULL;
	char *to;

	if (wide && (!colon || wide < colon))
		colon = wide;
	if (!colon || colon == start || colon - start > 48)
		return HEADER_NONE;
	name = g_strndup(start, (gsize)(colon - start));
	/* "发 件 人", "*From" */
	to = name;
	for (const char *p = name; *p; p++) {
		if (g_str_has_prefix(p, "\xe3\x80\x80"))
			p += 2;
		else if (*p != '*' && !((*p == ' ' || *p == '\t') && (guchar)name[0] >= 0xE0))
			*to++ = *p;
	}
	*to = '\0';
	g_strstrip(name);
	low = words_fold(name, -1);
	if (words_equal(low, froms))
		return HEADER_FROM;
	if (words_equal(low, common))
		return HEADER_COMMON;
	return words_equal(low, others) ? HEADER_MAIL : HEADER_NONE;
}

/* "发自我的iPhone", but not "发自我的内心"; "从我的手机发送", but not "从我的手机上办不了". */
static gboolean names_device(const char *low)
{
	static const char mine[] = "发自我的|發自我的|来自我的|从我的|從我的";
	static const char from_mine[] = "从我的|從我的";
	static const char devices[] =
	    "手机|手機|平板|电脑|客户端|邮箱|设备|华为|小米|荣耀|三星|苹果|魅族";

	if (!words_begin(low, mine))
		return TRUE;
	if (words_in(low, "，|、|！|；"))
		return FALSE;
	if (words_begin(low, from_mine) && !words_in(low, "发送|傳送|传送|寄出|发出|发来"))
		return FALSE;
	for (const char *p = low; *p; p++)
		if (g_ascii_isalnum(*p))
			return TRUE;
	return words_in(low, devices);
}

gboolean marker_advertisement(const char *line)
{
	static const char begins[] =
	    "sent from my|sent from outlook|sent from mail|sent from yahoo|sent from gmail|"
	    "sent from samsung|sent from the |sent from huawei|sent via |sent with |sent on |"
	    "sent by |sent using |sent from a |get outlook for|sent from typeapp|"
	    "sent from nine|sent from bluemail|sent from airmail|sent from blackberry|"
	    "sent from windows|sent from iphone|sent from ipad|sent from aol|发自我的|发自网易|"
	    "发自qq|发自 outlook|发自outlook|发自新浪|发自搜狐|发自华为|发自小米|发自vivo|"
	    "发自oppo|发自荣耀|发自foxmail|发自 windows|发自钉钉|发自企业微信|发自阿里邮箱|"
	    "发自手机|發自我的|从我的 i|从我的i|从我的手机|从我的 |從我的 i|從我的i|来自我的|"
	    "来自qq邮箱|来自网易|来自 outlook|来自outlook|获取 outlook|获取outlook|"
	    "下载 outlook|取得 outlook|发送自 windows|发送自windows|从 windows|从 yahoo|"
	    "使用 windows|签名由|從 windows|sendt fra |envoyé de |envoyé depuis|"
	    "envoyé à partir|von meinem |gesendet von |gesendet mit |enviado desde |"
	    "enviado do |enviado de |enviado a partir|inviato da|verstuurd vanaf|"
	    "verzonden vanaf|verzonden met|отправлено с|отправлено из|skickat från|lähetetty |"
	    "wysłane z|wysłano z|odesláno z|iphoneから送信|iphone から送信|私のiphone|"
	    "나의 iphone|diese nachricht wurde|this message was sent from|sent from |"
	    "trimis de pe|i̇phone'umdan|iphone'umdan|从网易|—\nsent from|poslano iz";
	const char *start = skip_space(line);
	g_autofree char *low = NULL;

	if (strlen(start) > SHORT_LINE_MAX || strlen(start) < 6)
		return FALSE;
	low = words_fold(start, -1);
	/* "Sent from X to Y." is a sentence; an advertisement has no full stop inside. */
	if (strstr(low, "。") || strstr(low, "，请"))
		return FALSE;
	if (words_begin(low, begins))
		return names_device(low) && marker_header(line) == HEADER_NONE;
	return strstr(low, "网易自营") || (strstr(low, "网易邮箱") && strstr(low, "定制"));
}

gboolean marker_disclaimer(const char *line)
{
	static const char begins[] =
	    "本邮件及其附件|本邮件及附件|本邮件含有|本邮件可能|本电子邮件|此邮件及其附件|"
	    "此邮件及附件|此电子邮件|免责声明|保密声明|【保密声明】|【免责声明】|保密提示|"
	    "重要提示：本邮件|声明：本邮件|邮件保密|this e-mail and any|this email and any|"
	    "this message and any|this e-mail is|this message is intended|"
	    "this email message and any|this e-mail message|the information contained in this|"
	    "the information in this e|confidentiality notice|disclaimer:|"
	    "this message contains confidential|this email is confidential|"
	    "the contents of this|this communication|this email may contain|"
	    "please consider the environment|diese e-mail enthält|ce message et|este mensaje|"
	    "本メール|请考虑环境|请在打印";
	g_autofree char *low = words_fold(skip_space(line), -1);

	return words_begin(low, begins);
}

gboolean marker_banner(const char *line)
{
	static const char tags[] =
	    "[外部邮件]|【外部邮件】|[外部]|【外部】|[外来邮件]|【外来邮件】|[external]|"
	    "[external email]|[external sender]|[ext]";
	static const char begins[] =
	    "caution:|warning:|attention:|external email|警告|注意|提示|提醒|安全提示|安全提醒|"
	    "重要提示|此邮件来自外部|本邮件来自外部|该邮件来自外部|此邮件来自公司外部|"
	    "this email originated|this message originated|this email is from outside|"
	    "this message is from outside";
	static const char outside[] =
	    "外部邮件|外来邮件|外部发件人|邮件来自外部|邮件来自公司外部|邮件来自组织外部|"
	    "external email|external sender|external e-mail|originated from outside|"
	    "originated outside|from outside|outside of the organi|outside the organi|"
	    "outside your organi";
	static const char cares[] = "谨慎|小心|请勿|切勿|警惕|核实|链接|附件|click|link|"
				    "attachment|caution|careful|recogni";
	const char *start = skip_space(line);
	g_autofree char *low = NULL;
	const char *behind;

	if (strlen(start) > BANNER_MAX)
		return FALSE;
	low = words_fold(start, -1);
	if (words_begin(low, tags)) {
		behind = *low == '[' ? strchr(low, ']') + 1 : strstr(low, "】") + strlen("】");
		behind = skip_space(behind);
		/* "[外部邮件] 罚款太多" is said by the writer, as much as the tag is not */
		return !*behind || (words_in(behind, outside) && words_in(behind, cares));
	}
	return words_begin(low, begins) && words_in(low, outside) &&
	       (words_in(low, cares) || words_begin(low, "caution:|warning:|external email"));
}

/* A label, and behind it a colon, or nothing that is Chinese: "窗口电话 8300000 打不通" is none. */
static gboolean has_label(const char *low)
{
	static const char *const labels[] = {"电话",   "手机", "传真", "邮箱", "邮编", "地址",
					     "联系人", "网址", "电邮", "微信", "qq"};

	for (gsize i = 0; i < G_N_ELEMENTS(labels); i++) {
		const char *p = strstr(low, labels[i]);

		if (!p)
			continue;
		p += strlen(labels[i]);
		p += g_str_has_prefix(p, "号") ? strlen("号") : 0;
		p += g_str_has_prefix(p, "码") ? strlen("码") : 0;
		while (*p == ' ')
			p++;
		if (*p == ':' || g_str_has_prefix(p, "："))
			return TRUE;
		while (*p > 0)
			p++;
		if (*p == '\0')
			return TRUE;
	}
	return FALSE;
}

gboolean marker_item(const char *line)
{
	const char *p = skip_space(line);
	gsize n = strspn(p, "0123456789");

	if (n > 0 && n <= 2)
		return p[n] == '.' || p[n] == ')' || g_str_has_prefix(p + n, "、") ||
		       g_str_has_prefix(p + n, "．") || g_str_has_prefix(p + n, "）");
	if (g_str_has_prefix(p, "（") || *p == '(')
		p += *p == '(' ? 1 : strlen("（");
	n = 0;
	while (words_begin(p, "一|二|三|四|五|六|七|八|九|十")) {
		p += strlen("一");
		n++;
	}
	return n > 0 && (*p == ')' || g_str_has_prefix(p, "、") || g_str_has_prefix(p, "）"));
}

gboolean marker_contact(const char *line)
{
	static const char labels[] = "tel|phone|fax|mobile|mail|cell|www.|http|add";
	const char *start = skip_space(line);
	g_autofree char *low = NULL;
	gboolean address = strchr(start, '@') != NULL;
	gboolean site = strcasestr(start, "http") || strcasestr(start, "www.");
	guint digits = 0;

	if (!*start || strlen(start) > 120)
		return FALSE;
	for (const char *p = start; *p; p++)
		digits += g_ascii_isdigit(*p);
	if (g_str_has_prefix(start, "地址：") || g_str_has_prefix(start, "地址:"))
		return TRUE;
	if (digits < 6 && !address && !site)
		return FALSE;
	low = words_fold(start, -1);
	if (words_in(low, labels) || has_label(low))
		return TRUE;
	/* A line of nothing but a telephone number or an address. */
	if (digits >= 7 && strspn(low, "0123456789+-() /.") == strlen(low))
		return TRUE;
	return address && !strchr(low, ' ') && !strstr(low, "，");
}
