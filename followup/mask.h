#pragma once

/*
 * The masked copy (转办稿): what a department gets to read of an opinion, without who said it. By
 * rule: what is known of the enterprise, and anything that looks like a phone, an address of mail,
 * a credit code, a link or a letter number. Found also with spaces, full-width forms and
 * separators in it. Pure; over-masking is preferred to under-masking, a person sees both texts and
 * confirms.
 */
#include <json-glib/json-glib.h>

struct mask_facts {
	const char *name; /* of the enterprise; any may be NULL */
	const char *short_name;
	const char *credit_code;
	const char *address;
	const char *const *contacts; /* NULL-ended, or NULL */
	const char *const *phones;
	const char *const *emails;
};

/*
 * `replaced_out` (may be NULL; transfer full) gets [{"what": "enterprise", "text", "start",
 * "end"}], places in bytes of `text`. Masking a masked text changes nothing. Returns: (transfer
 * full)
 */
char *mask_text(const char *text, const struct mask_facts *facts, JsonNode **replaced_out);
