#!/bin/sh
# What a compiler does not say: format, clang-tidy, cppcheck, shellcheck, gcc's analyzer. Silent but
# for findings and a last line; as many jobs as there are processors.
set -u
cd "$(dirname "$0")/.." || exit 1
jobs=$(nproc)
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
failed=0
flags=$(make -s print-cppflags)
sources=$(git ls-files '*.c')

# step NAME COMMAND…: runs it, shows what it found
step() {
	name=$1
	shift
	if ! "$@" >"$log/$name" 2>&1; then
		echo "lint: $name:"
		tail -n 60 "$log/$name"
		failed=1
	fi
}

format() {
	git ls-files '*.c' '*.h' | xargs clang-format-14 --dry-run -Werror
}

tidy() {
	# shellcheck disable=SC2086
	echo "$sources" | xargs -P "$jobs" -n 4 sh -c \
		'flags=$0; clang-tidy-14 --quiet "$@" -- $flags -std=gnu17 2>/dev/null' "$flags"
}

# memleak: it does not know g_array_append_val; varFuncNullUB: NULL is a pointer in glibc;
# arrayIndexThenCheck: takes a second, narrower range for the bound
cpp() {
	# shellcheck disable=SC2086
	cppcheck -q -j "$jobs" --enable=warning,performance,portability --inline-suppr \
		--error-exitcode=1 --std=c11 --library=gtk \
		--suppress=missingInclude --suppress=unknownMacro --suppress=memleak --suppress=varFuncNullUB \
		--suppress=arrayIndexThenCheck \
		-I. -Ibuild $sources
}

# SC2317: functions that are called by their names in arguments; SC2016: programs for another shell
shells() {
	# shellcheck disable=SC2046
	shellcheck -x -P SCRIPTDIR -e SC2317,SC2016 .ci/deps .ci/run $(git ls-files '*.sh')
}

# Bytes from strangers are read in base/ and collector/. The two left out take GLib's abort() and
# its cleanup attribute for leaks (gcc 12 knows neither).
analyzer() {
	# shellcheck disable=SC2086
	git ls-files 'base/*.c' 'collector/*.c' | xargs -P "$jobs" -n 1 sh -c \
		'flags=$0; gcc $flags -std=gnu17 -O1 -fanalyzer -Werror -Wno-analyzer-malloc-leak \
			-Wno-analyzer-use-of-uninitialized-value -c -o /dev/null "$1"' "$flags"
}

make -s build/sql.h || exit 1
step format format
step shellcheck shells
step cppcheck cpp
step analyzer analyzer
step clang-tidy tidy
[ "$failed" -eq 0 ] || exit 1
echo "lint: $(echo "$sources" | wc -l) sources: format, clang-tidy, cppcheck, shellcheck, analyzer: nothing found"
