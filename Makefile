# Makefile for dynamo, a PostgreSQL extension.  "make help" lists the targets.

EXTENSION = dynamo
EXTVERSION = $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" dynamo.control)
MODULE_big = dynamo

MODULES_IN_ORDER := $(shell sed 's/\#.*//' src/modules.list)
SOURCES = src/dynamo.c \
	$(foreach module,$(MODULES_IN_ORDER),$(sort $(wildcard src/$(module)/*.c))) \
	$(sort $(wildcard bgworker/*.c))
OBJS = $(SOURCES:.c=.o)

DATA_built = $(EXTENSION)--$(EXTVERSION).sql
DATA = $(sort $(wildcard sql/upgrade/*.sql))
EXTENSION_SQL = $(sort $(wildcard sql/extension/*.sql))

REGRESS = $(sort $(patsubst sql/%.sql,%,$(wildcard sql/*.sql)))
REGRESS_OPTS = --load-extension=dynamo

PG_CPPFLAGS = -I$(CURDIR)/src -I$(CURDIR)
# -Wextra finds these two only in PostgreSQL's own headers and idioms:
# callbacks that ignore an argument, and {0}.
PG_CFLAGS = -std=gnu99 -Wall -Wextra -Werror -Wshadow=compatible-local \
	-Wold-style-definition -Wwrite-strings \
	-Wno-unused-parameter -Wno-missing-field-initializers -Wno-sign-compare \
	-MMD -MP
SHLIB_LINK = -lmicrohttpd -lz -ldeflate -Wl,--version-script=$(CURDIR)/src/dynamo.map

ifdef FAULTS
PG_CPPFLAGS += -DDDB_FAULTS
endif
ifdef SANITIZE
PG_CFLAGS += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
SHLIB_LINK += -fsanitize=$(SANITIZE)
endif

EXTRA_CLEAN = $(OBJS:.o=.d) $(OBJS:.o=.bc) $(DATA_built) $(BUILT_FOR)

# The PostgreSQL that was built for last is the one to install into, for sudo
# passes no PG_CONFIG on.  Another one, given by name, builds everything anew.
BUILT_FOR = .built-for
PG_CONFIG ?= $(or $(wildcard $(lastword $(shell cat $(BUILT_FOR) 2>/dev/null))),pg_config)
PGXS := $(shell $(PG_CONFIG) --pgxs)
ifeq ($(PGXS)$(filter help,$(MAKECMDGOALS)),)
$(error There is no PostgreSQL to build for: "$(PG_CONFIG) --pgxs" fails.  Give another pg_config, make PG_CONFIG=...)
endif
BUILD_FOR := $(shell $(PG_CONFIG) --version) $(shell command -v $(PG_CONFIG))
# The library is C alone; bitcode for inlining its functions into queries
# would double the time of a build and is never used.
override with_llvm = no
include $(PGXS)

ifneq ($(shell cat $(BUILT_FOR) 2>/dev/null),$(BUILD_FOR))
.PHONY: $(BUILT_FOR)
endif
$(BUILT_FOR):
	@echo '$(BUILD_FOR)' > $@
$(OBJS): $(BUILT_FOR)

-include $(OBJS:.o=.d)

$(EXTENSION)--$(EXTVERSION).sql: $(EXTENSION_SQL) sql/extension/operations.pl \
	src/model/operation.def $(wildcard src/model/shapes/*.def)
	{ printf '%s\n' '\echo Use "CREATE EXTENSION dynamo" to load this file. \quit'; \
	  cat $(EXTENSION_SQL); \
	  perl sql/extension/operations.pl src/model/operation.def; } > $@.tmp
	mv $@.tmp $@

# Sessions against each other, on the running server that installcheck uses.

.PHONY: isolation wire
isolation:
	$(dir $(PGXS))../../src/test/isolation/pg_isolation_regress \
		--inputdir=test/isolation --outputdir=tmp_check/isolation --bindir=$(bindir) \
		--load-extension=dynamo \
		$(patsubst test/isolation/specs/%.spec,%,$(sort $(wildcard test/isolation/specs/*.spec)))

# Requests and their exact answers, over HTTP and in SQL.

DYNAMO_ENDPOINT ?= http://127.0.0.1:8000
wire:
	test/wire/selftest
	test/wire/run --endpoint $(DYNAMO_ENDPOINT)

# The vectors changed at random, on raw sockets.

.PHONY: httpfuzz
httpfuzz:
	test/fuzz/http_fuzz_selftest
	test/fuzz/http_fuzz --endpoint $(DYNAMO_ENDPOINT) $(HTTPFUZZ_ARGS)

# Each promise has a fault that breaks it, and a test that notices.

.PHONY: check-faults check-ubsan check-asan check-asserts
check-faults:
	test/tools/check_faults.sh

check-ubsan:
	test/tools/check_ubsan.sh

check-asan:
	test/tools/check_asan.sh

# On a PostgreSQL with assertions, which is built the first time.

check-asserts:
	test/tools/check_asserts.sh

# Against pgbench, in a private cluster: about 20 minutes, with --quick three.

.PHONY: bench
bench:
	test/bench/run $(BENCH_ARGS)

# What needs no server.

.PHONY: unit fuzz tools lint tidy indent help
unit:
	$(MAKE) -C test/unit PG_CONFIG=$(PG_CONFIG) check

fuzz:
	$(MAKE) -C test/fuzz PG_CONFIG=$(PG_CONFIG) check

tools: all
	perl test/tools/check_layers.pl
	perl test/tools/check_exports.pl
	perl test/tools/check_build.pl
	perl test/tools/check_lists.pl
	perl test/tools/check_style.pl
	perl test/tools/check_functions.pl
	perl test/tools/coverage.pl --check README.md
	perl test/tools/check_docs.pl
	perl test/tools/settings.pl --check docs/settings.md

C_FILES = $(SOURCES) $(wildcard test/unit/*.c test/fuzz/*.c)

lint: tools tidy

tidy:
	printf '%s\n' $(SOURCES) | xargs -n 4 -P $$(nproc) sh -c 'clang-tidy --quiet "$$@" -- \
		-std=gnu99 -D_GNU_SOURCE -Isrc -I. \
		-isystem $(includedir_server) -isystem $(includedir_internal)' tidy

# pg_bsd_indent and its flags come with PostgreSQL's sources (src/tools); with
# neither, the blanks at least are mended.
PG_BSD_INDENT ?= $(shell command -v pg_bsd_indent)
indent:
	perl test/tools/check_style.pl --fix
	$(if $(PG_BSD_INDENT),$(foreach file,$(C_FILES) $(wildcard src/*/*.h bgworker/*.h),\
	$(PG_BSD_INDENT) -bad -bap -bbb -bc -bl -cli1 -cp33 -cdb -nce -d0 -di12 -nfc1 \
	-i4 -l79 -lp -lpl -nip -npro -sac -tpg -ts4 $(file) &&) true)

help:
	@echo "make                  build the library and the extension script"
	@echo "make install          install both"
	@echo "make installcheck     run the SQL tests against a running server (PGHOST, PGPORT)"
	@echo "make isolation        run the tests of sessions against each other, likewise"
	@echo "make wire             run the vectors, likewise (and DYNAMO_ENDPOINT)"
	@echo "make httpfuzz         send changed vectors, likewise (HTTPFUZZ_ARGS='--requests 1000000')"
	@echo "make unit | fuzz      tests that need no server (FUZZ_SECONDS=60)"
	@echo "make check-faults     would the tests notice?  check-ubsan: the SQL tests with a sanitizer"
	@echo "make check-asan       tests with the address sanitizer, workers serving"
	@echo "make check-asserts    tests on a PostgreSQL with assertions, which is built first"
	@echo "make bench            measure against pgbench (BENCH_ARGS=--quick)"
	@echo "make tools | tidy     checks of the source: layers, lists, sizes, documents; clang-tidy"
	@echo "make lint             both"
	@echo "make indent           format the sources"
	@echo "make FAULTS=1         build with the faults that tests of tests switch on"
	@echo "make SANITIZE=undefined   build with a sanitizer"
	@echo "scripts/up            build, install, and serve on http://127.0.0.1:8000"
	@echo "scripts/check         every test"
