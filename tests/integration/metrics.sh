#!/bin/bash
# What zones use for agents that scrape: zonemetrics, its page, its socket, hostile clients.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

sock=$run/metrics_sock

setup()
{
	start_daemons
	make_link web0
	make_zone web 'set max-lwps=100' 'add net' 'set physical=web0' \
		'set allowed-address=10.9.0.2/24' end
	make_zone idle
	expect_ok zoneadm -z web boot
	start_metrics
}

# start_metrics ARGUMENT...: $metrics_with comes before it.
metrics_with=
start_metrics()
{
	# shellcheck disable=SC2086 # words
	setsid $metrics_with zonemetrics "$@" </dev/null >>"$ZONES_ROOT/var/log/zonemetrics.out" 2>&1 &
	disown
	wait_for 5 test -S "$sock"
}

# scrape PATH
scrape()
{
	curl -sS --fail --max-time 10 --unix-socket "$sock" "http://zones$1"
}

# page SAMPLE...: a whole page that is well formed and has these.
page()
{
	scrape /metrics >/tmp/page || fail 'no page'
	"$ZONES_TREE/tests/lib/openmetrics" "$@" </tmp/page || fail 'not a page as it should be'
}

has_sample()
{
	scrape /metrics | grep -qE "$1"
}

test_page()
{
	page 'zones_up 1' \
		'zones_state\{zone="web",zones_state="running"\} 1' \
		'zones_state\{zone="web",zones_state="installed"\} 0' \
		'zones_state\{zone="idle",zones_state="installed"\} 1' \
		'zones_events_total [1-9][0-9]*' \
		'zones_cpu_seconds_total\{zone="web",mode="user"\} [0-9.e-]+' \
		'zones_rctl_limit\{zone="web",rctl="zone.max-lwps"\} 100' \
		'zones_rctl_usage\{zone="web",rctl="zone.max-lwps"\} [1-9][0-9]*' \
		'zones_rctl_refused_total\{zone="web",rctl="zone.max-lwps"\} 0' \
		'zones_memory_rss_bytes\{zone="web"\} [1-9][0-9]*' \
		'zones_link_bytes_total\{zone="web",link="web0",direction="out"\} [0-9]+' \
		'zones_boot_time_seconds\{zone="web"\} [0-9]+'
	check_no_match 'no limit is no sample' 'zones_rctl_limit.*zone.max-swap' "$(cat /tmp/page)"
	check_match 'its type' 'application/openmetrics-text; version=1.0.0' \
		"$(curl -sS --unix-socket "$sock" -D - -o /dev/null http://zones/metrics)"
}

# The checker itself refuses what is wrong.
test_the_checker()
{
	local text checker=$ZONES_TREE/tests/lib/openmetrics

	for text in 'zones_up 1' '# TYPE a gauge\na 1\na 1\n# EOF' '# TYPE a counter\na 1\n# EOF' \
		'# TYPE a gauge\na{x=1} 1\n# EOF' '# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\na{x="y"} 1\n# EOF' \
		'# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF' '# TYPE a gauge\na one\n# EOF' \
		'# TYPE a stateset\na{a="x"} 2\n# EOF'; do
		printf '%b\n' "$text" | "$checker" 2>/dev/null && fail "accepted: $text"
	done
	printf '# TYPE a counter\na_total{x="y"} 1.5e3\n# EOF\n' | "$checker"
}

