#pragma once

/*
 * What mail clients write around a quoted letter, told line by line: attribution lines ("On ...
 * wrote:", "在 ... 写道："), dividers ("-----Original Message-----"), header lines ("发件人:"),
 * signatures of phones and programs, disclaimers. `line` is UTF-8 without its line end. Pure.
 */
#include <glib.h>

#define MARKER_LINES_MAX 5 /* lines that one attribution may run over */

/* How many lines, from lines[0] on, make one attribution; 0 when they are none. */
guint marker_attribution(char *const *lines, guint count);

enum marker_divider { DIVIDER_NONE, DIVIDER_REPLY, DIVIDER_FORWARD };

/* "------------------ 原始邮件 ------------------", "Begin forwarded message:" and the like. */
enum marker_divider marker_divider(const char *line);

enum marker_header {
	HEADER_NONE,
	HEADER_COMMON, /* "主题：", "日期：": people write these above their own texts too */
	HEADER_MAIL,   /* "收件人：", "发送时间：" */
	HEADER_FROM,   /* "发件人：" */
};

/* Whether the line is a header of the letter below. */
enum marker_header marker_header(const char *line);

gboolean marker_rule(const char *line);           /* nothing but dashes, underscores or the like */
gboolean marker_signature_rule(const char *line); /* "--", "-- ", "—" */
gboolean marker_advertisement(const char *line);  /* "发自我的iPhone", "Sent from my ..." */
gboolean marker_banner(const char *line);         /* a gateway's: "[外部邮件] ..." */
gboolean marker_disclaimer(const char *line);     /* a disclaimer begins here */
gboolean marker_item(const char *line);           /* "一、", "(2)", "3." begins it */
gboolean marker_contact(const char *line);        /* "电话：0546-8300000", an address, a URL */
