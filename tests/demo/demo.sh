#!/bin/bash
# The tour: `sudo make demo`. Runs in a throwaway host and tells the whole story of a zone.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"
set -e

bold=''
plain=''
if [ -t 1 ]; then
	bold=$'\e[1m'
	plain=$'\e[0m'
fi
trap 'echo; echo "demo: stopped at: $BASH_COMMAND" >&2' ERR

chapter()
{
	printf '\n%s== %s ==%s\n' "$bold" "$1" "$plain"
}

# One or more sentences, before the command they explain.
say()
{
	printf '\n'
	printf '%s\n' "$@" | fmt -w 90
}

# run COMMAND...: prints the command as a person would type it, then runs it.
run()
{
	printf '%s# %s%s\n' "$bold" "$*" "$plain"
	"$@" 2>&1 </dev/null
}

# shell TEXT: the same for a line with quotes, pipes or redirections.
shell()
{
	printf '%s# %s%s\n' "$bold" "$1" "$plain"
	bash -c "$1" 2>&1 </dev/null
}

# kill_and_say DAEMON
kill_and_say()
{
	printf '%s# kill -KILL %s    (the pid of %s)%s\n' "$bold" "$(pids_of "$1" | tr '\n' ' ')" "$1" "$plain"
	kill_hard "$1"
}

start_daemons
echo "A throwaway host: nothing that happens here touches your machine."

chapter '1. Links for the zone'
say 'An etherstub is a virtual switch without any network card; a vnic is a virtual network' \
	'card on a link. web0 is for the zone, host0 stays here.'
run dladm create-etherstub stub0
run dladm create-vnic -l stub0 web0
run dladm create-vnic -l stub0 host0
run ip addr add 10.0.0.1/24 dev host0
run ip link set host0 up
run dladm show-link
run dladm show-vnic

chapter '2. Configure the zone'
say 'A zone is described by a few lines: its brand (sparse: the /usr of the host, read-only),' \
	'where its files live, the link and the address it may use, and its limits.'
cat >/tmp/web.cfg <<'END'
create -b
set brand=sparse
set zonepath=/zones/web
set ip-type=exclusive
add net
set physical=web0
set allowed-address=10.0.0.2/24
set defrouter=10.0.0.1
end
add rctl
set name=zone.max-lwps
add value (priv=privileged,limit=200,action=deny)
end
add capped-memory
set physical=256m
end
add capped-cpu
set ncpus=0.5
end
verify
commit
END
run cat /tmp/web.cfg
run zonecfg -z web -f /tmp/web.cfg
say 'export prints commands that would make the same zone again.'
run zonecfg -z web export

chapter '3. Install and boot it'
run zoneadm -z web install
run zoneadm -z web boot
run zoneadm list -cv
say 'The link is in the zone now.'
run dladm show-vnic

chapter '4. Look around inside'
say 'zlogin runs a command in the zone. It has a name, processes and a link of its own, and' \
	'sees no others.'
run zlogin web zonename
run zlogin web hostname
run zlogin web id
run zlogin web ps
run zlogin web ip addr
say 'Root in the zone is an ordinary, unused id outside: id inside, id outside, how many.'
run zlogin web cat /proc/self/uid_map

chapter '5. Talk to it'
run ping -c 2 10.0.0.2
say 'A small HTTP server inside the zone answers the host.'
shell "zlogin web 'mkdir -p /var/www; echo hello from the zone >/var/www/index.html'"
run zlogin web busybox httpd -h /var/www -p 80
wait_for 5 curl -s http://10.0.0.2/
run curl -s http://10.0.0.2/

chapter '6. Kill the daemons'
say 'No daemon holds the zone: only zsched does, which is tiny. A connection to the zone stays' \
	'open while we kill the others with SIGKILL and start each again.'
shell "zlogin web 'head -c 2000000 /dev/zero >/var/www/big'"
init=$(init_of web)
python3 - >/tmp/size <<'END' &
import socket, time
s = socket.create_connection(("10.0.0.2", 80), 5)
s.sendall(b"GET /big HTTP/1.0\r\n\r\n")
size = 0
while data := s.recv(16384):
    size += len(data)
    time.sleep(0.02)
print(size)
END
download=$!
kill_and_say zoneadmd
run curl -s http://10.0.0.2/
say 'Any command that needs zoneadmd starts it again.'
run zoneadm -z web boot
run zoneadm list -cv
run zlogin web zonename
kill_and_say zoned
run curl -s http://10.0.0.2/
say 'A new zoned asks every zsched what there is.'
run zoned
run zoneadm list -cv
run zlogin web zonename
kill_and_say dlmgmtd
run curl -s http://10.0.0.2/
run dlmgmtd
run dladm show-link
wait "$download"
say "The download that was under way got all its $(cat /tmp/size) bytes, and the zone's init is still" \
	"the process $init it was before."
check_eq init "$init" "$(init_of web)"
[ "$(cat /tmp/size)" -gt 2000000 ]

chapter '7. Reboot, halt, and away with it'
say 'reboot typed inside the zone reboots the zone.'
run zlogin web reboot || true
rebooted()
{
	local now

	now=$(init_of web)
	[ -n "$now" ] && [ "$now" != "$init" ] && zlogin web true
}
wait_for 20 rebooted
run zoneadm list -cv
run zlogin web ps -o pid,etime,args
say 'halt ends every process of the zone; its link comes home to the global zone.'
run zoneadm -z web halt
run zoneadm list -cv
run ip link show web0
run dladm show-vnic
run zoneadm -z web uninstall -F
run zonecfg -z web delete -F
run zoneadm list -cv
run ip link set host0 down
run ip addr flush dev host0
run dladm delete-vnic web0
run dladm delete-vnic host0
run dladm delete-etherstub stub0
run dladm show-link
printf '\nThat is all. The throwaway host goes away now.\n'
