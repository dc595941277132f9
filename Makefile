# pingyi: `make` builds build/pingyi; `make help` lists the rest.
# SAN=1 builds beside it with AddressSanitizer and UBSan; WERROR=1 makes warnings errors. FUZZ=1 is what
# `make fuzz` builds with, by clang.

VERSION  := 0.1.0
B        := build$(if $(SAN),-san)$(if $(FUZZ),-fuzz)
DEPS     := glib-2.0 gio-2.0 gmime-3.0 libcurl libxml-2.0 libarchive libpq libmicrohttpd libsodium \
            json-glib-1.0 pangoft2 harfbuzz libqrencode zlib libseccomp
FOLDERS  := base db templates mailer collector classifier followup web
CC       ?= gcc

WARN     := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes -Wcast-qual -Wvla -Wformat=2 -Wundef -Wnull-dereference \
            $(if $(findstring clang,$(CC)),,-Wduplicated-cond -Wlogical-op) $(if $(WERROR),-Werror)
, := ,
CHECKED  := $(if $(SAN)$(FUZZ),-fsanitize=address$(,)undefined) $(if $(FUZZ),-fsanitize=fuzzer-no-link -fno-sanitize-recover=undefined)
OPT      := $(if $(SAN)$(FUZZ),-O1 -U_FORTIFY_SOURCE $(CHECKED) -fno-omit-frame-pointer,-O2 -D_FORTIFY_SOURCE=3)
CFLAGS   += -std=gnu17 -g $(OPT) -fno-common -fstack-protector-strong -fPIE $(if $(FUZZ),-w,$(WARN))
CPPFLAGS += -D_GNU_SOURCE -DPINGYI_VERSION=\"$(VERSION)\" -I. -I$(B) -MMD -MP \
            $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(DEPS) 2>/dev/null))
LDFLAGS  += -pie -Wl,-z,relro,-z,now $(CHECKED)
LIBS      = $(shell pkg-config --libs $(DEPS) 2>/dev/null) -lxlsxwriter -lresolv -lcrypt -lm -lpthread

