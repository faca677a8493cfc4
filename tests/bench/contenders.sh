# shellcheck shell=bash
# What is measured beside a zone, for the benchmarks of zones: sourced after the harness.
# NAME_check says why a contender cannot run here, NAME_run is one run of it.

stopwatch=$ZONES_STAGE/../tests/bench/bench-run
times=/tmp/times
netns=/run/bench-netns
bundle=/tmp/bundle
rootfs=$ZONES_ROOT/rootfs
mkdir -p $times $bundle /tmp/lxc
chmod 0755 /tmp/lxc "$ZONES_ROOT"
: >$netns

# timed NAME ARGUMENT...: adds one time to a series.
timed()
{
	local series=$times/$1

	shift
	"$stopwatch" "$@" 3>>"$series" </dev/null >/tmp/said 2>&1
}

# Between two runs: the kernel puts network namespaces away in the background, and nobody is to wait for
# what the one before left.
settle()
{
	sleep 0.1
}

zone_check()
{
	# As on a host: what ends with it costs no disk.
	mount -t tmpfs -o mode=0755 tmpfs "$ZONES_ROOT/run"
	mkdir -p "$ZONES_ROOT/run/zones" "$ZONES_ROOT/run/dladm"
	start_daemons
	make_linked_zone bench
	expect_ok zonecfg -z bench "set max-lwps=200; add capped-memory; set physical=256m; end;
		add capped-cpu; set ncpus=0.5; end; commit"
}

zone_run()
{
	local pids

	timed zone-boot zoneadm -z bench boot || return 1
	pids=$(zsched_of bench)
	timed zone-halt -w "$pids" zoneadm -z bench halt || return 1
	# The next one starts without a zoneadmd.
	pids=$(zoneadmd_of bench)
	# shellcheck disable=SC2086 # none, or one
	[ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
	wait_for 5 gone zoneadmd
}

# Verified, its file and the index written and on disk; the configuration there is overwritten.
zonecfg_run()
{
	timed zonecfg-full zonecfg -z full -f "$ZONES_TREE/tests/bench/full.cfg"
}

# An own root with the directories that runtimes need as mount points; /usr is the host's.
make_rootfs()
{
	mkdir -p "$rootfs"/{proc,dev,sys,usr,etc,root,tmp,var,run}
	ln -sfn usr/bin "$rootfs/bin"
	ln -sfn usr/lib "$rootfs/lib"
	ln -sfn usr/lib64 "$rootfs/lib64"
	ln -sfn usr/sbin "$rootfs/sbin"
	chown -R 1000000:1000000 "$rootfs"
	chmod 0755 "$rootfs"
	"$ZONES_TREE/tests/bench/oci-config" "$rootfs" "/$ZONES_CGROUP/oci" $netns \
		"$ZONES_TREE/lib/zone/syscall-list.h" >$bundle/config.json
}

crun_check()
{
	crun_run
}

crun_run()
{
	timed crun-run -v $netns crun --cgroup-manager=cgroupfs run -b $bundle bench
}

runc_check()
{
	runc_run
}

runc_run()
{
	timed runc-run -v $netns runc run -b $bundle bench
}

lxc_execute_check()
{
	cat >/tmp/lxc.conf <<-END
		lxc.rootfs.path = dir:$rootfs
		lxc.uts.name = bench
		lxc.mount.auto = proc:mixed sys:mixed
		lxc.mount.entry = /usr usr none rbind,ro 0 0
		lxc.autodev = 1
		lxc.idmap = u 0 1000000 65536
		lxc.idmap = g 0 1000000 65536
		lxc.net.0.type = veth
		lxc.cgroup.pids.max = 200
		lxc.cgroup.dir.container = $ZONES_CGROUP/lxc/container
		lxc.cgroup.dir.monitor = $ZONES_CGROUP/lxc/monitor
		lxc.cgroup.dir.monitor.pivot = $ZONES_CGROUP/lxc/pivot
		lxc.seccomp.profile = /usr/share/lxc/config/common.seccomp
	END
	lxc_execute_run
}

lxc_execute_run()
{
	timed lxc-execute lxc-execute -P /tmp/lxc -n bench -l ERROR -o /tmp/lxc.log -f /tmp/lxc.conf -- /usr/bin/true
}

systemd_nspawn_check()
{
	systemd_nspawn_run
}

systemd_nspawn_run()
{
	timed systemd-nspawn systemd-nspawn --quiet --register=no --keep-unit --directory="$rootfs" \
		--bind-ro=/usr --private-users=1000000:65536 --private-network --network-veth \
		--as-pid2 /usr/bin/true
}

# Proportional set size of processes in MiB.
pss_mib()
{
	local pid

	for pid; do
		awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup"
	done | awk '{ sum += $1 } END { printf "%.2f\n", sum / 1024 }'
}
