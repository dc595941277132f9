#!/bin/sh
# What a compiler does not say: format, shellcheck, cppcheck, gcc's analyzer, clang-tidy. Silent but
# for findings and a last line; as many jobs as there are processors.
set -u
cd "$(dirname "$0")/.." || exit 1
jobs=$(nproc)
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
failed=0
flags="$(make -s print-cppflags) -std=gnu17" || exit 1
# what only a benchmark's peer includes
flags="$flags $(pkg-config --cflags-only-I cairo | sed 's/-I/-isystem /g')"

# step NAME COMMAND…: runs it, shows what it found.
step() {
	name=$1
	shift
	if ! "$@" >"$log/$name" 2>&1; then
		echo "lint: $name:"
		head -n 100 "$log/$name"
		failed=1
	fi
}

format() {
	git ls-files '*.c' '*.h' | xargs -P "$jobs" -n 40 clang-format-14 --dry-run -Werror
}

# Info and style too. Left out: SC2016, what is single-quoted on purpose (sh -c, awk); SC2317, functions
# that a trap or `check NAME function` calls.
shells() {
	git ls-files '*.sh' .ci | xargs shellcheck -x -P SCRIPTDIR -e SC2016,SC2317
}

# GLib's macros are named, since cppcheck leaves out a file that has an unknown one. Left out:
#   memleak               does not know g_array_append_val, nor the cleanup attribute; ASan finds them
#   varFuncNullUB         NULL is a pointer in glibc
#   arrayIndexThenCheck   takes a second, narrower range for the bound
cpp() {
	git ls-files '*.c' | xargs cppcheck -q -j "$jobs" --enable=warning,performance,portability \
		--inline-suppr --error-exitcode=1 --std=c11 --library=gtk -I. -Ibuild -D_GNU_SOURCE \
		'-DPINGYI_VERSION=""' '-DG_DEFINE_AUTOPTR_CLEANUP_FUNC(a,b)=' \
		'-DG_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(a,b)=' '-DG_DEFINE_QUARK(a,b)=' \
		'--template={file}:{line}: {severity}: {message} [{id}]' \
		--suppress=memleak --suppress=varFuncNullUB --suppress=arrayIndexThenCheck
}

# Bytes from strangers are read in base/ and collector/. Left out, with gcc 12:
#   malloc-leak                   does not know the cleanup attribute; ASan finds them
#   use-of-uninitialized-value    takes g_auto variables at a return before their first use for it
analyzer() {
	# shellcheck disable=SC2086
	git ls-files 'base/*.c' 'collector/*.c' | xargs -P "$jobs" -n 1 gcc $flags -O1 -fanalyzer \
		-Werror -Wno-analyzer-malloc-leak -Wno-analyzer-use-of-uninitialized-value -c -o /dev/null
}

# .clang-tidy says which checks, and why not others. "N warnings generated" goes to stderr, and so
# do compilers' errors, which are also errors on stdout.
tidy() {
	# shellcheck disable=SC2086
	git ls-files '*.c' | xargs -P "$jobs" -I {} clang-tidy-14 --quiet {} -- $flags 2>/dev/null
}

make -s build/sql.h || exit 1
step format format
step shellcheck shells
step cppcheck cpp
step analyzer analyzer
step clang-tidy tidy
[ "$failed" -eq 0 ] || exit 1
echo "lint: $(git ls-files '*.c' | wc -l) sources, $(git ls-files '*.h' | wc -l) headers," \
	"$(git ls-files '*.sh' .ci | wc -l) scripts: format, shellcheck, cppcheck, analyzer," \
	"clang-tidy: nothing found"
