/* SPDX-License-Identifier: MIT */
/* Memory given back; see trim.h. */
#include "zoneadmd/trim.h"

#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/mman.h>

#include "linux/util.h"

#define STACK_KEPT (16 * 1024) /* for what comes after a command */

static uintptr_t page_size(void)
{
	return (uintptr_t)sysconf(_SC_PAGESIZE);
}

void trim_stack(void)
{
	const uintptr_t page = page_size();
	uintptr_t here = (uintptr_t)__builtin_frame_address(0) & ~(page - 1), low;
	pthread_attr_t attr;
	size_t size;
	void *stack;

	if (pthread_getattr_np(pthread_self(), &attr))
		return;
	low = pthread_attr_getstack(&attr, &stack, &size) == 0 ? (uintptr_t)stack : here;
	(void)pthread_attr_destroy(&attr);
	if (low + STACK_KEPT < here)
		(void)madvise(stack, here - STACK_KEPT - low, MADV_DONTNEED);
}

/*
 * Of a program or library the segments that nobody writes: not those that the dynamic linker wrote, which
 * are made read-only afterwards but are marked as writable in the file.
 */
static int trim_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	const uintptr_t page = page_size();
	size_t i;

	if (strstr(info->dlpi_name, "vdso"))
		return 0;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];
		uintptr_t low = (info->dlpi_addr + h->p_vaddr) & ~(page - 1);
		uintptr_t high =
			(info->dlpi_addr + h->p_vaddr + h->p_memsz + page - 1) & ~(page - 1);

		if (h->p_type == PT_LOAD && !(h->p_flags & PF_W))
			(void)madvise((void *)low, high - low, MADV_DONTNEED);
	}
	return 0;
}

void trim_heap_and_code(void)
{
	(void)malloc_trim(0);
	(void)dl_iterate_phdr(trim_object, NULL);
}
