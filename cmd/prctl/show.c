/* SPDX-License-Identifier: MIT */
/* What prctl prints of a control: what is used and was refused, its values, the system's. */
#include "prctl/prctl.h"
#include "zone/rctl-calls.h"
#include "zone/rctl-text.h"

#include <inttypes.h>

static const char *flag_text(const struct zone_rctl *c, uint64_t value)
{
	if (value != c->max)
		return "-";
	return c->flags & ZRCTL_INFINITE ? "inf" : "max";
}

static const char *action_text(const struct zone_rctl *c, uint32_t action)
{
	return action == ZRCTL_DENY ? "deny" : "none";
}

static void print_row(const struct options *o, const struct zone_rctl *c, const char *what,
	uint64_t value, const char *flag, const char *action)
{
	char text[32] = "-";

	if (o->parsable) {
		if (value != ZONE_RCTL_UNKNOWN || *flag != '-')
			(void)snprintf(text, sizeof(text), "%" PRIu64, value);
		(void)printf("%s %s %s %s %s -\n", c->name, what, text, flag, action);
		return;
	}
	if (value != ZONE_RCTL_UNKNOWN || *flag != '-')
		zone_rctl_format(c, value, text);
	if (*action == '-')
		(void)printf("        %-10s %10s\n", what, text);
	else
		(void)printf("        %-10s %10s %7s   %-28s %9s\n", what, text, flag, action, "-");
}

static bool wanted(const struct options *o, uint32_t level)
{
	return !o->priv || o->priv == level;
}

static void print_values(
	const struct options *o, const struct zone_rctl *c, const struct zone_rctl_get_reply *reply)
{
	uint32_t i;

	if (reply->count == 0 && c->by_default && wanted(o, ZRCTL_PRIVILEGED))
		print_row(o, c, "privileged", c->by_default, "-", action_text(c, ZRCTL_NONE));
	for (i = 0; i < reply->count; i++) {
		const struct zone_rctl_value *v = &reply->values[i];

		if (wanted(o, v->priv))
			print_row(o, c, v->priv == ZRCTL_BASIC ? "basic" : "privileged", v->limit,
				flag_text(c, v->limit), action_text(c, v->action));
	}
}

static void print_control(
	const struct options *o, const struct zone_rctl *c, const struct zone_rctl_get_reply *reply)
{
	static const struct zone_rctl count = {.unit = ZRCTL_COUNT};
	struct zone_rctl refused = count;

	refused.name = c->name;
	if (!o->parsable)
		(void)printf("%s\n", c->name);
	if (!o->priv)
		print_row(o, c, "usage", reply->usage, "-", "-");
	if (!o->priv)
		print_row(o, &refused, "refused", reply->refused, "-", "-");
	print_values(o, c, reply);
	if (wanted(o, LEVEL_SYSTEM))
		print_row(o, c, "system", c->max, flag_text(c, c->max),
			c->flags & ZRCTL_NO_DENY ? "none" : "deny");
}

static int show_one(const struct options *o, const struct target *t, const struct zone_rctl *c)
{
	struct zone_rctl_get_reply reply;
	struct diag d = {0};
	int r = zone_call_rctl_get(t->zoneid, c->name, &reply, &d);

	if (r < 0)
		return complain("%s: %s: %s", t->title, c->name, d.text[0] ? d.text : strerror(-r));
	print_control(o, c, &reply);
	return 0;
}

int show(const struct options *o, const struct target *t)
{
	int i, r = 0;

	(void)printf(o->parsable ? "%s\n"
				 : "%s\nNAME    PRIVILEGE       VALUE    FLAG   ACTION"
				   "                       RECIPIENT\n",
		t->title);
	for (i = 0; i < RCTL_COUNT && r == 0; i++)
		if (!o->name || streq(o->name, zone_rctls[i].name))
			r = show_one(o, t, &zone_rctls[i]);
	return r;
}

/* ---- JSON; by hand, since its libraries end at the largest signed number ---- */

static void put_number(FILE *out, const char *name, uint64_t value)
{
	if (value == ZONE_RCTL_UNKNOWN)
		(void)fprintf(out, ",\"%s\":null", name);
	else
		(void)fprintf(out, ",\"%s\":%" PRIu64, name, value);
}

static void put_value(
	FILE *out, const char **sep, const char *privilege, uint64_t value, const char *action)
{
	(void)fprintf(out, "%s{\"privilege\":\"%s\",\"value\":%" PRIu64 ",\"action\":\"%s\"}", *sep,
		privilege, value, action);
	*sep = ",";
}

static void put_control(FILE *out, const struct options *o, const struct zone_rctl *c,
	const struct zone_rctl_get_reply *reply)
{
	const char *sep = "";
	uint32_t i;

	(void)fprintf(out, "{\"name\":\"%s\",\"unit\":\"%s\"", c->name,
		c->unit == ZRCTL_BYTES ? "bytes" : "count");
	put_number(out, "usage", reply->usage);
	put_number(out, "refused", reply->refused);
	(void)fputs(",\"values\":[", out);
	if (reply->count == 0 && c->by_default && wanted(o, ZRCTL_PRIVILEGED))
		put_value(out, &sep, "privileged", c->by_default, action_text(c, ZRCTL_NONE));
	for (i = 0; i < reply->count; i++) {
		const struct zone_rctl_value *v = &reply->values[i];

		if (wanted(o, v->priv))
			put_value(out, &sep, v->priv == ZRCTL_BASIC ? "basic" : "privileged",
				v->limit, action_text(c, v->action));
	}
	if (wanted(o, LEVEL_SYSTEM))
		put_value(out, &sep, "system", c->max, c->flags & ZRCTL_NO_DENY ? "none" : "deny");
	(void)fputs("]}", out);
}

int show_json(FILE *out, const struct options *o, const struct target *t)
{
	struct zone_rctl_get_reply reply;
	const char *sep = "";
	struct diag d = {0};
	int i, r;

	(void)fprintf(out, "{\"zoneid\":%d,\"zonename\":\"%s\",\"controls\":[", t->zoneid, t->name);
	for (i = 0; i < RCTL_COUNT; i++) {
		const struct zone_rctl *c = &zone_rctls[i];

		if (o->name && !streq(o->name, c->name))
			continue;
		r = zone_call_rctl_get(t->zoneid, c->name, &reply, &d);
		if (r < 0)
			return complain(
				"%s: %s: %s", t->title, c->name, d.text[0] ? d.text : strerror(-r));
		(void)fputs(sep, out);
		put_control(out, o, c, &reply);
		sep = ",";
	}
	(void)fputs("]}", out);
	return 0;
}
