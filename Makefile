# The verbs of the project. Meson does the building; this file only says what people type.
#
#   make              build, as any user
#   sudo make demo    watch a zone come up in a throwaway host
#   sudo make check   everything that is tested
#   make check-tsan   the unit tests of doors and of zoned's tables with the thread sanitizer
#   sudo make check-vm  what this host's kernel lacks, in a virtual machine
#   sudo make check-packages  the Debian packages, built, looked at and installed
#   sudo make check-packages-vm  and in a virtual machine with systemd: upgraded, rebooted, removed
#   make lint         style and static analysis
#   sudo make bench   the measured table
#   sudo make bench-zones  a thousand zones at once, ZONES=n for another number
#   sudo make bench-zlogin  zlogin beside crun exec
#   sudo make bench-linux  a Debian in a zone, in systemd-nspawn and in LXC; installing and cloning
#   sudo make bench-dladm  what data links cost
#   make bench-doors  doors beside other ways to call another process
#   make soak-doors   doors for an hour, or SECONDS=n, with processes killed at random
#   sudo make soak-zones   50 zones for half an hour, or SECONDS=n, with daemons killed at random
#   sudo make kill-points  daemons killed at every system call of what they do
#   make fuzz         the parsers of door messages, SECONDS=60 for each TARGET
#   sudo make install   below PREFIX=/usr, or DESTDIR=/folder for a package
#   sudo make shell   a shell in a throwaway host, to try things by hand

BUILD   ?= build
DESTDIR ?=
PREFIX  ?= /usr
TESTS   ?=

.PHONY: all demo check check-asan check-tsan check-vm check-packages check-packages-vm lint bench bench-zones bench-zlogin bench-dladm bench-linux bench-doors soak-doors soak-zones kill-points fuzz shell install clean deps

all:
	@tools/build $(BUILD)

deps:
	@tools/install-deps

demo: deps
	@tools/build -s $(BUILD)
	@tests/lib/throwaway-host -b $(BUILD) -- tests/demo/demo.sh

check: deps
	@tools/build -s $(BUILD)
	@tests/lib/run-tests -b $(BUILD) $(TESTS)

check-asan: deps
	@tools/build -s -o -Db_sanitize=address,undefined -o -Db_lundef=false $(BUILD)-asan
	@tests/lib/run-tests -b $(BUILD)-asan $(TESTS)

# Tests fork while server threads run, which the sanitizer does not like. It has a thread of its own,
# so door-ucred cannot make its user namespaces.
TSAN_DOORS = door-bulk door-call door-channel door-cred door-fault door-file door-param door-pool door-server
TSAN_ZONES = zone-awake zone-table zsd
check-tsan: deps
	@tools/build -o -Db_sanitize=thread -o -Db_lundef=false $(BUILD)-tsan
	@TSAN_OPTIONS="die_after_fork=0 suppressions=$(CURDIR)/tests/lib/tsan.supp $$TSAN_OPTIONS" tests/lib/run-tests -b $(BUILD)-tsan $(or $(TESTS),\
		$(TSAN_ZONES) $(TSAN_DOORS) $(foreach t,$(filter-out door-channel,$(TSAN_DOORS)),$(t)-channel $(t)-socket))

check-vm:
	@tools/install-deps qemu-system-x86 kmod xz-utils cpio e2fsprogs ethtool
	@tools/build -s $(BUILD)
	@tests/vm/run -b $(BUILD) $(TESTS)

check-packages:
	@tools/install-deps debhelper dpkg-dev fakeroot lintian debootstrap
	@tools/build -s $(BUILD)
	@tests/packages/check $(BUILD)

check-packages-vm:
	@tools/install-deps debhelper dpkg-dev fakeroot debootstrap qemu-system-x86 kmod xz-utils cpio e2fsprogs
	@tools/build -s $(BUILD)
	@tests/packages/vm $(BUILD)

bench-linux: deps
	@tools/build -s -o -Dbuildtype=release $(BUILD)-bench
	@tests/bench/linux/bench $(BUILD)-bench

lint:
	@tools/lint $(BUILD)

bench: deps
	@tools/build -s -o -Dbuildtype=release $(BUILD)-bench
	@tests/bench/bench $(BUILD)-bench

bench-zones: deps
	@tools/build -s -o -Dbuildtype=release $(BUILD)-bench
	@tests/bench/zones/bench $(BUILD)-bench

# sd-bus is compared with where its library is installed.
bench-zlogin: deps
	@tools/build -s -o -Dbuildtype=release $(BUILD)-bench
	@tests/bench/zlogin/bench $(BUILD)-bench

bench-doors:
	@[ "$$(id -u)" != 0 ] || tools/install-deps libsystemd-dev || true
	@tools/build -o -Dbuildtype=release $(BUILD)-bench
	@tests/bench/doors/measure $(MEASURE) $(BUILD)-bench

soak-doors:
	@tools/build $(BUILD)
	@$(BUILD)/tests/soak/soak-doors -t $(or $(SECONDS),3600) $(if $(SEED),-r $(SEED))

soak-zones: deps
	@tools/build -s $(BUILD)
	@SOAK_SECONDS=$(or $(SECONDS),1800) SOAK_ZONES=$(or $(ZONES),50) SOAK_ROUND=45 SOAK_WORKERS=8 \
		SOAK_SEED=$(or $(SEED),$$$$) FILE_LIMIT=infinity tests/lib/run-tests -b $(BUILD) soak

kill-points: deps
	@tools/build -s $(BUILD)
	@KILL_STEP=$(or $(STEP),1) KILL_LIMIT=infinity FILE_LIMIT=infinity \
		tests/lib/run-tests -b $(BUILD) kill-points

fuzz:
	@tests/fuzz/fuzz -b $(BUILD)-fuzz $(if $(SECONDS),-t $(SECONDS)) $(TARGET)

bench-dladm: deps
	@tools/build -s -o -Dbuildtype=release $(BUILD)-bench
	@tests/bench/dladm/bench $(BUILD)-bench

shell: deps
	@tools/build -s $(BUILD)
	@tests/lib/throwaway-host -i -b $(BUILD) -- tests/lib/shell

# Programs know where they are, so another PREFIX is another build.
INSTALL_BUILD = $(BUILD)$(if $(filter-out /usr,$(PREFIX)),-install$(subst /,-,$(PREFIX)))
install:
	@tools/build $(if $(filter-out /usr,$(PREFIX)),-o -Dtests=false -o -Dprefix=$(PREFIX)) $(INSTALL_BUILD)
	@meson install -C $(INSTALL_BUILD) --no-rebuild $(if $(DESTDIR),--destdir $(abspath $(DESTDIR)))

clean:
	rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-bench $(BUILD)-fuzz $(BUILD)-install-*
