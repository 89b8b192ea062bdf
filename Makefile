# Gurum's whole build in one file. Sources are found by folder, so a new .c file needs no edit here.
#   make run | start | stop | status     a cloud in RUN=run             make check [ROOM="unit api"]   tests
#   make all BUILD=release|debug|asan|tsan|coverage CC=gcc|clang        make install DESTDIR= PREFIX=  packaging
#   make image                           the first zone's guest image in build/image
#   make bench | lint | fuzz FUZZ_SECONDS=60 | check-all | clean        O=folder for what is built

VERSION := 0.1.0
BUILD ?= release
O ?= build/$(BUILD)
RUN ?= run
IMAGE := build/image
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
ifeq ($(origin CC),default)
CC := gcc
endif

, := ,
# abspath splits at blanks, and folders may have some.
full_path = $(shell realpath -m -- "$(1)")

# ---- What Debian provides ------------------------------------------------------------------------------------------
DEPS_BUILD := gcc libc6-dev pkg-config libfcgi-dev libmariadb-dev libjson-c-dev libsodium-dev libssl-dev \
	libpcre2-dev libwebsockets-dev libvirt-dev libxml2-dev libcurl4-openssl-dev liboath-dev libqrencode-dev libldap-dev
DEPS_RUN := mariadb-server-core mariadb-client-core mariadb-client nginx curl procps
# A hypervisor on this machine: libvirt with QEMU, DHCP for its networks, its firewall rules; the last line builds the guest image.
DEPS_RUN += libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils dnsmasq-base iptables iproute2 util-linux \
	busybox-static cpio dosfstools mtools syslinux
DEPS_CHECK := slapd ldap-utils python3-aiosmtpd check clang clang-format libclang-rt-14-dev python3 python3-cs cs python3-libcloud ansible python3-sshpubkeys chromium chromium-driver python3-selenium python3-hypothesis fonts-noto-cjk r-cran-whisker
DEPS_BENCH := wrk
DEPS_CHECK_ALL := mmdebstrap gcovr clang-tidy galera-4 rsync
# For the public validator of OpenAPI documents; a Node.js from elsewhere brings its own npm.
ifeq ($(shell command -v npm 2>/dev/null),)
DEPS_CHECK_ALL += npm
endif
DEPS := $(DEPS_BUILD) $(DEPS_RUN)

# ---- Compiler ------------------------------------------------------------------------------------------------------
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wcast-qual -Wwrite-strings -Wformat=2 -Wvla -Wundef -Wswitch-enum -Wnull-dereference -Werror
ifneq ($(findstring clang,$(CC)),)
WARNINGS += -Wthread-safety
endif
HARDENED := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fcf-protection
FLAGS_release := -O2 -g $(HARDENED)
FLAGS_debug := -Og -g3 -fno-omit-frame-pointer
FLAGS_asan := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
FLAGS_tsan := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
FLAGS_coverage := -O0 -g --coverage
FLAGS_fuzz := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined
ifeq ($(FLAGS_$(BUILD)),)
$(error BUILD=$(BUILD) is unknown: use release, debug, asan, tsan or coverage)
endif
PACKAGES := libmariadb json-c libsodium libcrypto libpcre2-8 libwebsockets liboath libqrencode ldap lber libcurl
ifneq ($(shell pkg-config --exists libmariadb 2>/dev/null || echo no),)
PACKAGES := $(subst libmariadb,mysqlclient,$(PACKAGES))
endif
PACKAGE_CFLAGS := $(subst -I/,-isystem /,$(shell pkg-config --cflags $(PACKAGES) 2>/dev/null))
PACKAGE_LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)

C_FLAGS := -std=c17 -D_GNU_SOURCE -DGURUM_VERSION='"$(VERSION)"' $(WARNINGS) $(FLAGS_$(BUILD)) -pthread -MMD -MP $(CFLAGS)
HOST_FLAGS := -fPIE -Ifcgi-app -Iplugins/sdk $(PACKAGE_CFLAGS)
# Plugins over libvirt speak to hosts by its client library, and build its documents with libxml2.
LIBVIRT_CFLAGS := $(subst -I/,-isystem /,$(shell pkg-config --cflags libvirt libxml-2.0 2>/dev/null))
LIBVIRT_LIBS := $(shell pkg-config --libs libvirt libxml-2.0 2>/dev/null)
PLUGIN_FLAGS := -fPIC -fvisibility=hidden -Iplugins/sdk -Iplugins/shared $(LIBVIRT_CFLAGS)
LINK_FLAGS := $(filter -O% -g -fsanitize% -fno-sanitize% --coverage,$(FLAGS_$(BUILD))) -pthread -Wl,--as-needed \
	-Wl,-z,relro,-z,now $(LDFLAGS)
