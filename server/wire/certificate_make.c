#include "wire/certificate_make.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#define DAY_S (24L * 3600)
#define X509_VERSION_THREE 2
/* Clocks differ a little, in containers more. */
#define BACKDATE_S (24L * 3600)
#define AUTHORITY_LIFE_S (3650L * DAY_S)
/* The longest that every client accepts. */
#define LEAF_LIFE_S (397L * DAY_S)

struct extension {
	int nid;
	const char *value;
};

static const struct extension AUTHORITY_EXTENSIONS[] = {
	{ NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
	{ NID_key_usage, "critical,keyCertSign,cRLSign" },
	{ NID_subject_key_identifier, "hash" },
	{ NID_name_constraints, "critical,permitted;DNS:localhost,permitted;IP:127.0.0.1/255.255.255.255,"
	                        "permitted;IP:::1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF" },
	{ 0, NULL },
};

static const struct extension LEAF_EXTENSIONS[] = {
	{ NID_basic_constraints, "critical,CA:FALSE" },
	{ NID_key_usage, "critical,digitalSignature" },
	{ NID_ext_key_usage, "serverAuth" },
	{ NID_subject_key_identifier, "hash" },
	{ NID_authority_key_identifier, "keyid:always" },
	{ NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1" },
	{ 0, NULL },
};

static const struct extension AUTHENTIC_EXTENSIONS[] = {
	{ NID_subject_key_identifier, "hash" },
	{ 0, NULL },
};

struct name_part {
	int nid;
	const char *text;
};

static const struct name_part AUTHORITY_NAME[] = {
	{ NID_organizationName, "cpgw-mock" },
	{ NID_commonName, "cpgw-mock local test authority" },
	{ 0, NULL },
};

static const struct name_part STRANGER_NAME[] = {
	{ NID_organizationName, "cpgw-mock" },
	{ NID_commonName, "cpgw-mock authority that nobody trusts" },
	{ 0, NULL },
};

static const struct name_part LEAF_NAME[] = {
	{ NID_organizationName, "cpgw-mock" },
	{ NID_commonName, "localhost" },
	{ 0, NULL },
};

static const struct name_part AUTHENTIC_NAME[] = {
	{ NID_countryName, "US" },
	{ NID_stateOrProvinceName, "CT" },
	{ NID_localityName, "Greenwich" },
	{ NID_organizationName, "Interactive Brokers" },
	{ NID_organizationalUnitName, "Client Portal" },
	{ NID_commonName, "Client Portal Web API" },
	{ 0, NULL },
};

#define AUTHENTIC_SERIAL 0x3ad5a3f4
#define AUTHENTIC_FROM "20190210162602Z"
#define AUTHENTIC_UNTIL "20190511162602Z"

static bool set_name(X509_NAME *name, const struct name_part *parts)
{
	for (; parts->text; parts++)
		if (X509_NAME_add_entry_by_NID(name, parts->nid, V_ASN1_PRINTABLESTRING,
		                               (const unsigned char *)parts->text, -1, -1, 0) != 1)
			return false;
	return true;
}

static bool add_extensions(X509 *certificate, X509 *issuer, const struct extension *extensions)
{
	X509V3_CTX context;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	for (; extensions->value; extensions++) {
		X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, extensions->nid, extensions->value);
		const bool added = extension && X509_add_ext(certificate, extension, -1) == 1;

		X509_EXTENSION_free(extension);
		if (!added)
			return false;
	}
	return true;
}

static bool set_random_serial(X509 *certificate)
{
	unsigned char bytes[16];
	BIGNUM *number = NULL;
	bool set = false;

	if (RAND_bytes(bytes, sizeof bytes) == 1) {
		bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40); /* positive, and never shorter */
		number = BN_bin2bn(bytes, sizeof bytes, NULL);
		set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
	}
	BN_free(number);
	return set;
}

