/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole files in, whole files out: the tool's only contact with the file system. */
#include "tools/graft/file.h"
#include "tools/graft/graft.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *kind_of(mode_t mode)
{
	if (S_ISDIR(mode))
		return "a directory";
	if (S_ISFIFO(mode))
		return "a pipe";
	if (S_ISSOCK(mode))
		return "a socket";
	return "a device";
}

/* Every file that was read in this run, so that none of them is replaced as an output. */
static struct identity {
	dev_t device;
	ino_t inode;
} *read_files;
static size_t read_count;

static bool remember(const struct stat *status)
{
	struct identity *more = realloc(read_files, (read_count + 1) * sizeof *read_files);
	if (!more)
		return false;
	read_files = more;
	read_files[read_count++] = (struct identity){ .device = status->st_dev, .inode = status->st_ino };
	return true;
}

static bool was_read(const struct stat *status)
{
	bool found = false;
	for (size_t i = 0; i < read_count && !found; i++)
		found = read_files[i].device == status->st_dev && read_files[i].inode == status->st_ino;
	return found;
}

/* Is it a file that we can and want to read? The type is asked before opening: opening a pipe would wait for its writer. */
static bool is_readable_kind(const char *path, const struct stat *status)
{
	if (!S_ISREG(status->st_mode)) {
		complain("%s: %s, not a regular file", path, kind_of(status->st_mode));
		return false;
	}
	if (status->st_size < 0 || (uint64_t)status->st_size > FILE_BYTES_MAX) {
		complain("%s: %lld bytes, the largest file taken has %llu", path, (long long)status->st_size, FILE_BYTES_MAX);
		return false;
	}
	return true;
}

/* Reads until bytes are there, the file ends, or an error. */
static bool read_fully(int descriptor, uint8_t *to, uint64_t bytes, uint64_t *got)
{
	*got = 0;
	while (*got < bytes) {
		ssize_t n = read(descriptor, to + *got, bytes - *got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (n == 0)
			break;
		*got += (uint64_t)n;
	}
	return true;
}

static bool read_descriptor(const char *path, int descriptor, struct file *file)
{
	struct stat status;
	if (fstat(descriptor, &status) != 0) {
		complain("%s: %s", path, strerror(errno));
		return false;
	}
	if (!is_readable_kind(path, &status))
		return false;
	uint64_t bytes = (uint64_t)status.st_size;
	uint8_t *buffer = malloc(bytes ? bytes : 1);
	if (!buffer || !remember(&status)) {
		free(buffer);
		complain("%s: no memory for its %llu bytes", path, (unsigned long long)bytes);
		return false;
	}
	if (!read_fully(descriptor, buffer, bytes, &file->size_bytes)) {
		complain("%s: %s", path, strerror(errno));
		free(buffer);
		return false;
	}
	file->bytes = buffer;
	return true;
}

bool file_read_all(const char *path, struct file *file)
{
	struct stat status;
	if (stat(path, &status) != 0) {
		complain("%s: %s", path, strerror(errno));
		return false;
	}
	if (!is_readable_kind(path, &status))
		return false;
	int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (descriptor < 0) {
		complain("%s: %s", path, strerror(errno));
		return false;
	}
	bool done = read_descriptor(path, descriptor, file);
	close(descriptor);
	return done;
}

void file_free(struct file *file)
{
	free(file->bytes);
	file->bytes = NULL;
	file->size_bytes = 0;
}

static bool write_fully(int descriptor, const uint8_t *from, uint64_t bytes)
{
	uint64_t done = 0;
	while (done < bytes) {
		ssize_t n = write(descriptor, from + done, bytes - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (uint64_t)n;
	}
	return true;
}

/* mkstemp makes the file for its owner only; the finished file gets what open would have given it. */
static mode_t ordinary_mode(void)
{
	mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static bool write_temporary(const struct staged *staged, int descriptor, const void *bytes, uint64_t size_bytes)
{
	bool written = write_fully(descriptor, bytes, size_bytes) && fchmod(descriptor, ordinary_mode()) == 0;
	int reason = errno;
	if (close(descriptor) != 0 && written) {
		written = false;
		reason = errno;
	}
	if (!written)
		complain("%s: cannot be written: %s", staged->path, strerror(reason));
	return written;
}

/* Renaming over a device, a pipe or a directory would take it away, or fail late; and nobody wants an input replaced. */
static bool may_be_replaced(const char *path, bool even_an_input)
{
	struct stat status;
	if (stat(path, &status) != 0)
		return true;
	if (!S_ISREG(status.st_mode))
		complain("%s: %s, not a regular file", path, kind_of(status.st_mode));
	else if (!even_an_input && was_read(&status))
		complain("%s: is an input; name another output", path);
	else
		return true;
	return false;
}

static bool stage(const char *path, const void *bytes, uint64_t size_bytes, bool even_an_input, struct staged *staged)
{
	static const char suffix[] = ".XXXXXX";
	size_t length = strlen(path);
	*staged = (struct staged){ .path = path };
	if (!may_be_replaced(path, even_an_input))
		return false;
	char *temporary = malloc(length + sizeof suffix);
	if (!temporary) {
		complain("%s: no memory for its name", path);
		return false;
	}
	memcpy(temporary, path, length);
	memcpy(temporary + length, suffix, sizeof suffix);
	int descriptor = mkstemp(temporary);
	if (descriptor < 0) {
		complain("%s: cannot be written: %s", path, strerror(errno));
		free(temporary);
		return false;
	}
	staged->temporary = temporary;
	if (write_temporary(staged, descriptor, bytes, size_bytes))
		return true;
	file_discard(staged);
	return false;
}

bool file_stage(const char *path, const void *bytes, uint64_t size_bytes, struct staged *staged)
{
	return stage(path, bytes, size_bytes, false, staged);
}

bool file_commit(struct staged *staged)
{
	if (rename(staged->temporary, staged->path) != 0) {
		complain("%s: cannot be written: %s", staged->path, strerror(errno));
		file_discard(staged);
		return false;
	}
	free(staged->temporary);
	staged->temporary = NULL;
	return true;
}

void file_discard(struct staged *staged)
{
	if (!staged->temporary)
		return;
	unlink(staged->temporary);
	free(staged->temporary);
	staged->temporary = NULL;
}

bool file_write_atomically(const char *path, const void *bytes, uint64_t size_bytes)
{
	struct staged staged;
	return file_stage(path, bytes, size_bytes, &staged) && file_commit(&staged);
}

bool file_rewrite(const char *path, const void *bytes, uint64_t size_bytes)
{
	struct staged staged;
	return stage(path, bytes, size_bytes, true, &staged) && file_commit(&staged);
}

bool file_write_new(const char *path, const void *bytes, uint64_t size_bytes, bool is_secret)
{
	int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, is_secret ? 0600 : 0666);
	if (descriptor < 0) {
		complain("%s: cannot be written: %s", path, strerror(errno));
		return false;
	}
	bool written = write_fully(descriptor, bytes, size_bytes);
	int reason = errno;
	if (close(descriptor) != 0 || !written) {
		complain("%s: cannot be written: %s", path, strerror(reason));
		unlink(path);
		return false;
	}
	return true;
}
