/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target without a fuzzer.
 *
 *	replay-TARGET FILE-OR-FOLDER...   runs each file, and each of its beginnings
 *	replay-TARGET -s FOLDER           writes inputs made of real messages there
 *
 * An input that is wrong ends the process with a signal, as under the fuzzer.
 */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MAX (1u << 18)

static unsigned int files;

static void run_file(const char *path)
{
	static uint8_t data[INPUT_MAX];
	FILE *f = fopen(path, "r");
	size_t size, i, n = fuzz_beginnings;
	uint8_t *copy;

	fuzz_assert(f != NULL, path);
	size = fread(data, 1, sizeof(data), f);
	(void)fclose(f);
	for (i = 0; i <= n; i++) {
		size_t part = i == n ? size : size * i / n;

		/* Of exactly this size, so that a sanitizer sees what is read beyond. */
		copy = malloc(part ? part : 1);
		fuzz_assert(copy != NULL, "memory");
		memcpy(copy, data, part);
		(void)LLVMFuzzerTestOneInput(copy, part);
		free(copy);
	}
	files++;
}

static void run(const char *path)
{
	char file[4096];
	struct dirent *e;
	DIR *d = opendir(path);

	if (!d) {
		run_file(path);
		return;
	}
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		run_file(file);
	}
	(void)closedir(d);
}

int main(int argc, char **argv)
{
	int i;

	(void)LLVMFuzzerInitialize(&argc, &argv);
	if (argc == 3 && strcmp(argv[1], "-s") == 0) {
		fuzz_seed_folder = argv[2];
		fuzz_seeds();
		return 0;
	}
	for (i = 1; i < argc; i++)
		run(argv[i]);
	printf("%u files\n", files);
	return files > 0 ? 0 : 1;
}
