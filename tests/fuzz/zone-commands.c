/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a command file of zonecfg. The commands run as they would from a file, below a root of
 * their own; whatever configuration they leave can be exported, and the export makes it again.
 *
 * Commands that name a file of the host are not run: the target has the rights of who runs it.
 */
#include "fuzz.h"

#include "linux/instance.h"
#include "print.h"
#include "session.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static FILE *nowhere, *errors, *output;
static char written[2][512];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const folders[] = {"etc", "etc/zones"};
	char path[512];
	size_t i;

	for (i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", fuzz_folder(), folders[i]);
		fuzz_assert(mkdir(path, 0755) == 0, path);
		(void)snprintf(written[i], sizeof(written[i]), "%s/%zu.xml", fuzz_folder(), i);
	}
	fuzz_assert(instance_init(fuzz_folder()) == 0, "an instance");
	(void)unsetenv("ZONES_BRANDS");
	(void)unsetenv("PAGER");
	nowhere = fopen("/dev/null", "we");
	fuzz_assert(nowhere != NULL, "/dev/null");
	errors = stderr;
	output = stdout;
	fuzz_beginnings = 16;
	return 0;
}

/* Runs a text as main() runs a file, line by line. filter: not what names files. */
static int run(struct session *s, char *text, bool filter)
{
	char *line, *next;
	int r = Z_OK;

	s->source = "input";
	for (line = text; line && !r && !s->done; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		s->line++;
		if (!filter || (!strstr(line, "export") && !strstr(line, "-a")))
			r = command_run_text(s, line);
	}
	return r;
}

/* Every input begins without zones. */
static void clear(void)
{
	char path[1024];
	struct dirent *e;
	DIR *d;

	(void)snprintf(path, sizeof(path), "%s/etc/zones", fuzz_folder());
	d = opendir(path);
	fuzz_assert(d != NULL, path);
	while ((e = readdir(d))) {
		(void)snprintf(path, sizeof(path), "%s/etc/zones/%s", fuzz_folder(), e->d_name);
		if (e->d_name[0] != '.')
			(void)unlink(path);
	}
	(void)closedir(d);
}

static char *read_xml(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = calloc(1, 1 << 20);

	fuzz_assert(f && text, path);
	(void)fread(text, 1, (1 << 20) - 1, f);
	(void)fclose(f);
	return text;
}

static void check_same(struct session *s, struct session *again)
{
	struct diag d = {0};
	char *a, *b;

	(void)zonecfg_set_string(&s->cfg->debugid, NULL);
	fuzz_assert(zonecfg_save_file(s->cfg, written[0], &d) == 0, "written");
	fuzz_assert(zonecfg_save_file(again->cfg, written[1], &d) == 0, "written again");
	a = read_xml(written[0]);
	b = read_xml(written[1]);
	if (strcmp(a, b) != 0)
		(void)fprintf(errors, "%s\n%s\n", a, b);
	fuzz_assert(strcmp(a, b) == 0, "export makes it again");
	free(a);
	free(b);
}

/* What verifies is exported, and the export is taken. */
static void check_export(struct session *s)
{
	struct session again = {.zone = "fuzz"};
	char *text = NULL;
	size_t size;
	FILE *f;

	s->zone = "fuzz";
	(void)zonecfg_set_string(&s->cfg->name, s->zone);
	if (brand_verify_config(s->cfg, NULL, NULL, NULL))
		return;
	f = open_memstream(&text, &size);
	fuzz_assert(f != NULL, "memory");
	print_export(s, f);
	fuzz_assert(fclose(f) == 0, "memory");
	clear();
	fuzz_assert(session_load(&again) == Z_OK, "no zone");
	stderr = errors;
	fuzz_assert(run(&again, text, false) == Z_OK, "export is taken");
	check_same(s, &again);
	stderr = nowhere;
	session_fini(&again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session s = {.zone = "fuzz"};
	char *text = malloc(size + 1);

	fuzz_assert(text != NULL, "memory");
	memcpy(text, data, size);
	text[size] = '\0';
	if (strlen(text) == size) {
		stderr = nowhere;
		stdout = nowhere;
		clear();
		if (session_load(&s) == Z_OK) {
			(void)run(&s, text, true);
			session_leave_scope(&s);
			if (s.cfg)
				check_export(&s);
		}
		stderr = errors;
		stdout = output;
	}
	session_fini(&s);
	free(text);
	return 0;
}

void fuzz_seeds(void)
{
	static const char all[] =
		"create -b\nset zonepath=/zones/f\nset brand=lx\nset ip-type=exclusive\n"
		"set autoboot=true; set bootargs=\"-v \\\"x\\\\\" # comment\n"
		"set pool=p; set limitpriv=default,!proc_info; set hostid=0x1a; set fs-allowed=-,nfs\n"
		"set max-lwps=500; set max-shm-memory=1.5G; set scheduling-class=FSS\n"
		"add fs; set dir=/d; set special=\"/s s\"; set type=lofs; add options [ro,nodev]; end\n"
		"add net\nset physical=net0\nset allowed-address=10.0.0.2/24\n"
		"set defrouter=10.0.0.1\nadd property (name=\"a=b\",value=\"c,d )\")\nend\n"
		"add device; set match=zvol/*; add property (name=a,value=b); end\n"
		"add rctl; set name=zone.max-swap\nadd value (priv=privileged,limit=1,action=deny); end\n"
		"add capped-cpu; set ncpus=1.25; end; add capped-memory; set physical=1G; end\n"
		"add attr; set name=a; set type=int; set value=-5; end\n"
		"add dataset; set name=rpool/x; end; add admin; set user=root; set auths=login; end\n"
		"add security-flags; set lower=none; set upper=all; end\n"
		"select net physical=net0; remove property (name=\"a=b\"); clear defrouter; end\n"
		"info; info net physical=net0; verify; commit\nremove -F attr\nrevert; exit\n";

	fuzz_seed("all", (const uint8_t *)all, sizeof(all) - 1);
}