static bool set_life(X509 *certificate, long life_s)
{
	return X509_gmtime_adj(X509_getm_notBefore(certificate), -BACKDATE_S) &&
	       X509_gmtime_adj(X509_getm_notAfter(certificate), life_s);
}

/* A certificate over `key` with a name and nothing else. */
static X509 *begin(EVP_PKEY *key, const struct name_part *name)
{
	X509 *certificate = X509_new();

	if (certificate && X509_set_version(certificate, X509_VERSION_THREE) == 1 &&
	    set_name(X509_get_subject_name(certificate), name) && X509_set_pubkey(certificate, key) == 1)
		return certificate;
	X509_free(certificate);
	return NULL;
}

static bool sign(X509 *certificate, X509 *issuer, EVP_PKEY *issuer_key, const struct extension *extensions)
{
	/* Keys of some kinds, a user's own may be of one, know what to hash with. */
	const bool hashes = EVP_PKEY_is_a(issuer_key, "EC") || EVP_PKEY_is_a(issuer_key, "RSA");

	return X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
	       add_extensions(certificate, issuer, extensions) &&
	       X509_sign(certificate, issuer_key, hashes ? EVP_sha256() : NULL) > 0;
}

static bool finish(bool made, struct certificate *certificate, struct error *error)
{
	char why[160];

	if (made)
		return true;
	/* OpenSSL was started without its sentences: there may only be numbers. */
	ERR_error_string_n(ERR_peek_last_error(), why, sizeof why);
	error_set(error, "cannot make a certificate: %s", why);
	ERR_clear_error();
	certificate_release(certificate);
	return false;
}

static bool make_authority(const struct name_part *name, struct certificate *made, struct error *error)
{
	bool done;

	*made = (struct certificate){ .key = EVP_EC_gen("P-256") };
	made->leaf = made->key ? begin(made->key, name) : NULL;
	done = made->leaf && set_random_serial(made->leaf) && set_life(made->leaf, AUTHORITY_LIFE_S) &&
	       sign(made->leaf, made->leaf, made->key, AUTHORITY_EXTENSIONS);
	return finish(done, made, error);
}

bool certificate_make_authority(struct certificate *made, struct error *error)
{
	return make_authority(AUTHORITY_NAME, made, error);
}

bool certificate_make_stranger(struct certificate *made, struct error *error)
{
	return make_authority(STRANGER_NAME, made, error);
}

static bool set_chain(struct certificate *certificate, X509 *authority)
{
	certificate->chain = sk_X509_new_null();
	if (!certificate->chain || X509_up_ref(authority) != 1)
		return false;
	if (sk_X509_push(certificate->chain, authority) > 0)
		return true;
	X509_free(authority);
	return false;
}

bool certificate_make_leaf(const struct certificate *authority, struct certificate *made, struct error *error)
{
	bool done;

	*made = (struct certificate){ .key = EVP_EC_gen("P-256") };
	made->leaf = made->key ? begin(made->key, LEAF_NAME) : NULL;
	done = made->leaf && set_random_serial(made->leaf) && set_life(made->leaf, LEAF_LIFE_S) &&
	       sign(made->leaf, authority->leaf, authority->key, LEAF_EXTENSIONS) && set_chain(made, authority->leaf);
	return finish(done, made, error);
}

bool certificate_make_authentic(struct certificate *made, struct error *error)
{
	bool done;

	*made = (struct certificate){ .key = EVP_RSA_gen(2048) };
	made->leaf = made->key ? begin(made->key, AUTHENTIC_NAME) : NULL;
	done = made->leaf && ASN1_INTEGER_set_uint64(X509_get_serialNumber(made->leaf), AUTHENTIC_SERIAL) == 1 &&
	       ASN1_TIME_set_string_X509(X509_getm_notBefore(made->leaf), AUTHENTIC_FROM) == 1 &&
	       ASN1_TIME_set_string_X509(X509_getm_notAfter(made->leaf), AUTHENTIC_UNTIL) == 1 &&
	       sign(made->leaf, made->leaf, made->key, AUTHENTIC_EXTENSIONS);
	return finish(done, made, error);
}

