#include "collector/kind.h"

#include "base/charset.h"
#include "collector/bounce.h"
#include "collector/bounce_notice.h"
#include "collector/words.h"

#include <string.h>

#define BOUNCE_LIKELY  3 /* signs, see bounce_signs() */
#define BOUNCE_CERTAIN 4
#define TEXT_LOOKED_AT 4000 /* bytes at the beginning of the text */

#define UNSUBSCRIBE "unsubscribe|退订|退订邮件|取消订阅|remove me"

static const char *const names[] = {"reply",     "bounce",      "delay",
				    "delivered", "auto-reply",  "receipt",
				    "complaint", "unsubscribe", "other"};

const char *kind_name(enum kind kind)
{
	return names[kind];
}

/* A header in lower case, decoded; NULL when it is not there. */
static char *header_low(const struct mime_message *message, const char *name)
{
	g_autofree char *value = mime_header_text(message, name);

	return value ? words_fold(value, -1) : NULL;
}

static const struct mime_part *find_type(const struct mime_part *part, const char *type)
{
	if (!part)
		return NULL;
	if (strcmp(part->type, type) == 0)
		return part;
	for (guint i = 0; part->children && i < part->children->len; i++) {
		const struct mime_part *found =
		    find_type(g_ptr_array_index(part->children, i), type);

		if (found)
			return found;
	}
	return NULL;
}

static gboolean report_type_is(const struct mime_message *message, const char *type)
{
	return message->root->report_type &&
	       g_ascii_strcasecmp(message->root->report_type, type) == 0;
}

/* A delivery report by what its recipients' actions say: one failure makes a bounce. */
static enum kind status_kind(const struct mime_message *message, const char *text)
{
	g_autoptr(GPtrArray) bounces = bounce_read(message, text ? text : "");
	gboolean delayed = FALSE, delivered = FALSE;

	for (guint i = 0; i < bounces->len; i++) {
		const struct bounce *bounce = g_ptr_array_index(bounces, i);

		if (strcmp(bounce->action, "failed") == 0)
			return KIND_BOUNCE;
		delayed |= strcmp(bounce->action, "delayed") == 0;
		delivered |= strcmp(bounce->action, "delayed") != 0;
	}
	return delayed ? KIND_DELAY : delivered ? KIND_DELIVERED : KIND_BOUNCE;
}

static gboolean from_daemon(const struct mime_message *message)
{
	static const char daemons[] =
	    "mailer-daemon|postmaster|mail delivery|mailerdaemon|mail-daemon|mdaemon|"
	    "delivery subsystem|mail administrator|系统管理员|mail daemon|email delivery|"
	    "mailer daemon|mail system|bounce@|mail router|post_master|ndr administrator|"
	    "邮件系统|microsoftexchange";
	g_autofree char *from = header_low(message, "From");
	g_autofree char *path = header_low(message, "Return-Path");

	return words_in(from, daemons) || (path && strcmp(path, "<>") == 0) ||
	       (path && strstr(path, "mailer-daemon"));
}

static gboolean subject_of_bounce(const char *subject)
{
	static const char words[] =
	    "undeliver|未传递|不可送达|邮件被退回|无法传递|mail failure|mail failed|"
	    "не доставлено|error sending your mail|returned mail|delivery status notification|"
	    "delivery failure|failure notice|mail delivery failed|returned to sender|"
	    "delivery notification|could not be delivered|delivery has failed|delivery report|"
	    "mail delivery|message delivery|nondeliverable|non delivery|undelivered|"
	    "mail system error|not delivered|failed mail|deliver mail|delivery error|退信|"
	    "无法投递|未送达|投递失败|无法送达|未投递|发送失败|mail error|unzustellbar|"
	    "non remis|no se puede entregar|delivery problem|user unknown|host unknown|"
	    "warning: could not send|warning: message|delivery delayed|error sending|"
	    "rejected mail|mail could not|message rejected|delivery unsuccessful|undeliverable|"
	    "延迟";

	return words_in(subject, words);
}

