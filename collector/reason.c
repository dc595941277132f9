#include "collector/reason.h"

#include "collector/words.h"

#include <string.h>

#define CERTAIN_ROWS 6    /* rows of the table whose words mean one thing only */
#define WORDS_MAX    8192 /* bytes of a server's words that are looked at */

static const struct {
	const char *name;
	int hard;
} reasons[] = {
    [REASON_UNKNOWN] = {NULL, -1},         [REASON_USER] = {"user-unknown", 1},
    [REASON_HOST] = {"host-unknown", 1},   [REASON_NO_MAIL] = {"takes-no-mail", 1},
    [REASON_MOVED] = {"moved", 1},         [REASON_FULL] = {"mailbox-full", 0},
    [REASON_SUSPENDED] = {"suspended", 0}, [REASON_FILTERED] = {"filtered", 0},
    [REASON_BLOCKED] = {"blocked", 0},     [REASON_SPAM] = {"spam", 0},
    [REASON_POLICY] = {"policy", 0},       [REASON_AUTH] = {"authentication", 0},
    [REASON_RELAYING] = {"relaying", 0},   [REASON_SIZE] = {"too-big", 0},
    [REASON_CONTENT] = {"content", 0},     [REASON_RATE] = {"rate-limited", 0},
    [REASON_EXPIRED] = {"expired", 0},     [REASON_NETWORK] = {"network", 0},
    [REASON_SYSTEM] = {"system", 0},       [REASON_DELIVERED] = {"delivered", 0},
};

const char *reason_name(enum reason reason)
{
	return reasons[reason].name;
}

int reason_is_hard(enum reason reason)
{
	return reasons[reason].hard;
}

gboolean reason_passes(enum reason reason, const char *status, const char *code)
{
	switch (reason) {
	case REASON_FULL:
	case REASON_RATE:
	case REASON_EXPIRED:
	case REASON_NETWORK:
	case REASON_SYSTEM:
		return TRUE;
	default:
		return reasons[reason].hard != 1 &&
		       ((status && *status == '4') || (code && *code == '4'));
	}
}

