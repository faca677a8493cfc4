/* SPDX-License-Identifier: MIT */
/* What a configuration must respect of its brand (brand.h). */
#include "brand/brand.h"

#include <limits.h>

struct verify {
	zonecfg_report_fn report;
	void *arg;
	int first;
};

static void problem(struct verify *v, int code, const char *fmt, ...) _printf_(3, 4);

static void problem(struct verify *v, int code, const char *fmt, ...)
{
	char text[1100];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!v->first)
		v->first = code;
	if (v->report)
		v->report(v->arg, code, text);
}

/* True when an ip-type attribute of the brand's files means this zone. */
bool brand_ip_type_matches(const char *attribute, enum zonecfg_iptype type)
{
	const char *word = type == ZS_EXCLUSIVE ? "exclusive" : "shared";

	return !attribute || strstr(attribute, "all") || strstr(attribute, word);
}

/* True when a set of the brand names the privilege. */
static bool in_set(
	const struct brand *b, enum zonecfg_iptype type, const char *set, const char *name)
{
	const struct brand_privilege *p;
	size_t i;

	for (i = 0; i < b->n_privileges; i++) {
		p = &b->privileges[i];
		if (streq(p->set, set) && strcasecmp(p->name, name) == 0 &&
			brand_ip_type_matches(p->ip_type, type))
			return true;
	}
	return false;
}

/* True when limitpriv leaves the zone the privilege. Later words win. */
static bool has_privilege(
	const struct brand *b, enum zonecfg_iptype type, const char *limitpriv, const char *name)
{
	const char *p = limitpriv, *word;
	bool has = false, removed;
	size_t n;

	for (;; p += n + 1) {
		n = strcspn(p, ",");
		removed = *p == '-' || *p == '!';
		word = p + removed;
		if (strncasecmp(word, "priv_", 5) == 0)
			word += 5;
		if (n == 7 && strncmp(p, "default", 7) == 0)
			has = in_set(b, type, "default", name);
		else if (strlen(name) == n - (size_t)(word - p) &&
			 strncasecmp(word, name, strlen(name)) == 0)
			has = !removed;
		if (!p[n])
			return has;
	}
}

static void verify_privileges(struct verify *v, const struct zonecfg *cfg, const struct brand *b)
{
	const struct brand_privilege *p;
	size_t i;
	bool has;

	for (i = 0; i < b->n_privileges; i++) {
		p = &b->privileges[i];
		if (!brand_ip_type_matches(p->ip_type, cfg->ip_type))
			continue;
		has = has_privilege(b, cfg->ip_type, cfg->limitpriv, p->name);
		if (has && streq(p->set, "prohibited"))
			problem(v, Z_PRIV_PROHIBITED, "limitpriv: '%s' is not allowed in brand %s",
				p->name, b->name);
		if (!has && streq(p->set, "required"))
			problem(v, Z_PRIV_REQUIRED, "limitpriv: '%s' is required by brand %s",
				p->name, b->name);
	}
}

/* A brand that only other systems have: it can be kept here, and not run. */
static bool is_elsewhere(const char *brand)
{
	char dir[PATH_MAX];

	return brand && brand_is_foreign(brand) &&
	       brand_find(brand, dir, sizeof(dir)) == Z_BRAND_ERROR;
}

int brand_verify_config(
	const struct zonecfg *cfg, zonecfg_report_fn report, void *arg, struct brand **ret_brand)
{
	struct verify v = {.report = report, .arg = arg};
	_cleanup_(brand_freep) struct brand *b = NULL;
	struct diag d = {0};
	int r;

	v.first = zonecfg_verify(cfg, report, arg);
	if (cfg->brand && !zonecfg_check_brandname(cfg->brand) && !is_elsewhere(cfg->brand)) {
		r = brand_open(cfg->brand, &b, &d);
		if (r)
			problem(&v, r, "%s", d.text);
	}
	if (b && cfg->ip_type == ZS_EXCLUSIVE && !b->allow_exclusive_ip)
		problem(&v, Z_INCOMPATIBLE, "ip-type: brand %s does not allow exclusive", b->name);
	if (b && cfg->limitpriv && v.first == Z_OK)
		verify_privileges(&v, cfg, b);
	if (ret_brand)
		*ret_brand = TAKE_PTR(b);
	return v.first;
}

bool brand_report_unapplied(
	const struct zonecfg *cfg, int code, zonecfg_report_fn report, void *arg)
{
	bool elsewhere = is_elsewhere(cfg->brand);
	char text[128];

	(void)snprintf(text, sizeof(text), "brand %s: this release cannot apply it",
		elsewhere ? cfg->brand : "");
	if (elsewhere && report)
		report(arg, code, text);
	return zonecfg_report_unapplied(cfg, code, report, arg) || elsewhere;
}

int brand_verify(
	const struct zonecfg *cfg, zonecfg_report_fn report, void *arg, struct brand **ret_brand)
{
	int r = brand_verify_config(cfg, report, arg, ret_brand);

	if (brand_report_unapplied(cfg, Z_NOT_APPLIED, report, arg) && !r)
		r = Z_NOT_APPLIED;
	return r;
}