static gboolean subject_of_delay(const char *subject, const char *text)
{
	static const char subjects[] =
	    "delayed|warning: could not send|delay)|warning: message|延迟|(delay)";
	static const char texts[] =
	    "this is a warning message only|you do not need to resend|no action is required|"
	    "will be retried|will continue to try|still trying|not yet been delivered|"
	    "has not yet been delivered|将继续尝试";

	return words_in(subject, subjects) || words_in(text, texts);
}

static gboolean text_of_bounce(const char *text)
{
	static const char words[] =
	    "could not be delivered|was not delivered|not be delivered|unable to deliver|"
	    "permanent fatal errors|permanent error|delivery to the following|undeliverable|"
	    "无法发送到|退信原因|邮件被退回|您的邮件被退|couldn't be delivered|"
	    "wasn't able to deliver|was undeliverable|transcript of session|has been rejected|"
	    "delivery failed|无法投递|failed to deliver|did not reach|could not deliver|"
	    "未能送达|returned to sender|error delivering|user unknown|unknown user|"
	    "not able to deliver|no such user|group you tried to contact|"
	    "failed addresses follow|delivery errors|error: invalid user address|"
	    "requested action not "
	    "taken|传递到以下收件人或组时失败|传递到以下收件人或通讯组列表失败|"
	    "找不到你输入的电子邮件地址|找不到您输入的电子邮件地址";

	return words_in(text, words);
}

/* How much speaks for a report without the standard's structure: 3 is enough for one that does not
 * look like an automatic answer, 4 for any. */
static guint bounce_signs(const struct mime_message *message, const char *subject, const char *text)
{
	guint signs = 0;

	if (mime_header_get(message, "X-Failed-Recipients"))
		return 5;
	if (report_type_is(message, "delivery-status"))
		return 5;
	signs += from_daemon(message) ? 2 : 0;
	signs += subject_of_bounce(subject) ? 2 : 0;
	signs += text_of_bounce(text) ? 1 : 0;
	return signs;
}

/* By the headers of those who answer automatically. */
static gboolean has_auto_reply_header(const struct mime_message *message)
{
	static const char *const headers[] = {
	    "X-QQ-AUTO-REPLY",  "X-Autoreply",           "X-Autorespond",
	    "X-Auto-Reply",     "X-Autogenerated-Reply", "X-AutoReply-From",
	    "X-Mail-Autoreply", "X-Auto-Responder",      "X-Pingyi-Check"};
	g_autofree char *submitted = header_low(message, "Auto-Submitted");
	g_autofree char *precedence = header_low(message, "Precedence");
	g_autofree char *path = header_low(message, "Return-Path");

	if (submitted && g_str_has_prefix(submitted, "auto-replied"))
		return TRUE;
	if (precedence && strcmp(precedence, "auto_reply") == 0)
		return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(headers); i++) {
		g_autofree char *value = header_low(message, headers[i]);

		if (value && strcmp(value, "no") != 0 && strcmp(value, "false") != 0)
			return TRUE;
	}
	return path && strstr(path, "+auto_=");
}

/* What asks the sender to prove that he is a person, before it lets his letter through. */
static gboolean words_of_challenge(const char *text)
{
	static const char robots[] = "不是机器人|并非机器人|not a robot|not a machine|are human|"
				     "a real person|are a human";
	static const char letters[] = "反垃圾|邮件才会|邮件才能|投递到|收件箱|anti-spam|antispam|"
				      "spam protection|your message|your email|your e-mail|deliver";
	static const char links[] = "点击|链接|http|click|link";

	return words_in(text, robots) && words_in(text, letters) && words_in(text, links);
}

