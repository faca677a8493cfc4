#!/bin/bash
# What bash and zsh offer to complete: every command that is typed by hand.
# shellcheck source=tests/lib/harness.sh
. "$ZONES_TREE/tests/lib/harness.sh"

setup()
{
	start_daemons
	make_link comp0
	expect_ok flowadm add-flow -t -l comp0 -a transport=tcp compflow
}

# completes WORD...: what bash offers for the last word.
completes()
{
	# shellcheck source=completions/dladm
	. "$ZONES_TREE/completions/$1"
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	case $1 in
	zlogin | zoneadm | zonecfg | zonename) "_$1" ;;
	zoned | dlmgmtd | zoneview | zonemetrics | svc-zones) _zoned "$1" ;;
	kstat | zonestat | prctl | rctladm | doorstat) _kstat "$1" ;;
	*) _dladm ;;
	esac
	printf '%s\n' "${COMPREPLY[*]}"
}

test_subcommands()
{
	check_eq dladm 'show-link show-linkprop' "$(completes dladm show-lin)"
	check_eq vnic 'create-vnic create-vlan' "$(completes dladm create-v)"
	check_eq dlstat 'show-phys show-link show-aggr' "$(completes dlstat show)"
	check_eq flowstat compflow "$(completes flowstat com)"
	check_eq flowadm 'set-flowprop' "$(completes flowadm set)"
	check_eq none '' "$(completes dladm xyz)"
}

test_every_subcommand_offers_its_options()
{
	local sub count=0
	for sub in $(completes dladm ''); do
		[ -n "$(completes dladm "$sub" -)" ] || case $sub in
		rename-link | delete-bridge | delete-phys | import | export | check) ;;
		*) fail "dladm $sub has no options" ;;
		esac
		count=$((count + 1))
	done
	[ "$count" -gt 20 ] || fail "only $count subcommands"
	check_eq show-link '-P -i -j -o -p -s -z' "$(completes dladm show-link - | tr ' ' '\n' | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//')"
	check_match 'letters together' '(^| )-f -l -t( |$)' "$(completes dladm create-vlan - | sed 's/ -v//')"
	check_match dlstat '(^| )-u( |$)' "$(completes dlstat -)"
	check_match lanes '(^| )-r( |$)' "$(completes dlstat show-link -)"
}

test_links_and_flows()
{
	check_eq link comp0 "$(completes dladm show-link com)"
	check_eq vnic comp0 "$(completes dladm delete-vnic '')"
	check_eq etherstub s_comp0 "$(completes dladm delete-etherstub '')"
	check_eq 'a new one' '' "$(completes dladm create-vnic com)"
	check_eq 'over' 's_comp0' "$(completes dladm create-vnic -l s_)"
	check_eq dlstat comp0 "$(completes dlstat com)"
	check_eq lanes comp0 "$(completes dlstat show-link com)"
	check_eq flow compflow "$(completes flowadm remove-flow '')"
	check_eq 'of a link' comp0 "$(completes flowadm remove-flow -l com)"
	check_eq zone global "$(completes dladm show-link -z glo)"
}

test_fields_and_properties()
{
	check_eq field mtu "$(completes dladm show-link -o mt)"
	check_eq 'of a list' link,mtu "$(completes dladm show-link -o link,mt)"
	check_eq statistics rbytes "$(completes dladm show-link -s -o rby)"
	check_eq dlstat collisions "$(completes dlstat -o coll)"
	check_eq flow ipaddr "$(completes flowadm show-flow -o ipad)"
	check_eq property mtu= "$(completes dladm set-linkprop -p mt)"
	check_eq 'to be reset' mtu "$(completes dladm reset-linkprop -p mt)"
	check_eq 'of a flow' maxbw= "$(completes flowadm add-flow -p m)"
	check_eq attribute transport=tcp,local_port= "$(completes flowadm add-flow -a transport=tcp,local_p)"
	check_eq unit K "$(completes dlstat -u K)"
	# -p alone is a flag, and a link follows.
	check_eq 'behind a flag' comp0 "$(completes dladm show-vnic -p com)"
}

