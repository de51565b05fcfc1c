#include "wire/certificate_store.h"

#include "wire/certificate_make.h"
#include "wire/write_all.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_FILE ".lock"
#define RENEW_BEFORE_S (30L * 24 * 3600)
#define FOLDER_MODE 0700
#define KEY_MODE 0600
#define CERTIFICATE_MODE 0644

struct pair_names {
	const char *certificate;
	const char *key;
};

static const struct pair_names AUTHORITY = { "ca.crt", "ca.key" };
static const struct pair_names LEAF = { "leaf.crt", "leaf.key" };
static const struct pair_names AUTHENTIC = { "authentic.crt", "authentic.key" };

struct paths {
	char certificate[CERTIFICATE_PATH_MAX + 32];
	char key[CERTIFICATE_PATH_MAX + 32];
};

static struct paths paths_of(const struct certificate_store *store, const struct pair_names *names)
{
	struct paths paths;

	snprintf(paths.certificate, sizeof paths.certificate, "%s/%s", store->folder, names->certificate);
	snprintf(paths.key, sizeof paths.key, "%s/%s", store->folder, names->key);
	return paths;
}

static bool is_there(const char *path)
{
	struct stat about;

	return stat(path, &about) == 0 || errno != ENOENT;
}

/* ---- writing ---- */

/* Writes beside the file, makes it last, and only then gives it its name. */
static bool replace_file(const char *path, BIO *content, mode_t mode, struct error *error)
{
	char beside[CERTIFICATE_PATH_MAX + 64];
	char *bytes;
	const long length = BIO_get_mem_data(content, &bytes);
	bool written;
	int fd;

	snprintf(beside, sizeof beside, "%s.%ld.new", path, (long)getpid());
	unlink(beside); /* of a process that had our number and died */
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0) {
		error_set(error, "cannot write %s: %s", path, strerror(errno));
		return false;
	}
	written = write_all(fd, bytes, (size_t)length) && fsync(fd) == 0;
	written = close(fd) == 0 && written;
	if (written && rename(beside, path) == 0)
		return true;
	error_set(error, "cannot write %s: %s", path, strerror(errno));
	unlink(beside);
	return false;
}

static bool print_certificates(BIO *out, const struct certificate *certificate)
{
	bool printed = PEM_write_bio_X509(out, certificate->leaf) == 1;

	for (int i = 0; i < sk_X509_num(certificate->chain); i++)
		printed = printed && PEM_write_bio_X509(out, sk_X509_value(certificate->chain, i)) == 1;
	return printed;
}

/* The key first: a certificate that is there has a key. */
static bool save(const struct paths *paths, const struct certificate *certificate, struct error *error)
{
	BIO *key = BIO_new(BIO_s_secmem());
	BIO *certificates = BIO_new(BIO_s_mem());
	bool saved = false;

	if (!key || !certificates || !print_certificates(certificates, certificate) ||
	    PEM_write_bio_PrivateKey(key, certificate->key, NULL, NULL, 0, NULL, NULL) != 1)
		error_set(error, "cannot write %s: OpenSSL failed", paths->certificate);
	else
		saved = replace_file(paths->key, key, KEY_MODE, error) &&
		        replace_file(paths->certificate, certificates, CERTIFICATE_MODE, error);
	BIO_free(key);
	BIO_free(certificates);
	return saved;
}

/* ---- judging ---- */

/* Valid for so many seconds from now. */
static bool is_valid(const X509 *certificate, long seconds)
{
	time_t then = time(NULL) + seconds;

	return X509_cmp_time(X509_get0_notBefore(certificate), NULL) < 0 &&
	       X509_cmp_time(X509_get0_notAfter(certificate), &then) > 0;
}

static bool is_signed_by(X509 *leaf, X509 *authority)
{
	const bool is_signed = X509_NAME_cmp(X509_get_issuer_name(leaf), X509_get_subject_name(authority)) == 0 &&
	                       X509_verify(leaf, X509_get0_pubkey(authority)) == 1;

	ERR_clear_error();
	return is_signed;
}

/* Whether the file holds this very certificate: compared byte by byte, because reading another certificate takes longer
 * than all the rest here. */
static bool holds(const char *path, X509 *certificate)
{
	FILE *file = fopen(path, "re");
	unsigned char *expected = NULL;
	unsigned char *found = NULL;
	char *header = NULL;
	char *name = NULL;
	const int expected_length = i2d_X509(certificate, &expected);
	long length = 0;
	bool is_same;

	is_same = file && expected_length > 0 && PEM_read(file, &name, &header, &found, &length) == 1 &&
	          strcmp(name, PEM_STRING_X509) == 0 && length == expected_length &&
	          memcmp(found, expected, (size_t)length) == 0;
	if (file)
		fclose(file);
	OPENSSL_free(expected);
	OPENSSL_free(found);
	OPENSSL_free(header);
	OPENSSL_free(name);
	ERR_clear_error();
	return is_same;
}