/* ---- certificates that differ in something ---- */

/* Of the same kind, because the cipher suites were chosen for it; RSA's as small as it may be, for the time it takes. */
static EVP_PKEY *make_key_like(EVP_PKEY *model)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, model, NULL);
	EVP_PKEY *key = NULL;

	if (EVP_PKEY_is_a(model, "RSA"))
		key = EVP_RSA_gen(2048);
	else if (context && EVP_PKEY_keygen_init(context) == 1)
		EVP_PKEY_generate(context, &key);
	EVP_PKEY_CTX_free(context);
	return key;
}

static EVP_PKEY *same_key(EVP_PKEY *key)
{
	return EVP_PKEY_up_ref(key) == 1 ? key : NULL;
}

/* Takes an extension away; whether there was one. */
static bool drop_extension(X509 *certificate, int nid)
{
	const int place = X509_get_ext_by_NID(certificate, nid, -1);

	if (place < 0)
		return false;
	X509_EXTENSION_free(X509_delete_ext(certificate, place));
	return true;
}

static bool set_host(X509 *certificate, const char *host)
{
	X509_NAME *name = X509_get_subject_name(certificate);
	int place;

	while ((place = X509_NAME_get_index_by_NID(name, NID_commonName, -1)) >= 0)
		X509_NAME_ENTRY_free(X509_NAME_delete_entry(name, place));
	drop_extension(certificate, NID_subject_alt_name);
	return X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_PRINTABLESTRING, (const unsigned char *)host, -1,
	                                  -1, 0) == 1;
}

static bool change(X509 *certificate, EVP_PKEY *key, const struct certificate_variant *variant)
{
	if (!set_random_serial(certificate) || X509_set_pubkey(certificate, key) != 1)
		return false;
	if (variant->host && !set_host(certificate, variant->host))
		return false;
	if (variant->from_s == 0 && variant->until_s == 0)
		return true;
	return X509_gmtime_adj(X509_getm_notBefore(certificate), variant->from_s) &&
	       X509_gmtime_adj(X509_getm_notAfter(certificate), variant->until_s);
}

/* The extensions that say whose certificate it is and who signed it; the others are as they were. */
static bool sign_variant(X509 *certificate, X509 *issuer, EVP_PKEY *issuer_key, const char *host)
{
	char alternative[128];
	struct extension extensions[4] = { 0 };
	size_t count = 0;

	if (drop_extension(certificate, NID_subject_key_identifier))
		extensions[count++] = (struct extension){ NID_subject_key_identifier, "hash" };
	if (drop_extension(certificate, NID_authority_key_identifier))
		extensions[count++] = (struct extension){ NID_authority_key_identifier, "keyid:always" };
	if (host) {
		BIO_snprintf(alternative, sizeof alternative, "DNS:%s", host);
		extensions[count++] = (struct extension){ NID_subject_alt_name, alternative };
	}
	return sign(certificate, issuer, issuer_key, extensions);
}

bool certificate_make_variant(const struct certificate *model, const struct certificate *issuer,
                              const struct certificate_variant *variant, struct certificate *made, struct error *error)
{
	bool done;

	*made = (struct certificate){ .key = variant->has_new_key ? make_key_like(model->key) : same_key(model->key),
		                      .leaf = X509_dup(model->leaf) };
	done = made->leaf && made->key && change(made->leaf, made->key, variant);
	if (issuer)
		done = done && sign_variant(made->leaf, issuer->leaf, issuer->key, variant->host) &&
		       set_chain(made, issuer->leaf);
	else
		done = done && sign_variant(made->leaf, made->leaf, made->key, variant->host);
	return finish(done, made, error);
}
