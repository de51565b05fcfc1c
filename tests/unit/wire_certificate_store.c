/* Why: clients are told once which authority to trust. It must be found again, guarded, and never replaced behind their
 * backs, whoever starts at the same time or dies halfway. */
#include "wire/certificate_store.h"

#include "wire/certificate_make.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DAY_S (24L * 3600)
#define PROCESSES 8

/* A folder that is gone after the test, and in it the store's. */
static char above[] = "/tmp/cpgw-certificates-XXXXXX";
static struct certificate_store store;

static void set_up(void)
{
	char folder[64];
	struct error error = { 0 };

	umask(022);
	cr_assert(mkdtemp(above));
	snprintf(folder, sizeof folder, "%s/store", above);
	cr_assert(certificate_store_open(folder, &store, &error), "%s", error.text);
}

static void tear_down(void)
{
	char command[128];

	snprintf(command, sizeof command, "rm -r %s", above);
	cr_expect_eq(system(command), 0); // NOLINT(cert-env33-c,concurrency-mt-unsafe)
}

TestSuite(wire_certificate_store, .init = set_up, .fini = tear_down);

static const char *path_of(const char *name)
{
	static char path[CERTIFICATE_PATH_MAX + 64];

	snprintf(path, sizeof path, "%s/%s", store.folder, name);
	return path;
}

static void expect_mode(const char *name, mode_t mode)
{
	struct stat about;

	cr_assert_eq(stat(path_of(name), &about), 0, "%s: %s", name, strerror(errno));
	cr_expect_eq(about.st_mode & 07777, mode, "%s has mode %o", name, about.st_mode & 07777);
}

static void overwrite(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "we");

	cr_assert(file);
	fputs(text, file);
	fclose(file);
}

static bool is_there(const char *name)
{
	return access(path_of(name), F_OK) == 0;
}

static X509 *read_certificate(const char *name)
{
	FILE *file = fopen(path_of(name), "re");
	X509 *certificate;

	cr_assert(file, "%s", name);
	certificate = PEM_read_X509(file, NULL, NULL, NULL);
	fclose(file);
	cr_assert(certificate, "%s", name);
	return certificate;
}

static struct certificate get_leaf(void)
{
	struct certificate leaf = { 0 };
	struct error error = { 0 };

	cr_assert(certificate_store_leaf(&store, &leaf, &error), "%s", error.text);
	cr_assert(leaf.leaf && leaf.key);
	return leaf;
}

/* The leaf is as good as the authority beside it says. */
static void expect_good(const struct certificate *leaf)
{
	X509 *authority = read_certificate("ca.crt");

	cr_expect_eq(X509_verify(leaf->leaf, X509_get0_pubkey(authority)), 1);
	cr_expect_eq(X509_check_private_key(leaf->leaf, leaf->key), 1);
	X509_free(authority);
}

/* Gets the leaf again; whether it is still the same one. */
static bool is_kept(const struct certificate *before)
{
	struct certificate leaf = get_leaf();
	const bool is_same =
	    ASN1_INTEGER_cmp(X509_get0_serialNumber(before->leaf), X509_get0_serialNumber(leaf.leaf)) == 0;

	expect_good(&leaf);
	certificate_release(&leaf);
	return is_same;
}

static void expect_failure(const char *part)
{
	struct certificate leaf = { 0 };
	struct error error = { 0 };

	cr_assert_not(certificate_store_leaf(&store, &leaf, &error));
	cr_expect(strstr(error.text, part), "\"%s\" does not say \"%s\"", error.text, part);
	cr_expect_null(leaf.leaf);
}

Test(wire_certificate_store, first_use_makes_all_of_it_and_nobody_else_can_read_the_keys)
{
	struct certificate leaf = get_leaf();

	expect_mode("", 0700);
	expect_mode("ca.crt", 0644);
	expect_mode("ca.key", 0600);
	expect_mode("leaf.crt", 0644);
	expect_mode("leaf.key", 0600);
	cr_expect_not(is_there("authentic.key"), "it takes long to make: only who asks gets one");
	cr_expect_str_eq(store.authority_file, path_of("ca.crt"));
	expect_good(&leaf);
	cr_expect_eq(sk_X509_num(leaf.chain), 1);
	certificate_release(&leaf);
}

Test(wire_certificate_store, later_uses_find_the_same)
{
	struct certificate leaf = get_leaf();

	cr_expect(is_kept(&leaf));
	cr_expect(is_kept(&leaf));
	certificate_release(&leaf);
}

