#pragma once

/* 统一社会信用代码: 18 characters, the last one a check character (GB 32100-2015, 4.6). */
#include <glib.h>

#define CREDIT_CODE_LENGTH 18

/* Whether `code` is well-formed and its check character right; capital letters only. */
gboolean credit_code_ok(const char *code);

/* The check character of the first 17 characters, or 0 when one of them cannot stand there. */
char credit_code_check(const char *code);
