/* SPDX-License-Identifier: BSD-2-Clause */
/* graft build: from a system description to a bootable image. Reads everything, checks everything, and only then writes. */
#include "tools/graft/build.h"
#include "tools/graft/file.h"
#include "tools/graft/graft.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct options {
	const char *abi, *monitor, *output, *authority, *signer, *system;
	const char **directories;
};

static int usage(void)
{
	fputs("usage: graft build [--abi SET] [--monitor FILE] [-I DIRECTORY]... [--authority FILE] [--sign NAME.secret]\n"
	      "                   -o IMAGE NAME.system\n"
	      "  --abi SET         microkit-release (default), microkit-debug or plain\n"
	      "  --monitor FILE    the monitor's ELF file; default: monitor.elf, looked for like every other file\n"
	      "  -I DIRECTORY      look for files here too, after the current directory\n"
	      "  --authority FILE  write what every domain will hold (doc/authority.md)\n"
	      "  --sign FILE       sign every <graft_archive> with this secret key of graft keygen's\n", stderr);
	return EXIT_USAGE;
}

static bool take_value(int argc, char **argv, int *i, const char **value)
{
	if (*i + 1 >= argc) {
		complain("%s needs a value", argv[*i]);
		return false;
	}
	*value = argv[++*i];
	return true;
}

static bool take_option(int argc, char **argv, int *i, struct options *options, unsigned *directories)
{
	const struct { const char *name; const char **value; } known[] = {
		{ "--abi", &options->abi }, { "--monitor", &options->monitor }, { "-o", &options->output },
		{ "--authority", &options->authority }, { "--sign", &options->signer }, { "-I", &options->directories[*directories] },
	};
	for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
		if (strcmp(argv[*i], known[k].name) == 0) {
			bool is_directory = strcmp(argv[*i], "-I") == 0;
			*directories += is_directory;
			return take_value(argc, argv, i, known[k].value);
		}
	if (argv[*i][0] == '-' || options->system) {
		complain("%s: %s", argv[*i], options->system ? "one description at a time" : "unknown option");
		return false;
	}
	options->system = argv[*i];
	return true;
}

static bool parse_options(int argc, char **argv, struct options *options)
{
	unsigned directories = 1;
	options->directories[0] = ".";
	for (int i = 1; i < argc; i++)
		if (!take_option(argc, argv, &i, options, &directories))
			return false;
	if (!options->system || !options->output) {
		complain("%s is missing", options->system ? "-o IMAGE" : "NAME.system");
		return false;
	}
	return true;
}

static uint32_t abi_set_of(const char *name)
{
	static const char *const sets[SYSTEM_ABI_SETS] = { "microkit-release", "microkit-debug", "plain" };
	for (uint32_t i = 0; i < SYSTEM_ABI_SETS; i++)
		if (strcmp(name, sets[i]) == 0)
			return i + 1;
	complain("--abi %s: the known sets are microkit-release, microkit-debug and plain", name);
	return 0;
}

/* The monitor is not named in the description, so it has no line there. */
static bool find_monitor(struct job *job, const char *name)
{
	job->monitor_path = sdf_find_file(job->sdf, name);
	if (!job->monitor_path)
		complain("%s: there is no such file; name the monitor with --monitor FILE", name);
	return job->monitor_path;
}

static bool stage_authority(const struct job *job, const char *path, struct staged *staged)
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);
	if (!stream) {
		complain("%s: out of memory", path);
		return false;
	}
	build_print_authority(job, stream);
	bool done = fclose(stream) == 0 && file_stage(path, text, length, staged);
	free(text);
	return done;
}

/* Both outputs are written before either takes its place: a refusal leaves what was there. */
static bool write_outputs(const struct job *job, const struct options *options, const uint8_t *image, uint64_t image_bytes)
{
	struct staged output = { 0 }, authority = { 0 };
	bool done = (!options->authority || stage_authority(job, options->authority, &authority)) &&
		file_stage(options->output, image, image_bytes, &output) && (!options->authority || file_commit(&authority)) &&
		file_commit(&output);
	file_discard(&authority);
	file_discard(&output);
	return done;
}

static bool run(struct job *job, const struct options *options)
{
	const uint8_t *image;
	uint64_t image_bytes;
	if (!find_monitor(job, options->monitor) || !build_open_monitor(job))
		return false;
	if (!sdf_read(job->sdf) || !sdf_load_prefills(job->sdf) || !sdf_check(job->sdf) || !build_load_programs(job) ||
	    !build_plan_domains(job))
		return false;
	build_sum_needs(job);
	if (!build_make_blob(job) || !build_make_image(job, &image, &image_bytes))
		return false;
	if (!write_outputs(job, options, image, image_bytes))
		return false;
	build_print_summary(job, stdout);
	return true;
}

static bool is_same_file(const char *path, const struct stat *output)
{
	struct stat input;
	return stat(path, &input) == 0 && input.st_dev == output->st_dev && input.st_ino == output->st_ino;
}

/* What is there under an output's name is replaced; so it must be a file, and none of the inputs. Programs that the description names
 * are inputs too; file_stage knows them. */
static bool may_replace(const char *path, const struct options *options)
{
	struct stat output;
	if (stat(path, &output) != 0)
		return true;
	bool is_file = S_ISREG(output.st_mode);
	if (is_file && !is_same_file(options->system, &output) && !is_same_file(options->monitor, &output))
		return true;
	complain("%s: %s; name another output", path, is_file ? "is an input" : "is there and is no regular file");
	return false;
}

static bool may_write(const struct options *options)
{
	if (options->authority && strcmp(options->authority, options->output) == 0) {
		complain("%s: is named twice as output", options->output);
		return false;
	}
	return may_replace(options->output, options) && (!options->authority || may_replace(options->authority, options));
}

int command_build(int argc, char **argv)
{
	struct arena arena = { 0 };
	struct options options = {
		.abi = "microkit-release", .monitor = "monitor.elf",
		.directories = arena_take(&arena, ((size_t)argc + 2) * sizeof *options.directories)
	};
	int status = EXIT_USAGE;
	if (!parse_options(argc, argv, &options)) {
		usage();
	} else {
		struct sdf *sdf = arena_take(&arena, sizeof *sdf);
		struct job *job = arena_take(&arena, sizeof *job);
		struct key_pair *signer = arena_take(&arena, sizeof *signer);
		*sdf = (struct sdf){ .path = options.system, .arena = &arena, .directories = options.directories,
			.signer = options.signer ? signer : NULL };
		*job = (struct job){ .sdf = sdf, .abi_name = options.abi, .abi_set = abi_set_of(options.abi) };
		if (job->abi_set && may_write(&options))
			status = (!options.signer || key_read_secret(options.signer, signer)) && run(job, &options) ? EXIT_DONE : EXIT_REFUSED;
		file_free(&job->monitor_file);
		key_forget(signer);
	}
	arena_free(&arena);
	return status;
}
