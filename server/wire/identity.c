#include "wire/identity.h"

#include "wire/certificate_make.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>

#define DAY_S (24L * 3600)
#define IDENTITY_COUNT (IDENTITY_CHANGED + 1)

static const struct {
	bool is_strangers; /* signed by an authority that nobody knows */
	struct certificate_variant variant;
} rows[IDENTITY_COUNT] = {
	[IDENTITY_EXPIRED] = { false, { .from_s = -60 * DAY_S, .until_s = -30 * DAY_S } },
	[IDENTITY_NOT_YET_VALID] = { false, { .from_s = 30 * DAY_S, .until_s = 60 * DAY_S } },
	[IDENTITY_WRONG_HOST] = { false, { .host = IDENTITY_WRONG_NAME } },
	[IDENTITY_UNTRUSTED] = { true, { 0 } },
	[IDENTITY_CHANGED] = { false, { .has_new_key = true } },
};

struct identities {
	struct certificate items[IDENTITY_COUNT]; /* empty until they are wanted */
	struct certificate_store store;
	bool has_store;
};

/* ---- where they are kept ---- */

static void free_identities(void *parent, void *pointer, CRYPTO_EX_DATA *all, int place, long number, void *unused)
{
	struct identities *identities = pointer;

	(void)parent;
	(void)all;
	(void)place;
	(void)number;
	(void)unused;
	for (int i = 0; identities && i < IDENTITY_COUNT; i++)
		certificate_release(&identities->items[i]);
	free(identities);
}

/* OpenSSL gives out one place in all contexts, once. */
static int context_place(void)
{
	static int place = -1;

	if (place < 0)
		place = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_identities);
	return place;
}

static struct identities *identities_of(SSL_CTX *context)
{
	struct identities *identities = SSL_CTX_get_ex_data(context, context_place());

	if (identities)
		return identities;
	identities = calloc(1, sizeof *identities);
	if (identities && SSL_CTX_set_ex_data(context, context_place(), identities) == 1)
		return identities;
	free(identities);
	return NULL;
}

bool identity_set_store(SSL_CTX *context, const struct certificate_store *store)
{
	struct identities *identities = identities_of(context);

	if (!identities)
		return false;
	identities->store = *store;
	identities->has_store = true;
	return true;
}

/* ---- making them ---- */

static bool is_signed_by(X509 *certificate, X509 *issuer)
{
	const bool is_signed = X509_NAME_cmp(X509_get_issuer_name(certificate), X509_get_subject_name(issuer)) == 0 &&
	                       X509_verify(certificate, X509_get0_pubkey(issuer)) == 1;

	ERR_clear_error();
	return is_signed;
}

/* Whoever signed the gateway's own certificate; empty when that did so itself. */
static bool find_issuer(const struct identities *identities, X509 *own, struct certificate *issuer, struct error *error)
{
	struct error why;

	if (is_signed_by(own, own))
		return true;
	if (!identities->has_store) {
		error_set(error,
		          "the gateway's certificate is not of its own making, and another one like it would need "
		          "the key of the authority that signed it: wanted a gateway without --cert");
		return false;
	}
	if (!certificate_store_authority(&identities->store, issuer, &why)) {
		error_set(error, "another certificate needs the authority's key: %s", why.text);
		return false;
	}
	if (is_signed_by(own, issuer->leaf))
		return true;
	certificate_release(issuer);
	error_set(error, "%s is not the authority that signed the gateway's certificate any more",
	          identities->store.authority_file);
	return false;
}

static bool make(SSL_CTX *context, struct identities *identities, enum tls_identity identity, struct error *error)
{
	const struct certificate own = { .leaf = SSL_CTX_get0_certificate(context),
		                         .key = SSL_CTX_get0_privatekey(context) };
	struct certificate issuer = { 0 };
	bool made;

	if (rows[identity].is_strangers)
		made = certificate_make_stranger(&issuer, error);
	else
		made = find_issuer(identities, own.leaf, &issuer, error);
	made = made && certificate_make_variant(&own, issuer.leaf ? &issuer : NULL, &rows[identity].variant,
	                                        &identities->items[identity], error);
	certificate_release(&issuer);
	return made;
}

bool identity_prepare(SSL_CTX *context, enum tls_identity identity, struct error *error)
{
	struct identities *identities = identities_of(context);

	if (!identities) {
		error_set(error, "memory ran out");
		return false;
	}
	if (identity == IDENTITY_OWN || identities->items[identity].leaf)
		return true;
	return make(context, identities, identity, error);
}

bool identity_show(SSL *session, enum tls_identity identity)
{
	SSL_CTX *context = SSL_get_SSL_CTX(session);
	const struct identities *identities = identities_of(context);
	const struct certificate *certificate = identities ? &identities->items[identity] : NULL;

	if (identity == IDENTITY_OWN)
		return true;
	return certificate && certificate->leaf &&
	       SSL_use_cert_and_key(session, certificate->leaf, certificate->key, certificate->chain, 1) == 1;
}
