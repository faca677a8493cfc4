/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the configuration file of a zone, of a template, or of a detached zone. What is
 * refused is refused with one line; what can be read is verified, can be written, and is the same when
 * it is read again.
 */
#include "fuzz.h"

#include "brand/brand.h"
#include "linux/instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char in_path[512], out_path[512], again_path[512];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)snprintf(in_path, sizeof(in_path), "%s/in.xml", fuzz_folder());
	(void)snprintf(out_path, sizeof(out_path), "%s/out.xml", fuzz_folder());
	(void)snprintf(again_path, sizeof(again_path), "%s/again.xml", fuzz_folder());
	fuzz_assert(instance_init(fuzz_folder()) == 0, "an instance");
	fuzz_beginnings = 16;
	return 0;
}

static void write_file(const char *path, const uint8_t *data, size_t size)
{
	FILE *f = fopen(path, "we");

	fuzz_assert(f && fwrite(data, 1, size, f) == size && fclose(f) == 0, path);
}

static char *read_file(const char *path)
{
	static char text[2][1 << 20];
	static int turn;
	FILE *f = fopen(path, "re");
	size_t n;

	turn = !turn;
	fuzz_assert(f != NULL, path);
	n = fread(text[turn], 1, sizeof(text[turn]) - 1, f);
	(void)fclose(f);
	text[turn][n] = '\0';
	return text[turn];
}

static void check_line(void *arg, int code, const char *text)
{
	fuzz_assert(*text != '\0' && code >= 0, "a sentence");
	(*(unsigned int *)arg)++;
}

static void use(struct zonecfg *cfg)
{
	struct zonecfg *again = NULL;
	struct diag d = {0};
	unsigned int lines = 0;
	int r = brand_verify_config(cfg, check_line, &lines, NULL);

	fuzz_assert(!r || lines, "what is wrong is said");
	(void)brand_report_unapplied(cfg, Z_NOT_APPLIED, check_line, &lines);
	fuzz_assert(zonecfg_save_file(cfg, out_path, &d) == Z_OK, "it can be written");
	r = zonecfg_load_file(out_path, &again, &d);
	if (r)
		fprintf(stderr, "%s\n", d.text);
	fuzz_assert(r == Z_OK, "what was written is read");
	fuzz_assert(zonecfg_save_file(again, again_path, &d) == Z_OK, "it is written again");
	fuzz_assert(strcmp(read_file(out_path), read_file(again_path)) == 0, "as the same");
	(void)zonecfg_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct zonecfg *cfg = NULL;
	struct diag d = {0};
	int r;

	write_file(in_path, data, size);
	r = zonecfg_load_file(in_path, &cfg, &d);
	fuzz_assert(r == Z_OK || (!cfg && d.text[0] && !strchr(d.text, '\n')), "one line");
	if (r == Z_OK)
		use(cfg);
	(void)zonecfg_free(cfg);
	return 0;
}

void fuzz_seeds(void)
{
	static const char bomb[] =
		"<!DOCTYPE zone [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;\">"
		"<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]><zone name=\"z\" pool=\"&c;&c;\"/>";
	static const char outside[] =
		"<!DOCTYPE zone [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><zone name=\"&x;\"/>";

	fuzz_seed("bomb", (const uint8_t *)bomb, sizeof(bomb) - 1);
	fuzz_seed("outside", (const uint8_t *)outside, sizeof(outside) - 1);
}