Test(wire_certificate_store, the_authentic_one_is_kept_too)
{
	struct certificate first = { 0 };
	struct certificate second = { 0 };
	struct error error = { 0 };

	cr_assert(certificate_store_authentic(&store, &first, &error), "%s", error.text);
	cr_assert(certificate_store_authentic(&store, &second, &error), "%s", error.text);
	cr_expect_eq(X509_cmp(first.leaf, second.leaf), 0, "it has run out, and is not made anew for that");
	expect_mode("authentic.key", 0600);
	cr_expect_not(is_there("ca.crt"));
	certificate_release(&first);
	certificate_release(&second);
}

Test(wire_certificate_store, a_damaged_leaf_is_made_anew)
{
	static const char *const files[] = { "leaf.crt", "leaf.key" };
	struct certificate leaf = get_leaf();
	X509 *authority = read_certificate("ca.crt");
	X509 *after;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		overwrite(files[i], "-----BEGIN CERTIFICATE-----\nhalf of it");
		cr_expect_not(is_kept(&leaf));
		overwrite(files[i], "");
		cr_expect_not(is_kept(&leaf));
		unlink(path_of(files[i]));
		cr_expect_not(is_kept(&leaf));
	}
	after = read_certificate("ca.crt");
	cr_expect_eq(X509_cmp(authority, after), 0, "the authority is the same all the while");
	expect_mode("leaf.key", 0600);
	X509_free(after);
	X509_free(authority);
	certificate_release(&leaf);
}

static void write_pair(const char *certificate_name, const char *key_name, const struct certificate *pair)
{
	FILE *file = fopen(path_of(certificate_name), "we");

	cr_assert(file);
	PEM_write_X509(file, pair->leaf);
	for (int i = 0; i < sk_X509_num(pair->chain); i++)
		PEM_write_X509(file, sk_X509_value(pair->chain, i));
	fclose(file);
	file = fopen(path_of(key_name), "we");
	cr_assert(file);
	PEM_write_PrivateKey(file, pair->key, NULL, NULL, 0, NULL, NULL);
	fclose(file);
}

/* Changes when the certificate begins and ends to be valid, counted from now, and has it signed again. */
static void relive(struct certificate *certificate, EVP_PKEY *issuer_key, long from_s, long until_s)
{
	X509_gmtime_adj(X509_getm_notBefore(certificate->leaf), from_s);
	X509_gmtime_adj(X509_getm_notAfter(certificate->leaf), until_s);
	cr_assert_gt(X509_sign(certificate->leaf, issuer_key, EVP_sha256()), 0);
}

Test(wire_certificate_store, a_leaf_that_runs_out_or_is_not_valid_yet_is_made_anew)
{
	static const struct {
		long from_s;
		long until_s;
		bool kept;
	} lives[] = {
		{ -10 * DAY_S, -1, false },
		{ -10 * DAY_S, 29 * DAY_S, false },
		{ -10 * DAY_S, 31 * DAY_S, true },
		{ DAY_S, 100 * DAY_S, false },
	};
	struct certificate authority = { 0 };
	struct error error = { 0 };
	struct certificate leaf = get_leaf();
	char key[CERTIFICATE_PATH_MAX + 64];

	snprintf(key, sizeof key, "%s", path_of("ca.key"));
	cr_assert(certificate_load(store.authority_file, key, &authority, &error), "%s", error.text);
	for (size_t i = 0; i < sizeof lives / sizeof *lives; i++) {
		relive(&leaf, authority.key, lives[i].from_s, lives[i].until_s);
		write_pair("leaf.crt", "leaf.key", &leaf);
		cr_expect_eq(is_kept(&leaf), lives[i].kept, "life %zu", i);
	}
	certificate_release(&leaf);
	certificate_release(&authority);
}

Test(wire_certificate_store, a_leaf_without_its_authority_is_made_anew)
{
	struct certificate leaf = get_leaf();
	struct certificate alone = { .leaf = leaf.leaf, .key = leaf.key };

	write_pair("leaf.crt", "leaf.key", &leaf);
	cr_expect(is_kept(&leaf));
	write_pair("leaf.crt", "leaf.key", &alone);
	cr_expect_not(is_kept(&leaf));
	certificate_release(&leaf);
}

/* Both say that they are the same authority's: only the signature differs. */
Test(wire_certificate_store, a_leaf_that_another_key_has_signed_is_made_anew)
{
	struct certificate leaf = get_leaf();
	struct certificate other = { 0 };
	struct error error = { 0 };

	cr_assert(certificate_make_authority(&other, &error), "%s", error.text);
	relive(&leaf, other.key, -DAY_S, 100 * DAY_S);
	write_pair("leaf.crt", "leaf.key", &leaf);
	cr_expect_not(is_kept(&leaf));
	certificate_release(&other);
	certificate_release(&leaf);
}