test_zoneadm()
{
	make_zone compadm
	check_eq subcommands 'halt help' "$(completes zoneadm -z compadm h | tr ' ' '\n' | sort | xargs)"
	check_eq 'all of them' "$(zoneadm help | grep -c '^ ')" "$(completes zoneadm '' | wc -w)"
	check_eq zone compadm "$(completes zoneadm -z compad)"
	check_eq uuid "$(zoneadm list -cnp | cut -d: -f5)" "$(completes zoneadm -u '')"
	check_eq options '-X -f -s' "$(completes zoneadm -z compadm boot -)"
	check_eq apply -n "$(completes zoneadm -z compadm apply -)"
	check_eq 'of all' '-z -u -R' "$(completes zoneadm -)"
	check_eq state installed "$(completes zoneadm -z compadm wait -s inst)"
	check_eq mark incomplete "$(completes zoneadm -z compadm mark -F inc)"
	check_eq source compadm "$(completes zoneadm -z other clone comp)"
	check_eq help thaw "$(completes zoneadm help th)"
	expect_ok zoneadm -z compadm snapshot before
	check_eq 'to go back to' before "$(completes zoneadm -z compadm rollback '')"
	check_eq 'to remove' before "$(completes zoneadm -z compadm snapshot -d bef)"
	check_eq 'to export' before "$(completes zoneadm -z compadm export -s '')"
	check_match 'the file' '/etc/passwd( |$)' "$(completes zoneadm -z compadm export -s before /etc/passwd)"
	check_match 'the file' '/etc/passwd( |$)' "$(completes zoneadm -z other import -F /etc/passwd)"
	check_eq 'a folder' /etc "$(completes zoneadm -z other import -p /et)"
	check_eq 'a folder' /etc "$(completes zoneadm -z compadm move /et)"
	expect_ok zoneadm -z compadm snapshot -d before
	remove_zone compadm
}

# What install takes is the brand's.
test_zoneadm_install()
{
	configure compbare
	zonecfg -z complinux 'create -b; set brand=linux; set zonepath=/zones/complinux; set ip-type=exclusive'
	check_eq 'brand linux' '-a -b -c -d -i -m -s -x' "$(completes zoneadm -z complinux install -)"
	check_eq 'brand sparse' '' "$(completes zoneadm -z compbare install -)"
	check_match 'an archive' '/etc/passwd( |$)' "$(completes zoneadm -z complinux install -a /etc/passwd)"
	check_match 'an image' '/etc/passwd( |$)' "$(completes zoneadm -z complinux install -i /etc/passwd)"
	check_eq 'a directory' /etc "$(completes zoneadm -z complinux install -d /et)"
	zonecfg -z complinux delete -F
	zonecfg -z compbare delete -F
}

# What may follow each subcommand is what its own help says.
test_zoneadm_options()
{
	local sub count=0

	for sub in $(completes zoneadm ''); do
		check_eq "$sub" "$(zoneadm help "$sub" | head -n 1 | sed 's/-z zone//' |
			grep -o -- '-[A-Za-z]\>' | sort -u | xargs)" \
			"$(completes zoneadm -z compadm "$sub" - | tr ' ' '\n' | sort | xargs)"
		count=$((count + 1))
	done
	[ "$count" -gt 25 ] || fail "only $count subcommands"
}

test_zlogin()
{
	configure compraw
	make_zone compoff
	make_zone compon
	expect_ok zoneadm -z compon boot
	check_eq running compon "$(completes zlogin comp)"
	check_eq user root "$(completes zlogin -l roo)"
	check_eq 'after options' compon "$(completes zlogin -l root -Q comp)"
	check_eq 'those with a console' 'compoff compon' "$(completes zlogin -C comp | tr ' ' '\n' | sort | xargs)"
	check_eq 'of the console' '-d -E -Q -e' "$(completes zlogin -C -)"
	check_eq 'of the standard streams' '-d -E -N -Q -e' "$(completes zlogin -I -)"
	check_match utility '(^| )hostname( |$)' "$(completes zlogin compon hostnam)"
	check_eq 'no utility on the console' '' "$(completes zlogin -C compon hostnam)"
	command -v zsh >/dev/null || return 0
	expect_ok zsh -n "$ZONES_TREE/completions/_zlogin"
}

