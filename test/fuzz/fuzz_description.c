/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a .system file: read, and what is read checked as a whole. The files that it names are not looked for. Whatever is
 * accepted has every name it uses. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "tools/graft/graft.h"
#include "tools/graft/sdf.h"
#include "tools/graft/sdf_xml.h"
#include "test/fuzz/invariant.h"

void complain(const char *format, ...)
{
	char line[4096];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	invariant(line[0] != 0);
}

/* Where refusals go. */
static FILE *quiet(void)
{
	static FILE *nowhere;
	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	invariant(nowhere);
	return nowhere;
}

static void check(const struct sdf *sdf)
{
	for (uint32_t d = 0; d < sdf->domain_count; d++) {
		const struct sdf_domain *domain = &sdf->domains[d];
		invariant(domain->name && sdf_is_name(domain->name));
		invariant(domain->parent == SYSTEM_NONE || domain->parent < d);
		invariant(domain->priority <= SYSTEM_PRIORITY_MAX && domain->budget <= domain->period);
		for (uint32_t k = 0; k < d; k++)
			invariant(strcmp(sdf->domains[k].name, domain->name) != 0);
	}
	for (uint32_t i = 0; i < sdf->channel_count; i++)
		for (unsigned end = 0; end < 2; end++)
			invariant(sdf->channels[i].end[end].domain < sdf->domain_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char *directories[] = { NULL };
	static struct sdf sdf;
	struct arena arena = { 0 };
	char path[32];
	FILE *loud = stderr;
	int file = memfd_create("system", 0);
	invariant(file >= 0 && write(file, bytes, size) == (ssize_t)size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	memset(&sdf, 0, sizeof sdf);
	sdf.path = path;
	sdf.arena = &arena;
	sdf.directories = directories;
	sdf.machine = system_machine_of(ELF_MACHINE_X86_64);
	stderr = quiet(); /* glibc's is a variable; what a sanitizer says goes to the descriptor */
	bool accepted = sdf_read(&sdf) && sdf_check(&sdf);
	stderr = loud;
	if (accepted)
		check(&sdf);
	arena_free(&arena);
	close(file);
	return 0;
}
