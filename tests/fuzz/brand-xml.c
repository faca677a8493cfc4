/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the two files of a brand, config.xml and, behind a form feed, platform.xml. A brand
 * that can be used gives commands and a snapshot, or one line that says why not.
 */
#include "fuzz.h"

#include "brand/brand.h"
#include "linux/instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char config[560], platform[560];
static struct zonecfg *cfg;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const folders[] = {
		"usr", "usr/lib", "usr/lib/brand", "usr/lib/brand/fuzz"};
	char path[512];
	size_t i;

	for (i = 0; i < 4; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", fuzz_folder(), folders[i]);
		fuzz_assert(mkdir(path, 0755) == 0, path);
	}
	(void)snprintf(config, sizeof(config), "%s/config.xml", path);
	(void)snprintf(platform, sizeof(platform), "%s/platform.xml", path);
	fuzz_assert(instance_init(fuzz_folder()) == 0, "an instance");
	fuzz_assert(zonecfg_new("zone", &cfg) == 0 &&
			    zonecfg_set_string(&cfg->zonepath, "/zones/zone") == 0 &&
			    zonecfg_set_string(&cfg->brand, "fuzz") == 0,
		"a configuration");
	fuzz_beginnings = 24;
	return 0;
}

static void put(const char *path, const uint8_t *data, size_t size)
{
	FILE *f = fopen(path, "we");

	fuzz_assert(f && fwrite(data, 1, size, f) == size && fclose(f) == 0, path);
}

static void use(const struct brand *b)
{
	struct brand_snapshot bs;
	struct diag d = {0};
	char *command;
	int i, r;

	for (i = 0; i < BRAND_HOOK_COUNT; i++) {
		command = NULL;
		r = brand_command(b, (enum brand_hook)i, "zone", "/zones/zone", "root", &command);
		fuzz_assert(r == Z_OK || r == Z_BRAND_ERROR, "a command or an error");
		fuzz_assert(r != Z_OK || !command == !b->hooks[i], "of a hook that is there");
		free(command);
	}
	r = brand_snapshot_init(&bs, cfg, b, "", &d);
	fuzz_assert(r == Z_OK || (d.text[0] && !strchr(d.text, '\n')), "a snapshot or one line");
	if (r == Z_OK)
		brand_snapshot_fini(&bs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *cut = memchr(data, '\f', size);
	struct brand *b = NULL;
	struct diag d = {0};
	int r;

	put(config, data, cut ? (size_t)(cut - data) : size);
	(void)unlink(platform);
	if (cut)
		put(platform, cut + 1, size - (size_t)(cut + 1 - data));
	r = brand_open("fuzz", &b, &d);
	fuzz_assert(r == Z_OK || (!b && d.text[0] && !strchr(d.text, '\n')), "one line");
	if (b)
		use(b);
	(void)brand_free(b);
	return 0;
}

void fuzz_seeds(void)
{
	static const char small[] =
		"<brand name=\"fuzz\"><initname>/init</initname><login_cmd>/bin/login %u</login_cmd>"
		"<install>%B/install %z %R</install><privilege set=\"default\" name=\"proc_fork\"/>"
		"</brand>\f<platform name=\"fuzz\" allow-exclusive-ip=\"true\">"
		"<mount special=\"proc\" directory=\"/proc\" type=\"proc\" opt=\"ro\"/>"
		"<device match=\"null\"/><symlink source=\"/a\" target=\"b\"/></platform>";

	fuzz_seed("small", (const uint8_t *)small, sizeof(small) - 1);
}