test_zonecfg()
{
	expect_ok zonecfg -z compcfg 'create; set zonepath=/zones/compcfg; add attr; set name=note; set type=string; set value=x; end'
	check_eq zone compcfg "$(completes zonecfg -z compc)"
	check_eq 'of all' '-z -u -f -R help' "$(completes zonecfg '')"
	check_eq subcommands 'cancel clear commit create' "$(completes zonecfg -z compcfg c)"
	check_eq 'of one' '-F' "$(completes zonecfg -z compcfg delete -)"
	check_eq template compcfg "$(completes zonecfg -z new create -t compc)"
	check_eq property autoboot= "$(completes zonecfg -z compcfg set auto)"
	check_eq value true "$(completes zonecfg -z compcfg set autoboot = t)"
	check_eq brand linux "$(completes zonecfg -z compcfg set brand = li)"
	check_eq resource net "$(completes zonecfg -z compcfg add ne)"
	check_eq 'a property in a resource' physical= "$(completes zonecfg -z compcfg add net \; set phy)"
	check_eq link comp0 "$(completes zonecfg -z compcfg add net \; set physical = com)"
	check_match 'a property of links' '^\(name=maxbw,value=$' "$(completes zonecfg -z compcfg add net \; add property '(name=maxb')"
	check_eq 'what there is' note "$(completes zonecfg -z compcfg remove attr name = '')"
	check_eq 'after the end' verify "$(completes zonecfg -z compcfg add net \; end \; ver)"
	check_eq 'of the global zone' 'pool= scheduling-class=' \
		"$(completes zonecfg -z global set '' | tr ' ' '\n' | grep -E '^(pool|sched|zonep)' | xargs)"
	check_eq topic syntax "$(completes zonecfg help synt)"
	expect_ok zonecfg -z compcfg delete -F
	check_eq 'it changed nothing' '' "$(completes zonecfg -z compc)"
}

test_those_that_watch()
{
	make_zone compstat
	expect_ok zoneadm -z compstat boot
	check_eq module zones "$(completes kstat -m zone | tr ' ' '\n' | grep -x zones)"
	check_eq name compstat "$(completes kstat -n compst)"
	check_eq statistic init_restarts "$(completes kstat -s init_re)"
	check_eq class zone_misc "$(completes kstat -c zone_mi)"
	check_eq zone compstat "$(completes zonestat -z compst)"
	check_eq 'of a list' memory,limits "$(completes zonestat -r memory,lim)"
	check_eq options '-r -R' "$(completes zonestat - | tr ' ' '\n' | grep -i r | xargs)"
	check_eq control zone.max-lwps "$(completes prctl -n zone.max-lw)"
	check_eq kind zone "$(completes prctl -n zone.max-lwps -i zo)"
	check_eq 'the zone' compstat "$(completes prctl -i zone compst)"
	check_eq log zone.max-swap "$(completes rctladm -e syslog zone.max-sw)"
	check_eq field refused "$(completes doorstat -o refu)"
	check_eq 'a zone of doorstat' compstat "$(completes doorstat -z compst)"
	remove_zone compstat
}

test_zonename()
{
	check_eq options '-i -p -f' "$(completes zonename -)"
	check_eq file /etc/passwd "$(completes zonename -f /etc/passw | tr ' ' '\n' | grep -x /etc/passwd)"
	check_eq process $$ "$(completes zonename -p $$)"
}

# The options are those that each tells of itself.
test_daemons()
{
	local name file told

	for name in zoned dlmgmtd zoneview zonemetrics svc-zones; do
		file=$(find "$ZONES_STAGE" -type f -name "$name" -perm -100 | head -n 1)
		told=$({ "$file" -@ 2>&1 || true; } | grep -o -- '\[-[A-Za-z]' | tr -d '[' | sort -u | xargs)
		check_match "$name" '^-' "$told"
		check_eq "$name" "$told" "$(completes "$name" - | tr ' ' '\n' | sort | xargs)"
	done
	check_eq folder /etc "$(completes zoneview -R /et)"
	check_eq mode 0660 "$(completes zonemetrics -m 066 | tr ' ' '\n' | grep 0660)"
	check_eq service 'start stop' "$(completes svc-zones '')"
	check_eq 'behind a number' stop "$(completes svc-zones -t 5 sto)"
	check_eq 'the number' '' "$(completes svc-zones -t '')"
}

