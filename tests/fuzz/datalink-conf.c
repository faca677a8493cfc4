/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the lines of a datalink.conf, as `dladm import` reads them. What can be read can be
 * written, and what was written is read as the same again.
 */
#include "fuzz.h"

#include "dladm/dladm.h"
#include "dladm/dlmgmt-text.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 64

static struct dlmgmt_text_name names[NAMES_MAX];
static size_t n_names;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return 0;
}

static void note_name(const struct dlmgmt_text_link *link)
{
	if (!link->old_id || n_names == NAMES_MAX)
		return;
	names[n_names].id = link->old_id;
	memcpy(names[n_names++].name, link->name, sizeof(link->name));
}

static void check_same(const struct dlmgmt_text_link *a, const struct dlmgmt_text_link *b)
{
	fuzz_assert(strcmp(a->name, b->name) == 0 && a->link_class == b->link_class &&
			    a->media == b->media && a->count == b->count,
		"another link");
	for (unsigned int i = 0; i < a->count; i++) {
		const struct dlmgmt_attrval *x = &a->attrs[i].value, *y = &b->attrs[i].value;

		fuzz_assert(strcmp(a->attrs[i].name, b->attrs[i].name) == 0 && x->type == y->type &&
				    x->size == y->size && memcmp(x->str, y->str, x->size) == 0,
			"another attribute");
	}
}

static void use(struct dlmgmt_text_link *link)
{
	static struct dlmgmt_text_link again;
	struct diag d = {0};
	char *text = NULL;
	size_t size = 0;
	FILE *f;

	fuzz_assert(link->count <= DLMGMT_ATTRS_MAX && dladm_valid_linkname(link->name),
		"a line that is no link");
	if (dlmgmt_text_upgrade(link, names, n_names, &d) < 0) {
		fuzz_assert(d.text[0] && !strchr(d.text, '\n'), "no sentence");
		return;
	}
	f = open_memstream(&text, &size);
	fuzz_assert(f != NULL, "memory");
	if (dlmgmt_text_write(f, link, &d) == 0) {
		fuzz_assert(fflush(f) == 0 && size > 0 && text[size - 1] == '\n', "a line");
		fuzz_assert(dlmgmt_text_read(text, &again, &d) == 0, "what was written is read");
		check_same(link, &again);
	}
	(void)fclose(f);
	free(text);
}

static void read_all(char *text, bool second)
{
	static struct dlmgmt_text_link link;
	char *line, *next;
	struct diag d;
	int r;

	for (line = text; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		d = (struct diag){0};
		r = dlmgmt_text_read(line, &link, &d);
		fuzz_assert(r == 0 || r == 1 || (r == -EINVAL && d.text[0]), "an answer");
		if (r == 0 && second)
			use(&link);
		else if (r == 0)
			note_name(&link);
		if (next && !second)
			next[-1] = '\n';
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	fuzz_assert(text != NULL, "memory");
	memcpy(text, data, size);
	text[size] = '\0';
	n_names = 0;
	read_all(text, false);
	read_all(text, true);
	free(text);
	return 0;
}

void fuzz_seeds(void)
{
	static const char now[] =
		"# comment\n\n"
		"net0\tclass=int,1;media=int,4;devname=string,e1000g0;phymaj=int,24;phyinst=int,1;\n"
		"vnic1\tclass=int,8;media=int,4;linkover=string,net0;maddrtype=int,1;"
		"macaddr=string,2:8:20:1:2:3;maxbw=string,100M;cpus=string,1,2;\n"
		"aggr1\tclass=int,4;media=int,4;portnames=string,net0:net1:;nports=int,2;"
		"policy=int,3;lacpmode=int,0;lacptimer=int,1;\n"
		"tun0\tclass=int,128;media=int,2147483649;iptuntype=int,1;laddr=string,10.0.0.1;\n";
	static const char old[] =
		"1\tname=string,net0;class=int,1;media=int,4;\n"
		"2\tname=string,vlan1;class=int,2;media=int,4;linkover=int,1;"
		"force=boolean,1;vid=int,7;\n"
		"3\tname=string,tun1;class=int,96;media=int,4;\n"
		"4\tname=string,aggr2;class=int,4;media=int,4;portnames=string,1.2.;\n";

	fuzz_seed("now", (const uint8_t *)now, sizeof(now) - 1);
	fuzz_seed("before-2008", (const uint8_t *)old, sizeof(old) - 1);
}
