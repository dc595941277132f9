# Turns OpenCC's table of characters (traditional TAB simplified …, as opencc_dict writes it) into C:
# `const guint16 simplified[]`, pairs of characters, a zero at the end. Run with LC_ALL=C: characters are
# counted by their bytes. Of several simplified forms it takes the first other one: two words that are
# compared are folded alike, so that it need not be right in every phrase (瞭望 becomes 了望 on both
# sides). Left out is what has not three bytes: no office writes it.
BEGIN {
	FS = "[\t ]"
	# forms of Taiwan and Hongkong, and those that are two words in the traditional script only
	split("著 着 妳 你 祇 只 衞 卫 枱 台 粧 妆 糭 粽", more, " ")
	for (i = 1; i in more; i += 2)
		to[more[i]] = more[i + 1]
}
{
	for (i = 2; i <= NF && !($1 in to); i++)
		if ($i != $1 && length($1) == 3 && length($i) == 3)
			to[$1] = $i
}
# follow CHARACTER: where it ends, since what it becomes may itself become another.
function follow(character, steps) {
	for (steps = 0; character in to && steps < 4; steps++)
		character = to[character]
	return character
}
END {
	print "/* Made by base/simplified.awk; do not edit. */"
	print "#include <glib.h>\nextern const guint16 simplified[];\nconst guint16 simplified[] ="
	n = 0
	for (character in to)
		if (follow(character) != character) {
			print "\tu\"" character follow(character) "\""
			n++
		}
	print "\t;"
	if (n < 2000) {
		print "simplified.awk: only " n " characters" >"/dev/stderr"
		exit 1
	}
}
