# Turns files into C. mode=sql: one statement a file, db/sql/letter_claim.sql becomes
# `const char sql_letter_claim[]`, declared in the file named by `header`, and a table of all
# (for the test that PREPAREs each). mode=asset: a table of name, text and size (base/asset.h).
function quote(line) {
	gsub(/\\/, "\\\\", line)
	gsub(/"/, "\\\"", line)
	gsub(/\?/, "\\?", line)
	gsub(/\t/, "\\t", line)
	gsub(/\r/, "\\r", line)
	return line
}
function identifier(path) {
	sub(/.*\//, "", path)
	sub(/\.sql$/, "", path)
	return "sql_" path
}
function finish() {
	if (open)
		print ";"
	open = 0
}
FNR == 1 {
	finish()
	n++
	path[n] = FILENAME
	if (mode == "sql") {
		name[n] = identifier(FILENAME)
		print "const char " name[n] "[] ="
	} else {
		name[n] = "asset_" n
		print "static const char " name[n] "[] ="
	}
	open = 1
}
{ print "\t\"" quote($0) "\\n\"" }
BEGIN {
	print "/* Made by db/embed.awk; do not edit. */"
	print (mode == "sql" ? "#include \"sql.h\"" : "#include \"base/asset.h\"")
	print "#include <stddef.h>"
}
END {
	finish()
	if (mode == "sql") {
		print "const struct sql_statement sql_statements[] = {"
		for (i = 1; i <= n; i++)
			print "\t{ \"" name[i] "\", " name[i] " },"
		print "\t{ NULL, NULL },\n};"
		print "#pragma once\n\n/* Made by db/embed.awk; do not edit. */" > header
		print "struct sql_statement {\n\tconst char *name;\n\tconst char *text;\n};" > header
		print "extern const struct sql_statement sql_statements[]; /* ends with a NULL name */" > header
		for (i = 1; i <= n; i++)
			print "extern const char " name[i] "[];" > header
	} else {
		print "const struct asset asset_table[] = {"
		for (i = 1; i <= n; i++)
			print "\t{ \"" path[i] "\", " name[i] ", sizeof(" name[i] ") - 1 },"
		print "\t{ NULL, NULL, 0 },\n};"
	}
}