/* Words of a class, lower case, white space single. The first row that matches decides. */
static const struct {
	enum reason reason;
	const char *words;
} table[] = {
    {REASON_RATE,
     "frequency limited|rate limit|too many connections|too many messages|too many recipients|"
     "too many emails|too many errors|too many sessions|sending rate|receiving mail at a rate|"
     "throttl|too fast|too frequent|connection limit|concurrent connections|"
     "exceeded the limit of|频率|发送过于频繁|连接过多|超过限制次数|达到上限|send quota|"
     "unusual rate of|sent too many|exceeded the maximum number of|daily user sending|"
     "daily sending quota|hourly limit|has received more mail|too many concurrent"},
    {REASON_BLOCKED,
     "... access denied|domain of sender|sender address rejected|my name was rejected|"
     "sender rejected|sender denied|groups.google.com|google groups|permission to post"},
    {REASON_SYSTEM, "procmail|transaction failed|mail.local|pipe to|command died|mailer error|"
		    "local delivery failed|command output|delivery agent"},
    {REASON_AUTH,
     "dmarc|spf check|spf fail|spf record|dkim|unauthenticated|sender policy framework|"
     "authentication check|not authenticated|reverse dns|rdns|ptr record|no ptr|spf)|spf:|"
     "unverifyable sending ip|dns ptr|reverse lookup|invalid rdns|email rejected per|"
     "发件人域名|发件人地址|spf检查|fcrdns|no reverse|missing ptr|openspf|"
     "is not allowed to send mail from|not authorized to send from|valid sender domain|"
     "authentication fail|spf-| spf |cannot resolve your|find your hostname|does not resolve|"
     "ip name lookup|mismatches client ip"},
    {REASON_RELAYING,
     "relay access denied|relaying denied|relay not permitted|unable to relay|"
     "relaying not allowed|relay denied|no relaying|not permitted to relay|relaying to|"
     "mail relay|open relay|not relay|we do not relay|relay prohibited|authentication required|"
     "must be authenticated|relay mail|is not a gateway|rejecting relay|不允许转发"},
    /* Words that nobody uses for anything else; REASON_USER further below needs a witness. */
    {REASON_USER,
     "listed in public|destinataire invalide|delivery error: dd|mailbox unavailable (-|"
     "unable to deliver message to|invalid recipient|recipient name is not recognized|"
     "no valid recipients|recipientnotfound|recipient address rejected: access denied|"
     "unknown or illegal alias|check if address is correct|inactive email address|用户不存在|"
     "收件人不存在|地址不存在|无此用户|没有该用户|邮箱不存在|不存在|user not exist|"
     "unknown recipient"},
    {REASON_NO_MAIL,
     "does not accept mail|indicated no smtp service|no smtp service|host does not accept|"
     "does not accept any mail|null mx|accepts no mail|no mail accepted|nullmx|no mx exist|"
     "mx 0 .|does not receive mail|smtp protocol returned a permanent error|"
     "domain does not accept|malformed or unexpected name server reply"},
    {REASON_MOVED,
     "has moved|user moved|no longer on server|has been replaced by|please use the new|"
     "address changed|mailbox moved|has changed address|new address is|moved to|已更换邮箱|"
     "已搬迁"},
    {REASON_SIZE, "message too large|message too big|size limit|exceeds size|exceeds maximum|"
		  "maximum message size|too large|message size exceeds|message length exceeds|"
		  "exceeds the maximum|line limit exceeded|exceeded maximum inbound message size|"
		  "message file too big|size exceeds|larger than|邮件大小|邮件太大|超过最大限制|"
		  "max message size|messagesize|exceed the max"},
    {REASON_FULL,
     "mailbox full|mailbox is full|over quota|overquota|quota exceed|exceeded quota|"
     "exceeded storage|quota has been exceeded|mailfolder is full|inbox is full|out of storage|"
     "full mailbox|not enough storage|insufficient storage|exceed mailbox quota|"
     "mailbox has exceeded|exceeded the storage|storage quota|quota violation|"
     "mailbox size limit|maildir over quota|mailbox exceeds|mailbox exceeded|is full|"
     "exceeded his/her quota|quota full|quotaexceeded|mailbox over|exceeding quota|"
     "quota reached|over the maximum allowed|邮箱已满|邮箱满|信箱已满|邮箱空间不足|空间不足|"
     "容量不足|超出配额|account is full|over its quota|over disk quota|exceeds allowed|"
     "delivery quota|user quota|mail quota|overquotaperm|overquotatemp|disk quota|"
     "mailbox quota|insufficient quota|not have enough space|storage space|"
     "limit exceeded for mailbox"},
    {REASON_SUSPENDED,
     "account disabled|is disabled|disabled account|account is inactive|is inactive|"
     "user is inactive|account has been disabled|suspended|account inactive|temporary locked|"
     "temporarily locked|is locked|mailbox disabled|user disabled|"
     "has been blocked due to inactivity|not active|is currently suspended|inactive user|"
     "mailbox frozen|disabled or discontinued|invalid/inactive|address no longer accepts|"
     "no longer accepts mail|account expired|账号已停用|账户被禁用|帐号已停用|冻结|已禁用|"
     "被锁定|dormant|mailbox unavailable or access|account is blocked|domain paused|"
     "not been activated|account that you tried to reach is|user account is expired|vacation|"
     "account closed|mailbox currently suspended|this account has been|"
     "unavailable to take delivery|temporarily disabled"},
    {REASON_SPAM,
     "spam|virus|ube,|unsolicited|bulk mail|content rejected|junk|malware|垃圾邮件|病毒|"
     "mcspamsignature|phish|infected|suspicious content|message contains|content filter|"
     "message looks|high probability"},
    {REASON_HOST,
     "host unknown|unknown host|no such domain|domain not found|host not found|"
     "name service error|domain does not exist|invalid domain|unrouteable address|"
     "unrouteable mail domain|unrouteable domain|nxdomain|no such host|bad destination system|"
     "cannot find a mail exchanger|name or service not known|domain name not found|"
     "unknown domain|couldn't find any host named|could not find any host|"
     "couldn't find any host by that name|domain isn't in my list|dns error: domain name|"
     "dns error: |mail domain|doesn't exist in dns|domain is not valid|recipient domain|"
     "not a valid domain|name server: host not found|unknown mail domain|no route to domain|"
     "域名不存在|找不到域|域名解析|domain cannot be found|illegal host/domain name|"
     "host or domain name not found|domain couldn't be found|no dns records|destination domain|"
     "domain of the recipient|domain is not reachable"},
    {REASON_POLICY,
     "policy reasons|policy violation|security policy|security policies|policy reject|"
     "potential security|violates|local policy|policy restriction|against policy|"
     "not accepted for policy|due to policy|blocked because its content|policy|prohibited|"
     "protocol violation|安全策略|违规"},
    {REASON_USER,
     "user unknown|unknown user|no such user|unknown recipient|recipient unknown|"
     "no such recipient|user not found|recipient not found|mailbox not found|no such mailbox|"
     "mailbox unavailable|does not exist|doesn't exist|not exist|doesn't have a|"
     "invalid mailbox|invalid address|unknown address|address unknown|no mailbox here|"
     "not a valid mailbox|no such address|user doesn't|unknown local|no user|not listed in|"
     "addressee unknown|not a known user|bad destination mailbox|user invalid|no longer exists|"
     "unable to find|non-existent|nonexistent|not our customer|unknown account|"
     "account not found|no account|recipient rejected|account does|this user|"
     "undeliverable address|not known at this"},
    {REASON_BLOCKED,
     "blocked|blacklist|block list|blocklist|black list|rbl|spamhaus|dnsbl|"
     "client host rejected|access denied|denied access|not accept|refused to accept|"
     "smtp server of your isp|connection refused|reputation|listed at|abuse|"
     "connection rejected|sender rejected|sender address rejected|sender denied|not allowed|"
     "forbidden|service refuse|service refused|banned|unwanted|拒收|黑名单|拒绝|被屏蔽|"
     "invalid ip|no access from|is not authorized|rejected|ip address|unexpected volume|"
     "cannot accept|delivery not authorized|not authorized"},
    {REASON_CONTENT,
     "headers too large|media error|mime|content|not rfc|rfc 5322|rfc5322|rfc 2822|rfc2822|"
     "8bit|multiple addresses in from|header|line too long|bare lf|syntax"},
    {REASON_EXPIRED,
     "expired|time out|timed out|timeout|could not be delivered for|retry time|delivery time|"
     "has been in the queue|queue too long|too long in queue|giving up|unable to deliver in|"
     "warning: message|not delivered for the last|maxqueuelifetime|being held|retry timeout|"
     "will be retried|message delayed|超时|多次重试|投递超时|not responding|"
     "not delivered within"},
    {REASON_NETWORK,
     "connection|no route to host|network|connect to|too many hops|loop|hop count|unreachable|"
     "dns|name server|couldn't connect|tls|routing"},
    {REASON_SYSTEM,
     "system error|internal error|disk space|service unavailable|service currently unavailable|"
     "mailer error|command died|local error|system config|resources|server error|"
     "temporary failure|temporar|try again|try later|server busy|procmail|error writing|"
     "i/o error|command output|系统|繁忙|unavailable|exit status|mailer|pipe|failure|error"},
};

