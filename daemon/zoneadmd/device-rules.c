/* SPDX-License-Identifier: MIT */
/*
 * A program for the kernel, made here instruction by instruction: it compares what is to be opened or made
 * with one device after the other. See device-rules.h.
 */
#include "zoneadmd/device-rules.h"

#include <linux/bpf.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "linux/cgroup-join.h"

#define ANY	 UINT32_MAX
#define RULE_MAX 5 /* instructions */

struct rule {
	uint32_t type; /* BPF_DEVCG_DEV_* */
	uint32_t major, minor;
};

struct program {
	struct bpf_insn *insns;
	size_t count;
};

/* The nodes of every zone's /dev, and what its terminals and its console are. */
static const struct rule standard[] = {
	{BPF_DEVCG_DEV_CHAR, 1, 3}, /* null */
	{BPF_DEVCG_DEV_CHAR, 1, 5}, /* zero */
	{BPF_DEVCG_DEV_CHAR, 1, 7}, /* full */
	{BPF_DEVCG_DEV_CHAR, 1, 8}, /* random */
	{BPF_DEVCG_DEV_CHAR, 1, 9}, /* urandom */
	{BPF_DEVCG_DEV_CHAR, 5, 0}, /* tty */
	{BPF_DEVCG_DEV_CHAR, 5, 2}, /* ptmx */
	{BPF_DEVCG_DEV_CHAR, 136, ANY},
	{BPF_DEVCG_DEV_CHAR, 137, ANY},
	{BPF_DEVCG_DEV_CHAR, 138, ANY},
	{BPF_DEVCG_DEV_CHAR, 139, ANY},
	{BPF_DEVCG_DEV_CHAR, 140, ANY},
	{BPF_DEVCG_DEV_CHAR, 141, ANY},
	{BPF_DEVCG_DEV_CHAR, 142, ANY},
	{BPF_DEVCG_DEV_CHAR, 143, ANY},
};

static void add(struct program *p, uint8_t code, uint8_t dst, uint8_t src, int16_t off, int32_t imm)
{
	p->insns[p->count++] = (struct bpf_insn){
		.code = code, .dst_reg = dst & 0xf, .src_reg = src & 0xf, .off = off, .imm = imm};
}

static void load(struct program *p, uint8_t reg, size_t field)
{
	add(p, BPF_LDX | BPF_MEM | BPF_W, reg, BPF_REG_1, (int16_t)field, 0);
}

/* Ends with this answer. */
static void answer(struct program *p, bool yes)
{
	add(p, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, yes);
	add(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Type, major and minor are in registers 2, 3 and 4. */
static void add_rule(struct program *p, const struct rule *rule)
{
	const uint8_t unless = BPF_JMP | BPF_JNE | BPF_K;
	int16_t rest = rule->minor == ANY ? 3 : 4; /* behind the first, until the next rule */

	add(p, unless, BPF_REG_2, 0, rest, (int32_t)rule->type);
	add(p, unless, BPF_REG_3, 0, --rest, (int32_t)rule->major);
	if (rule->minor != ANY)
		add(p, unless, BPF_REG_4, 0, --rest, (int32_t)rule->minor);
	answer(p, true);
}

static void make(struct program *p, const struct zsched_devices_req *devices)
{
	uint32_t i;

	load(p, BPF_REG_2, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	/* Above it is what is to be done, which does not matter. */
	add(p, BPF_ALU64 | BPF_AND | BPF_K, BPF_REG_2, 0, 0, 0xffff);
	load(p, BPF_REG_3, offsetof(struct bpf_cgroup_dev_ctx, major));
	load(p, BPF_REG_4, offsetof(struct bpf_cgroup_dev_ctx, minor));
	for (i = 0; i < ARRAY_SIZE(standard); i++)
		add_rule(p, &standard[i]);
	for (i = 0; i < devices->count; i++) {
		const struct zsched_device *one = &devices->devices[i];
		const struct rule rule = {
			S_ISBLK(one->mode) ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR,
			major(one->rdev), minor(one->rdev)};

		add_rule(p, &rule);
	}
	answer(p, false);
}

static int bpf(int cmd, union bpf_attr *attr)
{
	int r = (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	return r < 0 ? -errno : r;
}

static int load_program(const struct program *p)
{
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.expected_attach_type = BPF_CGROUP_DEVICE,
		.insn_cnt = (uint32_t)p->count,
		.insns = (uintptr_t)p->insns,
		.license = (uintptr_t) "MIT",
		.prog_name = "zone_devices",
	};

	return bpf(BPF_PROG_LOAD, &attr);
}

int device_rules_attach(const char *zone, const struct zsched_devices_req *devices, int *ret_fd)
{
	_cleanup_close_ int group = FD_NONE, prog = FD_NONE;
	_cleanup_free_ struct bpf_insn *insns = NULL;
	struct program p = {0};
	union bpf_attr attr;
	char name[ZONENAME_MAX + 16];

	(void)snprintf(name, sizeof(name), "zones/%s/zone", zone);
	group = cgroup_open_v2(name);
	if (group < 0)
		return group;
	insns = calloc((ARRAY_SIZE(standard) + devices->count + 2) * RULE_MAX, sizeof(*insns));
	if (!insns)
		return -ENOMEM;
	p.insns = insns;
	make(&p, devices);
	prog = load_program(&p);
	if (prog < 0)
		return prog;
	attr = (union bpf_attr){.link_create = {.prog_fd = (uint32_t)prog,
					.target_fd = (uint32_t)group,
					.attach_type = BPF_CGROUP_DEVICE}};
	*ret_fd = bpf(BPF_LINK_CREATE, &attr);
	return *ret_fd < 0 ? *ret_fd : 0;
}
