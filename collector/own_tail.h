#pragma once

/* What people write below their words when nothing announces it: who they are, and when. */
#include "collector/own_lines.h"

/*
 * Gives the signature that the last own words end with its fate: lines that are only a date, a
 * firm, a person's name, a telephone or "联系人：…", without an empty line above them needed, and
 * all that is short below 此致, 敬礼, 谢谢. A name alone counts only behind the end of a
 * sentence, and something is always left above.
 */
void own_tail_cut(struct lines *lines);