/* Lower case with single white space. */
static char *normal(const char *words)
{
	g_autofree char *low = NULL;
	const char *stop;
	char *to;

	g_utf8_validate_len(words, MIN(strlen(words), WORDS_MAX), &stop);
	low = words_fold(words, stop - words);
	to = low;
	for (const char *p = low; *p; p++) {
		if (g_ascii_isspace(*p)) {
			if (to > low && to[-1] != ' ')
				*to++ = ' ';
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	return g_steal_pointer(&low);
}

static enum reason of_words(const char *words, gboolean *certain_out)
{
	g_autofree char *low = normal(words);

	for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
		if (words_in(low, table[i].words)) {
			*certain_out = i < CERTAIN_ROWS;
			return table[i].reason;
		}
	return REASON_UNKNOWN;
}

static enum reason of_status(const char *status)
{
	static const struct {
		const char *detail; /* behind the class: "1.1" */
		enum reason reason;
	} known[] = {
	    {"1.1", REASON_USER},       {"1.2", REASON_HOST},     {"1.3", REASON_USER},
	    {"1.4", REASON_FILTERED},   {"1.6", REASON_MOVED},    {"1.7", REASON_BLOCKED},
	    {"1.8", REASON_BLOCKED},    {"1.10", REASON_NO_MAIL}, {"2.0", REASON_FILTERED},
	    {"2.1", REASON_SUSPENDED},  {"2.2", REASON_FULL},     {"2.3", REASON_SIZE},
	    {"3.1", REASON_SYSTEM},     {"3.2", REASON_NO_MAIL},  {"3.4", REASON_SIZE},
	    {"3.0", REASON_SYSTEM},     {"3.5", REASON_SYSTEM},   {"4.0", REASON_NETWORK},
	    {"4.1", REASON_EXPIRED},    {"4.2", REASON_NETWORK},  {"4.3", REASON_NETWORK},
	    {"4.4", REASON_HOST},       {"4.5", REASON_NETWORK},  {"4.6", REASON_NETWORK},
	    {"4.7", REASON_EXPIRED},    {"5.3", REASON_RATE},     {"6.0", REASON_CONTENT},
	    {"6.1", REASON_CONTENT},    {"6.2", REASON_CONTENT},  {"6.3", REASON_CONTENT},
	    {"7.0", REASON_POLICY},     {"7.1", REASON_POLICY},   {"7.8", REASON_AUTH},
	    {"7.9", REASON_POLICY},     {"7.20", REASON_AUTH},    {"7.21", REASON_AUTH},
	    {"7.22", REASON_AUTH},      {"7.23", REASON_AUTH},    {"7.24", REASON_AUTH},
	    {"7.25", REASON_AUTH},      {"7.26", REASON_AUTH},    {"7.27", REASON_NO_MAIL},
	    {"7.13", REASON_SUSPENDED},
	};

	if (!status || strlen(status) < 5)
		return REASON_UNKNOWN;
	if (*status == '2')
		return REASON_DELIVERED;
	for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
		if (strcmp(status + 2, known[i].detail) == 0)
			return known[i].reason;
	return g_str_has_prefix(status + 2, "7.") ? REASON_POLICY : REASON_UNKNOWN;
}

/* Whether the refusal itself bears witness that there is no such user. */
static gboolean is_witnessed(const char *status, enum reason_step step)
{
	return step == STEP_RCPT || of_status(status) == REASON_USER ||
	       (status && strcmp(status, "5.2.1") == 0);
}

enum reason reason_classify(const char *words, const char *status, const char *code,
			    enum reason_step step)
{
	enum reason by_status = of_status(status);
	gboolean certain = FALSE;
	enum reason reason = words && *words ? of_words(words, &certain) : REASON_UNKNOWN;

	if (by_status == REASON_DELIVERED && (!code || *code == '2'))
		return REASON_DELIVERED;
	if (reason == REASON_UNKNOWN)
		reason = by_status != REASON_UNKNOWN || !code || *code != '4' ? by_status
									      : REASON_SYSTEM;
	/* Vague words give way to a status that says more. */
	else if ((reason == REASON_BLOCKED || reason == REASON_SYSTEM || reason == REASON_NETWORK ||
		  reason == REASON_CONTENT) &&
		 !certain &&
		 (by_status == REASON_USER || by_status == REASON_HOST ||
		  by_status == REASON_FULL || by_status == REASON_MOVED))
		reason = by_status;
	else if (reason == REASON_USER && by_status == REASON_MOVED)
		reason = REASON_MOVED;
	else if (reason == REASON_USER && !certain && !is_witnessed(status, step))
		reason = REASON_FILTERED;
	/* A name server's trouble is temporary. */
	if ((reason == REASON_HOST || reason == REASON_NO_MAIL) && status && *status == '4')
		reason = REASON_NETWORK;
	return reason;
}

/* Whether an enhanced status stands at `p`; its length, or 0. */
static gsize status_length(const char *words, const char *p)
{
	const char *q = p + 2;

	if (!strchr("245", *p) || p[1] != '.' ||
	    (p > words && (g_ascii_isalnum(p[-1]) || p[-1] == '.' || p[-1] == '/')))
		return 0;
	if (!g_ascii_isdigit(*q) || q[1] != '.' || !g_ascii_isdigit(q[2]))
		return 0;
	for (q += 2; g_ascii_isdigit(*q); q++)
		;
	/* Neither an IP address nor a version. */
	if (q - p > 7 || g_ascii_isalpha(*q) || (*q == '.' && g_ascii_isdigit(q[1])))
		return 0;
	return (gsize)(q - p);
}

/* Whether a reply code stands at `p`. */
static gboolean is_code(const char *words, const char *p)
{
	if (!strchr("245", *p) || p[1] < '0' || p[1] > '7' || !g_ascii_isdigit(p[2]))
		return FALSE;
	if (p > words && (g_ascii_isalnum(p[-1]) || strchr(".-_/=@+", p[-1])))
		return FALSE;
	return p[3] == '\0' || strchr(" -,:\n\r])\"_;", p[3]) != NULL;
}

char *reason_find_status(const char *words)
{
	const char *best = NULL;
	gsize length = 0;
	int best_rank = 0;

	for (const char *p = words; p && *p; p++) {
		gsize n = status_length(words, p);
		const char *before = p;
		int rank;

		if (n == 0)
			continue;
		while (before > words && strchr(" -'\"[(:", before[-1]))
			before--;
		rank = *p == '2' ? 1 : 2;
		if (rank == 2 && !(n == 5 && memcmp(p + 1, ".0.0", 4) == 0))
			rank = 3;
		if (rank == 3 && before >= words + 3 && is_code(words, before - 3))
			rank = 4;
		if (rank > best_rank) {
			best = p;
			length = n;
			best_rank = rank;
		}
		p += n - 1;
	}
	return best ? g_strndup(best, length) : NULL;
}

char *reason_find_code(const char *words)
{
	const char *best = NULL;

	for (const char *p = words; p && *p; p++) {
		if (!is_code(words, p))
			continue;
		if (*p != '2')
			return g_strndup(p, 3);
		if (!best)
			best = p;
	}
	return best ? g_strndup(best, 3) : NULL;
}