ifdef PARTIAL # link while a room still lacks what others call; such a call crashes
LINK_FLAGS += -Wl,--unresolved-symbols=ignore-in-object-files,-z,notext
endif
# The sanitizers take over calls of libtirpc; libvirt, loaded with a plugin, would bring it too late for them to find.
SANITIZER_LIBS := $(if $(findstring sanitize,$(FLAGS_$(BUILD))),-Wl$(,)--no-as-needed -l:libtirpc.so.3 -Wl$(,)--as-needed)
LIBS := -lfcgi $(PACKAGE_LIBS) -lm -ldl $(SANITIZER_LIBS) $(LDLIBS)
PLUGIN_LINK_FLAGS := -shared -Wl,-z,defs
ifneq ($(and $(findstring clang,$(CC)),$(findstring sanitize,$(FLAGS_$(BUILD)))),)
PLUGIN_LINK_FLAGS := -shared # clang's sanitizers live in the program, so plugins keep undefined symbols
endif

# ---- Sources -------------------------------------------------------------------------------------------------------
objects = $(patsubst %.c,$(O)/%.o,$(1))
SOURCES := $(wildcard fcgi-app/*.c fcgi-app/*/*.c fcgi-app/*/*/*.c)
MAIN := $(call objects,fcgi-app/main.c)
OBJECTS := $(filter-out $(MAIN),$(call objects,$(SOURCES)))

