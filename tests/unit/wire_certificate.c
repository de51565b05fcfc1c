/* Why: whoever brings a certificate of their own must be told which file is wrong, and how. */
#include "wire/certificate.h"

#include "wire/certificate_make.h"

#include <criterion/criterion.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/cpgw-certificate-XXXXXX";
static struct certificate authority;
static struct certificate pair;

static const char *path_of(const char *name)
{
	static char paths[4][128];
	static size_t next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", folder, name);
	return path;
}

static FILE *open_file(const char *name)
{
	FILE *file = fopen(path_of(name), "we");

	cr_assert(file, "%s", name);
	return file;
}

static void write_key(const char *name, EVP_PKEY *key, const EVP_CIPHER *cipher)
{
	FILE *file = open_file(name);

	cr_assert(PEM_write_PrivateKey(file, key, cipher, cipher ? (const unsigned char *)"secret" : NULL,
	                               cipher ? 6 : 0, NULL, NULL));
	fclose(file);
}

/* Certificates one behind another, and then a text. */
static void write_certificates(const char *name, X509 *first, X509 *second, const char *rest)
{
	FILE *file = open_file(name);

	if (first)
		cr_assert(PEM_write_X509(file, first));
	if (second)
		cr_assert(PEM_write_X509(file, second));
	fputs(rest, file);
	fclose(file);
}

static void set_up(void)
{
	struct error error = { 0 };

	cr_assert(mkdtemp(folder));
	cr_assert(certificate_make_authority(&authority, &error), "%s", error.text);
	cr_assert(certificate_make_leaf(&authority, &pair, &error), "%s", error.text);
	write_certificates("good.crt", pair.leaf, NULL, "");
	write_key("good.key", pair.key, NULL);
}

static void tear_down(void)
{
	char command[128];

	certificate_release(&pair);
	certificate_release(&authority);
	snprintf(command, sizeof command, "rm -r %s", folder);
	cr_expect_eq(system(command), 0); // NOLINT(cert-env33-c,concurrency-mt-unsafe)
}

TestSuite(wire_certificate, .init = set_up, .fini = tear_down);

static void expect_failure(const char *certificate_name, const char *key_name, const char *named, const char *part)
{
	struct certificate loaded = { 0 };
	struct error error = { 0 };

	cr_expect_not(certificate_load(path_of(certificate_name), path_of(key_name), &loaded, &error));
	cr_expect(strstr(error.text, path_of(named)), "\"%s\" does not name %s", error.text, named);
	cr_expect(strstr(error.text, part), "\"%s\" does not say \"%s\"", error.text, part);
	cr_expect(!loaded.leaf && !loaded.chain && !loaded.key, "untouched on failure");
}

Test(wire_certificate, reads_a_pair)
{
	struct certificate loaded = { 0 };
	struct error error = { 0 };

	cr_assert(certificate_load(path_of("good.crt"), path_of("good.key"), &loaded, &error), "%s", error.text);
	cr_expect_eq(X509_cmp(loaded.leaf, pair.leaf), 0);
	cr_expect_eq(EVP_PKEY_eq(loaded.key, pair.key), 1);
	cr_expect_null(loaded.chain);
	certificate_release(&loaded);
}

Test(wire_certificate, reads_a_chain_and_skips_what_stands_between)
{
	struct certificate loaded = { 0 };
	struct error error = { 0 };

	write_certificates("chain.crt", pair.leaf, authority.leaf, "and a remark\n");
	cr_assert(certificate_load(path_of("chain.crt"), path_of("good.key"), &loaded, &error), "%s", error.text);
	cr_assert_eq(sk_X509_num(loaded.chain), 1);
	cr_expect_eq(X509_cmp(sk_X509_value(loaded.chain, 0), authority.leaf), 0);
	certificate_release(&loaded);
}

Test(wire_certificate, names_the_file_that_is_wrong_and_says_how)
{
	write_certificates("empty", NULL, NULL, "");
	write_certificates("text", NULL, NULL, "hello\n");
	write_certificates("half.crt", NULL, NULL, "-----BEGIN CERTIFICATE-----\nMIIB\n");
	write_certificates("torn.crt", pair.leaf, NULL,
	                   "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
	write_key("other.key", authority.key, NULL);
	write_key("secret.key", pair.key, EVP_aes_128_cbc());

	expect_failure("missing", "good.key", "missing", "No such file");
	expect_failure("good.crt", "missing", "missing", "No such file");
	expect_failure("empty", "good.key", "empty", "no certificate in PEM form");
	expect_failure("text", "good.key", "text", "no certificate in PEM form");
	expect_failure("half.crt", "good.key", "half.crt", "no certificate in PEM form");
	expect_failure("torn.crt", "good.key", "torn.crt", "damaged after its first certificate");
	expect_failure("good.key", "good.crt", "good.key", "no certificate in PEM form");
	expect_failure("good.crt", "good.crt", "good.crt", "no private key in PEM form");
	expect_failure("good.crt", "secret.key", "secret.key", "is encrypted");
	expect_failure("good.crt", "other.key", "other.key", "does not belong to");
	expect_failure(".", "good.key", ".", "Is a directory");
}

Test(wire_certificate, a_file_too_large_is_not_read)
{
	FILE *file = open_file("large");

	for (int i = 0; i < 300 * 1024; i++)
		fputc('x', file);
	fclose(file);
	expect_failure("large", "good.key", "large", "too large");
	expect_failure("good.crt", "large", "large", "too large");
}

Test(wire_certificate, an_unreadable_file_is_told_from_a_missing_one)
{
	if (geteuid() == 0)
		cr_skip("root may read anything");
	cr_assert_eq(chmod(path_of("good.key"), 0), 0);
	expect_failure("good.crt", "good.key", "good.key", "Permission denied");
}
