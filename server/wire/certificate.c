#include "wire/certificate.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

/* No certificate or key file is larger; something else has been named then. */
#define PEM_SIZE_MAX (256 * 1024)

void certificate_release(struct certificate *certificate)
{
	X509_free(certificate->leaf);
	sk_X509_pop_free(certificate->chain, X509_free);
	EVP_PKEY_free(certificate->key);
	*certificate = (struct certificate){ 0 };
}

/* The file as a memory BIO. */
static BIO *read_file(const char *path, struct error *error)
{
	FILE *file = fopen(path, "re");
	BIO *content = NULL;
	char chunk[4096];
	size_t got;

	if (!file) {
		error_set(error, "cannot read %s: %s", path, strerror(errno));
		return NULL;
	}
	content = BIO_new(BIO_s_mem());
	/* BIO_reset() goes back to the start, instead of forgetting all. */
	if (content)
		BIO_set_flags(content, BIO_FLAGS_NONCLEAR_RST);
	while (content && (got = fread(chunk, 1, sizeof chunk, file)) > 0) {
		if (BIO_pending(content) + (int)got > PEM_SIZE_MAX) {
			error_set(error, "%s is too large to be a certificate or key", path);
			goto out;
		}
		BIO_write(content, chunk, (int)got);
	}
	if (content && !ferror(file)) {
		fclose(file);
		return content;
	}
	error_set(error, "cannot read %s: %s", path, strerror(errno));
out:
	fclose(file);
	BIO_free(content);
	return NULL;
}

static bool read_chain(BIO *content, struct certificate *certificate)
{
	X509 *next;

	while ((next = PEM_read_bio_X509(content, NULL, NULL, NULL))) {
		if (!certificate->chain)
			certificate->chain = sk_X509_new_null();
		if (!certificate->chain || sk_X509_push(certificate->chain, next) <= 0) {
			X509_free(next);
			return false;
		}
	}
	return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

static bool load_certificates(const char *path, struct certificate *certificate, struct error *error)
{
	BIO *content = read_file(path, error);
	bool loaded = false;

	if (!content)
		return false;
	ERR_clear_error();
	certificate->leaf = PEM_read_bio_X509(content, NULL, NULL, NULL);
	if (!certificate->leaf)
		error_set(error, "%s has no certificate in PEM form", path);
	else if (!read_chain(content, certificate))
		error_set(error, "%s is damaged after its first certificate", path);
	else
		loaded = true;
	ERR_clear_error();
	BIO_free(content);
	return loaded;
}

/* OpenSSL asks for a passphrase: there is none, but now we know. */
static int note_passphrase(char *buffer, int size, int writing, void *asked)
{
	(void)buffer;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

/* Looks for a key of the certificate's kind alone: OpenSSL takes four times as long when it has to try all kinds. */
static EVP_PKEY *read_key_like(BIO *content, const EVP_PKEY *public_key, bool *asked)
{
	const char *kind = public_key ? EVP_PKEY_get0_type_name(public_key) : NULL;
	EVP_PKEY *key = NULL;
	OSSL_DECODER_CTX *decoder =
	    kind ? OSSL_DECODER_CTX_new_for_pkey(&key, "PEM", NULL, kind, EVP_PKEY_KEYPAIR, NULL, NULL) : NULL;

	if (decoder && OSSL_DECODER_CTX_set_pem_password_cb(decoder, note_passphrase, asked) == 1)
		OSSL_DECODER_from_bio(decoder, content);
	OSSL_DECODER_CTX_free(decoder);
	ERR_clear_error();
	return key;
}

static EVP_PKEY *read_any_key(BIO *content, bool *asked)
{
	EVP_PKEY *key = PEM_read_bio_PrivateKey(content, NULL, note_passphrase, asked);

	ERR_clear_error();
	return key;
}

static bool load_key(const char *path, struct certificate *certificate, struct error *error)
{
	BIO *content = read_file(path, error);
	bool asked = false;

	if (!content)
		return false;
	certificate->key = read_key_like(content, X509_get0_pubkey(certificate->leaf), &asked);
	/* Another kind of key is read too, so that what is wrong with it can be said. */
	if (!certificate->key && !asked) {
		BIO_reset(content);
		certificate->key = read_any_key(content, &asked);
	}
	BIO_free(content);
	if (certificate->key)
		return true;
	if (asked)
		error_set(error, "%s is encrypted: a key without a passphrase is wanted", path);
	else
		error_set(error, "%s has no private key in PEM form", path);
	return false;
}

bool certificate_load(const char *certificate_file, const char *key_file, struct certificate *certificate,
                      struct error *error)
{
	struct certificate loaded = { 0 };

	if (!load_certificates(certificate_file, &loaded, error) || !load_key(key_file, &loaded, error))
		goto out;
	if (X509_check_private_key(loaded.leaf, loaded.key) != 1) {
		ERR_clear_error();
		error_set(error, "the key in %s does not belong to the certificate in %s", key_file, certificate_file);
		goto out;
	}
	*certificate = loaded;
	return true;
out:
	certificate_release(&loaded);
	return false;
}