# Each line and what zsh itself, in a terminal, offers for its last word.
zsh_cases=(
	'zoneadm fre' freeze
	'zoneadm -z web ha' halt
	'zoneadm -z web apply -' -n
	'zoneadm -z web boot -' '-X -f -s'
	'zoneadm -z web mark -F inc' incomplete
	'zoneadm -z zshadm rollback ' first
	'zoneadm -z zshadm snapshot -d fir' first
	'zoneadm -z zshadm export -s ' first
	'zoneadm -z zshadm import -' '-F -p'
	'zoneadm -z zshlinux install -' '-a -b -c -d -i -m -s -x'
	'zoneadm -z zshlinux install -d /et' etc
	'zoneadm vacuum -' '-d -n'
	'zoneadm list-images -' '-j -p'
	'zoneadm -z zshadm mount -' -f
	'zoneadm -z zshadm unmount -' ''
	'dladm show-lin' 'show-link show-linkprop'
	'dladm show-link com' comp0
	'dladm delete-vnic ' comp0
	'dladm create-vnic -l s_' s_comp0
	'dladm create-vnic com' ''
	'dladm up-vnic -' ''
	'dladm delete-vnic -' '-t -z'
	'dladm show-link -o mt' mtu
	'dladm show-link -o link,mt' 'link,mtu'
	'dladm show-link -z glo' global
	'dladm set-linkprop -p maxb' maxbw=
	'dladm set-linkprop -p priority=l' priority=low
	'dladm set-linkprop -p maxbw=5,priority=l' 'maxbw=5,priority=low'
	'dladm reset-linkprop -p mt' mtu
	'flowadm remove-flow ' compflow
	'flowadm add-flow -a tran' transport=
	'dlstat show' 'show-aggr show-link show-phys'
	'flowstat com' compflow
	'dlstat -u K' K
	'dladm xyz' ''
	'zonecfg -z zshc' zshcfg
	'zonecfg -z zshcfg comm' commit
	'zonecfg -z zshcfg set autoboot=t' autoboot=true
	'zonecfg -z zshcfg add ne' net
	'prctl -n zone.max-lw' zone.max-lwps
	'zonestat -r memory,lim' 'memory,limits'
	'rctladm -' '-d -e -j -l -u'
	'zonename -' '-f -i -p'
	'zonestat -R total,hi' 'total,high'
	'zoned -' '-R -d'
	'zoneview -' -R
	'zonemetrics -m 066' '0660 0666'
	'svc-zones -t 5 sto' stop
)

test_zsh_offers_the_same()
{
	local lines=() wanted=() i

	command -v zsh >/dev/null || skip 'there is no zsh'
	expect_ok zonecfg -z zshcfg 'create; set zonepath=/zones/zshcfg'
	make_zone zshadm
	expect_ok zoneadm -z zshadm snapshot first
	expect_ok zonecfg -z zshlinux 'create -b; set brand=linux; set zonepath=/zones/zshlinux; set ip-type=exclusive'
	for ((i = 0; i < ${#zsh_cases[@]}; i += 2)); do
		lines+=("${zsh_cases[i]}")
		wanted+=("${zsh_cases[i]}: ${zsh_cases[i + 1]}")
	done
	# The leak sanitizer waits for ever to stop a program that the line editor of zsh has started.
	mapfile -t offered < <(ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 "$ZONES_TREE/tests/lib/zsh-completes" "$ZONES_TREE/completions" "${lines[@]}")
	for ((i = 0; i < ${#lines[@]}; i++)); do
		check_eq "zsh" "${wanted[i]}" "${lines[i]}: ${offered[i]-nothing}"
	done
}

run_tests