# Files that the binary carries: statements, schema, templates, grammars, the lexicon, the calendar.
SQL      := $(sort $(wildcard db/sql/*.sql))
ASSETS   := $(sort $(wildcard db/schema/*.sql db/data/* templates/*.rng templates/*.tsv templates/zh/* templates/en/* \
            templates/css/* classifier/*.rng classifier/*.xml))

LIB_SRC  := $(foreach d,$(FOLDERS),$(wildcard $(d)/*.c))
CLI_SRC  := $(wildcard cli/*.c)
LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o) $(B)/sql.o $(B)/assets.o $(B)/simplified.o
CLI_OBJ  := $(CLI_SRC:%.c=$(B)/%.o)
FIXTURE  := $(patsubst %.c,$(B)/%.o,$(filter-out tests/unit/test_%.c,$(wildcard tests/unit/*.c)))
UNIT     := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))
BENCH    := $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))
SEEDS    := $(patsubst tests/fuzz/target_%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/target_*.c))
MO       := $(patsubst po/%.po,$(B)/locale/%/LC_MESSAGES/pingyi.mo,$(wildcard po/*.po))

.PHONY: all help deps deps-check demo check check-long bench fuzz targets lint unit install print-cppflags clean
all: $(B)/pingyi $(MO)

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 22

$(B)/pingyi: $(CLI_OBJ) $(B)/libpingyi.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/libpingyi.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/%.o: %.c | $(B)/sql.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/sql.o $(B)/assets.o $(B)/simplified.o: $(B)/%.o: $(B)/%.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-overlength-strings -c -o $@ $<

$(B)/sql.c $(B)/sql.h &: db/embed.awk $(SQL) Makefile
	@mkdir -p $(@D)
	awk -v mode=sql -v header=$(B)/sql.h -f db/embed.awk $(SQL) > $(B)/sql.c

$(B)/assets.c: db/embed.awk $(ASSETS) Makefile
	@mkdir -p $(@D)
	awk -v mode=asset -f db/embed.awk $(ASSETS) > $@

# Traditional characters and their simplified ones, from OpenCC's dictionary.
$(B)/simplified.c: base/simplified.awk
	@mkdir -p $(@D)
	opencc_dict -i /usr/share/opencc/TSCharacters.ocd2 -f ocd2 -t text -o $(B)/simplified.tsv
	LC_ALL=C awk -f base/simplified.awk $(B)/simplified.tsv > $@.new
	mv $@.new $@

$(B)/locale/%/LC_MESSAGES/pingyi.mo: po/%.po
	@mkdir -p $(@D)
	msgfmt --check -o $@ $<

$(B)/unit/%: tests/unit/%.c $(FIXTURE) $(B)/libpingyi.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(shell pkg-config --cflags check) $(LDFLAGS) -o $@ $< $(FIXTURE) \
	    $(B)/libpingyi.a $(LIBS) $(shell pkg-config --libs check)

$(B)/bench/%: tests/bench/%.c $(B)/libpingyi.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(B)/libpingyi.a $(LIBS)
$(B)/bench/match_bench: tests/bench/match_bench.c $(B)/libpingyi.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(B)/libpingyi.a $(LIBS) -lhs
# A peer sees nothing of ours.
$(B)/bench/plain_cairo: tests/bench/plain_cairo.c
	@mkdir -p $(@D)
	$(CC) -O2 $(shell pkg-config --cflags pangocairo cairo-pdf) -o $@ $< \
	    $(shell pkg-config --libs pangocairo cairo-pdf libqrencode)
$(B)/bench/gmime_bench $(B)/bench/copy_bench: $(B)/bench/%: tests/bench/%.c
	@mkdir -p $(@D)
	$(CC) -O2 -Wall -Wextra $(if $(WERROR),-Werror) $(shell pkg-config --cflags gmime-3.0 libpq) -o $@ $< \
	    $(shell pkg-config --libs gmime-3.0 libpq)

# A fuzz target reads the files it is given; with FUZZ=1 libFuzzer feeds it.
$(B)/fuzz/%: tests/fuzz/target_%.c tests/fuzz/fuzz.c tests/fuzz/fuzz.h tests/fuzz/replay.c $(B)/libpingyi.a
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(CPPFLAGS)) $(CFLAGS) $(LDFLAGS) -o $@ $< tests/fuzz/fuzz.c $(filter tests/unit/%.c,$^) \
	    $(if $(FUZZ),-fsanitize=fuzzer,tests/fuzz/replay.c) $(B)/libpingyi.a $(LIBS)
$(B)/fuzz/matcher: tests/unit/plain_search.c tests/unit/plain_search.h

unit: $(UNIT) targets ## build the unit tests
targets: $(SEEDS)

deps: ## install what building and running need (Debian packages)
	@.ci/deps run

deps-check:
	@.ci/deps check

demo: ## install what is needed, build, and run a whole round in demo/
	@.ci/deps run
	@echo "building pingyi …"
	@$(MAKE) --no-print-directory -s -j2 all
	@tests/demo/run.sh $(B)/pingyi

check: ## install what the tests need, build, and run them all
	@.ci/deps check
	@$(MAKE) --no-print-directory -s -j2 all unit
	@tests/run.sh $(B)

check-long: ## the long ones: sanitized flow, crash tests, reading against corpora, fuzzing
	@.ci/deps check
	@$(MAKE) --no-print-directory -s -j2 SAN=1 all unit
	@LONG=1 tests/run.sh build-san
	@$(MAKE) --no-print-directory fuzz

bench: ## measure against the goals and the peers; ONLY=S1,S2 for some
	@.ci/deps bench
	@$(MAKE) --no-print-directory -s -j2 all $(BENCH)
	@ONLY='$(ONLY)' tests/bench/run.sh $(B)

FUZZ_MINUTES ?= 3
fuzz: ## fuzz what strangers' bytes reach: FUZZ_MINUTES=3 of CPU a target, ONLY=html,imap for some
	@.ci/deps fuzz
	@$(MAKE) --no-print-directory -s -j2 FUZZ=1 CC=clang-14 targets
	@ONLY='$(ONLY)' tests/fuzz/fuzz.sh build-fuzz $(FUZZ_MINUTES)

lint: ## format, clang-tidy, cppcheck, shellcheck, gcc -fanalyzer
	@.ci/deps check
	@tests/lint.sh

PREFIX   ?= /usr/local
install: all ## install the program, its messages and the systemd unit (PREFIX, DESTDIR)
	install -D -m 755 $(B)/pingyi $(DESTDIR)$(PREFIX)/bin/pingyi
	for mo in $(MO); do install -D -m 644 $$mo \
	    $(DESTDIR)$(PREFIX)/share/locale/$${mo#$(B)/locale/}; done
	install -D -m 644 cli/pingyi@.service $(DESTDIR)/etc/systemd/system/pingyi@.service

print-cppflags:
	@echo '$(subst \,,$(filter-out -MMD -MP,$(CPPFLAGS)))'

clean: ## remove what was built
	rm -rf build build-san build-fuzz

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(FIXTURE:.o=.d) $(UNIT:=.d) $(BENCH:=.d)
