# shellcheck shell=bash
# A virtual machine that runs $work/script, after tests/vm/prepare and tests/vm/usr. What it says is in $work/results; when it has
# ended by itself its exit status is in $work/status, and what its kernel says is in $work/console. The functions
# use $work, $store and $usr; $machine is its process.
# shellcheck disable=SC2154

machine=

# An empty disk for what it keeps at /disk.
machine_disk()
{
	rm -f "$work/disk"
	mke2fs -q -t ext4 "$work/disk" 4G >/dev/null
}

# machine_start CGROUPS SECONDS CACHE [ARGUMENT]...: CACHE is of its disk, ARGUMENTs are of its kernel.
# On a busy host the timer is late, and no_timer_check keeps the kernel from taking it for a broken one.
machine_start()
{
	local accel=tcg,thread=multi cpu=qemu64,cx16=off,svm=off,rdrand=on cgroups=$1 limit=$2 cache=$3 no_v1=

	shift 3
	[ -z "${VM_KVM-}" ] || accel=kvm cpu=host
	[ "$cgroups" != v2 ] || no_v1=cgroup_no_v1=all
	rm -f "$work/status"
	: >"$work/results"
	timeout -k 5 "$limit" qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot \
		-machine q35 -accel "$accel" -cpu "$cpu" -smp 2 -m 2G \
		-kernel "$store/vmlinuz" -initrd "$store/initrd" \
		-append "console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off nokaslr norandmaps \
random.trust_cpu=on no_timer_check rdinit=/init vm.script=$work/script vm.modules=$store/modules vm.cgroup=$cgroups $no_v1 $*" \
		-chardev "file,id=console,path=$work/console" -serial chardev:console \
		-fsdev 'local,id=root,path=/,security_model=passthrough,readonly=on,multidevs=remap' \
		-device virtio-9p-pci,fsdev=root,mount_tag=root \
		-drive "file=$work/disk,if=virtio,format=raw,cache=$cache" \
		-drive "file=$usr,if=virtio,format=raw,readonly=on" \
		-device virtio-serial-pci -device e1000 \
		-chardev "file,id=out,path=$work/results" -device virtserialport,nr=1,chardev=out \
		-chardev "file,id=status,path=$work/status" -device virtserialport,nr=2,chardev=status \
		</dev/null 2>"$work/qemu" &
	machine=$!
}

# Until it ends; 124: its time was up.
machine_wait()
{
	local status=0

	wait "$machine" || status=$?
	machine=
	return $status
}

# At once, as when the power fails. It is a child of timeout(1).
machine_kill()
{
	local child

	[ -n "$machine" ] || return 0
	for child in $(pgrep -P "$machine") "$machine"; do
		kill -KILL "$child" 2>/dev/null
	done
	wait "$machine" 2>/dev/null
	machine=
}
