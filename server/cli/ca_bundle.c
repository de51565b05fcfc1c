#include "cli/ca_bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where systems keep theirs: Debian, Fedora, SUSE, Alpine and BSD. */
static const char *const system_files[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/etc/ssl/cert.pem",
	NULL,
};

/* Variables by which users add to, or replace, what their clients trust. */
static const char *const variables[] = { "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", NULL };

/* Only files: some of the variables may name a folder, and reading from a pipe would wait for its writer. */
static bool add_file(const char *name, FILE *out)
{
	const int fd = name && *name ? open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	bool added = false;
	struct stat about;
	char bytes[16384];
	ssize_t got;

	if (fd < 0)
		return false;
	if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) {
		while ((got = read(fd, bytes, sizeof bytes)) > 0)
			fwrite(bytes, 1, (size_t)got, out);
		fputc('\n', out);
		added = got == 0;
	}
	close(fd);
	return added;
}

/* What the user has chosen goes before what the system has. */
static void add_system(FILE *out)
{
	if (add_file(getenv("SSL_CERT_FILE"), out))
		return;
	for (const char *const *name = system_files; *name; name++)
		if (add_file(*name, out))
			return;
}

/* The variables will name our bundle: what they named before, such as the authority of a proxy, is to stay trusted. */
static void add_named(FILE *out)
{
	const char *before = getenv("SSL_CERT_FILE");

	for (const char *const *variable = variables; *variable; variable++) {
		const char *name = getenv(*variable);

		if (!name || (before && strcmp(name, before) == 0))
			continue;
		add_file(name, out);
		before = name;
	}
}

static bool make_folder(struct ca_bundle *bundle, struct error *error)
{
	const char *parent = getenv("TMPDIR");

	buffer_add_format(&bundle->folder, "%s/cpgw-mock-XXXXXX", parent && *parent ? parent : "/tmp");
	if (!buffer_failed(&bundle->folder) && mkdtemp(bundle->folder.data))
		return true;
	error_set(error, "cannot make a folder for certificates at %s: %s",
	          bundle->folder.data ? bundle->folder.data : "TMPDIR", strerror(errno));
	buffer_release(&bundle->folder);
	return false;
}

bool ca_bundle_make(struct ca_bundle *bundle, const char *authority_file, struct error *error)
{
	bool good;
	FILE *out;

	*bundle = (struct ca_bundle){ 0 };
	if (!make_folder(bundle, error))
		return false;
	buffer_add_format(&bundle->file, "%s/ca-bundle.crt", bundle->folder.data);
	out = buffer_failed(&bundle->file) ? NULL : fopen(bundle->file.data, "wxe");
	if (out) {
		add_system(out);
		add_named(out);
		good = !authority_file || add_file(authority_file, out);
		good = !ferror(out) && good;
		if (fclose(out) == 0 && good)
			return true;
	}
	error_set(error, "cannot write %s: %s", bundle->file.data ? bundle->file.data : "the certificates",
	          strerror(errno));
	ca_bundle_remove(bundle);
	return false;
}

void ca_bundle_remove(struct ca_bundle *bundle)
{
	if (bundle->file.data)
		unlink(bundle->file.data);
	if (bundle->folder.data)
		rmdir(bundle->folder.data);
	buffer_release(&bundle->file);
	buffer_release(&bundle->folder);
}
