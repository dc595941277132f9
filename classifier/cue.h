#pragma once

/*
 * Words that do not name a business but tell what kind of sentence it is: praise, complaint,
 * suggestion, a lead for discipline inspection, a dispute between firms, a matter before a court;
 * turns ("but"), negations, and the shapes of company and bank names.
 */
#include <glib.h>

enum cue {
	CUE_PRAISE,
	CUE_COMPLAINT,
	CUE_SUGGESTION,
	CUE_DISCIPLINE,
	CUE_DISPUTE,
	CUE_COURT,
	CUE_TURN,     /* 但: what follows counts the other way */
	CUE_EXCEPT,   /* 除了: what follows is excepted from the praise */
	CUE_NOT_THEM, /* 不是…的问题: the name that follows is not meant */
	CUE_FINE,     /* …没有问题: the name before is not blamed */
	CUE_COMPANY,  /* ends a company's name */
	CUE_BANK,     /* begins a bank's name: 招商 before 银行 */
	CUE_PUBLIC,   /* 政府部门, 各部门: all of them and none */
	CUE_TYPES
};

struct cue_word {
	enum cue cue;
	const char *text;
};

extern const struct cue_word cue_words[]; /* ends with a NULL text */

/* Whether the whole text says that there is nothing to say (暂无意见, 一切都好). */
gboolean cue_is_blank(const char *text);
