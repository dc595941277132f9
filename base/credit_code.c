#include "base/credit_code.h"

#include <string.h>

/* Without I, O, Z, S, V. */
static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

char credit_code_check(const char *code)
{
	guint sum = 0;
	guint weight = 1;

	for (guint i = 0; i < CREDIT_CODE_LENGTH - 1; i++) {
		const char *at = code[i] ? strchr(alphabet, code[i]) : NULL;

		if (!at)
			return 0;
		sum += (guint)(at - alphabet) * weight;
		weight = weight * 3 % 31;
	}
	return alphabet[(31 - sum % 31) % 31];
}

gboolean credit_code_ok(const char *code)
{
	return strlen(code) == CREDIT_CODE_LENGTH &&
	       credit_code_check(code) == code[CREDIT_CODE_LENGTH - 1];
}
