/* Why: clients verify these certificates by rules of their own; and nobody who gets hold of the key may vouch with it for
 * anything but this machine. */
#include "wire/certificate_make.h"

#include <criterion/criterion.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <string.h>

#define DAY_S (24L * 3600)

static struct certificate authority_make(void)
{
	struct certificate authority = { 0 };
	struct error error = { 0 };

	cr_assert(certificate_make_authority(&authority, &error), "%s", error.text);
	return authority;
}

static struct certificate leaf_make(const struct certificate *authority)
{
	struct certificate leaf = { 0 };
	struct error error = { 0 };

	cr_assert(certificate_make_leaf(authority, &leaf, &error), "%s", error.text);
	return leaf;
}

/* What OpenSSL, as a client that trusts the authority, says of a certificate; X509_V_OK. */
static int verify(X509 *authority, X509 *leaf)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	int said;

	cr_assert(store && context);
	X509_STORE_add_cert(store, authority);
	X509_STORE_CTX_init(context, store, leaf, NULL);
	X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
	X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context), X509_V_FLAG_X509_STRICT);
	said = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	return said;
}

/* NULL is now. */
static long seconds_between(const ASN1_TIME *from, const ASN1_TIME *until)
{
	int days;
	int seconds;

	cr_assert(ASN1_TIME_diff(&days, &seconds, from, until));
	return days * DAY_S + seconds;
}

static long seconds_until(const ASN1_TIME *then)
{
	return seconds_between(NULL, then);
}

Test(wire_certificate_make, a_leaf_is_good_for_this_machine_alone)
{
	struct certificate authority = authority_make();
	struct certificate leaf = leaf_make(&authority);

	cr_expect_eq(verify(authority.leaf, leaf.leaf), X509_V_OK);
	cr_expect_eq(X509_check_host(leaf.leaf, "localhost", 0, 0, NULL), 1);
	cr_expect_eq(X509_check_ip_asc(leaf.leaf, "127.0.0.1", 0), 1);
	cr_expect_eq(X509_check_ip_asc(leaf.leaf, "::1", 0), 1);
	cr_expect_neq(X509_check_host(leaf.leaf, "api.example", 0, 0, NULL), 1);
	cr_expect_neq(X509_check_ip_asc(leaf.leaf, "127.0.0.2", 0), 1);
	cr_expect_eq(X509_check_private_key(leaf.leaf, leaf.key), 1);
	cr_expect_eq(X509_check_ca(leaf.leaf), 0);
	certificate_release(&leaf);
	certificate_release(&authority);
}

Test(wire_certificate_make, a_leaf_brings_its_authority_along)
{
	struct certificate authority = authority_make();
	struct certificate leaf = leaf_make(&authority);

	cr_assert_eq(sk_X509_num(leaf.chain), 1);
	cr_expect_eq(X509_cmp(sk_X509_value(leaf.chain, 0), authority.leaf), 0);
	certificate_release(&leaf);
	certificate_release(&authority);
}

Test(wire_certificate_make, lives_are_as_long_as_clients_accept)
{
	struct certificate authority = authority_make();
	struct certificate leaf = leaf_make(&authority);

	cr_expect_lt(seconds_until(X509_get0_notBefore(leaf.leaf)), 0);
	cr_expect_leq(seconds_between(X509_get0_notBefore(leaf.leaf), X509_get0_notAfter(leaf.leaf)), 398 * DAY_S,
	              "browsers refuse more");
	cr_expect_gt(seconds_until(X509_get0_notAfter(leaf.leaf)), 365 * DAY_S);
	cr_expect_gt(seconds_until(X509_get0_notAfter(authority.leaf)), 3600 * DAY_S);
	certificate_release(&leaf);
	certificate_release(&authority);
}

Test(wire_certificate_make, numbers_are_never_the_same)
{
	struct certificate authority = authority_make();
	struct certificate first = leaf_make(&authority);
	struct certificate second = leaf_make(&authority);
	struct certificate other = authority_make();

	cr_expect_neq(ASN1_INTEGER_cmp(X509_get0_serialNumber(first.leaf), X509_get0_serialNumber(second.leaf)), 0);
	cr_expect_neq(ASN1_INTEGER_cmp(X509_get0_serialNumber(authority.leaf), X509_get0_serialNumber(other.leaf)), 0);
	cr_expect_neq(EVP_PKEY_eq(first.key, second.key), 1);
	certificate_release(&first);
	certificate_release(&second);
	certificate_release(&other);
	certificate_release(&authority);
}

