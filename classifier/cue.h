#pragma once

/*
 * Words that do not name a business but tell what kind of sentence it is: praise, complaint,
 * suggestion, a dispute between firms, a matter before a court; turns ("but"), negations, and the
 * shapes of company and bank names. Words of conduct (红包, 回扣) stand in the lexicon, as words of
 * discipline inspection.
 */
#include <glib.h>

enum cue {
	CUE_PRAISE,
	CUE_COMPLAINT,
	CUE_SUGGESTION,
	CUE_DISPUTE, /* a dispute between firms in itself: 合同纠纷 */
	CUE_PARTY,   /* another firm: 客户, 房东; with … */
	CUE_BREACH,  /* … what firms quarrel about, a dispute: 定金, 掺假 */
	CUE_COURT,
	CUE_TURN,     /* 但: what follows counts the other way */
	CUE_NEXT,     /* 另外, 二是: something else follows */
	CUE_ONLY,     /* 就 before a department: a turn too */
	CUE_EXCEPT,   /* 除了: what follows is excepted from the praise */
	CUE_CONCEDE,  /* 虽然: what follows matters less than what stands behind the turn */
	CUE_NOT_THEM, /* 不是…的问题: the name that follows is not meant */
	CUE_FINE,     /* …没有问题: the name before is not blamed */
	CUE_APART,    /* …无关: the same, though no praise */
	CUE_UNKNOWN,  /* 不知道归谁管: nobody's neighbour */
	CUE_NOTHING,  /* 不作评价 */
	CUE_GIFT,     /* 土特产; close to … */
	CUE_TAKE,     /* … 点名要, a lead for discipline inspection, unless … */
	CUE_SAMPLE,   /* … it was taken to be tested */
	CUE_OFFICIAL, /* 科长; close to … */
	CUE_KIN,      /* … 表弟, a lead too */
	CUE_COMPANY,  /* ends a company's name */
	CUE_POINT,    /* 指定 behind an office's name: the office points at a company */
	CUE_BANK,     /* begins a bank's name: 招商 before 银行 */
	CUE_PUBLIC,   /* 政府部门, 各部门: all of them and none */
	CUE_PLACE,    /* 地址：an address follows, which names nobody */
	CUE_SELF,     /* 我们是做…的: who speaks, not what of */
	CUE_PLAIN,    /* none of the above, though a piece of it is one: 可以, 称赞 */
	CUE_TYPES
};

struct cue_word {
	enum cue cue;
	char *text;
};

/* All of them, by kind: an array of struct cue_word. A word may stand for several kinds. */
const GArray *cue_words(void);

/* Whether the whole text says that there is nothing to say (暂无意见, 一切都好). */
gboolean cue_is_blank(const char *text);

/* How much of a courtesy a short sentence is: 0 none, 1 perhaps (谢谢), 2 whatever else it says
 * (此致敬礼, a signature). */
guint cue_courtesy(const char *text);