/* "[自动回复]", with which QQ Mail ends what it answers by its rules. */
static gboolean is_marked_automatic(const char *own)
{
	static const char *const marks[] = {"[自动回复]",   "【自动回复】", "［自动回复］",
					    "(自动回复)",   "（自动回复）", "[auto reply]",
					    "[auto-reply]", "[自動回復]",   "【自動回復】"};

	for (gsize i = 0; own && i < G_N_ELEMENTS(marks); i++)
		if (g_str_has_prefix(own, marks[i]) || g_str_has_suffix(own, marks[i]))
			return TRUE;
	return FALSE;
}

static gboolean words_of_auto_reply(const char *subject, const char *text, const char *own)
{
	static const char subjects[] =
	    "自动回复|自動回復|自动答复|[自动回复]|【自动回复】|automatic reply|autoreply|"
	    "auto reply|auto-reply|"
	    "auto response|out of office|out of the office|abwesenheit|automatische antwort|"
	    "réponse automatique|respuesta automática|away from|vacation|autoresponse|"
	    "外出时的自动|不在办公室|auto: |休假";
	static const char texts[] =
	    "这是一封自动回复|此邮件为自动回复|本邮件为自动回复|系统自动回复|"
	    "这是来自qq邮箱的假期自动回复邮件|自动回复邮件";

	return words_begin(subject, subjects) || words_in(text, texts) ||
	       is_marked_automatic(own) || words_of_challenge(text);
}

/* Outlook's wish that an earlier message be taken back. */
static gboolean words_of_recall(const char *subject, const char *text)
{
	return words_begin(subject, "撤回:|撤回：|recall:|recall：|撤回邮件|message recall") &&
	       words_in(text, "撤回邮件|撤回此邮件|recall the message|撤回郵件");
}

static gboolean is_receipt(const struct mime_message *message)
{
	return report_type_is(message, "disposition-notification") ||
	       find_type(message->root, "message/disposition-notification");
}

static gboolean words_of_receipt(const struct mime_message *message, const char *subject)
{
	static const char subjects[] =
	    "已读:|已读：|read:|阅读回执|已读回执|return receipt|read receipt|"
	    "disposition notification|(displayed)|未读就已删除|gelesen:";

	return words_begin(subject, subjects) && !strstr(message->root->type, "alternative");
}

/* By where it was sent, or by all that its writer says. */
static gboolean is_unsubscribe(const struct mime_message *message, const char *own)
{
	g_autofree char *to = header_low(message, "To");

	return (to && strstr(to, "unsubscribe")) || words_equal(own, UNSUBSCRIBE) ||
	       words_equal(own, "td");
}

static gboolean subject_of_unsubscribe(const char *subject, const char *own)
{
	return words_equal(subject, UNSUBSCRIBE) ||
	       (subject && g_str_has_prefix(subject, "unsubscribe") && (!own || strlen(own) < 40));
}

/* A machine's message that answers nothing: newsletters, notices, invitations. */
static gboolean is_machine(const struct mime_message *message)
{
	g_autofree char *submitted = header_low(message, "Auto-Submitted");
	g_autofree char *precedence = header_low(message, "Precedence");
	g_autofree char *from = header_low(message, "From");
	static const char robots[] =
	    "noreply|no-reply|donotreply|do-not-reply|mailer-daemon|postmaster@";

	if (submitted && strcmp(submitted, "no") != 0)
		return TRUE;
	if (mime_header_get(message, "List-Id") || mime_header_get(message, "List-Unsubscribe"))
		return TRUE;
	if (precedence && (strcmp(precedence, "bulk") == 0 || strcmp(precedence, "list") == 0 ||
			   strcmp(precedence, "junk") == 0))
		return TRUE;
	return words_in(from, robots);
}

static enum kind notice_kind(const char *notice)
{
	if (strcmp(notice, "Bounce") == 0)
		return KIND_BOUNCE;
	if (strcmp(notice, "Delivery") == 0)
		return KIND_DELIVERED;
	return strcmp(notice, "Complaint") == 0 ? KIND_COMPLAINT : KIND_OTHER;
}

static gboolean is_complaint(const struct mime_message *message)
{
	return report_type_is(message, "feedback-report") ||
	       find_type(message->root, "message/feedback-report");
}