Test(wire_certificate_make, another_authority_does_not_vouch)
{
	struct certificate authority = authority_make();
	struct certificate other = authority_make();
	struct certificate leaf = leaf_make(&authority);

	cr_expect_neq(verify(other.leaf, leaf.leaf), X509_V_OK);
	certificate_release(&leaf);
	certificate_release(&other);
	certificate_release(&authority);
}

/* A certificate for a name or address of somebody else, signed with the authority's key. */
static X509 *forge(const struct certificate *authority, EVP_PKEY *key, const char *names)
{
	X509 *forged = X509_new();
	X509V3_CTX context;
	X509_EXTENSION *extension;

	cr_assert(forged);
	X509_set_version(forged, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(forged), 4711);
	X509_gmtime_adj(X509_getm_notBefore(forged), -DAY_S);
	X509_gmtime_adj(X509_getm_notAfter(forged), DAY_S);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(forged), "O", MBSTRING_ASC, (const unsigned char *)"x", -1, -1,
	                           0);
	X509_set_issuer_name(forged, X509_get_subject_name(authority->leaf));
	X509_set_pubkey(forged, key);
	X509V3_set_ctx(&context, authority->leaf, forged, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, NID_subject_alt_name, names);
	X509_add_ext(forged, extension, -1);
	X509_EXTENSION_free(extension);
	extension = X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
	X509_add_ext(forged, extension, -1);
	X509_EXTENSION_free(extension);
	cr_assert_gt(X509_sign(forged, authority->key, EVP_sha256()), 0);
	return forged;
}

Test(wire_certificate_make, a_stolen_authority_is_worth_nothing)
{
	static const char *const strangers[] = { "DNS:api.example", "IP:10.0.0.1", "IP:127.0.0.2", "IP:::2",
		                                 "DNS:localhost,DNS:api.example" };
	struct certificate authority = authority_make();
	struct certificate leaf = leaf_make(&authority);

	for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
		X509 *forged = forge(&authority, leaf.key, strangers[i]);

		cr_expect_eq(verify(authority.leaf, forged), X509_V_ERR_PERMITTED_VIOLATION, "%s: %s", strangers[i],
		             X509_verify_cert_error_string(verify(authority.leaf, forged)));
		X509_free(forged);
	}
	certificate_release(&leaf);
	certificate_release(&authority);
}

Test(wire_certificate_make, the_authentic_one_is_signed_by_itself_and_has_run_out)
{
	struct certificate authentic = { 0 };
	struct error error = { 0 };
	char *serial;

	cr_assert(certificate_make_authentic(&authentic, &error), "%s", error.text);
	cr_expect_eq(X509_verify(authentic.leaf, X509_get0_pubkey(authentic.leaf)), 1);
	cr_expect_eq(X509_NAME_cmp(X509_get_issuer_name(authentic.leaf), X509_get_subject_name(authentic.leaf)), 0);
	cr_expect_eq(X509_get_signature_nid(authentic.leaf), NID_sha256WithRSAEncryption);
	cr_expect_eq(EVP_PKEY_get_bits(authentic.key), 2048);
	cr_expect_eq(EVP_PKEY_get_base_id(authentic.key), EVP_PKEY_RSA);
	cr_expect_eq(X509_get_ext_count(authentic.leaf), 1);
	cr_expect_geq(X509_get_ext_by_NID(authentic.leaf, NID_subject_key_identifier, -1), 0);
	serial = i2s_ASN1_INTEGER(NULL, X509_get0_serialNumber(authentic.leaf));
	cr_expect_str_eq(serial, "987079668");
	OPENSSL_free(serial);
	cr_expect_lt(seconds_until(X509_get0_notAfter(authentic.leaf)), 0);
	cr_expect_null(authentic.chain);
	certificate_release(&authentic);
}

Test(wire_certificate_make, what_is_released_is_empty_and_may_be_released_again)
{
	struct certificate authority = authority_make();

	certificate_release(&authority);
	cr_expect_null(authority.leaf);
	cr_expect_null(authority.key);
	certificate_release(&authority);
}