PLUGINS := $(filter-out sdk shared template,$(patsubst plugins/%/,%,$(sort $(dir $(wildcard plugins/*/*.c)))))
PLUGIN_FILES := $(PLUGINS:%=$(O)/plugins/%.so)
# Code of plugins/shared and libraries that a plugin links: PLUGIN_SHARED_<name>, PLUGIN_LIBS_<name>; what has to be
# built before it: PLUGIN_NEEDS_<name>.
SIMULATOR_PLUGINS := hypervisor-simulator storage-simulator image-store-simulator network-simulator
SIMULATOR_SHARED := plugins/shared/simulator_client.c plugins/shared/simulator_items.c
$(foreach plugin,$(SIMULATOR_PLUGINS),$(eval PLUGIN_SHARED_$(plugin) := $$(SIMULATOR_SHARED)))
$(foreach plugin,$(SIMULATOR_PLUGINS),$(eval PLUGIN_LIBS_$(plugin) = $$(SIMULATOR_LIBS)))
PLUGIN_SHARED_host-allocator-spread := plugins/shared/allocator_rank.c
PLUGIN_SHARED_storage-allocator-least-used := plugins/shared/allocator_rank.c
# One library beside the plugins: the connections to hosts are shared by all plugins of a process.
LIBVIRT_PLUGINS := hypervisor-kvm storage-dir network-bridge
LIBVIRT_LIBRARY := $(O)/plugins/libgurum-libvirt.so
LIBVIRT_OBJECTS := $(call objects,$(wildcard plugins/shared/libvirt_*.c))
$(foreach plugin,$(LIBVIRT_PLUGINS),$(eval PLUGIN_NEEDS_$(plugin) := $(LIBVIRT_LIBRARY)))
$(foreach plugin,$(LIBVIRT_PLUGINS),$(eval PLUGIN_LIBS_$(plugin) = $$(LIBVIRT_LIBRARY) -Wl,-rpath,'$$$$ORIGIN' $$(LIBVIRT_LIBS)))
PLUGIN_LIBS_image-store-dir = $(shell pkg-config --libs libcurl libcrypto 2>/dev/null) # fetches images, checks sums
SIMULATOR_OBJECTS := $(call objects,$(wildcard plugins/simulator/server/*.c))
SIMULATOR_LIBS := $(shell pkg-config --libs json-c 2>/dev/null)
PLUGIN_CHECK_OBJECTS := $(call objects,$(wildcard plugins/sdk/check/*.c))
# The judgement of a plugin's symbol is shared by the conformance suite and the loader; the suite takes nothing else.
OBJECTS += $(O)/plugins/sdk/check/gurum_plugin_verify.o
PROGRAMS := $(O)/gurumd $(if $(SIMULATOR_OBJECTS),$(O)/gurum-simulator) $(if $(PLUGIN_CHECK_OBJECTS),$(O)/gurum-plugin-check)

TEST_SUPPORT := $(O)/tests/support.a
TEST_SUPPORT_OBJECTS := $(call objects,$(filter-out tests/support/fuzz_replay.c,$(wildcard tests/support/*.c)))
TEST_SOURCES := $(wildcard tests/*/test_*.c)
TESTS := $(TEST_SOURCES:%.c=$(O)/%)
FUZZERS := $(patsubst %.c,$(O)/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCH_PROGRAMS := $(patsubst %.c,$(O)/%,$(wildcard tests/bench/*.c tests/api/*.c))
ROOMS := lint unit fuzz store api conformance abi jobs e2e browser contract
ROOM ?= $(ROOMS)

# The conformance test's broken plugins: the simulator's, its symbol renamed, with one fault by number.
BROKEN_PLUGINS := $(patsubst %,$(O)/plugins-broken/%.so,\
	$(shell sed -n 's/^\([0-9]*\) \([a-z]*\) .*/\2-\1/p' tests/conformance/broken/variants 2>/dev/null))

# Two of them under names of their own, for tests that run them beside healthy plugins.
FAULTY_PLUGINS := $(O)/plugins-faulty/hypervisor-crashing.so $(O)/plugins-faulty/hypervisor-hanging.so

# ---- Build ---------------------------------------------------------------------------------------------------------
.PHONY: all programs tests fuzzers benches deps image run start stop status check check-all bench lint fuzz install clean FORCE
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

all: deps
	@$(MAKE) --no-print-directory programs
programs: $(PROGRAMS) $(LIBVIRT_LIBRARY) $(PLUGIN_FILES)
tests: programs $(TESTS) $(FUZZERS) benches $(BROKEN_PLUGINS) $(FAULTY_PLUGINS)
fuzzers: $(FUZZERS)
benches: $(BENCH_PROGRAMS)

# Everything is built again when the flags change.
FLAGS_NOW := $(CC) $(C_FLAGS) $(HOST_FLAGS) $(PLUGIN_FLAGS) $(LINK_FLAGS)
$(O)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(FLAGS_NOW))' | cmp -s - $@ || echo '$(subst ','\'',$(FLAGS_NOW))' > $@

define compile
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(C_FLAGS) $(1) -c $< -o $@
endef
define compile_file
	@mkdir -p $(@D)
	@echo "  CC    $(1)"
	@$(CC) $(C_FLAGS) $(2) -c $(1) -o $@
endef
define link
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(LINK_FLAGS) $(1) $(filter %.o,$^) $(filter %.a,$^) -o $@ $(2)
endef

$(O)/fcgi-app/%.o: fcgi-app/%.c $(O)/flags
	$(call compile,$(HOST_FLAGS))
$(O)/plugins/%.o: plugins/%.c $(O)/flags
	$(call compile,$(PLUGIN_FLAGS))
$(O)/plugins/sdk/check/%.o: plugins/sdk/check/%.c $(O)/flags
	$(call compile,$(HOST_FLAGS))
$(O)/plugins/simulator/server/%.o: plugins/simulator/server/%.c $(O)/flags
	$(call compile,-fPIE -Iplugins/sdk -Iplugins/shared -Iplugins/simulator)
$(O)/tests/%.o: tests/%.c $(O)/flags
	$(call compile,$(HOST_FLAGS) -I. -Itests/support -Wno-pedantic)

$(O)/gurumd: $(MAIN) $(OBJECTS)
	$(call link,-pie,$(LIBS))
$(O)/gurum-simulator: $(SIMULATOR_OBJECTS)
	$(call link,-pie,$(SIMULATOR_LIBS) -lm)
$(O)/gurum-plugin-check: $(PLUGIN_CHECK_OBJECTS)
	$(call link,-pie,$(SIMULATOR_LIBS) -ldl $(SANITIZER_LIBS))
$(LIBVIRT_LIBRARY): $(LIBVIRT_OBJECTS)
	$(call link,$(PLUGIN_LINK_FLAGS) -Wl$(,)-soname$(,)$(@F),$(LIBVIRT_LIBS))
define plugin_rule
$(O)/plugins/$(1).so: $(call objects,$(wildcard plugins/$(1)/*.c) $(PLUGIN_SHARED_$(1))) $(PLUGIN_NEEDS_$(1))
	$$(call link,$$(PLUGIN_LINK_FLAGS),$$(PLUGIN_LIBS_$(1)))
endef
$(foreach plugin,$(PLUGINS),$(eval $(call plugin_rule,$(plugin))))

$(TEST_SUPPORT): $(TEST_SUPPORT_OBJECTS)
	@rm -f $@ && ar rcs $@ $^
$(O)/plugins-broken/healthy-%.o: plugins/%-simulator $(O)/flags
	$(call compile_file,$(wildcard $</*.c),$(PLUGIN_FLAGS) -Dgurum_plugin=healthy_plugin)
define broken_rule
$(O)/plugins-broken/$(1)-%.so: tests/conformance/broken/$(1).c tests/conformance/broken/broken.c \
		tests/conformance/broken/broken.h $(O)/plugins-broken/healthy-$(1).o $(call objects,$(SIMULATOR_SHARED))
	@mkdir -p $$(@D)
	@echo "  LINK  $$@"
	@$$(CC) $$(filter-out -MMD -MP,$$(C_FLAGS)) $$(PLUGIN_FLAGS) -DBROKEN=$$* $$(LINK_FLAGS) $$(PLUGIN_LINK_FLAGS) \
		$$(filter %.c %.o,$$^) -o $$@ $$(SIMULATOR_LIBS)
endef
$(foreach kind,hypervisor storage network,$(eval $(call broken_rule,$(kind))))

$(O)/plugins-faulty/hypervisor-crashing.so: private NUMBER := 24
$(O)/plugins-faulty/hypervisor-hanging.so: private NUMBER := 31
$(FAULTY_PLUGINS): $(O)/plugins-faulty/%.so: tests/conformance/broken/hypervisor.c tests/conformance/broken/broken.c \
		tests/conformance/broken/broken.h $(O)/plugins-broken/healthy-hypervisor.o $(call objects,$(SIMULATOR_SHARED))
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(filter-out -MMD -MP,$(C_FLAGS)) $(PLUGIN_FLAGS) -DBROKEN=$(NUMBER) -DBROKEN_NAME='"$*"' $(LINK_FLAGS) \
		$(PLUGIN_LINK_FLAGS) $(filter %.c %.o,$^) -o $@ $(SIMULATOR_LIBS)

$(TESTS): $(O)/%: $(O)/%.o $(TEST_SUPPORT) $(OBJECTS)
	$(call link,-pie,$(LIBS) $(shell pkg-config --libs check))
$(BENCH_PROGRAMS): $(O)/%: $(O)/%.o $(OBJECTS)
	$(call link,-pie,$(LIBS))
ifeq ($(BUILD),fuzz)
$(FUZZERS): $(O)/%: $(O)/%.o $(OBJECTS)
	$(call link,-pie -fsanitize=fuzzer,$(LIBS))
else
$(FUZZERS): $(O)/%: $(O)/%.o $(O)/tests/support/fuzz_replay.o $(OBJECTS)
	$(call link,-pie,$(LIBS))
endif

-include $(shell find $(O) -name '*.d' 2>/dev/null)

# ---- Run -----------------------------------------------------------------------------------------------------------
deps:
	@tests/support/deps $(DEPS)
image: deps
	@fcgi-app/supervise/image/build "$(IMAGE)"

CLOUD = GURUM_OUT="$(call full_path,$(O))" RUN="$(call full_path,$(RUN))" fcgi-app/supervise/cloud
# From the first second on, so that it can say how long it took.
run start: export GURUM_BEGAN := $(shell date +%s)
run: all
	@$(CLOUD) run
start: all
	@$(CLOUD) start
stop:
	@$(CLOUD) stop
status:
	@$(CLOUD) status

# ---- Tests ---------------------------------------------------------------------------------------------------------
check: DEPS += $(DEPS_CHECK)
check: deps
	@$(MAKE) --no-print-directory tests
	@GURUM_OUT="$(call full_path,$(O))" GURUM_BUILD=$(BUILD) tests/support/run-rooms $(ROOM)

# Everything `check` does with the long tests switched on, and the sanitizers over the rooms they help most.
check-all: DEPS += $(DEPS_CHECK) $(DEPS_CHECK_ALL)
check-all: deps
	@$(MAKE) --no-print-directory CC=clang O=$(O)/clang programs
	@GURUM_FULL=1 $(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory check BUILD=asan O=$(O)/asan ROOM="unit fuzz store api conformance jobs"
	@$(MAKE) --no-print-directory check BUILD=tsan O=$(O)/tsan ROOM="unit jobs"

lint: DEPS += $(DEPS_CHECK)
lint: deps
	@$(MAKE) --no-print-directory programs
	@GURUM_OUT="$(call full_path,$(O))" GURUM_BUILD=$(BUILD) tests/support/run-rooms lint

bench: DEPS += $(DEPS_CHECK) $(DEPS_BENCH)
bench: deps
	@$(MAKE) --no-print-directory programs benches
	@GURUM_OUT="$(call full_path,$(O))" GURUM_BUILD=$(BUILD) tests/bench/run

fuzz: DEPS += $(DEPS_CHECK)
fuzz: deps
	@$(MAKE) --no-print-directory BUILD=fuzz CC=clang O=$(O)/fuzzing fuzzers
	@tests/support/fuzz "$(call full_path,$(O)/fuzzing)/tests/fuzz" $(FUZZ_SECONDS)

# ---- Installation --------------------------------------------------------------------------------------------------
install: all
	@tests/support/install-tree "$(O)" "$(DESTDIR)" "$(PREFIX)" "$(VERSION)"

clean:
	rm -rf build