/* Feedback loops that write no feedback-report part (Hotmail's): the complaint's subject, and the
 * message complained about. */
static gboolean words_of_complaint(const struct mime_message *message, const char *subject)
{
	return subject && g_str_has_prefix(subject, "complaint about message from") &&
	       find_type(message->root, "message/rfc822");
}

/* Headers and structure that only machines write. What a display name says is no more than words:
 * firms have their 系统管理员 too. */
static gboolean machine_wrote(const struct mime_message *message)
{
	static const char daemons[] =
	    "mailer-daemon|mailerdaemon@|mail-daemon@|mailer_daemon@|"
	    "mdaemon@|postmaster@|post_master@|daemon@|bounce@|bounces@|"
	    "microsoftexchange|noreply@|no-reply@|donotreply@|do-not-reply@";
	g_autofree char *submitted = header_low(message, "Auto-Submitted");
	g_autofree char *precedence = header_low(message, "Precedence");
	g_autofree char *from = header_low(message, "From");
	g_autofree char *path = header_low(message, "Return-Path");

	if (submitted && strcmp(submitted, "no") != 0)
		return TRUE;
	if (precedence && (strcmp(precedence, "bulk") == 0 || strcmp(precedence, "junk") == 0))
		return TRUE;
	if (path && (strcmp(path, "<>") == 0 || strstr(path, "mailer-daemon")))
		return TRUE;
	return message->root->report_type || mime_header_get(message, "X-Failed-Recipients") ||
	       has_auto_reply_header(message) || words_in(from, daemons);
}

/* What is told by words alone; KIND_REPLY when they tell nothing. */
static enum kind kind_by_words(const struct mime_message *message, const char *subject,
			       const char *text, const char *own, guint signs)
{
	if (words_of_complaint(message, subject))
		return KIND_COMPLAINT;
	if (words_of_receipt(message, subject))
		return KIND_RECEIPT;
	if (signs < BOUNCE_CERTAIN && words_of_auto_reply(subject, text, own))
		return KIND_AUTO_REPLY;
	if (words_of_recall(subject, text))
		return KIND_OTHER;
	if (signs >= BOUNCE_LIKELY)
		return subject_of_delay(subject, text) ? KIND_DELAY : KIND_BOUNCE;
	return subject_of_unsubscribe(subject, own) ? KIND_UNSUBSCRIBE : KIND_REPLY;
}

enum kind kind_tell(const struct mime_message *message, const char *subject, const char *text,
		    const char *own, gboolean *guessed_out)
{
	g_autofree char *subject_low = subject ? words_fold(subject, -1) : NULL;
	g_autofree char *own_low = own ? g_strstrip(words_fold(own, -1)) : NULL;
	g_autofree char *head = text ? g_strndup(text, TEXT_LOOKED_AT) : g_strdup("");
	g_autofree char *valid = g_utf8_make_valid(head, -1);
	g_autofree char *low = words_fold(valid, -1);
	g_autofree char *notice = text ? bounce_notice_type(text) : NULL;
	guint signs = bounce_signs(message, subject_low, low);
	enum kind kind;

	*guessed_out = FALSE;
	if (notice)
		return notice_kind(notice);
	if (is_complaint(message))
		return KIND_COMPLAINT;
	if (is_receipt(message))
		return KIND_RECEIPT;
	if (bounce_status_part(message))
		return status_kind(message, text);
	if (signs < BOUNCE_CERTAIN && has_auto_reply_header(message))
		return KIND_AUTO_REPLY;
	if (signs < BOUNCE_LIKELY && is_unsubscribe(message, own_low))
		return KIND_UNSUBSCRIBE;
	kind = kind_by_words(message, subject_low, low, own_low, signs);
	if (kind == KIND_REPLY)
		return is_machine(message) ? KIND_OTHER : KIND_REPLY;
	*guessed_out = !machine_wrote(message);
	return kind;
}
