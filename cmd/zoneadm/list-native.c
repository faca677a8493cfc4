/* SPDX-License-Identifier: MIT */
/*
 * zoneadm of /native in zones of brand linux: a static program, which runs whatever distribution the
 * zone has. A zone may list itself; everything else it is told to do otherwise, as by the whole zoneadm.
 * There is no configuration in a zone, so the library for XML is left out.
 */
#include "zoneadm/command.h"
#include "zoneadm/list-rows.h"
#include "zoneadm/list.h"

void list_row_config(struct list_row *row)
{
	(void)row;
}

int list_ask_brand(const struct request *req, const char *name)
{
	(void)req;
	(void)name;
	return EXIT_OK;
}

int main(int argc, char **argv)
{
	static const struct runner runners[] = {{"list", list_run}, {0}};
	struct request req;
	int r;

	command_start();
	r = request_parse(&req, argc, argv);
	if (!r)
		r = subcommand_of(&req);
	if (r)
		return r;
	if (streq(req.sub->name, "list"))
		return subcommand_run(runners, &req);
	if (streq(req.sub->name, "help"))
		return req.argc > 2 ? usage_of(&req) : help_print(req.argv[1]);
	r = request_admit(&req);
	return r ? r : complain(NULL, "'%s' is not for a zone", req.sub->name);
}