/* Whether clients that trust the authority can take it for some time: the authority goes along with it. */
static bool is_good(const struct certificate_store *store, const struct certificate *leaf)
{
	X509 *authority = sk_X509_num(leaf->chain) == 1 ? sk_X509_value(leaf->chain, 0) : NULL;

	return authority && holds(store->authority_file, authority) && is_valid(authority, 0) &&
	       is_valid(leaf->leaf, RENEW_BEFORE_S) && is_signed_by(leaf->leaf, authority);
}

/* Reads the leaf if it will do. The authority's key may be kept elsewhere. */
static bool read_good_leaf(const struct certificate_store *store, struct certificate *leaf)
{
	const struct paths paths = paths_of(store, &LEAF);
	struct error unused;

	if (!certificate_load(paths.certificate, paths.key, leaf, &unused))
		return false;
	if (is_good(store, leaf))
		return true;
	certificate_release(leaf);
	return false;
}

/* ---- making ---- */

static bool make_authority(const struct paths *paths, struct certificate *authority, struct error *error)
{
	if (!certificate_make_authority(authority, error))
		return false;
	if (save(paths, authority, error))
		return true;
	certificate_release(authority);
	return false;
}

/* Reads the authority or, when there never was a usable one, makes it. */
static bool get_authority(const struct certificate_store *store, struct certificate *authority, struct error *error)
{
	const struct paths paths = paths_of(store, &AUTHORITY);
	struct error why;

	if (!is_there(paths.certificate))
		return make_authority(&paths, authority, error);
	if (!certificate_load(paths.certificate, paths.key, authority, &why)) {
		error_set(
		    error,
		    "%s; a certificate that clients trust is not replaced: put the file back, or delete %s and %s "
		    "and have clients trust the new authority",
		    why.text, paths.certificate, paths.key);
		return false;
	}
	if (is_valid(authority->leaf, 0))
		return true;
	certificate_release(authority);
	return make_authority(&paths, authority, error);
}

static bool make_leaf(const struct certificate_store *store, struct certificate *leaf, struct error *error)
{
	const struct paths paths = paths_of(store, &LEAF);
	struct certificate authority;
	bool made;

	if (!get_authority(store, &authority, error))
		return false;
	made = certificate_make_leaf(&authority, leaf, error);
	certificate_release(&authority);
	if (!made)
		return false;
	if (save(&paths, leaf, error))
		return true;
	certificate_release(leaf);
	return false;
}

/* A descriptor that holds the store's lock until it is closed; -1 with a sentence. */
static int lock_store(const struct certificate_store *store, struct error *error)
{
	char path[CERTIFICATE_PATH_MAX + 32];
	int fd;

	snprintf(path, sizeof path, "%s/%s", store->folder, LOCK_FILE);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, KEY_MODE);
	if (fd >= 0) {
		while (flock(fd, LOCK_EX) != 0)
			if (errno != EINTR)
				break;
		return fd;
	}
	error_set(error, "cannot write into %s: %s", store->folder, strerror(errno));
	return -1;
}

bool certificate_store_open(const char *folder, struct certificate_store *store, struct error *error)
{
	struct stat about;
	const int length = snprintf(store->folder, sizeof store->folder, "%s", folder);

	if (length < 0 || (size_t)length + 32 > sizeof store->folder) {
		error_set(error, "the certificate folder's name is longer than %d bytes", CERTIFICATE_PATH_MAX - 32);
		return false;
	}
	snprintf(store->authority_file, sizeof store->authority_file, "%.*s/%s", CERTIFICATE_PATH_MAX - 32, folder,
	         AUTHORITY.certificate);
	if (mkdir(folder, FOLDER_MODE) == 0 || errno == EEXIST) {
		if (stat(folder, &about) == 0 && S_ISDIR(about.st_mode))
			return true;
		errno = ENOTDIR;
	}
	error_set(error, "cannot keep certificates in %s: %s", folder, strerror(errno));
	return false;
}

bool certificate_store_leaf(const struct certificate_store *store, struct certificate *leaf, struct error *error)
{
	bool got;
	int lock;

	if (read_good_leaf(store, leaf))
		return true;
	lock = lock_store(store, error);
	if (lock < 0)
		return false;
	/* Another process may have made it while we waited. */
	got = read_good_leaf(store, leaf) || make_leaf(store, leaf, error);
	close(lock);
	return got;
}

static bool make_authentic(const struct paths *paths, struct certificate *authentic, struct error *error)
{
	if (!certificate_make_authentic(authentic, error))
		return false;
	if (save(paths, authentic, error))
		return true;
	certificate_release(authentic);
	return false;
}

bool certificate_store_authentic(const struct certificate_store *store, struct certificate *authentic,
                                 struct error *error)
{
	const struct paths paths = paths_of(store, &AUTHENTIC);
	struct error unused;
	bool got;
	int lock;

	if (certificate_load(paths.certificate, paths.key, authentic, &unused))
		return true;
	lock = lock_store(store, error);
	if (lock < 0)
		return false;
	got = certificate_load(paths.certificate, paths.key, authentic, &unused) ||
	      make_authentic(&paths, authentic, error);
	close(lock);
	return got;
}

bool certificate_store_authority(const struct certificate_store *store, struct certificate *authority,
                                 struct error *error)
{
	const struct paths paths = paths_of(store, &AUTHORITY);

	return certificate_load(paths.certificate, paths.key, authority, error);
}