test_rights()
{
	check_eq 'for root alone' 600 "$(stat -c %a "$sock")"
	stop zonemetrics
	[ ! -e "$sock" ] || fail 'its socket is left'
	start_metrics -m 0666
	check_eq 'for all' 666 "$(stat -c %a "$sock")"
	expect_fail 1 'Address already in use' zonemetrics
	kill_hard zonemetrics
	start_metrics
	wait_for 5 scrape /metrics
	check_eq 'taken over' 600 "$(stat -c %a "$sock")"
	expect_fail 2 'no mode' zonemetrics -m 0888
	expect_fail 2 usage zonemetrics more
	: >/tmp/file
	expect_fail 1 'File exists' zonemetrics -s /tmp/file
	long=/tmp/$(printf 'f%.0s' {1..120})
	mkdir "$long"
	zonemetrics -s "$long/sock" &
	wait_for 5 test -S "$long/sock"
	(cd "$long" && expect_ok curl -sS --fail --unix-socket sock http://zones/metrics)
	kill $!
	wait $! || true
	expect_fail 1 'File name too long' zonemetrics -s "/tmp/${long##*/}"
}

# As its unit of systemd starts it.
test_it_needs_no_capability()
{
	stop zonemetrics
	metrics_with='setpriv --bounding-set=-all --inh-caps=-all --no-new-privs' start_metrics
	check_match capabilities 'CapEff:.0+$' "$(grep CapEff "/proc/$(pids_of zonemetrics)/status")"
	page 'zones_up 1' 'zones_state\{zone="web",zones_state="running"\} 1'
	wait_for 5 has_sample '^zones_link_up\{.*link="web0"'
	stop zonemetrics
	start_metrics
}

test_requests()
{
	expect_fail 22 404 scrape /other
	expect_fail 22 405 curl -sS --fail -X POST --unix-socket "$sock" http://zones/metrics
	page 'zones_up 1'
}

# Whoever is slow or says nothing takes his own time only; zoned is not asked by him at all.
test_hostile_clients()
{
	python3 - "$sock" <<-'END' &
		import socket, sys, time
		idle = []
		end = time.monotonic() + 4
		while time.monotonic() < end:
		    s = socket.socket(socket.AF_UNIX)
		    try:
		        s.connect(sys.argv[1])
		        if len(idle) % 3 == 0:
		            s.send(b"GET /metrics HTTP/1.1\r\n\r\n")  # and never reads
		        elif len(idle) % 3 == 1:
		            s.send(b"GET /met")
		        idle.append(s)
		    except OSError:
		        s.close()
		    if len(idle) > 12:
		        time.sleep(0.2)
		        idle.pop(0).close()
	END
	for _ in 1 2 3; do
		page 'zones_up 1'
		expect_ok zoneadm list
	done
	head -c 100000 /dev/urandom | timeout 10 python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
try:
    s.sendall(sys.stdin.buffer.read())
    assert s.recv(1) == b""
except (BrokenPipeError, ConnectionResetError):
    pass' "$sock" || fail 'rubbish was answered'
	wait
	page 'zones_up 1'
}

# Twenty who say nothing are dropped after a few seconds, and he who asks is answered.
test_all_places_taken()
{
	python3 - "$sock" <<-'END'
		import socket, sys
		all = []
		for _ in range(20):
		    s = socket.socket(socket.AF_UNIX)
		    s.connect(sys.argv[1])
		    all.append(s)
		s = socket.socket(socket.AF_UNIX)
		s.settimeout(40)
		s.connect(sys.argv[1])
		s.send(b"GET /metrics HTTP/1.0\n\n")
		assert s.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")
		assert all[0].recv(1) == b""
	END
}

test_without_zoned()
{
	kill_hard zoned
	wait_for 5 has_sample '^zones_up 0$'
	page 'zones_up 0'
	check_no_match 'nothing else' 'zones_state' "$(cat /tmp/page)"
	start zoned
	wait_for 5 has_sample '^zones_up 1$'
	expect_ok zoneadm -z web halt
	wait_for 5 has_sample '^zones_state\{zone="web",zones_state="installed"\} 1$'
}

# What can be scraped stands in zonemetrics(8), and nothing else does.
test_the_manual_names_each_metric()
{
	check_eq metrics "$(grep -o '"zones_[a-z_]*"' "$ZONES_TREE/daemon/zonemetrics/page.c" | tr -d '"' | sort -u)" \
		"$(grep '^\.It Cm zones_' "$ZONES_TREE/man/zonemetrics.8" | grep -o 'zones_[a-z_]*' | sort -u)"
}

run_tests