Test(wire_certificate_store, a_leaf_of_another_authority_is_made_anew)
{
	struct certificate leaf = get_leaf();

	unlink(path_of("ca.crt"));
	unlink(path_of("ca.key"));
	cr_expect_not(is_kept(&leaf));
	certificate_release(&leaf);
}

Test(wire_certificate_store, a_damaged_authority_is_never_replaced)
{
	struct certificate leaf = get_leaf();

	overwrite("ca.crt", "damaged");
	expect_failure("ca.crt has no certificate");
	expect_failure("put the file back");
	cr_expect(is_there("ca.key"));
	overwrite("ca.crt", "");
	expect_failure("ca.crt");
	certificate_release(&leaf);
}

Test(wire_certificate_store, an_authority_whose_key_is_kept_elsewhere_will_do_until_it_is_needed)
{
	struct certificate leaf = get_leaf();

	unlink(path_of("ca.key"));
	cr_expect(is_kept(&leaf));
	unlink(path_of("leaf.crt"));
	expect_failure("ca.key");
	certificate_release(&leaf);
}

/* Whether an authority that is valid until then is kept. */
static bool authority_is_kept(long until_s)
{
	struct certificate authority = { 0 };
	struct error error = { 0 };
	struct certificate leaf;
	X509 *after;
	bool is_same;

	cr_assert(certificate_make_authority(&authority, &error), "%s", error.text);
	relive(&authority, authority.key, -100 * DAY_S, until_s);
	write_pair("ca.crt", "ca.key", &authority);
	leaf = get_leaf();
	expect_good(&leaf);
	after = read_certificate("ca.crt");
	is_same = ASN1_INTEGER_cmp(X509_get0_serialNumber(authority.leaf), X509_get0_serialNumber(after)) == 0;
	X509_free(after);
	certificate_release(&leaf);
	certificate_release(&authority);
	return is_same;
}

Test(wire_certificate_store, an_authority_is_replaced_once_it_has_run_out_and_no_sooner)
{
	cr_expect(authority_is_kept(3600));
	cr_expect_not(authority_is_kept(-1));
}

/* Many processes, all at once. Each exits with 0 when its leaf fits the authority that is there. */
Test(wire_certificate_store, any_number_of_processes_may_start_at_once)
{
	int gate[2];
	struct certificate leaf;
	char byte;

	cr_assert_eq(pipe(gate), 0);
	for (int i = 0; i < PROCESSES; i++) {
		const pid_t child = fork();

		cr_assert_geq(child, 0);
		if (child == 0) {
			struct certificate own = { 0 };
			struct error error = { 0 };
			X509 *authority;
			bool good;

			close(gate[1]);
			if (read(gate[0], &byte, 1) != 0 || !certificate_store_leaf(&store, &own, &error))
				_exit(1);
			authority = read_certificate("ca.crt");
			good = X509_verify(own.leaf, X509_get0_pubkey(authority)) == 1;
			_exit(good ? 0 : 2);
		}
	}
	close(gate[0]);
	close(gate[1]); /* and off they go */
	for (int i = 0; i < PROCESSES; i++) {
		int status;

		cr_assert_gt(wait(&status), 0);
		cr_expect_eq(status, 0);
	}
	leaf = get_leaf();
	cr_expect(is_kept(&leaf));
	certificate_release(&leaf);
}

Test(wire_certificate_store, what_a_process_left_that_died_halfway_does_no_harm)
{
	struct certificate leaf;
	char beside[64];

	snprintf(beside, sizeof beside, "ca.key.%ld.new", (long)getpid());
	overwrite(beside, "half a key of a process that had our number");
	overwrite("ca.key", "a key whose certificate was never written");
	overwrite(".lock", "");
	leaf = get_leaf();
	expect_good(&leaf);
	cr_expect_not(is_there(beside));
	expect_mode("ca.key", 0600);
	certificate_release(&leaf);
}

Test(wire_certificate_store, says_why_it_cannot_be_had)
{
	struct certificate_store other;
	struct error error = { 0 };
	char too_long[CERTIFICATE_PATH_MAX + 1];

	cr_expect_not(certificate_store_open("/nowhere/at/all", &other, &error));
	cr_expect(strstr(error.text, "/nowhere/at/all: No such file"), "%s", error.text);
	overwrite("file", "");
	cr_expect_not(certificate_store_open(path_of("file"), &other, &error));
	cr_expect(strstr(error.text, "Not a directory"), "%s", error.text);
	memset(too_long, 'x', sizeof too_long - 1);
	too_long[sizeof too_long - 1] = '\0';
	cr_expect_not(certificate_store_open(too_long, &other, &error));
	cr_expect(strstr(error.text, "longer than"), "%s", error.text);
}
